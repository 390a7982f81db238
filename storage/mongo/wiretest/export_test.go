package wiretest

import (
	"bytes"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Recode reads a message and writes it anew.
func Recode(r io.Reader) ([]byte, error) {
	m, err := readMessage(r)
	if err != nil {
		return nil, err
	}
	return m.encode(), nil
}

// Sample returns an OP_MSG with a body and a bulk of two documents.
func Sample() []byte {
	m := &message{id: 7, op: opMsg, body: encode(bson.M{"insert": "batches"}),
		sequences: []sequence{{name: "documents", docs: []bson.Raw{encode(bson.M{"_id": "a"}), encode(bson.M{"_id": "b"})}}}}
	return m.encode()
}

// SampleQuery returns an OP_QUERY.
func SampleQuery() []byte {
	m := &message{id: 7, op: opQuery, namespace: "admin.$cmd", body: encode(bson.M{"isMaster": 1})}
	return m.encode()
}

// WithChecksum returns an OP_MSG with the optional checksum, which is not
// looked at.
func WithChecksum(msg []byte) []byte {
	b := append(bytes.Clone(msg), 1, 2, 3, 4)
	b[16] |= flagChecksum
	b[0], b[1] = byte(len(b)), byte(len(b)>>8)
	return b
}

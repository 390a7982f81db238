package wiretest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Operation codes of the wire protocol
// (mongodb.com/docs/manual/reference/mongodb-wire-protocol).
const (
	opReply      = 1
	opQuery      = 2004
	opCompressed = 2012
	opMsg        = 2013
)

// Flag bits of OP_MSG.
const (
	flagChecksum       = 1 << 0
	flagMoreToCome     = 1 << 1
	flagExhaustAllowed = 1 << 16
)

// maxMessage is the protocol's limit of one message.
const maxMessage = 48_000_000

var errMalformed = errors.New("malformed message")

// message is one message of either direction. Of OP_QUERY and OP_REPLY only
// what a handshake uses is kept.
type message struct {
	id, responseTo int32
	op             int32
	flags          uint32
	namespace      string // of OP_QUERY
	body           bson.Raw
	sequences      []sequence
	size           int // of the message as received
}

// sequence is a section of kind 1: the documents of a bulk.
type sequence struct {
	name string
	docs []bson.Raw
}

// readMessage reads one message; io.EOF at its start means a clean end.
func readMessage(r io.Reader) (*message, error) {
	var header [16]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	length := int(binary.LittleEndian.Uint32(header[:]))
	if length < len(header) || length > maxMessage {
		return nil, fmt.Errorf("%w: length %d", errMalformed, length)
	}
	payload := make([]byte, length-len(header))
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, err
	}
	m := &message{
		id:         int32(binary.LittleEndian.Uint32(header[4:])),
		responseTo: int32(binary.LittleEndian.Uint32(header[8:])),
		op:         int32(binary.LittleEndian.Uint32(header[12:])),
		size:       length,
	}
	switch m.op {
	case opMsg:
		return m, m.parseMsg(payload)
	case opQuery:
		return m, m.parseQuery(payload)
	case opReply:
		return m, m.parseReply(payload)
	default:
		return m, fmt.Errorf("%w: operation %d", errMalformed, m.op)
	}
}

func (m *message) parseMsg(b []byte) error {
	if len(b) < 4 {
		return errMalformed
	}
	m.flags = binary.LittleEndian.Uint32(b)
	b = b[4:]
	if m.flags&flagChecksum != 0 {
		if len(b) < 4 {
			return errMalformed
		}
		b, m.flags = b[:len(b)-4], m.flags&^flagChecksum
	}
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		var err error
		switch kind {
		case 0:
			m.body, b, err = cutDocument(b)
		case 1:
			b, err = m.parseSequence(b)
		default:
			err = fmt.Errorf("%w: section of kind %d", errMalformed, kind)
		}
		if err != nil {
			return err
		}
	}
	if m.body == nil {
		return fmt.Errorf("%w: no body", errMalformed)
	}
	return nil
}

func (m *message) parseSequence(b []byte) (rest []byte, err error) {
	if len(b) < 4 {
		return nil, errMalformed
	}
	size := int(binary.LittleEndian.Uint32(b))
	if size < 5 || size > len(b) {
		return nil, errMalformed
	}
	section, rest := b[4:size], b[size:]
	name, section, err := cutString(section)
	if err != nil {
		return nil, err
	}
	s := sequence{name: name}
	for len(section) > 0 {
		var doc bson.Raw
		if doc, section, err = cutDocument(section); err != nil {
			return nil, err
		}
		s.docs = append(s.docs, doc)
	}
	m.sequences = append(m.sequences, s)
	return rest, nil
}

func (m *message) parseQuery(b []byte) (err error) {
	if len(b) < 4 {
		return errMalformed
	}
	m.flags = binary.LittleEndian.Uint32(b)
	if m.namespace, b, err = cutString(b[4:]); err != nil {
		return err
	}
	if len(b) < 8 {
		return errMalformed
	}
	m.body, _, err = cutDocument(b[8:])
	return err
}

func (m *message) parseReply(b []byte) (err error) {
	if len(b) < 20 || binary.LittleEndian.Uint32(b[16:]) != 1 {
		return errMalformed
	}
	m.flags = binary.LittleEndian.Uint32(b)
	m.body, _, err = cutDocument(b[20:])
	return err
}

// encode returns the message's octets.
func (m *message) encode() []byte {
	b := make([]byte, 16, 64+m.size)
	b = binary.LittleEndian.AppendUint32(b, m.flags)
	switch m.op {
	case opQuery:
		b = append(append(b, m.namespace...), 0)
		b = binary.LittleEndian.AppendUint32(b, 0)           // number to skip
		b = binary.LittleEndian.AppendUint32(b, 0xFFFF_FFFF) // number to return: one, -1
		b = append(b, m.body...)
	case opReply:
		b = append(b, make([]byte, 12)...) // cursor, start
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = append(b, m.body...)
	default:
		b = append(append(b, 0), m.body...)
		for _, s := range m.sequences {
			b = s.append(b)
		}
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint32(b[4:], uint32(m.id))
	binary.LittleEndian.PutUint32(b[8:], uint32(m.responseTo))
	binary.LittleEndian.PutUint32(b[12:], uint32(m.op))
	return b
}

func (s *sequence) append(b []byte) []byte {
	start := len(b) + 1
	b = append(b, 1, 0, 0, 0, 0)
	b = append(append(b, s.name...), 0)
	for _, doc := range s.docs {
		b = append(b, doc...)
	}
	binary.LittleEndian.PutUint32(b[start:], uint32(len(b)-start))
	return b
}

// answer returns an answer to the message with that body.
func (m *message) answer(body bson.Raw) *message {
	a := &message{id: m.id, responseTo: m.id, op: opMsg, body: body}
	if m.op == opQuery {
		a.op = opReply
	}
	return a
}

// documents returns the bulk of a command: the first section of kind 1.
func (m *message) documents() []bson.Raw {
	if len(m.sequences) == 0 {
		return nil
	}
	return m.sequences[0].docs
}

func cutDocument(b []byte) (doc bson.Raw, rest []byte, err error) {
	if len(b) < 5 {
		return nil, nil, errMalformed
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n < 5 || n > len(b) {
		return nil, nil, errMalformed
	}
	doc = bson.Raw(b[:n:n])
	return doc, b[n:], doc.Validate()
}

func cutString(b []byte) (s string, rest []byte, err error) {
	i := slices.Index(b, 0)
	if i < 0 {
		return "", nil, errMalformed
	}
	return string(b[:i]), b[i+1:], nil
}

// without returns a document less some of its fields.
func without(doc bson.Raw, names ...string) bson.Raw {
	elements, err := doc.Elements()
	if err != nil {
		return doc
	}
	out := bson.Raw{0, 0, 0, 0}
	for _, e := range elements {
		if !slices.Contains(names, e.Key()) {
			out = append(out, e...)
		}
	}
	return finish(out)
}

// with returns a document and further fields at its end.
func with(doc bson.Raw, fields ...bson.E) bson.Raw {
	more := encode(bson.D(fields))
	out := append(slices.Clone(doc[:len(doc)-1]), more[4:len(more)-1]...)
	return finish(out)
}

// finish closes a document and sets its length.
func finish(b bson.Raw) bson.Raw {
	b = append(b, 0)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	return b
}

// encode makes a document of values that the package itself wrote.
func encode(doc any) bson.Raw {
	b, err := bson.Marshal(doc)
	if err != nil {
		panic(err) // a programmer's error
	}
	return b
}

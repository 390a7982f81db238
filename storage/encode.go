package storage

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"accord/attestation"
	"accord/ledger"
)

// AppendEntry appends the binary form of an entry without index, place and
// body: each part with its length before it. Backends frame and checksum it.
func AppendEntry(dst []byte, e *Entry) ([]byte, error) {
	fields := e.fields
	if fields == nil {
		var err error
		if fields, err = json.Marshal(e.Fields); err != nil {
			return nil, fmt.Errorf("encode index fields: %w", err)
		}
	}
	part := func(b []byte) {
		dst = binary.AppendUvarint(dst, uint64(len(b)))
		dst = append(dst, b...)
	}
	part([]byte(e.Kind))
	part(e.Leaf)
	part(e.Record)
	part([]byte(e.Key))
	part([]byte(e.Issuer))
	part([]byte(e.Media))
	part(e.Status)
	part(fields)
	dst = binary.AppendUvarint(dst, uint64(len(e.Audience)))
	for _, a := range e.Audience {
		part([]byte(a))
	}
	return dst, nil
}

// ParseEntry reads what AppendEntry wrote; the entry keeps no part of src.
func ParseEntry(src []byte) (*Entry, error) {
	src = append([]byte(nil), src...)
	bad := false
	number := func() uint64 {
		n, size := binary.Uvarint(src)
		if size <= 0 {
			bad = true
			return 0
		}
		src = src[size:]
		return n
	}
	part := func() []byte {
		n := number()
		if bad || n > uint64(len(src)) {
			bad = true
			return nil
		}
		p := src[:n:n]
		src = src[n:]
		return p
	}
	e := &Entry{}
	e.Kind = ledger.Kind(part())
	e.Leaf = part()
	e.Record = part()
	e.Key = string(part())
	e.Issuer = attestation.PartnerID(part())
	e.Media = string(part())
	e.Status = part()
	e.fields = part()
	for n := number(); n > 0 && !bad; n-- {
		e.Audience = append(e.Audience, attestation.PartnerID(part()))
	}
	if bad || len(src) != 0 {
		return nil, fmt.Errorf("decode entry: the text is not whole")
	}
	if err := json.Unmarshal(e.fields, &e.Fields); err != nil {
		return nil, fmt.Errorf("decode index fields: %w", err)
	}
	return e, nil
}

// AppendFeedLine appends the line of an entry in a feed (wire.md).
func AppendFeedLine(dst []byte, e *Entry) ([]byte, error) {
	rec, err := e.Parsed()
	if err != nil {
		return nil, err
	}
	id := string(rec.ID)
	if e.Kind == ledger.KindRegistry {
		id = e.Fields.Number // of the target
	}
	line := struct {
		Index    uint64             `json:"index"`
		Kind     ledger.Kind        `json:"kind"`
		ID       string             `json:"id,omitempty"`
		Revision int                `json:"revision,omitempty"`
		Digest   attestation.Digest `json:"digest"`
		Received string             `json:"received"`
		Status   json.RawMessage    `json:"status,omitempty"`
	}{e.Index, e.Kind, id, rec.Revision, rec.Digest, rec.Received, e.Status}
	b, err := json.Marshal(line)
	if err != nil {
		return nil, fmt.Errorf("encode feed line: %w", err)
	}
	return append(dst, b...), nil
}

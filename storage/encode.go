package storage

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"accord/attestation"
	"accord/internal/strictjson"
	"accord/ledger"
)

// AppendEntry appends the binary form of an entry without index, place and
// body: each part with its length before it. Backends frame and checksum it.
func AppendEntry(dst []byte, e *Entry) []byte {
	fields := e.fields
	if fields == nil {
		fields = e.Fields.append(nil)
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
	return dst
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
	dst = strconv.AppendUint(append(dst, `{"index":`...), e.Index, 10)
	dst = textMember(dst, `,"kind":`, string(e.Kind))
	dst = textMember(dst, `,"id":`, id)
	dst = intMember(dst, `,"revision":`, int64(rec.Revision))
	dst = textMember(dst, `,"digest":`, string(rec.Digest))
	dst = textMember(dst, `,"received":`, rec.Received)
	if len(e.Status) > 0 {
		dst = append(append(dst, `,"status":`...), e.Status...)
	}
	return append(dst, '}'), nil
}

// append appends the fields as JSON, in the order and under the names of their
// tags. It is written by hand because every append pays for it.
func (f *Fields) append(dst []byte) []byte {
	start := len(dst)
	dst = intMember(dst, `,"q":`, int64(f.Seq))
	dst = textMember(dst, `,"a":`, f.Asserted)
	dst = intMember(dst, `,"vf":`, f.ValidFrom)
	dst = intMember(dst, `,"ex":`, f.Expires)
	dst = textMember(dst, `,"is":`, f.Issued)
	dst = textMember(dst, `,"n":`, f.Number)
	dst = textMember(dst, `,"s":`, f.Scheme)
	dst = textMember(dst, `,"k":`, f.Kind)
	for i, t := range f.Terms {
		name := ","
		if i == 0 {
			name = `,"t":[`
		}
		dst = strictjson.AppendString(append(dst, name...), t)
	}
	if len(f.Terms) > 0 {
		dst = append(dst, ']')
	}
	if len(dst) == start {
		dst = append(dst, ' ')
	}
	dst[start] = '{'
	return append(dst, '}')
}

// textMember appends a member unless its value is empty.
func textMember(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return strictjson.AppendString(append(dst, name...), value)
}

// intMember appends a member unless its value is zero.
func intMember(dst []byte, name string, value int64) []byte {
	if value == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, name...), value, 10)
}

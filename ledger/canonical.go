package ledger

import (
	"strconv"

	"accord/internal/strictjson"
)

// AppendCanonical appends the RFC 8785 form of the record. Members stand in
// the order of their names; integers are below 2^53.
func (r *Record) AppendCanonical(dst []byte) []byte {
	dst = append(dst, `{"audience":`...)
	dst = strictjson.AppendString(dst, r.Audience)
	dst = appendUint(dst, `,"batch":`, r.Batch)
	dst = appendText(dst, `,"content":`, string(r.Content))
	dst = appendText(dst, `,"digest":`, string(r.Digest))
	dst = appendText(dst, `,"dir":`, string(r.Dir))
	if r.ID != "" {
		dst = appendText(dst, `,"id":`, string(r.ID))
	}
	dst = appendText(dst, `,"kind":`, string(r.Kind))
	dst = appendText(dst, `,"partner":`, string(r.Partner))
	if r.Prev != nil {
		dst = appendUint(dst, `,"prev":`, *r.Prev)
	}
	dst = appendText(dst, `,"received":`, r.Received)
	dst = appendUint(dst, `,"registry":`, r.Registry)
	if r.Revision != 0 {
		dst = appendUint(dst, `,"revision":`, uint64(r.Revision))
	}
	dst = appendText(dst, `,"salt":`, r.Salt)
	if r.Signature != "" {
		dst = appendText(dst, `,"sig":`, r.Signature)
	}
	dst = appendText(dst, `,"subject":`, r.Subject)
	dst = appendText(dst, `,"type":`, r.Type)
	dst = appendUint(dst, `,"ver":`, uint64(r.Ver))
	return append(dst, '}')
}

func appendText(dst []byte, name, value string) []byte {
	return strictjson.AppendString(append(dst, name...), value)
}

func appendUint(dst []byte, name string, value uint64) []byte {
	return strconv.AppendUint(append(dst, name...), value, 10)
}

package storage

import (
	"strconv"

	"accord/internal/strictjson"
	"accord/ledger"
)

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

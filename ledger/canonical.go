package ledger

import "strconv"

// AppendCanonical appends the RFC 8785 form of the record. Members stand in
// the order of their names; integers are below 2^53.
func (r *Record) AppendCanonical(dst []byte) []byte {
	dst = append(dst, `{"audience":`...)
	dst = appendString(dst, r.Audience)
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
	return appendString(append(dst, name...), value)
}

func appendUint(dst []byte, name string, value uint64) []byte {
	return strconv.AppendUint(append(dst, name...), value, 10)
}

// appendString appends a JSON string as RFC 8785, section 3.2.2.2, writes it.
// Nearly every value here is plain ASCII and is copied at once.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

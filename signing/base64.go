package signing

import (
	"bytes"
	"encoding/base64"
	"unsafe"

	"accord/internal/fault"
)

// strictURL refuses padding and stray bits (RFC 7515, section 2). Go's decoder
// skips CR and LF even so: decode64 looks for them.
var (
	strictURL = base64.RawURLEncoding.Strict()
	strictStd = base64.StdEncoding.Strict()
)

// decode64 decodes canonical base64url: every octet string has one text.
func decode64(text []byte, what string) ([]byte, error) {
	out, ok := decodeStrict(strictURL, text)
	if !ok {
		return nil, fault.New(fault.JWSBase64, "the "+what+" is not base64url without padding (RFC 7515, section 2)")
	}
	return out, nil
}

func decodeStrict(enc *base64.Encoding, text []byte) ([]byte, bool) {
	if bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		return nil, false
	}
	out := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Decode(out, text)
	return out[:n], err == nil
}

// octets gives the octets of a string without a copy. They must not be written.
func octets(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

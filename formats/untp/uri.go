package untp

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"accord/attestation"
)

// In a credential everything is told by a URI. An identifier whose scheme is no
// URI is written as a URN of ours; one that was read from a URI has as its scheme
// what stands before the number, up to and with a separator, so that both
// together are the URI again.
const (
	urnID       = "urn:accord:id:"
	urnModel    = "urn:accord:model:"
	digitalLink = "https://id.gs1.org/01/" // GS1 Digital Link, the application identifier of a GTIN
)

// The schemes of identifiers that are URIs by themselves.
const (
	schemeDID  = "did"
	schemeURI  = "uri"
	schemeGTIN = "gs1.gtin"
)

// separators end the part of a URI that says of whose numbers it speaks.
const separators = "/#=:?"

// appendURI appends the URI of an identifier.
func appendURI(b []byte, id *attestation.Identifier) []byte {
	switch {
	case id.Scheme == schemeDID || id.Scheme == schemeURI && isURI(id.Value):
		return append(b, id.Value...)
	case id.Scheme == schemeGTIN:
		if gtin, ok := attestation.GTIN14(id.Value); ok {
			return append(append(b, digitalLink...), gtin...)
		}
	case isPrefix(id.Scheme) && identifierOf(id.Scheme+id.Value, "") == *id:
		return append(append(b, id.Scheme...), id.Value...)
	}
	b = appendEscaped(append(b, urnID...), id.Scheme, true)
	return appendEscaped(append(b, ':'), id.Value, false)
}

func uriOf(id *attestation.Identifier) string { return string(appendURI(nil, id)) }

// isPrefix reports whether a scheme is the beginning of a URI.
func isPrefix(scheme string) bool {
	return len(scheme) > 3 && strings.IndexByte(separators, scheme[len(scheme)-1]) >= 0 && strings.Contains(scheme, ":")
}

// plain marks the octets that stand for themselves in a URN of ours (RFC 3986,
// section 2): printable ASCII without what delimits a URI.
var plain = func() (t [256]bool) {
	for c := '!'; c < 0x7F; c++ {
		t[c] = !strings.ContainsRune("\"<>\\^`{|}#%", c)
	}
	return t
}()

// appendEscaped percent-encodes what a URI cannot carry; colon says whether a
// colon is of that, too.
func appendEscaped(b []byte, s string, colon bool) []byte {
	const digits = "0123456789ABCDEF"
	from := 0
	for i := range len(s) {
		c := s[i]
		if plain[c] && (c != ':' || !colon) {
			continue
		}
		b = append(append(b, s[from:i]...), '%', digits[c>>4], digits[c&15])
		from = i + 1
	}
	return append(b, s[from:]...)
}

// unescaped undoes appendEscaped.
func unescaped(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out.WriteByte(b[0])
				i += 2
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// identifierOf reads a URI, beside which a number may stand that it ends with.
func identifierOf(uri, registered string) attestation.Identifier {
	if strings.HasPrefix(uri, "did:") {
		return attestation.Identifier{Scheme: schemeDID, Value: uri}
	}
	if rest, ok := strings.CutPrefix(uri, urnID); ok {
		if scheme, value, ok := strings.Cut(rest, ":"); ok && scheme != "" && value != "" {
			return attestation.Identifier{Scheme: unescaped(scheme), Value: unescaped(value)}
		}
	}
	if gtin, ok := strings.CutPrefix(uri, digitalLink); ok && gtin != "" && strings.Trim(gtin, "0123456789") == "" {
		return attestation.Identifier{Scheme: schemeGTIN, Value: gtin}
	}
	tail := strings.LastIndexAny(uri, separators) + 1
	if registered != "" && strings.HasSuffix(uri, registered) {
		tail = len(uri) - len(registered)
	}
	scheme, value := uri[:tail], uri[tail:]
	if value == "" || !isPrefix(scheme) || strings.HasSuffix(scheme, "://") || len(scheme) > attestation.MaxToken || isHost(scheme, value) {
		return attestation.Identifier{Scheme: schemeURI, Value: uri}
	}
	return attestation.Identifier{Scheme: scheme, Value: value}
}

// isHost reports whether the value behind a scheme is a host, not a number:
// https://coppermark.org.
func isHost(scheme, _ string) bool { return strings.HasSuffix(scheme, "//") }

// uuidOf makes a URN of a UUID of version 8 (RFC 9562, section 5.8) of what
// tells one credential from another.
func uuidOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	sum := h.Sum(nil)[:16]
	sum[6] = sum[6]&0x0F | 0x80
	sum[8] = sum[8]&0x3F | 0x80
	x := hex.EncodeToString(sum)
	return "urn:uuid:" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

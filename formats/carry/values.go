package carry

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// RootName returns the name of the root element of what begins as XML.
func RootName(src []byte) (xmldoc.Name, bool) {
	s := xmldoc.NewScanner(src, xmldoc.Limits{Bytes: max(len(src), 1)})
	for {
		switch kind, err := s.Next(); {
		case err != nil || kind == xmldoc.EOF:
			return xmldoc.Name{}, false
		case kind == xmldoc.StartElement:
			return s.Name(), true
		}
	}
}

// Number takes the number of a document as its identifiers: the first is the
// number as the model can have it, and if that is another than the document says
// the second is the number itself.
func (r *Reader) Number(n *Node, scheme string) []attestation.Identifier {
	text, ok := r.Raw(n)
	if !ok {
		return nil
	}
	if strings.TrimSpace(text) == "" {
		r.Fail(fault.SchemaMissingField, n, "the document has no number")
		return nil
	}
	number := asNumber(text)
	if number == text {
		return []attestation.Identifier{{Scheme: scheme, Value: r.Line(n, "/identifiers/0/value")}}
	}
	r.Lose(dialect.Warning, dialect.Narrowed, n)
	r.Note(n, "/identifiers/0")
	return []attestation.Identifier{{Scheme: scheme, Value: number}, {Scheme: scheme + ".asWritten", Value: r.Line(n, "/identifiers/1/value")}}
}

// asNumber makes a number as printed (reliability.md: 2 to 64 letters, digits and
// . / ( ) - or space, a letter or digit first) of any text: a character that none
// has becomes a hyphen. Two texts may give one number; the archive then refuses
// the second document, it never mixes them up.
func asNumber(text string) string {
	var b strings.Builder
	for _, c := range strings.Join(strings.Fields(text), " ") {
		if !unicode.IsLetter(c) && !unicode.IsNumber(c) && !strings.ContainsRune("./()- ", c) || c == utf8.RuneError {
			c = '-'
		}
		b.WriteRune(c)
	}
	runes := []rune(b.String())
	if len(runes) < 2 || !unicode.IsLetter(runes[0]) && !unicode.IsNumber(runes[0]) {
		runes = append([]rune("No "), runes...)
	}
	return strings.TrimRight(string(runes[:min(len(runes), 64)]), " ")
}

// IsNumber reports whether s can be the number of a document in the model.
func IsNumber(s string) bool { return s != "" && asNumber(s) == s }

// IsEmail reports whether s is formed as the model has an address.
func IsEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " <>\"\t\r\n") && Fit(s, true) == s
}

// Link is the link of an evidence to a lifted binary.
func (r *Reader) Link(b *dialect.Blob, n *Node, pointer string) attestation.Link {
	r.Note(n, pointer)
	l := attestation.Link{URL: dialect.BlobURL(b.Digest)}
	_, hex, _ := strings.Cut(string(b.Digest), ":")
	l.Digests = []attestation.LinkDigest{{Alg: "sha-256", Value: hex}}
	r.Note(n, pointer+"/digests/0")
	if isMediaType(b.MediaType) {
		l.MediaType = strings.Clone(b.MediaType)
	}
	return l
}

// isMediaType reports whether s is type/subtype (RFC 6838, section 4.2).
func isMediaType(s string) bool {
	major, minor, ok := strings.Cut(s, "/")
	return ok && isRestricted(major) && isRestricted(minor)
}

func isRestricted(s string) bool {
	for i, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && strings.IndexByte("!#$&-^_.+", c) >= 0:
		default:
			return false
		}
	}
	return s != "" && len(s) <= 63
}

// IsToken reports whether s can name a scheme or a system: 1 to 128 letters,
// digits and signs of ASCII without spaces, quotes and brackets.
func IsToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\`", c) >= 0 {
			return false
		}
	}
	return s != "" && len(s) <= attestation.MaxToken
}

// IsDecimal reports whether s is a decimal of the model: digits with an optional
// sign and a point between digits.
func IsDecimal(s string) bool {
	whole, fraction, pointed := strings.Cut(strings.TrimLeft(s, "+-"), ".")
	return len(s) <= 64 && len(s)-len(strings.TrimLeft(s, "+-")) <= 1 && allDigits(whole) && (!pointed || allDigits(fraction))
}

// IsUnit reports whether s is formed as a common code of UN/ECE Recommendation 20.
func IsUnit(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != "" && len(s) <= 3
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

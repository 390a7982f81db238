package generic

import (
	"strings"

	"accord/formats/xmldoc"
	"accord/internal/strictjson"
)

// JSONNamespace is the namespace of the XML form of a JSON text.
const JSONNamespace = "urn:accord:json:1"

// The elements of the form, and the words of their attribute "type".
const (
	rootName   = "json"
	memberName = "member"
	itemName   = "item"

	kindObject  = "object"
	kindArray   = "array"
	kindString  = "string"
	kindNumber  = "number"
	kindBoolean = "boolean"
	kindNull    = "null"
)

// jsonLimits keep the XML form of a JSON text within what the gate lets through:
// an element stands around each value, so one level less than XML may have; a
// member is an element with three attributes at most and a text.
func jsonLimits() strictjson.Limits {
	return strictjson.Limits{Depth: xmldoc.MaxDepth - 1, Members: (xmldoc.MaxNodes - 4) / 5, Bytes: xmldoc.MaxBytes}
}

// jsonFormLimits let every form through that was made within jsonLimits: a
// member of three octets takes less than forty times as many.
func jsonFormLimits() xmldoc.Limits {
	l := xmldoc.DefaultLimits()
	l.Bytes = 40 * xmldoc.MaxBytes
	return l
}

const hexDigits = "0123456789abcdef"

// escapeText writes a string that XML 1.0 cannot carry (production 2) as fn:json-to-xml
// does with escape: a backslash doubled, and each character that XML cannot carry
// as \uXXXX. All others stand for themselves.
func escapeText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case !xmldoc.IsChar(r): // all of them below U+10000
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(hexDigits[r>>shift&15])
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unescapeText reads what escapeText wrote. A string that needs no escape, or is
// escaped in another way, is none: each string has one form.
func unescapeText(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '\\':
			b.WriteByte('\\')
			i++
		case i+5 < len(s) && s[i+1] == 'u':
			r := rune(0)
			for _, c := range []byte(s[i+2 : i+6]) {
				r = r<<4 | rune(strings.IndexByte(hexDigits, c)&15)
			}
			b.WriteRune(r)
			i += 5
		default:
			return "", false
		}
	}
	out := b.String()
	return out, !xmldoc.IsText(out) && escapeText(out) == s
}

// isNumber reports whether s is a number as JSON writes it (RFC 8259, section
// 6).
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digitRun(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if s = s[whole:]; s != "" && s[0] == '.' {
		n := digitRun(s[1:])
		if n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digitRun(s) == len(s)
}

// digitRun returns how many digits s begins with.
func digitRun(s string) (n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

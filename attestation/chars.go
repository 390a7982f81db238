package attestation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// flaw is what is wrong with the characters of a value.
type flaw uint8

const (
	fine      flaw = iota
	control        // a control character, or one that XML 1.0 cannot carry
	lineBreak      // CR anywhere; LF, tab and other breaks in a value of one line
	direction      // a character that turns the direction of a line
	encoding       // not UTF-8
)

// Classes of octets for the scan: most values have only plain ones, so it looks
// closer only where a forbidden character can begin.
const (
	plain  = 0
	breaks = 1 << iota // LF and tab
	bad                // C0 controls, DEL
	high               // beyond ASCII
	look               // may begin a forbidden character
)

var octets = func() (t [256]byte) {
	for c := range t {
		switch {
		case c == '\n' || c == '\t':
			t[c] = breaks
		case c < ' ' || c == 0x7F:
			t[c] = bad
		case c == 0xC2 || c == 0xD8 || c == 0xE2 || c == 0xEF:
			t[c] = high | look
		case c >= 0x80:
			t[c] = high
		}
	}
	return t
}()

// scanRaw finds the first flaw of a piece of another document, which keeps its
// carriage returns.
func scanRaw(s string) flaw {
	if !strings.Contains(s, "\r") {
		return scan(s, false)
	}
	return scan(strings.ReplaceAll(s, "\r", ""), false)
}

// scan finds the first flaw of a value. A text may have several lines, divided
// by LF; in a value of one line also tabs, other breaks and the bidirectional
// controls are refused: they make a printed line say what it does not hold.
func scan(s string, oneLine bool) flaw {
	var seen byte
	for i := range len(s) {
		seen |= octets[s[i]]
	}
	switch {
	case seen == plain:
		return fine
	case seen&bad != 0:
		for i := range len(s) {
			if s[i] == '\r' {
				return lineBreak
			}
		}
		return control
	case seen&breaks != 0 && oneLine:
		return lineBreak
	case seen&high != 0 && !utf8.ValidString(s):
		return encoding
	case seen&look != 0:
		return lookCloser(s, oneLine)
	default:
		return fine
	}
}

// lookCloser finds forbidden characters beyond ASCII.
func lookCloser(s string, oneLine bool) flaw {
	for _, r := range s {
		switch {
		case r < 0x80:
		case r < 0xA0, r == 0xFFFE, r == 0xFFFF: // C1 controls; XML 1.0, section 2.2
			return control
		case !oneLine:
		case r == 0x2028, r == 0x2029:
			return lineBreak
		case r == 0x061C, r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return direction
		case r == 0xFEFF:
			return control
		}
	}
	return fine
}

// longer says whether a string has more than n characters.
func longer(s string, n int) bool {
	return len(s) > n && utf8.RuneCountInString(s) > n
}

// blank says whether a value has nothing but spaces.
func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// validNumber checks a number as printed: ^[\p{L}\p{N}][\p{L}\p{N}./()\- ]{1,63}$
// (reliability.md).
func validNumber(s string) bool { return numberLike(s, 2) }

// numberLike is the pattern of numbers with a minimum length.
func numberLike(s string, least int) bool {
	n := 0
	for i, r := range s {
		n++
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		case i > 0 && (r == '.' || r == '/' || r == '(' || r == ')' || r == '-' || r == ' '):
		case r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r)):
		default:
			return false
		}
	}
	return n >= least && n <= 64
}

// validToken checks a word that names a scheme, a system or a role: printable
// ASCII without spaces and quotes, or letters and numbers of other scripts.
func validToken(s string) bool {
	for _, r := range s {
		switch {
		case r <= ' ' || r == '"' || r == '<' || r == '>' || r == '\\' || r == '`' || r == 0x7F:
			return false
		case r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsNumber(r):
			return false
		}
	}
	return true
}

// validDecimal checks a decimal as XML Schema writes it, without the forms that
// begin or end with the point: -14.40.
func validDecimal(s string) bool {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == start || len(s) > 64 {
		return false
	}
	if i == len(s) {
		return true
	}
	return s[i] == '.' && allDigits(s[i+1:])
}

// validURI checks an absolute URI or IRI (RFC 3986, section 4.3, with a fragment
// allowed): a scheme, a colon, and something without spaces and delimiters.
func validURI(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || isUpper(c):
		case i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i+1 < len(s) && validURITail(s[i+1:])
		default:
			return false
		}
	}
	return false
}

func validURITail(s string) bool {
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '<', '>', '\\', '^', '`', '{', '|', '}', 0x7F:
			return false
		default:
			if c <= ' ' {
				return false
			}
		}
	}
	return s != "//"
}

// validMediaType checks type/subtype, with parameters allowed (RFC 6838, 4.2).
func validMediaType(s string) bool {
	slash := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c), isUpper(c), c >= 'a' && c <= 'z':
		case i > 0 && (c == '.' || c == '+' || c == '-' || c == '_' || c == '!' || c == '#' || c == '$' || c == '&' || c == '^'):
		case c == '/' && slash == 0 && i > 0:
			slash = i
		case c == ';' && slash > 0:
			return i > slash+1
		default:
			return false
		}
	}
	return slash > 0 && slash < len(s)-1
}

// validBase64 checks base64 with padding and without line breaks (RFC 4648, 4).
func validBase64(s string) bool {
	body := len(s)
	for body > 0 && s[body-1] == '=' && len(s)-body < 2 {
		body--
	}
	for i := range body {
		c := s[i]
		if !isDigit(c) && !isUpper(c) && (c < 'a' || c > 'z') && c != '+' && c != '/' {
			return false
		}
	}
	return len(s)%4 == 0 && body > 0
}

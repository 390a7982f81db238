package storage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTermLength bounds one term; longer values are found by their beginning.
const maxTermLength = 128

// normalise folds what people type and print differently: width, case and
// white space.
func normalise(s string) string {
	if out, ok := normalisePlain(s); ok {
		return out
	}
	if !norm.NFKC.IsNormalString(s) {
		s = norm.NFKC.String(s)
	}
	s = strings.ToLower(s)
	if strings.ContainsFunc(s, unicode.IsSpace) {
		s = strings.Join(strings.Fields(s), " ")
	}
	return cutTerm(s)
}

// cutTerm returns the first maxTermLength characters.
func cutTerm(s string) string {
	if len(s) <= maxTermLength {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > maxTermLength {
			return s[:i]
		}
	}
	return s
}

// The ideographs that most names in Chinese consist of. They have one width, no
// case and no other form (UAX #15: NFKC_Quick_Check is Yes, and nothing combines
// with them but marks, which are not among them).
const (
	firstIdeograph = '\u4e00'
	lastIdeograph  = '\u9fff'
)

// normalisePlain does the same where only case and white space can differ, and
// nothing at all where they do not: in what is ASCII and ideographs.
func normalisePlain(s string) (string, bool) {
	plain, space := true, true // space: at the beginning or after one
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r < firstIdeograph || r > lastIdeograph {
				return "", false
			}
			i += size - 1
			space = false
			continue
		}
		blank := c <= ' '
		plain = plain && (c < 'A' || c > 'Z') && (!blank || c == ' ' && !space)
		space = blank
	}
	if !plain || space {
		s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	return cutTerm(s), true
}

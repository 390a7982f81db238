package storage

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxTermLength bounds one term; longer values are found by their beginning.
const maxTermLength = 128

// normalise folds what people type and print differently: width, case and
// white space.
func normalise(s string) string {
	if out, ok := normaliseASCII(s); ok {
		return out
	}
	if !norm.NFKC.IsNormalString(s) {
		s = norm.NFKC.String(s)
	}
	s = strings.ToLower(s)
	if strings.ContainsFunc(s, unicode.IsSpace) {
		s = strings.Join(strings.Fields(s), " ")
	}
	n := 0
	for i := range s {
		if n++; n > maxTermLength {
			return s[:i]
		}
	}
	return s
}

// normaliseASCII does the same where only case and white space can differ, and
// nothing at all where they do not.
func normaliseASCII(s string) (string, bool) {
	plain, space := true, true // space: at the beginning or after one
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			return "", false
		}
		blank := c <= ' '
		plain = plain && (c < 'A' || c > 'Z') && (!blank || c == ' ' && !space)
		space = blank
	}
	if !plain || space {
		s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	return s[:min(len(s), maxTermLength)], true
}

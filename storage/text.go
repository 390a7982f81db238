package storage

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// maxTermLength bounds one term; longer values are found by their beginning.
const maxTermLength = 128

// normalise folds what people type and print differently: width, case and
// white space.
func normalise(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxTermLength {
		s = string(r[:maxTermLength])
	}
	return s
}

package strictjson

import (
	"strconv"
	"strings"
)

// exactDouble reports whether reading the JSON number s as a double and writing
// it again, with the fewest digits or with the 17 that are always enough, gives
// the same number (RFC 7493, section 2.2). So 0.20 and 1e3 pass; 2^53+1, 1e400
// and digits beyond the precision do not, nor does -0, which RFC 8785 would turn
// into another text of another sign.
func exactDouble(s string) bool {
	if len(s) <= 15 && !strings.ContainsAny(s, ".eE-") {
		return true // fewer digits than 2^53
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return false
	}
	want, ok := decimalOf(s)
	if !ok {
		return false
	}
	shortest, ok := decimalOf(strconv.FormatFloat(f, 'e', -1, 64))
	if ok && want == shortest {
		return true
	}
	longest, ok := decimalOf(strconv.FormatFloat(f, 'e', 16, 64))
	return ok && want == longest
}

// decimal is a number as ±0.digits × 10^exp; digits neither start nor end with
// a zero.
type decimal struct {
	negative bool
	digits   string
	exp      int
}

// maxExponent keeps the arithmetic on exponents in range; a double ends at 308.
const maxExponent = 100_000

func decimalOf(s string) (decimal, bool) {
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			return d, false
		}
		s, d.exp = s[:i], e
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.exp += len(whole)
	d.digits = whole + fraction
	trimmed := strings.TrimLeft(d.digits, "0")
	d.exp -= len(d.digits) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		d.exp = 0
		return d, !d.negative // minus zero
	}
	return d, true
}

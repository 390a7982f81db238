package native

import "strings"

// The formats of strings. Each pattern is the published form of the check
// beside it; a test holds the two together.
var (
	line   = &format{name: "Line"}
	lines  = &format{name: "Lines", class: manyLines}
	source = &format{name: "Raw", class: rawText}

	// RFC 5646 tags; their canonical case is checked with the content.
	language = &format{name: "Language", pattern: `[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*`, check: isLanguage}
	digest   = &format{name: "Digest", pattern: `sha-256:[0-9a-f]{64}`, check: isDigest}
	economy  = &format{name: "Economy", pattern: `[A-Z]{2}`, check: isEconomy}
	// XML Schema part 2, section 3.3.3, without the forms "5." and ".5".
	decimal = &format{name: "Decimal", pattern: `[+-]?[0-9]+(\.[0-9]+)?`, check: isDecimal}
	// A date or an XML dateTimeStamp; whether the day exists is checked with
	// the content (doc.date_invalid).
	dateValue = &format{name: "DateValue", check: isDateValue,
		pattern: `[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?`}
	zone      = &format{name: "Zone", pattern: `[+-][0-9]{2}:[0-9]{2}`, check: isZone}
	partnerID = &format{name: "PartnerID", pattern: `[a-z0-9][a-z0-9-]{1,62}`, check: isPartnerID}
	seriesID  = &format{name: "SeriesID", pattern: `att_[a-z2-7]{32}`, check: isSeriesID}
)

// digits reads n decimal digits.
func digits(s string, n int) (rest string, ok bool) {
	if len(s) < n {
		return s, false
	}
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return s, false
		}
	}
	return s[n:], true
}

// all reports whether s is not empty and made of octets of which ok is true.
func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isAlpha(c byte) bool { return isUpper(c) || isLower(c) }
func isAlnum(c byte) bool { return isAlpha(c) || isDigit(c) }

func isLanguage(s string) bool {
	first, from := true, 0 // part of the tag, and where this one begins
	for i := range len(s) {
		switch {
		case s[i] == '-' && i > from:
			first, from = false, i+1
		case first && !isAlpha(s[i]), !isAlnum(s[i]), i-from >= 8:
			return false
		}
	}
	return from < len(s)
}

func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha-256:")
	return ok && len(hex) == 64 && all(hex, func(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' })
}

func isEconomy(s string) bool { return len(s) == 2 && isUpper(s[0]) && isUpper(s[1]) }

func isDecimal(s string) bool {
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	whole, fraction, dot := strings.Cut(s, ".")
	return all(whole, isDigit) && (!dot || all(fraction, isDigit))
}

func isDateValue(s string) bool {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if !isDigit(s[i]) {
			return false
		}
	}
	return len(s) == 10 || isTimeWithZone(s[10:])
}

func isTimeWithZone(s string) bool {
	if len(s) < len("T00:00:00Z") || s[0] != 'T' || s[3] != ':' || s[6] != ':' {
		return false
	}
	for _, i := range [...]int{1, 2, 4, 5, 7, 8} {
		if !isDigit(s[i]) {
			return false
		}
	}
	s = s[9:]
	if s[0] == '.' {
		n := 1
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if n == 1 {
			return false
		}
		s = s[n:]
	}
	return s == "Z" || isZone(s)
}

func isZone(s string) bool {
	return len(s) == len("+00:00") && (s[0] == '+' || s[0] == '-') && s[3] == ':' &&
		isDigit(s[1]) && isDigit(s[2]) && isDigit(s[4]) && isDigit(s[5])
}

func isPartnerID(s string) bool {
	return len(s) >= 2 && len(s) <= 63 && s[0] != '-' &&
		all(s, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' })
}

func isSeriesID(s string) bool {
	id, ok := strings.CutPrefix(s, "att_")
	return ok && len(id) == 32 && all(id, func(c byte) bool { return isLower(c) || c >= '2' && c <= '7' })
}

package attestation

import (
	"strconv"
	"strings"
)

// Standard is the designation of a standard taken apart. Standards are compared
// by these parts and never as strings.
type Standard struct {
	Body   string     // "GB", "GB/T", "ISO/IEC", "EN ISO"
	Number string     // "4706"
	Part   string     // "1", "2-40"; may be empty
	Year   int        // edition; 0: undated
	Extra  string     // what follows the edition: "+AMD1:2013", "/Amd 1:2024"
	Same   []Standard // the adopted standards that are printed with it
}

// ID returns the designation without the edition: "GB 4706.1". Bodies that write
// the part after a hyphen get one: "IEC 60335-1".
func (s Standard) ID() string {
	id := s.Body + " " + s.Number
	switch {
	case s.Part == "":
		return id
	case s.dotted():
		return id + "." + s.Part
	default:
		return id + "-" + s.Part
	}
}

// Edition returns the year as the edition of a Requirement; "" when undated.
func (s Standard) Edition() string {
	if s.Year == 0 {
		return ""
	}
	return strconv.Itoa(s.Year)
}

// SameWork says whether two designations name the same standard, whatever their
// editions.
func (s Standard) SameWork(o Standard) bool {
	return s.Body == o.Body && s.Number == o.Number && s.Part == o.Part
}

// ParseStandard reads a designation as printed: "GB 4706.1-2005",
// "GB/T 19001-2016/ISO 9001:2015", "IEC 60335-2-40:2018+AMD1:2022". Text that
// is none gives false.
func ParseStandard(s string) (Standard, bool) {
	first, rest := splitAdopted(strings.Join(strings.Fields(s), " "))
	std, ok := parseOne(first)
	for ok && rest != "" {
		var next string
		next, rest = splitAdopted(rest)
		same, fine := parseOne(next)
		if !fine {
			return Standard{}, false
		}
		std.Same = append(std.Same, same)
	}
	return std, ok
}

// splitAdopted cuts at a slash that comes after a digit and before a letter: the
// slashes in "GB/T" and "ISO/IEC" come after letters. An amendment after a slash
// is not another standard.
func splitAdopted(s string) (first, rest string) {
	for i := 1; i+1 < len(s); i++ {
		if s[i] == '/' && isDigit(s[i-1]) && isUpper(s[i+1]) && !amendment(s[i+1:]) {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// amendment says whether s begins as amendments are written: "Amd 1:2024",
// "COR1:2009", "A1:2016".
func amendment(s string) bool {
	n := 0
	for n < len(s) && !isDigit(s[n]) && s[n] != ' ' {
		n++
	}
	word := strings.ToUpper(s[:n])
	return word == "AMD" || word == "COR" || word == "A" && n < len(s) && isDigit(s[n])
}

// parseOne reads body, number, part and edition.
func parseOne(s string) (Standard, bool) {
	n := strings.IndexFunc(s, func(r rune) bool { return r >= '0' && r <= '9' })
	if n < 1 {
		return Standard{}, false
	}
	std := Standard{Body: strings.TrimRight(s[:n], " ")}
	if !validBody(std.Body) {
		return Standard{}, false
	}
	designation, edition, dated := strings.Cut(s[n:], ":")
	if dated {
		year, extra, ok := cutYear(edition)
		if !ok {
			return Standard{}, false
		}
		std.Year, std.Extra = year, extra
	} else if i := strings.LastIndexByte(designation, '-'); i > 0 {
		if year, ok := std.hyphenYear(designation[i+1:]); ok {
			std.Year, designation = year, designation[:i]
		}
	}
	i := strings.IndexAny(designation, ".-")
	if i < 0 {
		i = len(designation)
	}
	std.Number = designation[:i]
	if i < len(designation) {
		std.Part = designation[i+1:]
	}
	return std, validNumberPart(std.Number) && (i == len(designation) || validPart(std.Part))
}

// hyphenYear reads what stands after the last hyphen as an edition. ISO, IEC and
// EN write editions after a colon, so a hyphen is a part there ("UL 60335-2").
// Chinese standards up to the nineties have years of two digits.
func (s Standard) hyphenYear(v string) (int, bool) {
	year, ok := digits(v)
	switch {
	case !ok || international(s.Body):
		return 0, false
	case len(v) == 4 && year >= 1900 && year < 2100:
		return year, true
	case len(v) == 2 && strings.HasPrefix(s.Body, "GB") && year >= 50:
		return 1900 + year, true
	default:
		return 0, false
	}
}

// dotted says whether the body writes the part after a dot.
func (s Standard) dotted() bool { return !international(s.Body) && s.Body != "UL" }

// international says whether a body writes part after a hyphen and edition after
// a colon.
func international(body string) bool {
	for _, word := range strings.FieldsFunc(body, func(r rune) bool { return r == ' ' || r == '/' }) {
		switch word {
		case "ISO", "IEC", "EN", "CISPR", "ITU", "ETSI", "CEN", "CENELEC":
			return true
		}
	}
	return false
}

// cutYear reads a year of four digits and what follows it.
func cutYear(s string) (year int, extra string, ok bool) {
	if len(s) < 4 || !allDigits(s[:4]) || len(s) > 4 && isDigit(s[4]) {
		return 0, "", false
	}
	year, _ = digits(s[:4])
	extra = s[4:]
	return year, extra, extra == "" || len(extra) > 1 && (extra[0] == '+' || extra[0] == '/')
}

// validBody: upper-case words with spaces and slashes between them.
func validBody(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isUpper(c) && c != '/' && c != ' ' {
			return false
		}
	}
	return s != "" && isUpper(s[0]) && isUpper(s[len(s)-1])
}

func validNumberPart(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && !isUpper(s[i]) {
			return false
		}
	}
	return s != ""
}

func validPart(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isDigit(c) && !isUpper(c) && c != '-' && c != '.' {
			return false
		}
	}
	return s != "" && s[0] != '-' && s[0] != '.'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

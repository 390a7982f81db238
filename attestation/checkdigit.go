package attestation

import "strings"

// ValidUSCC checks a unified social credit code (GB 32100-2015): 18 characters
// without I, O, S, V and Z, whose positions 9 to 17 are a GB 11714 code with its
// own check character.
func ValidUSCC(s string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	if len(s) != 18 {
		return false
	}
	sum, weight := 0, 1 // the weights are the powers of 3 modulo 31
	for i := range 17 {
		v := strings.IndexByte(alphabet, s[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	if _, ok := digits(s[2:8]); !ok { // GB/T 2260 division
		return false
	}
	return s[17] == alphabet[(31-sum%31)%31] && ValidOrgCode(s[8:17])
}

// ValidOrgCode checks an organisation code of GB 11714-1997: eight characters and
// a check character, without the hyphen that is printed before it.
func ValidOrgCode(s string) bool {
	weights := [...]int{3, 7, 9, 10, 5, 8, 4, 2}
	if len(s) != len(weights)+1 {
		return false
	}
	sum := 0
	for i, w := range weights {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			sum += int(c-'0') * w
		case c >= 'A' && c <= 'Z':
			sum += int(c-'A'+10) * w
		default:
			return false
		}
	}
	return s[8] == "0X987654321"[sum%11] // 11 - sum mod 11; 10 is X, 11 is 0
}

// ValidGTIN checks a GTIN-8, -12, -13 or -14 (GS1 General Specifications, 7.9).
func ValidGTIN(s string) bool {
	switch len(s) {
	case 8, 12, 13, 14:
		return validMod10(s)
	default:
		return false
	}
}

// GTIN14 returns a valid GTIN with 14 digits, the form in which GTINs compare.
func GTIN14(s string) (string, bool) {
	if !ValidGTIN(s) {
		return "", false
	}
	return strings.Repeat("0", 14-len(s)) + s, true
}

// ValidGLN checks a GS1 global location number.
func ValidGLN(s string) bool { return len(s) == 13 && validMod10(s) }

// validMod10 weighs the digits 3 and 1 from the right, beside the check digit.
func validMod10(s string) bool {
	sum := 0
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return false
		}
		w := 1
		if (len(s)-i)%2 == 0 {
			w = 3
		}
		sum += int(c-'0') * w
	}
	return sum%10 == 0
}

// ValidLEI checks a legal entity identifier (ISO 17442-1): 18 characters and two
// check digits, modulo 97 of ISO/IEC 7064.
func ValidLEI(s string) bool {
	if len(s) != 20 {
		return false
	}
	rest := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z' && i < 18:
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// CCCNumber is the number of a Chinese compulsory certificate. It has no check
// digit (domain.md, section 4.3).
type CCCNumber struct {
	Year   int    // year of first issue
	Body   string // two digits: the certification body
	Class  string // four digits: the product class in the catalogue
	Serial string // six digits
}

// ParseCCC reads ^(20\d\d)(\d\d)(\d{4})(\d{6})$ with a year from 2002, when the
// system began.
func ParseCCC(s string) (CCCNumber, bool) {
	if len(s) != 16 || !allDigits(s) {
		return CCCNumber{}, false
	}
	year, _ := digits(s[:4])
	n := CCCNumber{Year: year, Body: s[4:6], Class: s[6:10], Serial: s[10:]}
	return n, year >= 2002 && year <= 2099
}

// ValidCNCAApproval checks the approval number of a Chinese body,
// ^CNCA-RF?-\d{4}-\d{2,}$.
func ValidCNCAApproval(s string) bool {
	rest, ok := strings.CutPrefix(s, "CNCA-R")
	if !ok {
		return false
	}
	rest = strings.TrimPrefix(rest, "F")
	return len(rest) >= 8 && rest[0] == '-' && allDigits(rest[1:5]) && rest[5] == '-' && allDigits(rest[6:])
}

// ValidHS checks a commodity code: 4, 6, 8 or 10 digits, always a string.
func ValidHS(s string) bool {
	switch len(s) {
	case 4, 6, 8, 10:
		return allDigits(s)
	default:
		return false
	}
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

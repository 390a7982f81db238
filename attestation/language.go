package attestation

import (
	"golang.org/x/text/language"
)

// ValidLanguage checks a BCP 47 tag in the letter case of RFC 5646, section
// 2.1.1: zh-Hans-CN. Its subtags must be registered or for private use.
func ValidLanguage(s string) bool {
	switch s {
	case "und", "zh", "zh-CN", "en": // the tags of most texts; parsing costs a microsecond
		return true
	}
	if len(s) < 2 || len(s) > 64 || !caseIsCanonical(s) {
		return false
	}
	_, err := language.Raw.Parse(s)
	return err == nil
}

// caseIsCanonical: language in lower case, a script of four letters after it in
// title case, a region of two letters in upper case; after a singleton all is
// lower case. It also holds the tag to the characters of RFC 5646.
func caseIsCanonical(s string) bool {
	start, singleton := 0, false
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '-' {
			continue
		}
		sub := s[start:i]
		if len(sub) == 0 || len(sub) > 8 || !subtagCase(sub, start == 0 || singleton) {
			return false
		}
		singleton = singleton || len(sub) == 1
		start = i + 1
	}
	return true
}

// subtagCase checks one subtag; lower demands lower case whatever its length.
func subtagCase(s string, lower bool) bool {
	for i := range len(s) {
		c := s[i]
		up := !lower && (len(s) == 2 || len(s) == 4 && i == 0 && !isDigit(s[0]))
		switch {
		case isDigit(c):
		case isUpper(c) && up:
		case c >= 'a' && c <= 'z' && !up:
		default:
			return false
		}
	}
	return true
}

// covers says whether a text in language tag is one in the language want:
// mandatory "zh" is satisfied by "zh-CN".
func covers(tag, want string) bool {
	return tag == want || len(tag) > len(want) && tag[:len(want)] == want && tag[len(want)] == '-'
}

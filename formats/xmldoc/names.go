package xmldoc

import "unicode/utf8"

// What a byte may be. Bytes from 0x80 are parts of characters whose encoding
// was checked before.
const (
	isSpace     uint8 = 1 << iota // XML 1.0, production 3 (S)
	isNameStart                   // ASCII part of production 4, and every byte from 0x80
	isName                        // ASCII part of production 4a, likewise
	stopsText                     // needs a look in character data
	stopsValue                    // needs a look in an attribute value
	isForbidden                   // not a Char (production 2)
	isOdd                         // needs a look in a name: a colon, a byte from 0x80
)

// class says of each byte what it may be; it is never changed.
var class = func() (t [256]uint8) {
	for b := range 256 {
		c := byte(b)
		switch {
		case c >= 0x80:
			t[b] = isNameStart | isName | isOdd
		case c == ':':
			t[b] = isNameStart | isName | isOdd
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
			t[b] = isNameStart | isName
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[b] = isName
		case c == ' ', c == '\n', c == '\t':
			t[b] = isSpace
		case c == '\r':
			t[b] = isSpace | stopsText
		case c < 0x20:
			t[b] = isForbidden | stopsText | stopsValue
		}
	}
	for _, c := range []byte("<&]") {
		t[c] |= stopsText
	}
	for _, c := range []byte("<&\"'\t\n\r") {
		t[c] |= stopsValue
	}
	return t
}()

// nameStarts are the ranges of production 4 (NameStartChar) from U+0080.
var nameStarts = [][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D},
	{0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
	{0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

// nameOthers are the ranges that production 4a (NameChar) adds to them.
var nameOthers = [][2]rune{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}

func within(r rune, ranges [][2]rune) bool {
	for _, x := range ranges {
		if r >= x[0] && r <= x[1] {
			return true
		}
	}
	return false
}

func isNameStartRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && class[r]&isNameStart != 0
	}
	return within(r, nameStarts)
}

func isNameRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && class[r]&isName != 0
	}
	return within(r, nameStarts) || within(r, nameOthers)
}

// IsNCName reports whether s is a name without a colon (Namespaces in XML 1.0,
// production 4).
func IsNCName(s string) bool {
	if s == "" || class[s[0]]&isNameStart == 0 {
		return false
	}
	for i := range len(s) {
		if class[s[i]]&(isName|isOdd) != isName { // a colon, an octet beyond ASCII, or no name
			return isNCName(s)
		}
	}
	return true
}

func isNCName(s string) bool {
	for i, r := range s {
		switch {
		case r == ':', r == utf8.RuneError && !fullRune(s[i:]):
			return false
		case i == 0 && !isNameStartRune(r), !isNameRune(r):
			return false
		}
	}
	return s != ""
}

// fullRune reports whether s begins with a character rather than with bytes
// that are none.
func fullRune(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size > 1
}

// IsChar reports whether XML 1.0 can carry r (production 2).
func IsChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	default:
		return r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
	}
}

// IsText reports whether s is UTF-8 that XML 1.0 can carry.
func IsText(s string) bool {
	for i := range len(s) {
		// A control character, or the first octet of one beyond ASCII.
		if c := s[i]; c >= utf8.RuneSelf || class[c]&isForbidden != 0 {
			return isText(s[i:])
		}
	}
	return true
}

func isText(s string) bool {
	for i, r := range s {
		if !IsChar(r) || r == utf8.RuneError && !fullRune(s[i:]) {
			return false
		}
	}
	return true
}

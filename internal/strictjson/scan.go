package strictjson

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string without its quotes: a piece of the text when nothing in
// it is escaped.
func (r *Reader) quoted() string {
	if r.err != nil {
		return ""
	}
	from := r.pos + 1
	end := plainRun(r.text, from)
	if end < len(r.text) && r.text[end] == '"' {
		r.pos = end + 1
		return r.text[from:end]
	}
	s, end, ok := unquote(r.text, from)
	r.pos = end
	if !ok {
		r.badToken()
	}
	return s
}

// Words of eight octets that are all the same.
const (
	ones   = 0x0101010101010101
	highs  = 0x80 * ones
	blanks = ' ' * ones
	quotes = '"' * ones
	slants = '\\' * ones
)

// plainRun returns where the octets end that stand for themselves in a string:
// all but the quote, the backslash and the control characters.
func plainRun(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := word(s[i : i+8])
		// In each octet the high bit is set if it is below the blank, or zero
		// behind the exclusive or; a borrow reaches only octets above such a one.
		q, b := w^quotes, w^slants
		if stop := ((w-blanks)&^w | (q-ones)&^q | (b-ones)&^b) & highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// word reads eight octets, the first lowest; it compiles to one load.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// unquote reads a string from behind its first quote to behind its last; ok is
// false if it stops at something that may not stand there.
func unquote(text string, from int) (s string, end int, ok bool) {
	var out strings.Builder
	for {
		i := plainRun(text, from)
		if i < len(text) && text[i] == '"' && out.Len() == 0 {
			return text[from:i], i + 1, true
		}
		out.WriteString(text[from:i])
		if i >= len(text) {
			return "", i, false
		}
		if text[i] == '"' {
			return out.String(), i + 1, true
		}
		c, n := unescape(text[i:])
		if n == 0 {
			return "", i, false
		}
		out.WriteRune(c)
		from = i + n
	}
}

// unescape reads the escape at the beginning of s, a pair of surrogates as one;
// n is 0 when it is none.
func unescape(s string) (c rune, n int) {
	if len(s) < 2 || s[0] != '\\' {
		return 0, 0
	}
	switch s[1] {
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	c, ok := hexEscape(s)
	switch {
	case !ok:
		return 0, 0
	case !utf16.IsSurrogate(c):
		return c, 6
	}
	low, ok := hexEscape(s[6:])
	if c = utf16.DecodeRune(c, low); !ok || c == utf8.RuneError {
		return 0, 0
	}
	return c, 12
}

// hexEscape reads \uXXXX.
func hexEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var c rune
	for _, h := range []byte(s[2:6]) {
		switch {
		case h >= '0' && h <= '9':
			c = c<<4 | rune(h-'0')
		case h|0x20 >= 'a' && h|0x20 <= 'f':
			c = c<<4 | rune(h|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return c, true
}

// literal reads true, false or null.
func (r *Reader) literal(c byte) {
	if r.err != nil {
		return
	}
	word := ""
	switch c {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
		word = "null"
	}
	if word == "" {
		r.bad()
		return
	}
	for i := range len(word) {
		if r.pos == len(r.text) || r.text[r.pos] != word[i] {
			r.badToken()
			return
		}
		r.pos++
	}
}

// digits reads a number (RFC 8259, section 6).
func (r *Reader) digits() string {
	if r.err != nil {
		return ""
	}
	s, from := r.text, r.pos
	i, ok := from, true
	if s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else {
		i, ok = digitRun(s, i)
	}
	if ok && i < len(s) && s[i] == '.' {
		i, ok = digitRun(s, i+1)
	}
	if ok && i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		i, ok = digitRun(s, i)
	}
	if ok {
		r.pos = i
		return s[from:i]
	}
	if i < len(s) { // else it is cut off, and refused where it begins
		r.pos = i
	}
	r.badToken()
	return ""
}

// digitRun goes over digits, of which there must be one.
func digitRun(s string, i int) (end int, ok bool) {
	end = i
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return end, end > i
}

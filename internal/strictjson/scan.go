package strictjson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"accord/internal/fault"
)

// scope is an object or array that was opened.
type scope struct {
	object bool
	due    due
	count  int                 // members or elements begun
	names  int                 // where its names begin in Reader.names
	name   string              // of the member begun last
	many   map[string]struct{} // names of a large object
}

// due says what may come next in a scope.
type due uint8

const (
	dueFirst     due = iota // the first name or element, or the end
	dueDelimiter            // a comma or the end
	dueItem                 // a name or element: a comma was read
	dueColon                // a name was read
	dueValue                // a colon was read
)

func (s *scope) end() byte {
	if s.object {
		return '}'
	}
	return ']'
}

// next goes over white space and the one delimiter that may stand here and
// returns the octet that follows, without consuming it: 0 at the end of the
// text and after an error.
func (r *Reader) next() byte {
	if r.err != nil {
		return 0
	}
	c := r.blank()
	n := len(r.open) - 1
	if n < 0 {
		return c
	}
	switch s := &r.open[n]; s.due {
	case dueDelimiter:
		if c == s.end() {
			return c
		}
		if c != ',' {
			r.bad()
			return 0
		}
		s.due = dueItem
		r.pos++
		if c = r.blank(); c == '}' || c == ']' {
			r.bad() // nothing after the comma
			return 0
		}
	case dueColon:
		if c != ':' {
			r.bad()
			return 0
		}
		s.due = dueValue
		r.pos++
		c = r.blank()
	}
	return c
}

// blank goes over white space.
func (r *Reader) blank() byte {
	for ; r.pos < len(r.text); r.pos++ {
		if c := r.text[r.pos]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// nameDue says whether the next string is the name of a member.
func (r *Reader) nameDue() bool {
	n := len(r.open) - 1
	return n >= 0 && r.open[n].object && (r.open[n].due == dueFirst || r.open[n].due == dueItem)
}

// begin counts the value that begins here; it must be due.
func (r *Reader) begin() {
	if r.err != nil {
		return
	}
	n := len(r.open) - 1
	switch {
	case n < 0:
	case !r.open[n].object:
		r.open[n].count++
	case r.open[n].due != dueValue:
		r.bad() // a name is due
	}
}

// done notes that a value has ended.
func (r *Reader) done() {
	if n := len(r.open) - 1; n >= 0 {
		r.open[n].due = dueDelimiter
	}
}

// manyNames is how many names an object may have before they are looked up
// instead of compared.
const manyNames = 24

// named books the name of a member, which must be new in its object.
func (r *Reader) named(name string) {
	s := &r.open[len(r.open)-1]
	s.count++
	s.name, s.due = name, dueColon
	own := r.names[s.names:]
	twice := false
	switch {
	case s.many != nil:
		_, twice = s.many[name]
		s.many[name] = struct{}{}
	case len(own) == manyNames:
		s.many = make(map[string]struct{}, 4*manyNames)
		for _, n := range own {
			s.many[n] = struct{}{}
		}
		_, twice = s.many[name]
		s.many[name] = struct{}{}
	default:
		for _, n := range own {
			if n == name {
				twice = true
				break
			}
		}
		r.names = append(r.names, name)
	}
	if twice {
		r.Fail(fault.At(fault.JSONDuplicateMember, r.Pointer(), "member name used twice in one object"))
	}
}

// plain are the octets that stand for themselves in a string.
var plain = func() (set [256]bool) {
	for c := range set {
		set[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return set
}()

// quoted reads a string without its quotes: a piece of the text when nothing in
// it is escaped.
func (r *Reader) quoted() string {
	if r.err != nil {
		return ""
	}
	from := r.pos + 1
	i := from
	for i < len(r.text) && plain[r.text[i]] {
		i++
	}
	if i < len(r.text) && r.text[i] == '"' {
		r.pos = i + 1
		return r.text[from:i]
	}
	return r.escaped(from, i)
}

// escaped goes on where the first octet stands that is not plain.
func (r *Reader) escaped(from, i int) string {
	var out strings.Builder
	for {
		out.WriteString(r.text[from:i])
		if i >= len(r.text) {
			r.pos = i
			r.bad()
			return ""
		}
		switch r.text[i] {
		case '"':
			r.pos = i + 1
			return out.String()
		case '\\':
			c, n := unescape(r.text[i:])
			if n == 0 {
				r.pos = i
				r.bad()
				return ""
			}
			out.WriteRune(c)
			i += n
		default: // a control character
			r.pos = i
			r.bad()
			return ""
		}
		for from = i; i < len(r.text) && plain[r.text[i]]; {
			i++
		}
	}
}

// escapes are those of one letter.
var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape reads the escape at the beginning of s, a pair of surrogates as one;
// n is 0 when it is none.
func unescape(s string) (c rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if c, ok := escapes[s[1]]; ok {
		return c, 2
	}
	c, ok := hexEscape(s)
	if !ok || !utf16.IsSurrogate(c) {
		if !ok {
			return 0, 0
		}
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
	if word == "" || !strings.HasPrefix(r.text[r.pos:], word) {
		r.bad()
		return
	}
	r.pos += len(word)
}

// digits reads a number (RFC 8259, section 6).
func (r *Reader) digits() string {
	if r.err != nil {
		return ""
	}
	s, i := r.text, r.pos
	run := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	take := func(set string) bool {
		if i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
			i++
			return true
		}
		return false
	}
	take("-")
	ok := take("0") || run()
	if ok && take(".") {
		ok = run()
	}
	if ok && take("eE") {
		take("+-")
		ok = run()
	}
	if !ok {
		r.pos = i
		r.bad()
		return ""
	}
	from := r.pos
	r.pos = i
	return s[from:i]
}

// bad makes the place where the Reader stands its error: what is missing after
// a value is missing in the object or array around it.
func (r *Reader) bad() {
	if r.err != nil {
		return
	}
	at := r.open
	if n := len(at); n > 0 && at[n-1].due == dueDelimiter {
		at = at[:n-1]
	}
	if surrogateEscape(r.text[min(r.pos, len(r.text)):]) {
		r.err = fault.At(fault.JSONInvalidUnicode, pointer(at), "half of a surrogate pair")
		return
	}
	f := fault.Newf(fault.JSONSyntax, "not JSON at octet %d", r.pos)
	f.At = pointer(at)
	r.err = f
}

package strictjson

import (
	"strconv"

	"accord/internal/fault"
)

// scope is an object or array that was opened, or the text itself. It holds no
// pointers, so that to open and to leave one is to move some words.
type scope struct {
	object bool
	end    byte   // of the object or array
	large  bool   // its names stand in Reader.large
	due    due    // what may come next
	after  due    // what comes due behind a value
	next   uint8  // rank of the name that Member looks for first
	count  int    // members or elements begun
	names  int    // where its names begin in Reader.names
	name   int    // where the name of the member begun last stands in the text, behind its quote
	seen   uint64 // the members of Names that Member found
}

// due says what may come next in a scope.
type due uint8

const (
	dueFirst     due = iota // the first name or element, or the end
	dueItem                 // a name or element: a comma was read
	dueValue                // a value: a colon was read, or it is that of the text
	dueDelimiter            // a comma or the end
	dueColon                // a name was read
	dueNothing              // there was an error
)

// push enters an object or array. Both brackets end two octets behind where
// they open.
func (r *Reader) push(open byte) {
	r.open = append(r.open, r.cur)
	r.cur = scope{object: open == '{', end: open + '}' - '{', after: dueDelimiter, names: len(r.names)}
}

// pop leaves the object or array for the one around it.
func (r *Reader) pop() {
	if r.cur.large {
		delete(r.large, len(r.open))
	}
	r.names = r.names[:r.cur.names]
	n := len(r.open) - 1
	r.cur = r.open[n]
	r.open = r.open[:n]
}

// next goes over white space and the one delimiter that may stand here and
// returns the octet that follows, without consuming it: 0 at the end of the
// text and after an error.
func (r *Reader) next() byte {
	if r.pos < len(r.text) {
		c := r.text[r.pos]
		if r.cur.due <= dueValue && c > ' ' {
			return c
		}
		if r.cur.due == dueDelimiter && c == r.cur.end {
			return c
		}
	}
	return r.delimited()
}

// delimited is next where more than an octet has to be looked at.
func (r *Reader) delimited() byte {
	if r.err != nil {
		return 0
	}
	c := r.blank()
	switch r.cur.due {
	case dueDelimiter:
		if c == r.cur.end {
			return c
		}
		if c != ',' {
			r.bad()
			return 0
		}
		r.cur.due = dueItem
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
		r.cur.due = dueValue
		r.pos++
		c = r.blank()
	default:
		// Nothing stands before what is due.
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
func (r *Reader) nameDue() bool { return r.cur.object && r.cur.due <= dueItem }

// begin counts the value that begins here; it must be due.
func (r *Reader) begin() {
	switch {
	case r.cur.due == dueValue:
	case r.cur.object:
		r.bad() // a name is due
	default:
		r.cur.count++
	}
}

// done notes that a value has ended.
func (r *Reader) done() {
	if r.err == nil {
		r.cur.due = r.cur.after
	}
}

// bareName reads the name of a member and does not look whether it is new.
func (r *Reader) bareName() string {
	if c := r.next(); c != '"' || !r.nameDue() {
		r.bad()
		return ""
	}
	from := r.pos + 1
	s := r.quoted()
	if r.err == nil {
		r.member(from)
		r.cur.due = dueColon
	}
	return s
}

// member begins the member whose name stands in the text from an octet on.
func (r *Reader) member(name int) {
	r.cur.count++
	r.cur.name = name
}

// manyNames is how many names an object may have before they are looked up
// instead of compared.
const manyNames = 24

// named books the name of a member, which must be new in its object.
func (r *Reader) named(name string) {
	if r.isTwin(name) {
		r.twice()
	}
}

func (r *Reader) isTwin(name string) bool {
	own := r.names[r.cur.names:]
	if !r.cur.large && len(own) < manyNames {
		for _, n := range own {
			if n == name {
				return true
			}
		}
		r.names = append(r.names, name)
		return false
	}
	depth := len(r.open)
	if !r.cur.large {
		if r.large == nil {
			r.large = map[int]map[string]struct{}{}
		}
		r.cur.large = true
		r.large[depth] = make(map[string]struct{}, 4*manyNames)
		for _, n := range own {
			r.large[depth][n] = struct{}{}
		}
	}
	_, twin := r.large[depth][name]
	r.large[depth][name] = struct{}{}
	return twin
}

func (r *Reader) twice() {
	r.Fail(fault.At(fault.JSONDuplicateMember, r.Pointer(), "member name used twice in one object"))
}

// pointer returns the JSON Pointer to where the outer scopes stand, as many as
// depth, not counting the text.
func (r *Reader) pointer(depth int) string {
	var out []byte
	for i := 1; i <= depth; i++ {
		s := &r.cur
		if i < len(r.open) {
			s = &r.open[i]
		}
		if s.count == 0 {
			break // nothing of it was read
		}
		out = append(out, '/')
		if s.object {
			out = r.appendStep(out, s)
		} else {
			out = strconv.AppendInt(out, int64(s.count-1), 10)
		}
	}
	return string(out)
}

// appendStep appends the name of the member that was begun last, as RFC 6901,
// section 3, wants it.
func (r *Reader) appendStep(out []byte, s *scope) []byte {
	name, _, _ := unquote(r.text, s.name)
	for _, c := range []byte(name) {
		switch c {
		case '~':
			out = append(out, '~', '0')
		case '/':
			out = append(out, '~', '1')
		default:
			out = append(out, c)
		}
	}
	return out
}

// bad makes the place where the Reader stands its error: what is missing after
// a value is missing in the object or array around it.
func (r *Reader) bad() {
	if r.err != nil {
		return
	}
	depth := len(r.open)
	if depth > 0 && r.cur.due == dueDelimiter {
		depth--
	}
	at := r.pointer(depth)
	if surrogateEscape(r.text[min(r.pos, len(r.text)):]) {
		r.Fail(fault.At(fault.JSONInvalidUnicode, at, "half of a surrogate pair"))
		return
	}
	f := fault.Newf(fault.JSONSyntax, "not JSON at octet %d", r.pos)
	f.At = at
	r.Fail(f)
}

package strictjson

import (
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
	count  int    // names read, or elements that ended or were entered
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
	if !r.cur.object {
		r.cur.count++
	}
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
	r.cur.due = r.cur.after
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
		if c == '}' || c == ']' {
			return c
		}
		if c != ',' {
			r.badDelimiter()
			return 0
		}
		comma := r.pos
		r.pos++
		if c = r.blank(); c == '}' || c == ']' {
			r.pos = comma // nothing follows it
			r.badDelimiter()
			return 0
		}
		r.cur.due = dueItem
	case dueColon:
		if c != ':' {
			r.badDelimiter()
			return 0
		}
		r.pos++
		r.cur.due = dueValue
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

// begin holds that a value is due.
func (r *Reader) begin() {
	if r.cur.object && r.cur.due != dueValue {
		r.bad() // a name is due
	}
}

// done notes that a value has ended that is neither object nor array.
func (r *Reader) done() {
	if r.err == nil {
		if !r.cur.object {
			r.cur.count++
		}
		r.cur.due = r.cur.after
	}
}

// bareName reads the name of a member and does not look whether it is new.
func (r *Reader) bareName() string {
	c := r.next()
	if c != '"' || !r.nameDue() {
		r.notName(c)
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

// notName refuses what stands where a name is due: for what it is, if it is
// nothing whole.
func (r *Reader) notName(c byte) {
	from := r.pos
	switch {
	case c == '-' || c >= '0' && c <= '9':
		r.digits()
	case c == 't' || c == 'f' || c == 'n':
		r.literal(c)
	}
	r.pos = from
	r.bad()
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

package strictjson

import (
	"strconv"
	"strings"

	"accord/internal/fault"
)

// place says which value a pointer is to name.
type place uint8

const (
	readLast    place = iota // the value or name that was read last
	whatAwaits               // the value whose name was read, or what is around
	whatIsBegun              // the value that is next
)

// pointer returns the JSON Pointer (RFC 6901) of a place.
func (r *Reader) pointer(at place) string {
	if len(r.open) == 0 {
		return ""
	}
	var out []byte
	for i := 1; i < len(r.open); i++ {
		s := &r.open[i]
		out = r.appendStep(out, s, s.count-1)
	}
	s := &r.cur
	index, named := s.count-1, s.count > 0
	switch {
	case at == readLast:
		// The name or element that was counted last.
	case s.object:
		named = s.due == dueColon || s.due == dueValue
	case at == whatAwaits:
		named = false
	default:
		index, named = s.count, true
	}
	if named {
		out = r.appendStep(out, s, index)
	}
	return string(out)
}

// appendStep appends the step into a scope: the name of its member, as section 3
// of RFC 6901 wants it, or an index.
func (r *Reader) appendStep(out []byte, s *scope, index int) []byte {
	out = append(out, '/')
	if !s.object {
		return strconv.AppendInt(out, int64(index), 10)
	}
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

// bad refuses what stands where a name or value is due.
func (r *Reader) bad() {
	switch {
	case r.err != nil:
		// The first error stays.
	case r.pos >= len(r.text) && len(r.open) == 0:
		r.Fail(fault.New(fault.JSONEmpty, "no JSON value"))
	case r.pos >= len(r.text), r.isMisplaced(r.text[r.pos]):
		r.badDelimiter()
	case r.isMismatch(r.text[r.pos]):
		r.badEnd()
	default:
		r.badToken()
	}
}

// isMisplaced says whether c is a delimiter where none is due. Behind one that
// was due a second is but a bad value.
func (r *Reader) isMisplaced(c byte) bool {
	return (c == ',' || c == ':') && (r.cur.due == dueFirst || len(r.open) == 0)
}

func (r *Reader) isMismatch(c byte) bool {
	return (c == '}' || c == ']') && c != r.cur.end
}

// badDelimiter refuses what stands between two values.
func (r *Reader) badDelimiter() { r.refuse(r.pointer(whatAwaits)) }

// badToken refuses what began as a value.
func (r *Reader) badToken() { r.refuse(r.pointer(whatIsBegun)) }

// badEnd refuses the end of another kind than what was opened.
func (r *Reader) badEnd() {
	at := r.pointer(whatIsBegun)
	if i := strings.LastIndexByte(at, '/'); i >= 0 && r.cur.count > 0 {
		at = at[:i] // what is around has no such end
	}
	r.refuse(at)
}

// refuse makes the octet where the Reader stands its error. What has no place of
// its own is said to be where the Reader was.
func (r *Reader) refuse(at string) {
	if r.err != nil {
		return
	}
	if at == "" {
		at = r.pointer(readLast)
	}
	if surrogateEscape(r.text[min(r.pos, len(r.text)):]) {
		r.Fail(fault.At(fault.JSONInvalidUnicode, at, "half of a surrogate pair"))
		return
	}
	f := fault.Newf(fault.JSONSyntax, "not JSON at octet %d", r.pos)
	f.At = at
	r.Fail(f)
}

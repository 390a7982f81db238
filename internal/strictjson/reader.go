package strictjson

import (
	"strconv"
	"strings"

	"accord/internal/fault"
)

// Kind is the kind of a JSON value by its first octet; every number is '0'.
type Kind byte

// The kinds of values. [None] comes before the end of an object or array, at
// the end of the text, and after an error.
const (
	None   Kind = 0
	Object Kind = '{'
	Array  Kind = '['
	String Kind = '"'
	Number Kind = '0'
	True   Kind = 't'
	False  Kind = 'f'
	Null   Kind = 'n'
)

// Reader reads one JSON text token by token under [Limits]. Its first error
// stays: every later call does nothing, [Reader.More] is false, and
// [Reader.Finish] returns it, so that a decoder need not look after each token.
//
// Strings share the memory of one copy of the text. A Reader is for one
// goroutine.
type Reader struct {
	text    string // copy of the source, so that strings need no copy each
	pos     int    // of the next octet
	lim     Limits
	members int
	err     error

	open  []scope  // the objects and arrays around pos
	names []string // of the members read so far, of all open objects

	openRoom  [12]scope // where open and names begin
	namesRoom [32]string
}

// NewReader returns a Reader of src. What is wrong with the text as a whole
// (size, byte order mark, encoding) is the Reader's first error. src must not
// change while the Reader is in use.
func NewReader(src []byte, lim Limits) *Reader {
	r := &Reader{lim: lim}
	if r.err = checkText(src, lim); r.err != nil {
		return r
	}
	if r.lim.Depth == 0 {
		r.lim.Depth = deepest
	}
	r.text = string(src)
	r.open, r.names = r.openRoom[:0], r.namesRoom[:0]
	return r
}

// deepest bounds the nesting where no limit is given: who decodes recurses.
const deepest = 10_000

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Fail makes err the Reader's error unless it has one. A decoder uses it to
// stop reading.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Kind returns the kind of the next value without consuming it.
func (r *Reader) Kind() Kind {
	switch c := r.next(); c {
	case '{', '[', '"', 't', 'f', 'n':
		return Kind(c)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return Number
	case '}', ']':
		return None
	default:
		r.bad()
		return None
	}
}

// Open enters the object or array that is next.
func (r *Reader) Open() {
	c := r.next()
	if c != '{' && c != '[' {
		r.bad()
		return
	}
	r.begin()
	r.pos++
	r.open = append(r.open, scope{object: c == '{', names: len(r.names)})
	if len(r.open) > r.lim.Depth {
		r.Fail(fault.At(fault.JSONDepth, r.Pointer(), "nested too deeply"))
	}
}

// More reports whether the object or array that was opened has a further
// member or element, and counts it against the limit.
func (r *Reader) More() bool {
	c := r.next()
	if r.err != nil || c == '}' || c == ']' {
		return false
	}
	r.members++
	if r.lim.Members > 0 && r.members > r.lim.Members {
		r.err = fault.At(fault.JSONTooManyMembers, r.Pointer(), "too many members and elements")
	} else if c == 0 {
		r.bad()
	}
	return r.err == nil
}

// Close leaves the object or array.
func (r *Reader) Close() {
	c := r.next()
	if r.err != nil {
		return
	}
	n := len(r.open) - 1
	if n < 0 || c != r.open[n].end() {
		r.bad()
		return
	}
	r.pos++
	r.names = r.names[:r.open[n].names]
	r.open = r.open[:n]
	r.done()
}

// Name returns the name of the next member.
func (r *Reader) Name() string {
	if c := r.next(); c != '"' || !r.nameDue() {
		r.bad()
		return ""
	}
	s := r.quoted()
	if r.err == nil {
		r.named(s)
	}
	return s
}

// String returns the string that is next. The caller has looked at
// [Reader.Kind].
func (r *Reader) String() string {
	if c := r.next(); c != '"' {
		r.bad()
		return ""
	}
	r.begin()
	s := r.quoted()
	r.done()
	return s
}

// Bool returns the boolean that is next.
func (r *Reader) Bool() bool {
	c := r.next()
	r.begin()
	r.literal(c)
	r.done()
	return r.err == nil && c == 't'
}

// Number returns the number that is next as it is written, within the range of
// a double (json.number_range).
func (r *Reader) Number() string {
	s := r.Lexical()
	if r.err == nil && !exactDouble(s) {
		r.err = fault.At(fault.JSONNumberRange, r.Pointer(),
			"a number that a double cannot hold exactly; give it as a string")
	}
	return s
}

// Lexical returns the number that is next as it is written, whatever its range,
// for who keeps the text and does not calculate.
func (r *Reader) Lexical() string {
	if r.Kind() != Number {
		r.bad()
		return ""
	}
	r.begin()
	s := r.digits()
	r.done()
	return s
}

// Skip reads over the next value, under the same rules as all the rest.
func (r *Reader) Skip() {
	switch r.Kind() {
	case Object:
		r.Open()
		for r.More() {
			r.Name()
			r.Skip()
		}
		r.Close()
	case Array:
		r.Open()
		for r.More() {
			r.Skip()
		}
		r.Close()
	case Number:
		r.Number()
	case None:
		r.bad()
	case String:
		_ = r.String()
	default:
		r.Bool()
	}
}

// Raw reads over the next value and returns it as it is written; the result
// shares memory with the copy of the text.
func (r *Reader) Raw() string {
	if r.Kind() == None {
		return ""
	}
	from := r.pos
	r.Skip()
	if r.err != nil {
		return ""
	}
	return r.text[from:r.pos]
}

// Pointer returns the JSON Pointer (RFC 6901) of the value or name that was
// read last.
func (r *Reader) Pointer() string { return pointer(r.open) }

func pointer(open []scope) string {
	var out []byte
	for i := range open {
		s := &open[i]
		if s.count == 0 {
			break // nothing of it was read
		}
		out = append(out, '/')
		if !s.object {
			out = strconv.AppendInt(out, int64(s.count-1), 10)
			continue
		}
		for _, c := range []byte(s.name) {
			switch c {
			case '~':
				out = append(out, '~', '0')
			case '/':
				out = append(out, '~', '1')
			default:
				out = append(out, c)
			}
		}
	}
	return string(out)
}

// Finish demands that nothing but white space follows and returns the first
// error.
func (r *Reader) Finish() error {
	if r.err != nil {
		return r.err
	}
	rest := r.text[r.pos:]
	if rest != "" && r.pos > 0 && wordByte(rest[0]) && wordByte(r.text[r.pos-1]) {
		// One word that starts like a number or literal: 01, nulls.
		r.err = fault.Newf(fault.JSONSyntax, "not JSON at octet %d", r.pos)
	} else if strings.TrimLeft(rest, " \t\r\n") != "" {
		r.err = fault.New(fault.JSONTrailingData, "data follow the JSON value")
	}
	return r.err
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.'
}

package strictjson

import (
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
// Strings share the memory of one copy of the text: whoever keeps one of them
// for long keeps the text, and should clone it instead. A Reader is for one
// goroutine.
type Reader struct {
	text    string // copy of the source, so that strings need no copy each
	err     error
	open    []scope                     // the scopes around cur; the first is the text itself
	names   []string                    // of members of all open objects, to find doubles
	large   map[int]map[string]struct{} // instead, of objects with many, by depth
	cur     scope                       // where pos is
	pos     int                         // of the next octet
	lim     Limits
	members int

	namesRoom [12]string // where names and open begin
	openRoom  [12]scope
}

// NewReader returns a Reader of src. What is wrong with the text as a whole
// (size, byte order mark, encoding) is the Reader's first error. src must not
// change while the Reader is in use.
func NewReader(src []byte, lim Limits) *Reader {
	r := &Reader{lim: lim, cur: scope{due: dueValue, after: dueValue}}
	if err := checkText(src, lim); err != nil {
		r.Fail(err)
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
		r.cur.due = dueNothing
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
	if r.err != nil {
		return
	}
	r.pos++
	r.push(c)
	if len(r.open) > r.lim.Depth {
		r.Fail(fault.At(fault.JSONDepth, r.Pointer(), "nested too deeply"))
	}
}

// More reports whether the object or array that was opened has a further
// member or element, and counts it against the limit.
func (r *Reader) More() bool {
	failed := r.err != nil
	c := r.next()
	if failed || c == '}' || c == ']' {
		return false
	}
	r.members++
	if r.lim.Members > 0 && r.members > r.lim.Members {
		// Said of whatever is one too many, were it no JSON.
		r.err = nil
		r.Fail(fault.At(fault.JSONTooManyMembers, r.Pointer(), "too many members and elements"))
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
	if len(r.open) == 0 || c != r.cur.end {
		r.bad()
		return
	}
	r.pos++
	r.pop()
}

// Name returns the name of the next member.
func (r *Reader) Name() string {
	s := r.bareName()
	if r.err == nil {
		r.named(s)
	}
	return s
}

// String returns the string that is next. The caller has looked at
// [Reader.Kind].
func (r *Reader) String() string {
	s, ok := r.Text()
	if !ok {
		r.bad()
	}
	return s
}

// Text is [Reader.Kind] and [Reader.String] in one: if a value of another kind
// is next, ok is false and it is still next.
func (r *Reader) Text() (s string, ok bool) {
	if r.next() != '"' {
		return "", false
	}
	r.begin()
	s = r.quoted()
	r.done()
	return s, r.err == nil
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
		r.Fail(fault.At(fault.JSONNumberRange, r.Pointer(),
			"a number that a double cannot hold exactly; give it as a string"))
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
func (r *Reader) Pointer() string { return r.pointer(readLast) }

// Finish demands that nothing but white space follows and returns the first
// error.
func (r *Reader) Finish() error {
	if r.err != nil {
		return r.err
	}
	rest := r.text[r.pos:]
	if rest != "" && r.pos > 0 && wordByte(rest[0]) && wordByte(r.text[r.pos-1]) {
		// One word that starts like a number or literal: 01, nulls.
		r.Fail(fault.Newf(fault.JSONSyntax, "not JSON at octet %d", r.pos))
	} else if strings.TrimLeft(rest, " \t\r\n") != "" {
		r.Fail(fault.New(fault.JSONTrailingData, "data follow the JSON value"))
	}
	return r.err
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.'
}

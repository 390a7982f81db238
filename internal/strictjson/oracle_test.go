package strictjson

import (
	"bytes"
	"io"
	"strings"

	"accord/internal/fault"

	"github.com/go-json-experiment/json/jsontext"
)

// oracle is the second implementation that Reader is held against: the same
// interface on jsontext.
type oracle struct {
	dec     *jsontext.Decoder
	text    string // copy of the source, so that strings need no copy each
	lim     Limits
	members int
	err     error
}

// newOracle returns a oracle of src. What is wrong with the text as a whole
// (size, byte order mark, encoding) is the oracle's first error. src must not
// change while the oracle is in use.
func newOracle(src []byte, lim Limits) *oracle {
	r := &oracle{lim: lim}
	if r.err = checkText(src, lim); r.err != nil {
		return r
	}
	r.text = string(src)
	r.dec = jsontext.NewDecoder(bytes.NewBuffer(src))
	return r
}

// Err returns the first error.
func (r *oracle) Err() error { return r.err }

// Fail makes err the oracle's error unless it has one. A decoder uses it to
// stop reading.
func (r *oracle) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Kind returns the kind of the next value without consuming it.
func (r *oracle) Kind() Kind {
	if r.err != nil {
		return None
	}
	switch k := r.dec.PeekKind(); k {
	case '{', '[', '"', '0', 't', 'f', 'n':
		return Kind(k)
	case '}', ']':
		return None
	default:
		// The error behind an invalid kind shows on reading.
		if _, err := r.dec.ReadToken(); err != nil {
			r.err = r.classify(err)
		}
		return None
	}
}

// Open enters the object or array that is next.
func (r *oracle) Open() {
	r.token()
	if r.err == nil && r.lim.Depth > 0 && r.dec.StackDepth() > r.lim.Depth {
		r.err = fault.At(fault.JSONDepth, r.Pointer(), "nested too deeply")
	}
}

// More reports whether the object or array that was opened has a further
// member or element, and counts it against the limit.
func (r *oracle) More() bool {
	if r.err != nil {
		return false
	}
	if k := r.dec.PeekKind(); k == '}' || k == ']' {
		return false
	}
	r.members++
	if r.lim.Members > 0 && r.members > r.lim.Members {
		r.err = fault.At(fault.JSONTooManyMembers, r.Pointer(), "too many members and elements")
		return false
	}
	return true
}

// Close leaves the object or array.
func (r *oracle) Close() { r.token() }

// Name returns the name of the next member.
func (r *oracle) Name() string { return r.string() }

// String returns the string that is next. The caller has looked at
// [oracle.Kind].
func (r *oracle) String() string { return r.string() }

// Bool returns the boolean that is next.
func (r *oracle) Bool() bool {
	t := r.token()
	return r.err == nil && t.Kind() == 't'
}

// Number returns the number that is next as it is written, within the range of
// a double (json.number_range).
func (r *oracle) Number() string {
	s := r.Lexical()
	if r.err == nil && !exactDouble(s) {
		r.err = fault.At(fault.JSONNumberRange, r.Pointer(),
			"a number that a double cannot hold exactly; give it as a string")
	}
	return s
}

// Lexical returns the number that is next as it is written, whatever its range,
// for who keeps the text and does not calculate.
func (r *oracle) Lexical() string {
	v := r.value()
	if r.err != nil {
		return ""
	}
	end := int(r.dec.InputOffset())
	return r.text[end-len(v) : end]
}

// Skip reads over the next value, under the same rules as all the rest.
func (r *oracle) Skip() {
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
		if r.err == nil {
			r.token()
		}
	default:
		r.value()
	}
}

// Raw reads over the next value and returns it as it is written; the result
// shares memory with the copy of the text.
func (r *oracle) Raw() string {
	if r.Kind() == None {
		return ""
	}
	from := int(r.dec.InputOffset())
	r.Skip()
	if r.err != nil {
		return ""
	}
	// Between the last token and the value stand only white space and one
	// delimiter.
	return strings.TrimLeft(r.text[from:r.dec.InputOffset()], " \t\r\n:,")
}

// Pointer returns the JSON Pointer (RFC 6901) of the value or name that was
// read last.
func (r *oracle) Pointer() string {
	if r.dec == nil {
		return ""
	}
	return string(r.dec.StackPointer())
}

// Finish demands that nothing but white space follows and returns the first
// error.
func (r *oracle) Finish() error {
	if r.err != nil {
		return r.err
	}
	end := r.dec.InputOffset()
	rest := r.text[end:]
	if rest != "" && end > 0 && wordByte(rest[0]) && wordByte(r.text[end-1]) {
		// One word that starts like a number or literal: 01, nulls.
		r.err = fault.Newf(fault.JSONSyntax, "not JSON at octet %d", end)
	} else if strings.TrimLeft(rest, " \t\r\n") != "" {
		r.err = fault.New(fault.JSONTrailingData, "data follow the JSON value")
	}
	return r.err
}

func (r *oracle) token() jsontext.Token {
	if r.err != nil {
		return jsontext.Token{}
	}
	t, err := r.dec.ReadToken()
	if err != nil {
		r.err = r.classify(err)
	}
	return t
}

func (r *oracle) value() jsontext.Value {
	if r.err != nil {
		return nil
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		r.err = r.classify(err)
	}
	return v
}

// string returns the next string without its quotes: a piece of the text when
// nothing in it is escaped.
func (r *oracle) string() string {
	v := r.value()
	if r.err != nil {
		return ""
	}
	if bytes.IndexByte(v, '\\') < 0 {
		end := int(r.dec.InputOffset())
		return r.text[end-len(v)+1 : end-1]
	}
	out, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		r.err = r.classify(err)
		return ""
	}
	return string(out)
}

func (r *oracle) classify(err error) error {
	if err == io.EOF {
		return fault.New(fault.JSONEmpty, "no JSON value")
	}
	return classify(err, r.text, r.Pointer())
}

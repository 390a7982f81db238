package jsondoc

import (
	"slices"
	"strings"

	"accord/internal/strictjson"
)

// Value is one JSON value with all that is inside of it. The zero Value is not
// one; a Value is made by [Parse] or with its Kind.
type Value struct {
	Kind     strictjson.Kind
	Text     string   // of a string: its characters; of a number: its digits as written
	Members  []Member // of an object, in order
	Elements []Value  // of an array
}

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// Member returns the member of an object by its exact name, nil if there is
// none or v is no object.
func (v *Value) Member(name string) *Value {
	i := slices.IndexFunc(v.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &v.Members[i].Value
}

// Parse reads one JSON text under the default limits. Its errors have json.*
// codes and a JSON Pointer.
func Parse(src []byte) (*Value, error) {
	return ParseLimited(src, strictjson.DefaultLimits())
}

// ParseLimited is [Parse] under other limits.
func ParseLimited(src []byte, lim strictjson.Limits) (*Value, error) {
	r := strictjson.NewReader(src, lim)
	v := read(r)
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return &v, nil
}

// read reads the value that is next. The Reader bounds the depth.
func read(r *strictjson.Reader) Value {
	v := Value{Kind: r.Kind()}
	switch v.Kind {
	case strictjson.Object:
		r.Open()
		for r.More() {
			name := r.Name()
			v.Members = append(v.Members, Member{name, read(r)})
		}
		r.Close()
	case strictjson.Array:
		r.Open()
		for r.More() {
			v.Elements = append(v.Elements, read(r))
		}
		r.Close()
	case strictjson.String:
		v.Text = r.String()
	case strictjson.Number:
		v.Text = r.Lexical()
	default:
		r.Skip() // true, false, null, or the error
	}
	return v
}

// Append appends v without white space, in its own order and with its own
// digits.
func (v *Value) Append(dst []byte) []byte {
	switch v.Kind {
	case strictjson.Object:
		dst = append(dst, '{')
		for i := range v.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(strictjson.AppendString(dst, v.Members[i].Name), ':')
			dst = v.Members[i].Value.Append(dst)
		}
		return append(dst, '}')
	case strictjson.Array:
		dst = append(dst, '[')
		for i := range v.Elements {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.Elements[i].Append(dst)
		}
		return append(dst, ']')
	case strictjson.String:
		return strictjson.AppendString(dst, v.Text)
	case strictjson.Number:
		return append(dst, v.Text...)
	case strictjson.True:
		return append(dst, "true"...)
	case strictjson.False:
		return append(dst, "false"...)
	default:
		return append(dst, "null"...)
	}
}

// Canonical returns the RFC 8785 form. A number that a double cannot hold
// exactly has none (json.number_range).
func (v *Value) Canonical() ([]byte, error) { return strictjson.Canonical(v.Append(nil)) }

// Escape returns a member name as a step of a JSON Pointer (RFC 6901, section
// 3), with the slash before it.
func Escape(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// At returns the value that a JSON Pointer leads to, nil if there is none.
func (v *Value) At(pointer string) *Value {
	if pointer == "" {
		return v
	}
	if pointer[0] != '/' {
		return nil
	}
	step, rest, more := strings.Cut(pointer[1:], "/")
	if more {
		rest = "/" + rest
	}
	var next *Value
	if v.Kind == strictjson.Array {
		if i, ok := index(step); ok && i < len(v.Elements) {
			next = &v.Elements[i]
		}
	} else {
		next = v.Member(strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
	}
	if next == nil {
		return nil
	}
	return next.At(rest)
}

// index reads an array index: digits without a leading zero (RFC 6901, section
// 4). The limits on elements keep it small.
func index(s string) (int, bool) {
	if s == "" || len(s) > 6 || s[0] == '0' && s != "0" {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

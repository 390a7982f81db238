package attestation

import (
	"strconv"

	"accord/internal/strictjson"
)

// The writers below stand for RFC 8785, section 3.2.3: the members of each
// object are written in the order of their names, and a member that is absent
// is left out. Required members are written even when they are empty, so that
// the form of an invalid document is still JSON. Writing it by hand saves the
// reflection and the sorting that a general canonicaliser needs; a test
// compares the two.

// open begins an object or array; the comma after it is taken out by next.
func open(b []byte, c byte) []byte { return append(b, c) }

// shut ends an object or array in place of the last comma.
func shut(b []byte, c byte) []byte {
	if last := len(b) - 1; b[last] == ',' {
		b[last] = c
		return b
	}
	return append(b, c)
}

// member begins a member; name has its quotes and colon: `"name":`.
func member(b []byte, name string) []byte { return append(b, name...) }

// str writes a required string member.
func str[S ~string](b []byte, name string, v S) []byte {
	return append(strictjson.AppendString(member(b, name), string(v)), ',')
}

// optStr writes a string member unless it is empty.
func optStr[S ~string](b []byte, name string, v S) []byte {
	if v == "" {
		return b
	}
	return str(b, name, v)
}

func integer(b []byte, name string, v int) []byte {
	return append(strconv.AppendInt(member(b, name), int64(v), 10), ',')
}

func optInteger(b []byte, name string, v *int) []byte {
	if v == nil {
		return b
	}
	return integer(b, name, *v)
}

func flag(b []byte, name string, v Flag) []byte {
	switch v {
	case True:
		return append(member(b, name), "true,"...)
	case False:
		return append(member(b, name), "false,"...)
	default:
		return b
	}
}

// list writes a required array.
func list[T any](b []byte, name string, v []T, item func([]byte, *T) []byte) []byte {
	b = open(member(b, name), '[')
	for i := range v {
		b = append(item(b, &v[i]), ',')
	}
	return append(shut(b, ']'), ',')
}

// optList writes an array unless it is empty.
func optList[T any](b []byte, name string, v []T, item func([]byte, *T) []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return list(b, name, v, item)
}

// optStrings writes an array of strings unless it is empty.
func optStrings[S ~string](b []byte, name string, v []S) []byte {
	if len(v) == 0 {
		return b
	}
	b = open(member(b, name), '[')
	for _, s := range v {
		b = append(strictjson.AppendString(b, string(s)), ',')
	}
	return append(shut(b, ']'), ',')
}

// opt writes an object unless it is absent.
func opt[T any](b []byte, name string, v *T, object func([]byte, *T) []byte) []byte {
	if v == nil {
		return b
	}
	return append(object(member(b, name), v), ',')
}

// one writes a required object.
func one[T any](b []byte, name string, v *T, object func([]byte, *T) []byte) []byte {
	return append(object(member(b, name), v), ',')
}

// text writes texts unless there are none.
func text(b []byte, name string, v LText) []byte { return optList(b, name, v, appendText) }

// texts writes an array of texts unless it is empty.
func texts(b []byte, name string, v []LText) []byte { return optList(b, name, v, appendLText) }

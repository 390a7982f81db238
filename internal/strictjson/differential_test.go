package strictjson

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tokens is what Reader and oracle have in common.
type tokens interface {
	Kind() Kind
	Open()
	More() bool
	Close()
	Name() string
	String() string
	Bool() bool
	Lexical() string
	Skip()
	Raw() string
	Pointer() string
	Finish() error
}

// walk reads everything and writes down what it saw, with the pointer of each
// value.
func walk(r tokens, out *strings.Builder) {
	k := r.Kind()
	out.WriteByte(byte(k))
	switch k {
	case Object:
		r.Open()
		for r.More() {
			out.WriteString(r.Name() + "=")
			walk(r, out)
		}
		r.Close()
	case Array:
		r.Open()
		for r.More() {
			walk(r, out)
		}
		r.Close()
	case String:
		out.WriteString(r.String())
	case Number:
		out.WriteString(r.Lexical())
	case True, False:
		r.Bool()
	default:
		r.Skip()
	}
	out.WriteString(" " + r.Pointer() + "\n")
}

// someNames are some of the names in corners and documents; what else stands
// there is unknown to them.
var someNames = NewNames("b", "a", "name", "value", "lang", "nx", "nxxx", "type", "id", "m", "note", "model")

// walkKnown is walk with Member and Text, which are several calls in one.
func walkKnown(r *Reader, out *strings.Builder) {
	if s, ok := r.Text(); ok {
		out.WriteString("\"" + s + " " + r.Pointer() + "\n")
		return
	}
	k := r.Kind()
	if k != Object && k != Array {
		walk(r, out)
		return
	}
	out.WriteByte(byte(k))
	r.Open()
	for {
		if k == Array {
			if !r.More() {
				break
			}
		} else {
			i, name, ok := r.Member(someNames)
			if !ok {
				break
			}
			if i >= 0 {
				name = someNames.names[i]
			}
			out.WriteString(name + "=")
		}
		walkKnown(r, out)
	}
	r.Close()
	out.WriteString(" " + r.Pointer() + "\n")
}

// refusedAtOpening says whether err is that of an object or array which stands
// where a name may.
func refusedAtOpening(err error, src string) bool {
	if err == nil {
		return false
	}
	var octet int
	_, digits, _ := strings.Cut(err.Error(), "not JSON at octet ")
	if _, err := fmt.Sscan(digits, &octet); err != nil || octet >= len(src) {
		return false
	}
	before := strings.TrimRight(src[:octet], " \t\r\n")
	return (src[octet] == '{' || src[octet] == '[') && (strings.HasSuffix(before, "{") || strings.HasSuffix(before, ","))
}

// agree fails the test unless both readers accept the text and see the same, or
// refuse it with the same code at the same place; and unless it is all the same
// whether names are known before.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, src string) {
	t.Helper()
	lim := Limits{Depth: 20, Members: 200, Bytes: 1 << 20}
	var a, b strings.Builder
	mine, theirs := NewReader([]byte(src), lim), newOracle([]byte(src), lim)
	walk(mine, &a)
	walk(theirs, &b)
	got, want := mine.Finish(), theirs.Finish()
	if want != nil && refusedAtOpening(got, src) {
		return // a name was due: jsontext reads what stands there to its end before it says so
	}
	if (got == nil) != (want == nil) || got != nil && got.Error() != want.Error() {
		t.Fatalf("%.400q: %v, want %v", src, got, want)
	}
	if got == nil && a.String() != b.String() {
		t.Fatalf("%.400q:\n%s\nwant\n%s", src, a.String(), b.String())
	}
	var c strings.Builder
	known := NewReader([]byte(src), lim)
	walkKnown(known, &c)
	if err := known.Finish(); (err == nil) != (got == nil) || err != nil && err.Error() != got.Error() || err == nil && a.String() != c.String() {
		t.Fatalf("%.400q: with known names %v, without %v\n%s\nwant\n%s", src, err, got, c.String(), a.String())
	}
	m, o := NewReader([]byte(src), lim), newOracle([]byte(src), lim)
	if x, y := m.Raw(), o.Raw(); m.Finish() == nil && x != y {
		t.Fatalf("%.400q: raw %q, want %q", src, x, y)
	}
}

// corners are texts at the edges of the grammar, good and bad.
var corners = []string{
	`{}`, `[]`, ` [ ] `, `[1]`, `[1,2]`, `[1,]`, `[,1]`, `[1 2]`, `[1,,2]`, `[`, `]`, `{`, `}`, `[}`, `{]`, `[1}`, `{"a":1]`,
	`{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{"a":1 "b":2}`, `{"a" 1}`, `{a:1}`, `{1:2}`, `{null:1}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`,
	`{"a":{"a":1},"b":{"a":1}}`, `{"":1,"":2}`, `{"a":[{"b":1,"b":2}]}`, `{"a/b":{"~":1,"~":2}}`, `""`, `"`, `"\`, `"\"`, `"\u"`, `"\u12"`, `"\uzzzz"`, `"\x"`,
	`"\ud800"`, `"\udc00"`, `"\ud83d\ude00"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ud83d\ud83d"`, `"\uDBFF\uDFFF"`, `"\u0000"`, `"\u001f"`, "\"\x01\"", "\"\n\"", "\"\t\"", "\"\x7f\"",
	`"é中😀"`, "\"\xff\"", "\xef\xbb\xbf1", "1\x00", "\x001", `"\b\f\n\r\t\/\\\""`, `"\B"`,
	`{"b":1,"a":2}`, `{"a":1,"b":2,"b":3}`, `{"a":1,"x":2,"x":3}`, `{"x":1,"a":2,"\u0078":3}`, `{"\u0061":1,"a":2}`, `{"a" :1 , "b" : 2}`, `{"a":1,"b"}`, `{"a":`, `{"a":1,"b":2,"a":3}`, `{"a":{"a":{"b":1,"b":2}}}`, `["a":1]`, `{"name":"x" "value":1}`,
	`"1234567\u0000"`, `"12345678\"x"`, `"1234567é"`, `"\u00e9\ud83d\ude00 12345678"`, "\"12345678\x1f\"", "\"é234567\x00\"", "\"1234567\xc3\"", `"\u007f\u0080"`, `"\uD83D\uDE00\uD83D"`, `{"\u0000":1,"\u0000":2}`, `{"a~/b":{"c":[0,{"":1,"":2}]}}`,
	`0`, `-0`, `-`, `+1`, `01`, `1.`, `.1`, `1.5`, `-1.5e+10`, `1e`, `1e+`, `1E5`, `1e400`, `9007199254740993`, `0x10`, `1_000`, `NaN`, `Infinity`, `[01]`, `[1.]`, `[-]`, `[1e]`, `[0e]`, `[0.0]`, `[00]`,
	`true`, `false`, `null`, `True`, `nul`, `nulls`, `truefalse`, `[nulls]`, `[tru]`, `[true,false,null]`, `true false`, `1 2`, `{}{}`, `[] x`, `// c`, `[1/**/]`, `'a'`, `["a"`, `["a",`, `{"a":"b"`, `{"a"`, `{"a":`,
	`[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]`, `[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]`, "[" + strings.Repeat("1,", 250) + "1]", "\u00a01", "1\u00a0", "[1\v]", "\f1", ``, ` `,
}

func TestReader_agreesWithTheOracle(t *testing.T) {
	t.Parallel()
	for _, src := range corners {
		agree(t, src)
		for i := range src { // every beginning
			agree(t, src[:i])
		}
	}
	names := strings.Builder{}
	names.WriteByte('{')
	for i := range 60 { // more names than are compared one by one
		names.WriteString(`"n` + strings.Repeat("x", i) + `":1,`)
	}
	agree(t, names.String()+`"m":1}`)
	agree(t, names.String()+`"nxxx":1}`)
	agree(t, names.String()+`"n`+strings.Repeat("x", 59)+`":1}`)
}

// TestReader_agreesOnDocuments reads every JSON file of the field, whole and
// with an octet changed here and there.
func TestReader_agreesOnDocuments(t *testing.T) {
	t.Parallel()
	root := "../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the field's documents are not at ../shared/data")
	}
	found := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil || len(src) > 200<<10 {
			return err
		}
		found++
		agree(t, string(src))
		for i := 0; i < len(src); i += max(1, len(src)/40) {
			for _, c := range []byte("\"\\{}[],:0e \x00\x80") {
				changed := append([]byte(nil), src...)
				changed[i] = c
				agree(t, string(changed))
			}
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Fatalf("%d files, %v", found, err)
	}
}

func TestReader_agreesOnSoup(t *testing.T) {
	t.Parallel()
	parts := []string{"{", "}", "[", "]", ",", ":", `"a"`, `"b"`, `"\u0061"`, "1", "-2.5", "1e3", "true", "null", " ", "\n", `"\ud800"`, "x", `""`}
	rapid.Check(t, func(t *rapid.T) {
		agree(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 14).Draw(t, "parts"), ""))
	})
}

func FuzzReader(f *testing.F) {
	for _, src := range corners {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) { agree(t, src) })
}

func TestNames_findsEachAndNoOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{1,4}`), 0, maxNames, rapid.ID).Draw(t, "names")
		n := NewNames(names...)
		for i, name := range names {
			if got := n.find(name); got != i {
				t.Fatalf("%q is found at %d, not at %d", name, got, i)
			}
		}
		other := rapid.StringMatching(`[a-z0-9]{0,5}`).Draw(t, "other")
		if got, want := n.find(other), slices.Index(names, other); got != want {
			t.Fatalf("%q is found at %d, not at %d", other, got, want)
		}
	})
}

func TestNewNames_panicsWhereNamesAreNoNames(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"a", "a"}, {""}, {`"`}, make([]string, maxNames+1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q are names", names)
				}
			}()
			NewNames(names...)
		}()
	}
}

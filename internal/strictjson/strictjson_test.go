package strictjson_test

import (
	"strconv"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/internal/strictjson"

	"pgregory.net/rapid"
)

func TestCheck_refuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	wide := "[" + strings.Repeat("0,", 10_000) + "0]"
	for name, c := range map[string]struct {
		src  string
		code fault.Code
	}{
		"nothing":                     {"", fault.JSONEmpty},
		"white space only":            {" \n\t", fault.JSONEmpty},
		"byte order mark":             {"\xef\xbb\xbf{}", fault.JSONBOM},
		"UTF-16 with mark":            {"\xff\xfe{\x00}\x00", fault.JSONInvalidUTF8},
		"UTF-16 little endian":        {"{\x00}\x00", fault.JSONInvalidUTF8},
		"UTF-16 big endian":           {"\x00{\x00}", fault.JSONInvalidUTF8},
		"Latin-1":                     {"\"\xe9\"", fault.JSONInvalidUTF8},
		"encoded surrogate":           {"\"\xed\xa0\x80\"", fault.JSONInvalidUTF8},
		"overlong slash":              {"\"\xc0\xaf\"", fault.JSONInvalidUTF8},
		"lone high surrogate":         {`"\ud800"`, fault.JSONInvalidUnicode},
		"lone low surrogate":          {`{"a":"x\uDC00y"}`, fault.JSONInvalidUnicode},
		"two high surrogates":         {`"\ud83d\ud83d"`, fault.JSONInvalidUnicode},
		"surrogate as a name":         {`{"\ud800":1}`, fault.JSONInvalidUnicode},
		"duplicate":                   {`{"a":1,"a":2}`, fault.JSONDuplicateMember},
		"escaped duplicate":           {`{"a":1,"\u0061":2}`, fault.JSONDuplicateMember},
		"nested duplicate":            {`{"x":[{"a":1,"a":1}]}`, fault.JSONDuplicateMember},
		"trailing object":             {`{}{}`, fault.JSONTrailingData},
		"trailing zero octet":         {"{}\x00", fault.JSONTrailingData},
		"trailing comma":              {`{},`, fault.JSONTrailingData},
		"too deep":                    {deep, fault.JSONDepth},
		"too wide":                    {wide, fault.JSONTooManyMembers},
		"2^53+1":                      {"9007199254740993", fault.JSONNumberRange},
		"beyond a double":             {`{"a":1e400}`, fault.JSONNumberRange},
		"below a double":              {"1e-400", fault.JSONNumberRange},
		"absurd exponent":             {"1e99999999999999999999", fault.JSONNumberRange},
		"minus zero":                  {"-0", fault.JSONNumberRange},
		"minus zero with a fraction":  {"-0.0e5", fault.JSONNumberRange},
		"more digits than a double":   {"3.14159265358979323846264338327950288", fault.JSONNumberRange},
		"a thousand digits":           {strings.Repeat("1", 1000), fault.JSONNumberRange},
		"leading zero":                {"01", fault.JSONSyntax},
		"plus sign":                   {"+1", fault.JSONSyntax},
		"bare fraction":               {".5", fault.JSONSyntax},
		"NaN":                         {"NaN", fault.JSONSyntax},
		"single quotes":               {`{'a':1}`, fault.JSONSyntax},
		"comment":                     {"{}//", fault.JSONTrailingData},
		"comment inside":              {"{/**/}", fault.JSONSyntax},
		"comma before the end":        {`[1,]`, fault.JSONSyntax},
		"comma before the brace":      {`{"a":1,}`, fault.JSONSyntax},
		"name is no string":           {`{1:1}`, fault.JSONSyntax},
		"control character":           {"\"\x01\"", fault.JSONSyntax},
		"line break in a string":      {"\"a\nb\"", fault.JSONSyntax},
		"unknown escape":              {`"\x41"`, fault.JSONSyntax},
		"truncated object":            {`{"a":`, fault.JSONSyntax},
		"truncated array":             {`[1`, fault.JSONSyntax},
		"truncated string":            {`"abc`, fault.JSONSyntax},
		"truncated surrogate pair":    {`"\ud83d\u`, fault.JSONInvalidUnicode},
		"mismatched brackets":         {`[}`, fault.JSONSyntax},
		"no-break space as a space":   {"\u00a0{}", fault.JSONSyntax},
		"more octets than the limit":  {`"` + strings.Repeat("a", 1<<20) + `"`, fault.HTTPBodyTooLarge},
		"depth inside skipped object": {`{"a":` + deep + `}`, fault.JSONDepth},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := strictjson.Check([]byte(c.src), strictjson.DefaultLimits())
			if got := fault.CodeOf(err); got != c.code {
				t.Fatalf("code %q (%v), want %q", got, err, c.code)
			}
		})
	}
}

func TestCheck_accepts(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"{}", " [ ] ", "null", `"x"`, "0", "-1", "0.20", "1e3", "1E+2", "-1.5e-7", "9007199254740992", "1e308", "5e-324",
		"123456789012345", "0.1", `"\ud83d\ude00"`, `{"a":1,"A":2}`, `{"":{"":[]}}`,
		"0.10000000000000001", strings.Repeat("[", 64) + strings.Repeat("]", 64),
	} {
		if err := strictjson.Check([]byte(src), strictjson.DefaultLimits()); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestCheck_namesThePlace(t *testing.T) {
	t.Parallel()
	err := strictjson.Check([]byte(`{"a":[{"b/c":1,"b/c":2}]}`), strictjson.DefaultLimits())
	if got := fault.All(err)[0].At; got != "/a/0/b~1c" {
		t.Errorf("at %q", got)
	}
}

func TestCanonical_isRFC8785(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		// RFC 8785, section 3.2.4, without its number beyond a double.
		`{"numbers":[1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`: "{\"literals\":[null,true,false],\"numbers\":[1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
		// Section 3.2.3: names are sorted by UTF-16 code units.
		"{\"\u20ac\":1,\"\\r\":2,\"\ufb33\":3,\"1\":4,\"\U0001f600\":5,\"\u0080\":6,\"\u00f6\":7}": "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001f600\":5,\"\ufb33\":3}",
		" { } ": "{}",
	} {
		got, err := strictjson.Canonical([]byte(src))
		if err != nil || string(got) != want {
			t.Errorf("%s\ngot  %s\nwant %s (%v)", src, got, want, err)
		}
	}
}

func TestCanonicalOf_leavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	type inner struct {
		Z int    `json:"z,omitempty"`
		A bool   `json:"a,omitempty"`
		S string `json:"s"`
	}
	got, err := strictjson.CanonicalOf(struct {
		B inner    `json:"b"`
		A []string `json:"a"`
		C *inner   `json:"c,omitempty"`
		M map[string]int
	}{M: map[string]int{"y": 1, "x": 2}})
	if want := `{"M":{"x":2,"y":1},"a":[],"b":{"s":""}}`; err != nil || string(got) != want {
		t.Errorf("%s (%v)", got, err)
	}
	if _, err := strictjson.CanonicalOf(uint64(1<<53 + 1)); fault.CodeOf(err) != fault.JSONNumberRange {
		t.Errorf("2^53+1: %v", err)
	}
}

func TestUnmarshal_isExact(t *testing.T) {
	t.Parallel()
	type message struct {
		Name  string `json:"name"`
		Count int    `json:"count"`
		Inner struct {
			List []int `json:"list"`
		} `json:"inner"`
	}
	for src, want := range map[string]struct {
		code fault.Code
		at   string
	}{
		`{"name":"x","count":1,"inner":{"list":[1]}}`: {},
		`{"Name":"x"}`:                 {fault.SchemaUnknownField, "/Name"},
		`{"inner":{"lis":1}}`:          {fault.SchemaUnknownField, "/inner/lis"},
		`{"name":1}`:                   {fault.SchemaType, "/name"},
		`{"inner":{"list":[1,"2"]}}`:   {fault.SchemaType, "/inner/list/1"},
		`{"count":1.5}`:                {fault.SchemaType, "/count"},
		`[]`:                           {fault.SchemaType, ""},
		`{"name":"x","n\u0061me":"y"}`: {fault.JSONDuplicateMember, "/name"},
	} {
		var m message
		err := strictjson.Unmarshal([]byte(src), &m)
		if fault.CodeOf(err) != want.code {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if err != nil && fault.All(err)[0].At != want.at {
			t.Errorf("%s: at %q, want %q", src, fault.All(err)[0].At, want.at)
		}
	}
	var m message
	if err := strictjson.UnmarshalLoose([]byte(`{"name":"x","more":{"a":1}}`), &m); err != nil || m.Name != "x" {
		t.Errorf("loose: %+v, %v", m, err)
	}
}

func TestReader_readsRawPieces(t *testing.T) {
	t.Parallel()
	r := strictjson.NewReader([]byte(`{"a" : [1, {"b":"x"}] , "c":null}`), strictjson.DefaultLimits())
	r.Open()
	var got []string
	for r.More() {
		got = append(got, r.Name(), r.Raw())
	}
	r.Close()
	if err := r.Finish(); err != nil || strings.Join(got, "|") != `a|[1, {"b":"x"}]|c|null` {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAppendString_isRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		b := strictjson.AppendString(nil, s)
		if c, err := strictjson.Canonical(b); err != nil || string(c) != string(b) {
			t.Fatalf("%s: %s, %v", b, c, err)
		}
		var back string
		if err := strictjson.Unmarshal(b, &back); err != nil || back != s {
			t.Fatalf("%q came back as %q, %v", s, back, err)
		}
	})
}

func TestNumber_acceptsWhatADoubleWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		if f == 0 {
			return
		}
		for _, form := range []byte{'e', 'f', 'g'} {
			s := strconv.FormatFloat(f, form, -1, 64)
			if err := strictjson.Check([]byte(s), strictjson.DefaultLimits()); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{"a":[1,"x",null]}`, `"\ud800"`, "{}\x00", "-0", `{"a":1,"\u0061":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if err := strictjson.Check(src, strictjson.DefaultLimits()); err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("unclassified: %v", err)
			}
			return
		}
		once, err := strictjson.Canonical(src)
		if err != nil {
			t.Fatalf("checked and has no canonical form: %v", err)
		}
		twice, err := strictjson.Canonical(once)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s became %s: %v", once, twice, err)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	src := []byte(`{"list":[` + strings.Repeat(`{"scheme":"cn.uscc","value":"91440300MA5DEM012D","lang":"zh-CN"},`, 60) + `{}]}`)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if err := strictjson.Check(src, strictjson.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}

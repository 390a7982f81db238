package generic_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/formats/generic"
	"accord/formats/jsondoc"
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"

	"pgregory.net/rapid"
)

const jsonHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<json xmlns=\"urn:accord:json:1\""

func TestFromJSON_form(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`null`:         ` type="null"></json>`,
		`""`:           ` type="string"></json>`,
		`{}`:           ` type="object"></json>`,
		`[]`:           ` type="array"></json>`,
		` [null,"",0]`: ` type="array"><item type="null"></item><item type="string"></item><item type="number">0</item></json>`,
		`{"@context":["a b"],"中文/x.$":true,"":false}`: ` type="object"><member name="@context" type="array"><item type="string">a b</item></member>` +
			`<member name="中文/x.$" type="boolean">true</member><member name="" type="boolean">false</member></json>`,
		`[0.20,1E400,-0,9007199254740993]`: ` type="array"><item type="number">0.20</item><item type="number">1E400</item>` +
			`<item type="number">-0</item><item type="number">9007199254740993</item></json>`,
		`{"a\"<&>\n\t":"]]>\r\n\u00e9\ud83d\ude00"}`: ` type="object"><member name="a&quot;&lt;&amp;>&#xA;&#x9;" type="string">]]&gt;&#xD;` + "\nÃ©😀</member></json>",
		`"\u0000\\\u001f\ufffe\""`:                   ` type="string" escaped="true">\u0000\\\u001f\ufffe"</json>`,
		`{"\u0001\\":"\\"}`:                          ` type="object"><member name="\u0001\\" escapedName="true" type="string">\</member></json>`,
	} {
		want = jsonHead + strings.ReplaceAll(want, "Ã©", "é") + "\n"
		got, err := generic.FromJSON([]byte(src))
		if err != nil || string(got) != want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", src, got, err, want)
			continue
		}
		back, err := generic.ToJSON(got)
		if err != nil || string(back) != compact(t, []byte(src)) {
			t.Errorf("%s: came back as %s, %v", src, back, err)
		}
	}
}

// compact is the text in its own order and with its own digits.
func compact(t testing.TB, src []byte) string {
	t.Helper()
	v, err := jsondoc.ParseLimited(src, strictjson.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return string(v.Append(nil))
}

func TestToJSON_acceptsWhatMeansTheSame(t *testing.T) {
	t.Parallel()
	const src = `<j:json type='object' xmlns:j='urn:accord:json:1'>
  <j:member type="string" name="a">x<![CDATA[<]]>y</j:member>
  <j:member name="b" type="array"> <j:item type="null"/> </j:member>
</j:json>`
	got, err := generic.ToJSON([]byte(src))
	if err != nil || string(got) != `{"a":"x<y","b":[null]}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestToJSON_refuses(t *testing.T) {
	t.Parallel()
	form := func(s string) string { return `<json xmlns="urn:accord:json:1" type="object">` + s + `</json>` }
	for _, test := range []struct {
		src  string
		code fault.Code
		at   string
	}{
		{``, fault.XMLEmpty, ""},
		{`<json type="null"/>`, fault.SchemaUnknownField, "/json"},
		{`<member xmlns="urn:accord:json:1" type="null"/>`, fault.SchemaUnknownField, "/member"},
		{`<json xmlns="urn:accord:json:1"/>`, fault.SchemaMissingField, "/json"},
		{`<json xmlns="urn:accord:json:1" type="Null"/>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="null" name="x"/>`, fault.SchemaUnknownField, "/json"},
		{`<json xmlns="urn:accord:json:1" type="null" x="y"/>`, fault.SchemaUnknownField, "/json"},
		{`<json xmlns="urn:accord:json:1" type="null"> </json>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="null" escaped="true"/>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string" escaped="true">x</json>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string" escaped="true">\u0041\u0000</json>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string" escaped="true">\ud800</json>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string" escaped="true">\uXYZ0</json>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string" escaped="true">\</json>`, fault.SchemaFormat, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string" escaped="false">x</json>`, fault.SchemaUnknownField, "/json"},
		{`<json xmlns="urn:accord:json:1" type="string"><b/></json>`, fault.XMLMixedContent, "/json/b"},
		{`<json xmlns="urn:accord:json:1" type="array">x</json>`, fault.XMLMixedContent, "/json"},
		{`<json xmlns="urn:accord:json:1" type="array"><member name="a" type="null"/></json>`, fault.SchemaUnknownField, "/json/member"},
		{form(`<item type="null"/>`), fault.SchemaUnknownField, "/json/item"},
		{form(`<member type="null"/>`), fault.SchemaMissingField, "/json/member"},
		{form(`<member name="a" type="null"/><member name="a" type="null"/>`), fault.SchemaDuplicateField, "/json/member[2]"},
		{form(`<member name="accord:infoset" type="null"/>`), fault.SchemaFormat, "/json/member"},
		{form(`<!--c-->`), fault.XMLCommentInValue, "/json"},
		{form(`<?p?>`), fault.XMLPIForbidden, "/json"},
		{`<!--c-->` + form(``), fault.XMLCommentInValue, ""},
		{form(``) + `<?p?>`, fault.XMLPIForbidden, ""},
		{form(`&#x20;`), fault.XMLMixedContent, "/json"},
	} {
		_, err := generic.ToJSON([]byte(test.src))
		if err == nil {
			t.Errorf("%s: accepted", test.src)
			continue
		}
		if f := fault.All(err)[0]; f.Code != test.code || f.At != test.at {
			t.Errorf("%s: got %v, want %s at %q", test.src, f, test.code, test.at)
		}
	}
	for _, s := range []string{"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "1,2", "0x1", "1 ", "NaN", "--1", "1.e5", "1\n"} {
		if out, err := generic.ToJSON([]byte(`<json xmlns="urn:accord:json:1" type="number">` + s + `</json>`)); fault.CodeOf(err) != fault.SchemaFormat {
			t.Errorf("the number %q gave %s, %v", s, out, err)
		}
	}
}

// What is the form of the other syntax is never given a second form.
func TestEither_oneFormForEach(t *testing.T) {
	t.Parallel()
	for _, src := range []string{`{"accord:infoset":1,"nodes":[{"e":"a"}]}`, `{"nodes":[{"e":"a"}],"accord:infoset":1}`} {
		if _, err := generic.FromJSON([]byte(src)); fault.CodeOf(err) != fault.SchemaFormat {
			t.Errorf("%s as JSON of its own: %v", src, err)
		}
		got, err := generic.AsXML([]byte(src))
		if err != nil || !strings.HasSuffix(string(got), "\n<a/>\n") {
			t.Errorf("%s: %s, %v", src, got, err)
		}
		back, err := generic.AsJSON(got)
		if err != nil || !equalJSON(t, []byte(src), back) {
			t.Errorf("%s came back as %s, %v", src, back, err)
		}
	}
	// Deeper down the member is one as any other.
	for _, src := range []string{`[{"accord:infoset":1}]`, `{"a":{"accord:infoset":2}}`} {
		eitherComesBack(t, []byte(src))
	}
	for src, want := range map[string]fault.Code{
		`{"accord:infoset":2,"nodes":[]}`: fault.SchemaFormat,
		`{"accord:infoset":1,"nodes":[{"e":"json","ns":{"":"urn:accord:json:1"},"@":[["type","null"]]}]}`: fault.SchemaNamespace,
		`{"a":1,}`: fault.JSONSyntax,
		strings.Repeat("[", 64) + strings.Repeat("]", 64): fault.JSONDepth,
		`[` + strings.Repeat("1,", 20_000) + `1]`:         fault.JSONTooManyMembers,
	} {
		if _, err := generic.AsXML([]byte(src)); fault.CodeOf(err) != want {
			t.Errorf("%.60s: got %v, want %s", src, err, want)
		}
	}
	if _, err := generic.AsJSON([]byte(`<x:other xmlns:x="urn:accord:json:1"/>`)); fault.CodeOf(err) != fault.SchemaUnknownField {
		t.Errorf("a document of the JSON namespace that is no form: %v", err)
	}
	// A form of a document may be larger than JSON of its own may be.
	large := `<a>` + strings.Repeat("<b/>", 50_000) + `</a>`
	form, err := generic.AsJSON([]byte(large))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := generic.AsXML(form); err != nil {
		t.Error(err)
	}
}

func eitherComesBack(t testing.TB, src []byte) {
	t.Helper()
	xml, err := generic.AsXML(src)
	if err != nil {
		t.Fatalf("%.200s: %v", src, err)
	}
	if err := xmldoc.Check(xml, xmldoc.Limits{Bytes: len(xml)}); err != nil {
		t.Fatalf("the XML of %.200s: %v", src, err)
	}
	back, err := generic.AsJSON(xml)
	if err != nil || string(back) != compact(t, src) {
		t.Fatalf("%.400s came back as %.400s, %v", src, back, err)
	}
}

func TestFromJSON_acceptsTheDeepest(t *testing.T) {
	t.Parallel()
	eitherComesBack(t, []byte(strings.Repeat(`[`, 63)+`1`+strings.Repeat("]", 63)))
	eitherComesBack(t, []byte(`[`+strings.Repeat("1,", 19_000)+`1]`))
}

// drawJSON draws a JSON text with every freedom that the syntax leaves, and the
// same without any.
func drawJSON(t *rapid.T, depth int) (text, plain string) {
	switch k := rapid.IntRange(0, 8).Draw(t, "kind"); {
	case k == 0:
		return "null", "null"
	case k == 1:
		b := fmt.Sprint(rapid.Bool().Draw(t, "bool"))
		return b, b
	case k == 2:
		n := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,4})?`).Draw(t, "number")
		return n, n
	case k <= 4 || depth == 0:
		return drawString(t)
	case k <= 6:
		text, plain = "[", "["
		for i := range rapid.IntRange(0, 4).Draw(t, "n") {
			a, b := drawJSON(t, depth-1)
			if i > 0 {
				text, plain = text+","+blank(t), plain+","
			}
			text, plain = text+a+blank(t), plain+b
		}
		return text + "]", plain + "]"
	default:
		text, plain = "{"+blank(t), "{"
		seen := map[string]bool{}
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			ka, kb := drawString(t)
			if seen[kb] || kb == `"accord:infoset"` {
				continue
			}
			a, b := drawJSON(t, depth-1)
			if len(seen) > 0 {
				text, plain = text+",", plain+","
			}
			seen[kb] = true
			text, plain = text+blank(t)+ka+":"+blank(t)+a, plain+kb+":"+b
		}
		return text + blank(t) + "}", plain + "}"
	}
}

func blank(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", " ", "\n\t", "\r\n"}).Draw(t, "blank")
}

// drawString draws a string with what XML cannot carry, and what it must escape.
func drawString(t *rapid.T) (text, plain string) {
	runes := rapid.SliceOfN(rapid.SampledFrom([]rune("ab@/.$ :\\\"<>&]'\x00\x01\x1f\t\n\r\b中é\u007f\u0085\u2028\ufffd\ufffe\uffff\U0001F600\U0010FFFF-")), 0, 8).Draw(t, "string")
	text = `"`
	for _, r := range runes {
		if r < 0x10000 && rapid.IntRange(0, 3).Draw(t, "how") == 0 {
			text += fmt.Sprintf(`\u%04X`, r)
			continue
		}
		text += strings.Trim(quoted(string(r)), `"`)
		if r == '"' {
			text += `"`
		}
	}
	return text + `"`, quoted(string(runes))
}

func TestJSON_comesBackFromXML(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, plain := drawJSON(t, 4)
		xml, err := generic.FromJSON([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		back, err := generic.ToJSON(xml)
		if err != nil || string(back) != plain {
			t.Fatalf("%s\nas %s\ncame back as %s, %v", text, xml, back, err)
		}
		again, err := generic.AsXML(back)
		if err != nil || !bytes.Equal(xml, again) {
			t.Fatalf("%s\ncame back as %s, %v", xml, again, err)
		}
		// The XML form is a document as any other, too.
		form, err := generic.FromXML(xml)
		if err != nil {
			t.Fatal(err)
		}
		if again, err = generic.ToXML(form); err != nil {
			t.Fatal(err)
		}
		if back, err = generic.ToJSON(again); err != nil || string(back) != plain {
			t.Fatalf("%s\ncame back from the infoset as %s, %v", text, back, err)
		}
	})
}

// Every JSON file of the field goes through XML and comes back, every XML file
// through JSON.
func TestCorpus_everyFileComesBackFromTheOtherSyntax(t *testing.T) {
	t.Parallel()
	n := 0
	for path, src := range sharedFiles(t) {
		switch filepath.Ext(path) {
		case ".json", ".jsonld":
			n++
			eitherComesBack(t, src)
		case ".xml", ".xsd":
			n++
			form, err := generic.AsJSON(src)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			back, err := generic.AsXML(form)
			if err != nil || !bytes.Equal(canonical(t, src), canonical(t, back)) {
				t.Errorf("%s: canonical XML differs, %v", path, err)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d files were there", n)
	}
}

// sharedFiles returns every file of the shared test data by its path.
func sharedFiles(t testing.TB) map[string][]byte {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data")
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Skip("the shared test data (../shared/data) is not there")
	}
	return files
}

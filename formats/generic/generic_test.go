package generic_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"accord/formats/generic"
	"accord/internal/fault"

	"github.com/beevik/etree"
	"github.com/go-json-experiment/json/jsontext"
	dsig "github.com/russellhaering/goxmldsig"
)

func TestFromXML_form(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`<a/>`:          `{"accord:infoset":1,"nodes":[{"e":"a"}]}`,
		`<a></a>`:       `{"accord:infoset":1,"nodes":[{"e":"a"}]}`,
		`<a> <b/> </a>`: `{"accord:infoset":1,"nodes":[{"e":"a","c":[" ",{"e":"b"}," "]}]}`,
		`<?xml version="1.0"?><!--c--><?p d?><?q?><p:a xmlns:p="u" xmlns="v" y="1" p:x="&lt;&#10;"/>` + "\n": `{"accord:infoset":1,"nodes":[{"comment":"c"},{"pi":"p","data":"d"},{"pi":"q"},` +
			`{"e":"p:a","ns":{"p":"u","":"v"},"@":[["y","1"],["p:x","<\n"]]}]}`,
		`<a>x<![CDATA[<]]>y<![CDATA[]]><!---->z<b><c/>&#13;"</b></a>`: `{"accord:infoset":1,"nodes":[{"e":"a","c":["x<y",{"comment":""},"z",{"e":"b","c":[{"e":"c"},"\r\""]}]}]}`,
		`<a><![CDATA[]]></a>`: `{"accord:infoset":1,"nodes":[{"e":"a"}]}`,
	} {
		got, err := generic.FromXML([]byte(src))
		if err != nil || string(got) != want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", src, got, err, want)
		}
		back, err := generic.ToXML(got)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if again, err := generic.FromXML(back); err != nil || string(again) != want {
			t.Errorf("%s: came back as %s, %v", src, again, err)
		}
	}
}

func TestFromXML_refusesWhatTheGateRefuses(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]fault.Code{
		"":                           fault.XMLEmpty,
		"<!DOCTYPE a><a/>":           fault.XMLDoctypeForbidden,
		"<a><b></a>":                 fault.XMLSyntax,
		"<p:a/>":                     fault.XMLNamespace,
		"<a/><b/>":                   fault.XMLTrailingData,
		"<a xml:id='1' xml:id='1'/>": fault.XMLDuplicateID,
	} {
		if _, err := generic.FromXML([]byte(src)); fault.CodeOf(err) != want {
			t.Errorf("%s: got %v, want %s", src, err, want)
		}
	}
}

func TestToXML_acceptsAnyOrderOfMembers(t *testing.T) {
	t.Parallel()
	const src = ` {"nodes": [{"c": [{"data": "d", "pi": "p"}], "@": [["x", "1"]], "ns": {"": "u"}, "e": "a"}], "accord:infoset": 1} `
	got, err := generic.ToXML([]byte(src))
	const want = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns=\"u\" x=\"1\"><?p d?></a>\n"
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestToXML_refuses(t *testing.T) {
	t.Parallel()
	node := func(s string) string { return `{"accord:infoset":1,"nodes":[` + s + `]}` }
	for _, test := range []struct {
		src  string
		code fault.Code
		at   string
	}{
		{``, fault.JSONEmpty, ""},
		{`{"accord:infoset":1,"nodes":[{"e":"a"}]} x`, fault.JSONTrailingData, ""},
		{`{"accord:infoset":1,"accord:infoset":1,"nodes":[{"e":"a"}]}`, fault.JSONDuplicateMember, "/accord:infoset"},
		{`[]`, fault.SchemaType, ""},
		{`{"nodes":[{"e":"a"}]}`, fault.SchemaMissingField, "/accord:infoset"},
		{`{"accord:infoset":1}`, fault.SchemaMissingField, "/nodes"},
		{`{"accord:infoset":2,"nodes":[{"e":"a"}]}`, fault.SchemaFormat, "/accord:infoset"},
		{`{"accord:infoset":1.0,"nodes":[{"e":"a"}]}`, fault.SchemaFormat, "/accord:infoset"},
		{`{"accord:infoset":"1","nodes":[{"e":"a"}]}`, fault.SchemaType, "/accord:infoset"},
		{`{"accord:infoset":1,"nodes":[{"e":"a"}],"x":1}`, fault.SchemaUnknownField, "/x"},
		{`{"accord:infoset":1,"nodes":[]}`, fault.SchemaLength, "/nodes"},
		{node(`{"comment":"x"}`), fault.SchemaLength, "/nodes"},
		{node(`{"e":"a"},{"e":"b"}`), fault.SchemaLength, "/nodes"},
		{node(`{"e":"a"},"\n"`), fault.SchemaType, "/nodes"},
		{node(`1`), fault.SchemaType, "/nodes"},
		{node(`{}`), fault.SchemaMissingField, "/nodes/0"},
		{node(`{"e":"a","comment":"x"}`), fault.SchemaMissingField, "/nodes/0"},
		{node(`{"pi":"a","@":[["x","1"]]}`), fault.SchemaMissingField, "/nodes/0"},
		{node(`{"data":"x"}`), fault.SchemaMissingField, "/nodes/0"},
		{node(`{"E":"a"}`), fault.SchemaUnknownField, "/nodes/0/E"},
		{node(`{"e":"a","c":[]}`), fault.SchemaLength, "/nodes/0/c"},
		{node(`{"e":"a","c":[""]}`), fault.SchemaLength, "/nodes/0/c/0"},
		{node(`{"e":"a","c":["x","y"]}`), fault.SchemaFormat, "/nodes/0/c/1"},
		{node(`{"e":"a","c":[null]}`), fault.SchemaType, "/nodes/0/c"},
		{node(`{"e":"a","c":["\u0001"]}`), fault.SchemaForbiddenChar, "/nodes/0/c/0"},
		{node(`{"e":"a","c":["\ufffe"]}`), fault.SchemaForbiddenChar, "/nodes/0/c/0"},
		{node(`{"e":"a","@":[]}`), fault.SchemaLength, "/nodes/0/@"},
		{node(`{"e":"a","@":[["x"]]}`), fault.SchemaLength, "/nodes/0/@/0/0"},
		{node(`{"e":"a","@":[["x","1","2"]]}`), fault.SchemaLength, "/nodes/0/@/0/2"},
		{node(`{"e":"a","@":[["x",1]]}`), fault.SchemaType, "/nodes/0/@/0/0"},
		{node(`{"e":"a","@":[["xmlns","u"]]}`), fault.SchemaFormat, "/nodes/0/@/0/1"},
		{node(`{"e":"a","@":[["xmlns:p","u"]]}`), fault.SchemaFormat, "/nodes/0/@/0/1"},
		{node(`{"e":"a","@":[["x='1' y","2"]]}`), fault.SchemaFormat, "/nodes/0/@/0/1"},
		{node(`{"e":"a","ns":{}}`), fault.SchemaLength, "/nodes/0/ns"},
		{node(`{"e":"a","ns":{"p:q":"u"}}`), fault.SchemaFormat, "/nodes/0/ns/p:q"},
		{node(`{"e":"a b"}`), fault.SchemaFormat, "/nodes/0/e"},
		{node(`{"e":"a/><b"}`), fault.SchemaFormat, "/nodes/0/e"},
		{node(`{"e":"a:b:c"}`), fault.SchemaFormat, "/nodes/0/e"},
		{node(`{"e":""}`), fault.SchemaFormat, "/nodes/0/e"},
		{node(`{"comment":"a--b"},{"e":"a"}`), fault.SchemaFormat, "/nodes/0/comment"},
		{node(`{"comment":"a-"},{"e":"a"}`), fault.SchemaFormat, "/nodes/0/comment"},
		{node(`{"comment":"a\r"},{"e":"a"}`), fault.SchemaForbiddenChar, "/nodes/0/comment"},
		{node(`{"pi":"XmL"},{"e":"a"}`), fault.SchemaFormat, "/nodes/0/pi"},
		{node(`{"pi":"x:y"},{"e":"a"}`), fault.SchemaFormat, "/nodes/0/pi"},
		{node(`{"pi":"x","data":""},{"e":"a"}`), fault.SchemaLength, "/nodes/0/data"},
		{node(`{"pi":"x","data":" y"},{"e":"a"}`), fault.SchemaFormat, "/nodes/0/data"},
		{node(`{"pi":"x","data":"a?>"},{"e":"a"}`), fault.SchemaFormat, "/nodes/0/data"},
		{node(`{"e":"p:a"}`), fault.XMLNamespace, ""},
		{node(`{"e":"a","ns":{"xml":"u"}}`), fault.XMLNamespace, ""},
		{node(`{"e":"a","@":[["x","1"],["x","2"]]}`), fault.XMLDuplicateAttribute, ""},
	} {
		_, err := generic.ToXML([]byte(test.src))
		if err == nil {
			t.Errorf("%s: accepted", test.src)
			continue
		}
		if f := fault.All(err)[0]; f.Code != test.code || f.At != test.at {
			t.Errorf("%s: got %v, want %s at %q", test.src, f, test.code, test.at)
		}
	}
}

func TestToXML_refusesDepth(t *testing.T) {
	t.Parallel()
	nest := func(n int) []byte {
		var b bytes.Buffer
		b.WriteString(`{"accord:infoset":1,"nodes":[`)
		for range n - 1 {
			b.WriteString(`{"e":"a","c":[`)
		}
		b.WriteString(`{"e":"a","@":[["x","1"]]}`)
		b.Write(bytes.Repeat([]byte("]}"), n-1))
		b.WriteString("]}")
		return b.Bytes()
	}
	for n, want := range map[int]fault.Code{64: "", 65: fault.XMLDepth, 100: fault.JSONDepth, 100_000: fault.JSONDepth} {
		if _, err := generic.ToXML(nest(n)); fault.CodeOf(err) != want {
			t.Errorf("%d: got %v, want %s", n, err, want)
		}
	}
}

func TestCorpus_comesBack(t *testing.T) {
	t.Parallel()
	for name, src := range corpus(t) {
		form, err := generic.FromXML(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := generic.ToXML(form)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(canonical(t, src), canonical(t, back)) {
			t.Errorf("%s: canonical XML differs", name)
		}
		again, err := generic.FromXML(back)
		if err != nil || !bytes.Equal(form, again) {
			t.Errorf("%s: JSON differs: %v", name, err)
		}
	}
}

// canonical is Canonical XML 1.1 with comments of the root element, read by
// etree's own reader.
func canonical(t *testing.T, src []byte) []byte {
	t.Helper()
	tree := etree.NewDocument()
	// XML 1.0, section 2.11; encoding/xml leaves comments out.
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	if err := tree.ReadFromBytes(src); err != nil {
		t.Fatal(err)
	}
	out, err := dsig.MakeC14N11WithCommentsCanonicalizer().Canonicalize(tree.Root())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// corpus returns every XML file of the shared test data by its path.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	files := map[string][]byte{}
	for _, pattern := range []string{"*/*.xml", "*/*.xsd"} {
		paths, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "shared", "data", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if files[path], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(files) == 0 {
		t.Skip("the shared test data (../shared/data) is not there")
	}
	return files
}

// equalJSON reports whether two JSON texts have the same RFC 8785 form, whatever
// their size.
func equalJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
	if err := x.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	if err := y.Canonicalize(); err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

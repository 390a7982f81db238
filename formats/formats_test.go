package formats_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"accord/formats"
	"accord/formats/dialect"
	"accord/formats/native"
	"accord/internal/fault"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("native", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestConvert_everyWay goes from each format to each other and back to the
// canonical form.
func TestConvert_everyWay(t *testing.T) {
	t.Parallel()
	all := []string{formats.NativeJSON, formats.NativeXML, formats.GenericJSON, formats.GenericXML}
	canonical := read(t, "everything.json")
	for _, from := range all {
		src, losses, err := formats.Convert(formats.NativeJSON, from, canonical, formats.Options{})
		if err != nil || len(losses) > 0 {
			t.Fatalf("to %s: %v %v", from, losses, err)
		}
		for _, to := range all {
			out, losses, err := formats.Convert(from, to, src, formats.Options{})
			if err != nil || len(losses) > 0 {
				t.Errorf("%s to %s: %v %v", from, to, losses, err)
				continue
			}
			back, _, err := formats.Convert(to, formats.NativeJSON, out, formats.Options{})
			if err != nil || string(back) != string(canonical) {
				t.Errorf("%s to %s and back: %v", from, to, err)
			}
		}
	}
}

func TestConvert_reportsComments(t *testing.T) {
	t.Parallel()
	src := bytes.Replace(read(t, "everything.xml"), []byte("\n<at:"), []byte("\n<!-- a --><at:"), 1)
	out, losses, err := formats.Convert(formats.NativeXML, formats.NativeJSON, src, formats.Options{})
	if err != nil || string(out) != string(read(t, "everything.json")) {
		t.Fatal(err)
	}
	if len(losses) != 1 || losses[0].Code != dialect.Comment || losses[0].Severity != dialect.Info {
		t.Errorf("%+v", losses)
	}
}

func TestConvert_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to, src string
		code          fault.Code
	}{
		"unknown format":         {"pdf", formats.NativeJSON, "", fault.HTTPMediaType},
		"unknown target":         {formats.NativeJSON, "pdf", "", fault.HTTPMediaType},
		"foreign XML as native":  {formats.GenericXML, formats.NativeJSON, "<a/>", fault.SchemaNamespace},
		"bad XML unchanged":      {formats.GenericXML, formats.GenericXML, "<a>", fault.XMLSyntax},
		"DOCTYPE":                {formats.GenericXML, formats.GenericJSON, "<!DOCTYPE a><a/>", fault.XMLDoctypeForbidden},
		"native that is not":     {formats.NativeXML, formats.GenericJSON, "<a/>", fault.SchemaNamespace},
		"native JSON that isn't": {formats.NativeJSON, formats.GenericJSON, "[]", fault.SchemaType},
		"generic that is not":    {formats.GenericJSON, formats.GenericXML, `{"accord:infoset":1,"nodes":7}`, fault.SchemaType},
		"no document of ours":    {formats.GenericJSON, formats.NativeXML, `{"a":1}`, fault.SchemaUnknownField},
	} {
		if out, _, err := formats.Convert(c.from, c.to, []byte(c.src), formats.Options{}); fault.CodeOf(err) != c.code || out != nil {
			t.Errorf("%s: %q, %v, want %s", name, out, err, c.code)
		}
	}
}

func TestDetect(t *testing.T) {
	t.Parallel()
	infoset, _, err := formats.Convert(formats.GenericXML, formats.GenericJSON, []byte("<a/>"), formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for want, sources := range map[string][]string{
		formats.NativeJSON:  {string(read(t, "everything.json")), ` {"x":{"modelVersion":1},"modelVersion":"1.0"}`},
		formats.NativeXML:   {string(read(t, "everything.xml")), `<!-- x --><Attestation xmlns="` + native.Namespace + `"/>`},
		formats.GenericJSON: {string(infoset)},
		formats.GenericXML:  {"<a/>", "\n<?xml version=\"1.0\"?><a/>"[1:]},
		"":                  {"", "x", "{}", "[]", `{"x":{"modelVersion":1}}`, "<!DOCTYPE a><a/>", "<"},
	} {
		for _, src := range sources {
			if got := formats.Detect([]byte(src)); got != want {
				t.Errorf("%.40q: %q, want %q", src, got, want)
			}
		}
	}
}

func TestCodecs_areFoundByNameAndMediaType(t *testing.T) {
	t.Parallel()
	s, err := native.DecodeJSON(read(t, "everything.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range formats.Codecs() {
		byName, ok := formats.ByName(c.Name)
		if !ok || byName.MediaType != c.MediaType {
			t.Errorf("%s is not found", c.Name)
		}
		byType, ok := formats.ByMediaType(c.MediaType)
		if !ok || byType.Name != c.Name {
			t.Errorf("%s is not found", c.MediaType)
		}
		if _, err := c.Decode(c.Encode(nil, s)); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	if _, ok := formats.ByName("Native+JSON"); ok {
		t.Error("names match without regard to case")
	}
}

// Octets that tell no format because they cannot be read say why.
func TestUnsafe(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]fault.Code{
		"": fault.JSONEmpty, " \n": fault.JSONEmpty, "<!DOCTYPE a><a/>": fault.XMLDoctypeForbidden, "<a>": fault.XMLSyntax,
		"\xff\xfe<\x00a\x00/\x00>\x00": fault.XMLEncodingForbidden, "\xef\xbb\xbf{}": fault.JSONBOM, `{"a":1,"a":2}`: fault.JSONDuplicateMember,
		"<a/>": "", "{}": "", "text": "",
	} {
		if err := formats.Unsafe([]byte(src)); fault.CodeOf(err) != want {
			t.Errorf("%q: %v, want %q", src, err, want)
		}
	}
}

// Any JSON has an XML form, whatever dialect it is in, and comes back from it
// with its digits; a document inside of the form is found there.
func TestConvert_anyJSON(t *testing.T) {
	t.Parallel()
	for _, src := range []string{`[]`, `{"@context":["x"],"名 称":1.50,"e":"","n":null}`, `"EnvelopedVerifiableCredential"`} {
		form, losses, err := formats.Convert(formats.GenericJSON, formats.GenericXML, []byte(src), formats.Options{})
		if err != nil || len(losses) > 0 {
			t.Fatalf("%s: %v %v", src, losses, err)
		}
		back, _, err := formats.Convert(formats.GenericXML, formats.GenericJSON, form, formats.Options{})
		if err != nil || string(back) != src {
			t.Errorf("%s comes back as %s: %v", src, back, err)
		}
	}
	credential, err := os.ReadFile(filepath.Join("untp", "testdata", "dcc-0.7.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	form, _, err := formats.Convert("untp", formats.GenericXML, credential, formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	direct, _, err := formats.Convert("untp", formats.NativeJSON, credential, formats.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if inside, _, err := formats.Convert(formats.GenericXML, formats.NativeJSON, form, formats.Options{}); err != nil || !bytes.Equal(inside, direct) {
		t.Errorf("a credential in its XML form is not read as one: %v", err)
	}
}

package native_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"accord/formats/jsondoc"
	"accord/formats/native"
	"accord/internal/strictjson"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// schemas compiles the published JSON Schemas; nothing is loaded from anywhere.
func schemas(t testing.TB) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	ids := map[string]string{
		"attestation.schema.json":      "urn:accord:schema:attestation:1",
		"attestation-view.schema.json": "urn:accord:schema:attestation-view:1",
		"status.schema.json":           "urn:accord:schema:status:1",
	}
	published := native.Schemas()
	for name, id := range ids {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(published[name]))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]*jsonschema.Schema{}
	for name, id := range ids {
		s, err := c.Compile(id)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = s
	}
	return out
}

func validate(t testing.TB, s *jsonschema.Schema, src []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestJSONSchemas_acceptGoldenFiles(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	for file, schema := range map[string]string{
		"everything.json": "attestation.schema.json", "view.json": "attestation-view.schema.json", "status.json": "status.schema.json",
	} {
		src, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, all[schema], src); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if err := validate(t, all["attestation.schema.json"], []byte(minimal)); err != nil {
		t.Error(err)
	}
	view, _ := os.ReadFile(filepath.Join("testdata", "view.json"))
	if validate(t, all["attestation.schema.json"], view) == nil {
		t.Error("the schema of a submission accepts a view")
	}
}

// TestJSONSchemas_agreeWithTheReader damages documents at random: what the
// reader refuses the schema refuses, and the other way round.
func TestJSONSchemas_agreeWithTheReader(t *testing.T) {
	t.Parallel()
	schema := schemas(t)["attestation.schema.json"]
	rapid.Check(t, func(rt *rapid.T) {
		src := native.AppendJSON(nil, anySubmission().Draw(rt, "submission"))
		if rapid.IntRange(0, 3).Draw(rt, "which") == 0 {
			src = native.AppendJSON(nil, everything())
		}
		if err := validate(t, schema, src); err != nil {
			rt.Fatalf("the schema refuses what we write: %v\n%s", err, src)
		}
		doc, err := jsondoc.Parse(src)
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 2).Draw(rt, "times") {
			damage(rt, doc)
		}
		src = doc.Append(nil)
		_, readErr := native.DecodeJSON(src)
		schemaErr := validate(t, schema, src)
		if (readErr == nil) != (schemaErr == nil) {
			rt.Fatalf("reader: %v\nschema: %v\n%s", readErr, schemaErr, src)
		}
	})
}

// damage changes one value somewhere in v.
func damage(t *rapid.T, v *jsondoc.Value) {
	for {
		n := len(v.Members) + len(v.Elements)
		if n == 0 || rapid.IntRange(0, 5).Draw(t, "stop") == 0 {
			break
		}
		i := rapid.IntRange(0, n-1).Draw(t, "child")
		if i >= len(v.Members) {
			v = &v.Elements[i-len(v.Members)]
			continue
		}
		switch rapid.IntRange(0, 14).Draw(t, "member") {
		case 0:
			v.Members = append(v.Members[:i], v.Members[i+1:]...)
			return
		case 1:
			v.Members[i].Name = strings.ToUpper(v.Members[i].Name) + "x"
			return
		}
		v = &v.Members[i].Value
	}
	replacement := rapid.SampledFrom([]string{
		`""`, `"x"`, `"two words"`, `"a\nb"`, `"\u202e"`, `"\u0000"`, `"\u0085"`, `"12"`, `0`, `1`, `-1`, `1.5`, `true`, `null`, `[]`, `{}`,
		`["x"]`, `[[]]`, `{"x":"y"}`, `"sha-256:00"`, `"2024-01-02"`, `"2024-1-2"`, `"certification"`, `[{"lang":"en","value":"x"}]`,
		`{"system":"a","code":"b"}`, `{"issuer":"a","scheme":"b","number":"c"}`,
	}).Draw(t, "replacement")
	r, err := jsondoc.Parse([]byte(replacement))
	if err != nil {
		t.Fatal(err)
	}
	*v = *r
}

func TestXMLSchema_agreesWithTheReader(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not on PATH (Debian: libxml2-utils); the XML Schema is not tested")
	}
	dir := t.TempDir()
	for name, b := range native.Schemas() {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	view, err := os.ReadFile(filepath.Join("testdata", "view.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		src  string
		good bool
	}{
		"everything":          {string(native.AppendXML(nil, everything())), true},
		"view":                {string(view), true},
		"minimal":             {minimalXML, true},
		"unknown element":     {strings.Replace(minimalXML, "<at:Issuer>", "<at:X/><at:Issuer>", 1), false},
		"unknown attribute":   {strings.Replace(minimalXML, "seq=", `Seq="1" seq=`, 1), false},
		"missing attribute":   {strings.Replace(minimalXML, ` kind="certification"`, "", 1), false},
		"empty value":         {strings.Replace(minimalXML, ">N1<", "><", 1), false},
		"element twice":       {strings.Replace(minimalXML, "<at:Country>CN</at:Country>", "<at:Country>CN</at:Country><at:Country>CN</at:Country>", 1), false},
		"wrong order":         {strings.Replace(minimalXML, "</at:Attestation>", `<at:Identifier scheme="s">2</at:Identifier></at:Attestation>`, 1), false},
		"enumeration":         {strings.Replace(minimalXML, "certification", "certificate", 1), false},
		"pattern":             {strings.Replace(minimalXML, ">CN<", ">cn<", 1), false},
		"direction character": {strings.Replace(minimalXML, ">N1<", ">N\u202e<", 1), false},
		"integer with a sign": {strings.Replace(minimalXML, `seq="1"`, `seq="+1"`, 1), false},
		"other namespace":     {strings.Replace(minimalXML, ":attestation:1", ":attestation:2", 1), false},
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "_")+".xml")
		if err := os.WriteFile(file, []byte(c.src), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join(dir, "attestation.xsd"), file).CombinedOutput()
		if (err == nil) != c.good {
			t.Errorf("%s: xmllint says %v: %s", name, err, out)
		}
		if name == "view" {
			continue // read by DecodeViewXML
		}
		if _, err := native.DecodeXML([]byte(c.src)); (err == nil) != c.good {
			t.Errorf("%s: the reader says %v", name, err)
		}
	}
}

func TestSchemas_areCanonicalAgain(t *testing.T) {
	t.Parallel()
	for name, b := range native.Schemas() {
		if strings.HasSuffix(name, ".json") {
			if _, err := strictjson.Canonical(b); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

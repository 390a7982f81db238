package untp_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/untp"
	"accord/internal/strictjson"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestSchemas_areFresh(t *testing.T) {
	for _, name := range untp.SchemaNames() {
		made, err := untp.MakeSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, '\n')
		if *update {
			if err := os.WriteFile(filepath.Join("schema", name+".json"), made, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if string(untp.Schema(name)) != string(made) {
			t.Errorf("schema/%s.json is not what the shapes say; go test ./formats/untp -run Schemas -update", name)
		}
	}
	if untp.Schema("other") != nil {
		t.Error("a schema that is not there")
	}
}

// compile compiles a JSON Schema with its formats asserted; nothing is loaded.
func compile(t testing.TB, src []byte) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	c.AssertFormat()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := doc.(map[string]any); ok {
		delete(m, "$id")
	}
	if err := c.AddResource("urn:test:schema", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:test:schema")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func accepts(t testing.TB, s *jsonschema.Schema, src []byte) bool {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v) == nil
}

// TestSchemas_agreeWithTheReleasedOnes: over every sample, and every sample with
// one thing changed, the released schema, ours and our checker accept the same.
func TestSchemas_agreeWithTheReleasedOnes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		released string
		samples  []string
	}{
		"untp-dcc-0.7.0": {"dcc-schema-0.7.0.json", samples[:3]},
		"untp-dcc-0.6.0": {"dcc-schema-0.6.0.json", []string{"dcc-0.6.0-example-data.json"}},
		"untp-dia-0.7.0": {"dia-schema-0.7.0.json", []string{"DigitalIdentityAnchor_instance.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			released, own := compile(t, foreign(t, "untp", "schema", test.released)), compile(t, untp.Schema(name))
			refused, n, mutants := 0, 0, mutants
			for i, sample := range test.samples {
				root, err := jsondoc.Parse(foreign(t, "untp", "samples", sample))
				if err != nil {
					t.Fatal(err)
				}
				shorten(root)
				if i > 0 { // as it is: the changes are those of the first
					mutants = func(root *jsondoc.Value, use func(string, []byte)) { use("as it is", root.Append(nil)) }
				}
				mutants(root, func(what string, src []byte) {
					if n++; n%2 == 0 { // half of them, for time
						return
					}
					want := accepts(t, released, src)
					if !want {
						refused++
					}
					if got := accepts(t, own, src); got != want {
						t.Errorf("%s, %s: the released schema says %v, ours %v", sample, what, want, got)
					}
					if err := untp.CheckDocument(name, src, false); (err == nil) != want {
						t.Errorf("%s, %s: the released schema says %v, our checker %v", sample, what, want, err)
					}
				})
			}
			if refused < 100 || n/2-refused < 50 {
				t.Errorf("%d documents, %d refused: the changes prove little", n, refused)
			}
			t.Logf("%d documents, %d refused", (n+1)/2, refused)
		})
	}
}

// shorten cuts long strings, which are images.
func shorten(v *jsondoc.Value) {
	if len(v.Text) > 400 && v.Kind == strictjson.String {
		v.Text = v.Text[:400]
	}
	for i := range v.Members {
		shorten(&v.Members[i].Value)
	}
	for i := range v.Elements {
		shorten(&v.Elements[i])
	}
}

// mutants gives a document as it is, and with each value in turn removed, or
// replaced by one of another kind or form, and each object with one more member.
func mutants(root *jsondoc.Value, use func(what string, src []byte)) { mutantsIn(root, root, use) }

// mutantsIn is mutants of what is inside of one value of the document.
func mutantsIn(root, inside *jsondoc.Value, use func(what string, src []byte)) {
	use("as it is", root.Append(nil))
	others := []jsondoc.Value{
		{Kind: strictjson.Null}, {Kind: strictjson.True}, {Kind: strictjson.Number, Text: "-1"}, {Kind: strictjson.Number, Text: "1.5"},
		{Kind: strictjson.Number, Text: "2.0"}, {Kind: strictjson.String, Text: "x"}, {Kind: strictjson.String, Text: ""},
		{Kind: strictjson.String, Text: "2024-03-15T12:00:00"}, {Kind: strictjson.String, Text: "2024-02-30"},
		{Kind: strictjson.Array}, {Kind: strictjson.Object},
	}
	var walk func(v *jsondoc.Value, at string)
	walk = func(v *jsondoc.Value, at string) {
		kept := *v
		for i := range others {
			*v = others[i]
			use(fmt.Sprintf("%s replaced by %s", at, others[i].Append(nil)), root.Append(nil))
		}
		*v = kept
		for i := range v.Members {
			all := v.Members
			v.Members = append(append([]jsondoc.Member(nil), all[:i]...), all[i+1:]...)
			use(at+"/"+all[i].Name+" removed", root.Append(nil))
			v.Members = all
			walk(&v.Members[i].Value, at+"/"+all[i].Name)
		}
		if v.Kind == strictjson.Object {
			v.Members = append(v.Members, jsondoc.Member{Name: "further", Value: jsondoc.Value{Kind: strictjson.True}})
			use(at+" with a further member", root.Append(nil))
			v.Members = v.Members[:len(v.Members)-1]
		}
		for i := range min(len(v.Elements), 3) {
			walk(&v.Elements[i], fmt.Sprintf("%s/%d", at, i))
		}
	}
	walk(inside, "")
}

// TestEncode_validatesAgainstTheReleasedSchema: whatever we write of 0.7.0 and
// 0.6.0 does.
func TestEncode_validatesAgainstTheReleasedSchema(t *testing.T) {
	t.Parallel()
	s070 := compile(t, foreign(t, "untp", "schema", "dcc-schema-0.7.0.json"))
	s060 := compile(t, foreign(t, "untp", "schema", "dcc-schema-0.6.0.json"))
	for _, name := range []string{"ccc-vacuum.json", "ccc-vacuum-r2.json"} {
		s := mustNative(t, foreign(t, "canonical-example", name))
		for _, o := range []dialect.Options{{}, {Lang: "en"}, converted()} {
			out, _ := mustEncode(t, untp.Name, s, o)
			if !accepts(t, s070, out) {
				t.Errorf("%s: %s", name, out)
			}
			out, _ = mustEncode(t, untp.NameOld, s, o)
			old := strings.Replace(string(out), "dcc/0.6.1/", "dcc/0.6.0/", 1)
			if o.Status != nil {
				continue // 0.6 has no status of its own; its schema is open to one
			}
			if !accepts(t, s060, []byte(old)) {
				t.Errorf("%s: %s", name, old)
			}
		}
	}
}

// converted are the options of a gateway that converts.
func converted() dialect.Options {
	return dialect.Options{
		By:       dialect.Author{ID: "did:web:gw.example.nz", Name: "Gateway"},
		Original: dialect.Original{URL: "https://gw.example.nz/v1/attestations/sha-256:0a/original", Digest: "sha-256:" + strings.Repeat("0a", 32), MediaType: "application/jose"},
		Status:   &dialect.StatusEntry{List: "https://gw.example.nz/v1/status-lists/0", Index: 7, Purpose: "suspension"},
	}
}

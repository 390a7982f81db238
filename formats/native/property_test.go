package native_test

import (
	"testing"

	"accord/attestation"
	"accord/formats/native"
	"accord/internal/strictjson"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func quote(s string) []byte { return strictjson.AppendString(nil, s) }

// TestForms_loseNothing is the promise of the dialect: JSON and XML carry the
// same document, and its canonical form does not depend on the way.
func TestForms_loseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySubmission().Draw(t, "submission")
		j := native.AppendJSON(nil, s)
		if c, err := strictjson.Canonical(j); err != nil || string(c) != string(j) {
			t.Fatalf("not RFC 8785: %v\n%s\n%s", err, j, c)
		}
		fromJSON, err := native.DecodeJSON(j)
		if err != nil {
			t.Fatalf("%v\n%s", err, j)
		}
		if d := cmp.Diff(s, fromJSON); d != "" {
			t.Fatalf("through JSON: %s", d)
		}
		x := native.AppendXML(nil, s)
		fromXML, err := native.DecodeXML(x)
		if err != nil {
			t.Fatalf("%v\n%s", err, x)
		}
		if d := cmp.Diff(s, fromXML); d != "" {
			t.Fatalf("through XML: %s", d)
		}
		if again := native.AppendXML(nil, fromXML); string(again) != string(x) {
			t.Fatalf("XML is not stable:\n%s\n%s", x, again)
		}
	})
}

func TestViews_loseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := everythingView()
		v.Submission = *anySubmission().Draw(t, "submission")
		v.Recorded = make([]string, len(v.StatusEvents))
		for i := range v.Recorded {
			v.Recorded[i] = "2026-01-01T00:00:00Z"
		}
		fromJSON, err := native.DecodeViewJSON(native.AppendViewJSON(nil, v))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(v, fromJSON); d != "" {
			t.Fatalf("through JSON: %s", d)
		}
		fromXML, err := native.DecodeViewXML(native.AppendViewXML(nil, v))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(v, fromXML); d != "" {
			t.Fatalf("through XML: %s", d)
		}
	})
}

// TestDecodeXML_doesNotKeepTheCallersBuffer: the strings of a submission are
// its own.
func TestDecodeXML_doesNotKeepTheCallersBuffer(t *testing.T) {
	t.Parallel()
	for name, decode := range map[string]func([]byte) (*attestation.Submission, error){
		"XML": native.DecodeXML, "JSON": native.DecodeJSON,
	} {
		src := native.AppendXML(nil, everything())
		if name == "JSON" {
			src = native.AppendJSON(nil, everything())
		}
		s, err := decode(src)
		if err != nil {
			t.Fatal(err)
		}
		for i := range src {
			src[i] = 'x'
		}
		if d := cmp.Diff(everything(), s); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

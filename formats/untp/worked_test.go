package untp_test

import (
	"testing"

	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/untp"

	"github.com/google/go-cmp/cmp"
)

// TestEncode_givesTheWorkedInstance compares what is written with the worked
// instance beside the design: all of it but what a codec cannot know (the id, the
// names chosen by hand) and our extension.
func TestEncode_givesTheWorkedInstance(t *testing.T) {
	t.Parallel()
	s := mustNative(t, foreign(t, "canonical-example", "ccc-vacuum.json"))
	out, losses := mustEncode(t, untp.Name, s, dialect.Options{
		Lang:   "zh-CN",
		Status: &dialect.StatusEntry{List: "https://cb.example.cn/status/4", Index: 94567, Purpose: "suspension"},
	})
	for _, l := range losses {
		t.Log(l.Severity, l.Code, l.Path)
	}
	t.Logf("%s", out)
	want := foreign(t, "canonical-example", "ccc-vacuum.untp-dcc-0.7.0.json")
	if diff := cmp.Diff(canonical(t, comparable(t, want)), canonical(t, comparable(t, out))); diff != "" {
		t.Error(diff)
	}
	if err := untp.CheckDocument("untp-dcc-0.7.0", out, false); err != nil {
		t.Error(err)
	}
}

// comparable drops what may differ.
func comparable(t testing.TB, src []byte) []byte {
	t.Helper()
	v, err := jsondoc.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	for parent, names := range map[string][]string{
		"": {"id", "name"}, "/credentialSubject": {"name", "urn:accord:untp:attestation:1"},
		"/credentialSubject/conformityAssessment/0": {"name", "assessedFacility"},
	} {
		at := v.At(parent)
		var kept []jsondoc.Member
		for _, m := range at.Members {
			drop := false
			for _, n := range names {
				drop = drop || m.Name == n
			}
			if !drop {
				kept = append(kept, m)
			}
		}
		at.Members = kept
	}
	return v.Append(nil)
}

package attestation_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// data returns a file of the shared test data, which lies beside the project and
// is not part of it.
func data(t testing.TB, name string) []byte {
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
			t.Fatal("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skipf("shared test data is not beside the project: %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample reads a submission of the shared data. The struct tags are enough for
// what the samples hold; the strict reader is in formats/native.
func sample(t testing.TB, name string) *attestation.Submission {
	t.Helper()
	var s attestation.Submission
	if err := json.Unmarshal(data(t, "canonical-example/"+name), &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// now is the present of these tests.
func now() time.Time { return time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC) }

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// date is a date in China.
func date(v string) attestation.DateV { return attestation.DateV{Value: v, Zone: "+08:00"} }

func datep(v string) *attestation.DateV { d := date(v); return &d }

func texts(v string) attestation.LText { return attestation.LText{{Lang: "en", Value: v}} }

// valid is a document with every optional part that the tests change.
func valid() *attestation.Submission {
	return &attestation.Submission{
		ModelVersion: "1.0",
		Kind:         attestation.Certification,
		Party:        attestation.ThirdParty,
		Regime:       attestation.Compulsory,
		Identifiers:  []attestation.Identifier{{Scheme: "cn.cnca.ccc", Value: "2024990708000001"}},
		Title:        texts("Certificate"),
		Issuer: attestation.Party{Role: "certificationBody", Name: texts("Body"), Country: "CN",
			Identifiers: []attestation.Identifier{{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-999"}}},
		Parties: []attestation.Party{
			{Role: "client", Name: texts("Maker"), Country: "CN"},
			{Role: "manufacturer", Ref: "client"},
		},
		Objects: []attestation.Object{{Type: "product", Name: texts("Vacuum cleaner"),
			Classifications: []attestation.Code{{System: "wco.hs/2022", Code: "850811"}},
			Models:          []attestation.Model{{Model: "RX93CE"}},
			ModelsComplete:  attestation.True,
		}},
		Requirements: []attestation.Requirement{{Type: "standard", ID: "GB 4706.1", Edition: "2005"}},
		Dates: attestation.Dates{
			FirstIssued: datep("2024-09-26"), Issued: date("2024-09-26"), Expires: datep("2029-09-25"),
		},
		StatusEvents: []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: date("2024-09-26")}},
	}
}

// codes returns the codes and pointers of findings, to compare them.
func codes(findings []attestation.Finding) map[string]fault.Code {
	m := make(map[string]fault.Code, len(findings))
	for _, f := range findings {
		m[f.At] = f.Code
	}
	return m
}

package native_test

import (
	"accord/attestation"
	"accord/formats/native"
	"crypto/sha256"
	"fmt"
	"os"
	"testing"
)

func TestSmoke(t *testing.T) {
	d := "/work/shared/data/canonical-example/"
	j, _ := os.ReadFile(d + "ccc-vacuum.json")
	x, _ := os.ReadFile(d + "ccc-vacuum.xml")
	s, err := native.DecodeJSON(j)
	if err != nil {
		t.Fatal(err)
	}
	s2, err := native.DecodeXML(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*attestation.Submission{s, s2} {
		fmt.Printf("%x\n", sha256.Sum256(native.AppendJSON(nil, s)))
	}
	out := native.AppendXML(nil, s)
	if string(out) != string(x) {
		os.WriteFile("/tmp/nt/out.xml", out, 0o644)
		t.Error("xml differs")
	}
}
func BenchmarkX(b *testing.B) {
	d := "/work/shared/data/canonical-example/"
	x, _ := os.ReadFile(d + "ccc-vacuum.xml")
	b.SetBytes(int64(len(x)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		s, _ := native.DecodeXML(x)
		out = native.AppendJSON(out[:0], s)
	}
}
func BenchmarkJ(b *testing.B) {
	d := "/work/shared/data/canonical-example/"
	x, _ := os.ReadFile(d + "ccc-vacuum.json")
	b.SetBytes(int64(len(x)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		s, _ := native.DecodeJSON(x)
		out = native.AppendJSON(out[:0], s)
	}
}

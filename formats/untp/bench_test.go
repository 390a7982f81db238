package untp_test

import (
	"testing"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/untp"
)

// certificate is a CCC certificate of a family of products; its credential has
// 6 KB.
func certificate(b *testing.B) *attestation.Submission {
	s := documents(b)["testdata/full.json"]
	s.Objects = s.Objects[:1]
	s.Objects[0].Models = nil
	for i := range 14 {
		s.Objects[0].Models = append(s.Objects[0].Models, attestation.Model{Model: "RX9" + string(rune('A'+i)) + "CE"})
	}
	s.Assessments = nil
	return s
}

func BenchmarkEncode(b *testing.B) {
	s := certificate(b)
	encode := codec(b, untp.Name).Encode
	out, losses := mustEncode(b, untp.Name, s, dialect.Options{})
	b.SetBytes(int64(len(out)))
	b.ReportMetric(float64(len(losses)), "losses")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := encode(s, dialect.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	out, _ := mustEncode(b, untp.Name, certificate(b), dialect.Options{})
	decode := codec(b, untp.Name).Decode
	b.SetBytes(int64(len(out)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := decode(out); err != nil {
			b.Fatal(err)
		}
	}
}

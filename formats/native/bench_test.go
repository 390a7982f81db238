package native_test

import (
	"fmt"
	"testing"

	"accord/attestation"
	"accord/formats/native"
)

// certificate returns a document of the size and shape of a real certificate of
// a product family: about 6 KB as XML.
func certificate() *attestation.Submission {
	all := everything()
	party := func(role string) attestation.Party {
		return attestation.Party{
			Role: role, Country: "CN", Postcode: "518000",
			Name:        attestation.LText{{Lang: "zh-CN", Value: "示例电器有限公司"}, {Lang: "en", Value: "Example Appliances Ltd."}},
			Address:     attestation.LText{{Lang: "zh-CN", Value: "广东省深圳市示例路一号"}, {Lang: "en", Value: "1 Example Road, Shenzhen"}},
			Identifiers: []attestation.Identifier{{Scheme: "cn.uscc", Value: "91440300MA5DEM012D"}},
		}
	}
	s := &attestation.Submission{
		ModelVersion: "1.0", Kind: attestation.Certification, Party: "third", Regime: "compulsory",
		Identifiers: all.Identifiers, Title: all.Title, Issuer: party("certificationBody"),
		Scheme: &attestation.Scheme{ID: "https://www.cnca.gov.cn/ccc", Name: all.Scheme.Name, Rule: all.Scheme.Rule,
			Code: &attestation.Code{System: "cn.cnca.catalogue/SAMR-2020-18", Code: "0708"}},
		Parties:      []attestation.Party{party("client"), {Role: "manufacturer", Ref: "client"}, party("factory")},
		Requirements: []attestation.Requirement{{Type: "standard", ID: "GB 4706.1", Edition: "2005"}, {Type: "standard", ID: "GB 4706.7", Edition: "2014"}},
		Dates:        all.Dates, StatusEvents: all.StatusEvents[:1], RecognitionClaims: all.RecognitionClaims,
	}
	object := attestation.Object{Type: "product", Name: all.Objects[0].Name, ModelsComplete: attestation.True,
		Classifications: []attestation.Code{{System: "cn.cnca.catalogue/SAMR-2020-18", Code: "0708"}, {System: "wco.hs/2022", Code: "850811"}},
		Ratings:         []attestation.Qty{{Name: "ratedVoltage", Value: "14.40", Unit: attestation.Code{System: "unece.rec20", Code: "VLT"}}}}
	for i := range 22 {
		object.Models = append(object.Models, attestation.Model{Model: fmt.Sprintf("RX%dCE", 90+i),
			Note: attestation.LText{{Lang: "zh-CN", Value: "基站 RC0106"}}})
	}
	s.Objects = []attestation.Object{object}
	return s
}

// BenchmarkXMLToCanonical is the way of a submission in XML: octets to the
// canonical JSON that is digested. The aim is 100 MB/s on one core.
func BenchmarkXMLToCanonical(b *testing.B) {
	src := native.AppendXML(nil, certificate())
	benchmark(b, src, native.DecodeXML)
}

// BenchmarkJSONToCanonical is the same for JSON.
func BenchmarkJSONToCanonical(b *testing.B) {
	src := native.AppendJSON(nil, certificate())
	benchmark(b, src, native.DecodeJSON)
}

// BenchmarkDecodeJSON is the reading alone, of a document of 4 KB.
func BenchmarkDecodeJSON(b *testing.B) {
	src := native.AppendJSON(nil, certificate())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := native.DecodeJSON(src); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmark(b *testing.B, src []byte, decode func([]byte) (*attestation.Submission, error)) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		s, err := decode(src)
		if err != nil {
			b.Fatal(err)
		}
		out = native.AppendJSON(out[:0], s)
	}
}

func BenchmarkAppendXML(b *testing.B) {
	s := certificate()
	out := native.AppendXML(nil, s)
	b.SetBytes(int64(len(out)))
	b.ReportAllocs()
	for b.Loop() {
		out = native.AppendXML(out[:0], s)
	}
}

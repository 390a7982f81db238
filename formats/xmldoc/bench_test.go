package xmldoc_test

import (
	"testing"

	"accord/formats/xmldoc"
)

// sample is a document of the size and shape of a certificate.
func sample() []byte {
	src := []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<at:Attestation xmlns:at="urn:accord:attestation:1" modelVersion="1.0" kind="certification">` + "\n")
	for range 30 {
		src = append(src, "  <at:Party role=\"factory\">\n    <at:Name xml:lang=\"zh-CN\">示例电器有限公司一厂</at:Name>\n    <at:Country>CN</at:Country>\n    <at:Identifier scheme=\"cn.cnca.factory\">A012345</at:Identifier>\n  </at:Party>\n"...)
	}
	return append(src, "</at:Attestation>\n"...)
}

func BenchmarkScanner(b *testing.B) {
	src := sample()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	s := xmldoc.NewScanner(nil, xmldoc.OwnLimits())
	for b.Loop() {
		s.Reset(src, xmldoc.OwnLimits())
		for {
			kind, err := s.Next()
			if err != nil {
				b.Fatal(err)
			}
			if kind == xmldoc.EOF {
				break
			}
		}
	}
}

func BenchmarkScanner_corpus(b *testing.B) {
	for name, src := range corpus(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if err := xmldoc.Check(src, xmldoc.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	src := sample()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := xmldoc.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSerialise(b *testing.B) {
	doc, err := xmldoc.Parse(sample())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(sample())))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := doc.Serialise(); err != nil {
			b.Fatal(err)
		}
	}
}

package generic_test

import (
	"testing"

	"accord/formats/generic"
)

// benchmarkFile returns the largest file without an embedded picture.
func benchmarkFile(b *testing.B) []byte {
	b.Helper()
	var largest []byte
	for _, src := range corpus(b) {
		if len(src) > len(largest) && len(src) < 100_000 {
			largest = src
		}
	}
	return largest
}

func BenchmarkFromXML(b *testing.B) {
	src := benchmarkFile(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := generic.FromXML(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToXML(b *testing.B) {
	src := benchmarkFile(b)
	form, err := generic.FromXML(src)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := generic.ToXML(form); err != nil {
			b.Fatal(err)
		}
	}
}

package generic_test

import (
	"path/filepath"
	"strings"
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

// benchmarkJSON returns the largest JSON file that is within the limits.
func benchmarkJSON(b *testing.B) []byte {
	b.Helper()
	var largest []byte
	for path, src := range sharedFiles(b) {
		if strings.HasPrefix(filepath.Ext(path), ".json") && len(src) > len(largest) && len(src) < 100_000 {
			largest = src
		}
	}
	return largest
}

func BenchmarkFromJSON(b *testing.B) {
	src := benchmarkJSON(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := generic.FromJSON(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToJSON(b *testing.B) {
	form, err := generic.FromJSON(benchmarkJSON(b))
	if err != nil {
		b.Fatal(err)
	}
	json, err := generic.ToJSON(form)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(json))) // without its white space
	b.ReportAllocs()
	for b.Loop() {
		if _, err := generic.ToJSON(form); err != nil {
			b.Fatal(err)
		}
	}
}

package cnca_test

import (
	"syscall"
	"testing"
	"time"

	"accord/formats/dialect"
	"accord/formats/untp"
)

// BenchmarkDecodeXML is the reading of a report of 6 KB. The aim is 25 MB/s on
// one core.
func BenchmarkDecodeXML(b *testing.B) {
	src, c := sample(b), codec(b, "cnca+xml")
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Decode(src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkXMLToUNTP is the whole way of a report to a credential. The aim is 15
// MB/s on one core, of what is read; bench/peers/node/convert.mjs does the same.
func BenchmarkXMLToUNTP(b *testing.B) {
	src, c := sample(b), codec(b, "cnca+xml")
	to := untp.Codecs()[0]
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	before, n := processorTime(b), 0
	for b.Loop() {
		n++
		s, _, err := c.Decode(src)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := to.Encode(s, dialect.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*len(src))/1e6/(processorTime(b)-before).Seconds(), "cpu-MB/s")
}

// processorTime is what this process has used, collector and all: on a machine
// that does other things too, it alone can be compared.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func sample(b *testing.B) []byte {
	b.Helper()
	s, _ := decode(b, "cnca", file(b, "report.json"))
	src, _ := encode(b, "cnca+xml", s)
	return src
}

package local_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"accord/storage"
	"accord/storage/storagetest"
)

// BenchmarkAppend64 appends bodies of 5 KB from 64 callers; a benchmark of
// -benchtime 200000x also opens what it made.
func BenchmarkAppend64(b *testing.B) {
	h := storagetest.NewHome(b, opener(b, b.TempDir()))
	body := make([]byte, 5000)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				leave := h.Enter()
				d := storagetest.NewDraft(fmt.Sprint("key ", i), fmt.Sprint("content ", i))
				for f := range 5 {
					d.Fields.Terms = append(d.Fields.Terms, storage.Term(storage.TermProduct, fmt.Sprint(f, " product ", i)))
				}
				d.Body, d.Guard.Size = body, h.Size()
				_, err := h.Append(context.Background(), d)
				leave()
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "doc/s")
	begin := time.Now()
	if err := h.Archive.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(begin).Seconds(), "close-s")
	begin = time.Now()
	if err := h.Reopen(b); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(begin).Seconds(), "reopen-s")
}

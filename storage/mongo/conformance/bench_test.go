package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"accord/storage"
	"accord/storage/local"
	"accord/storage/mongo"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// counter counts what the appends of a gateway came to.
type counter struct {
	storage.Log
	batches, conflicts atomic.Int64
}

// Append counts.
func (c *counter) Append(ctx context.Context, b *storage.Batch) error {
	err := c.Log.Append(ctx, b)
	switch {
	case err == nil:
		c.batches.Add(1)
	case errors.Is(err, storage.ErrConflict):
		c.conflicts.Add(1)
	}
	return err
}

// embedded opens the archive of one process, to compare with.
func embedded(b *testing.B) storagetest.Opener {
	dir := b.TempDir()
	if err := local.CreateJournal(dir); err != nil {
		b.Fatal(err)
	}
	return func(testing.TB) (storage.Log, storage.Index) {
		j, err := local.OpenJournal(dir)
		if err != nil {
			b.Fatal(err)
		}
		x, err := local.OpenIndex(context.Background(), filepath.Join(dir, "index.sqlite"), j)
		if err != nil {
			b.Fatal(err)
		}
		return j, x
	}
}

// BenchmarkIngest sends documents of 5 KB to the embedded archive, and to one,
// two and four gateways on one FerretDB, with 64 clients at each.
func BenchmarkIngest(b *testing.B) {
	b.Run("embedded", func(b *testing.B) { ingest(b, embedded(b), 1) })
	for _, n := range []int{1, 2, 4} {
		b.Run(fmt.Sprint("gateways=", n), func(b *testing.B) {
			w := ferret(b, wiretest.Options{})
			open := w.opener(b)
			w.proxy.Reset()
			ingest(b, open, n)
			sent := w.proxy.Commands().Writes("batches")
			lost := sent.Where(func(c *wiretest.Command) bool { return len(c.WriteErrors) > 0 })
			b.ReportMetric(float64(len(lost))/float64(len(sent)-len(lost)), "lost-writes/batch")
		})
	}
}

func ingest(b *testing.B, open storagetest.Opener, gateways int) {
	homes, counters := make([]*storagetest.Home, gateways), make([]*counter, gateways)
	for i := range homes {
		homes[i], counters[i] = storagetest.NewHome(b, open), &counter{}
		if gateways > 1 {
			homes[i].Adjust = func(o *storage.Options) { o.Shared = true }
		}
		homes[i].Wrap = func(l storage.Log) storage.Log { counters[i].Log = l; return counters[i] }
		if err := homes[i].Reopen(b); err != nil {
			b.Fatal(err)
		}
	}
	drafts := make([]*storage.Draft, b.N)
	for i := range drafts {
		drafts[i] = document(i)
	}
	taken := make([]atomic.Int64, gateways)
	b.SetBytes(5000)
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range 64 * gateways {
		wg.Go(func() {
			h := homes[worker%gateways]
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				leave := h.Enter()
				_, err := h.Append(context.Background(), drafts[i])
				leave()
				if err != nil {
					b.Error(err)
					return
				}
				taken[worker%gateways].Add(1)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	var batches, conflicts int64
	var shares []float64
	for i, c := range counters {
		batches, conflicts = batches+c.batches.Load(), conflicts+c.conflicts.Load()
		shares = append(shares, float64(taken[i].Load())/float64(b.N))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
	b.ReportMetric(float64(b.N)/float64(batches), "docs/batch")
	b.ReportMetric(float64(batches)/b.Elapsed().Seconds(), "batches/s")
	b.ReportMetric(float64(conflicts)/float64(batches), "conflicts/batch")
	b.ReportMetric(slices.Min(shares)*float64(gateways), "least-share")
}

// BenchmarkReads asks for entries and pages of a feed of 2,000 entries.
func BenchmarkReads(b *testing.B) {
	for name, open := range map[string]func(*testing.B) storagetest.Opener{
		"embedded":        embedded,
		"mongo, memory":   func(b *testing.B) storagetest.Opener { return ferret(b, wiretest.Options{}).opener(b) },
		"mongo, database": func(b *testing.B) storagetest.Opener { return uncached(b).opener(b) },
	} {
		b.Run(name, func(b *testing.B) {
			h := storagetest.NewHome(b, open(b))
			const n = 2000
			var wg sync.WaitGroup
			for worker := range 50 {
				wg.Go(func() {
					for i := range n / 50 {
						leave := h.Enter()
						h.Put(b, document(worker*n/50+i))
						leave()
					}
				})
			}
			wg.Wait()
			if err := h.Reopen(b); err != nil {
				b.Fatal(err)
			}
			ctx := context.Background()
			e, err := h.At(ctx, 1000)
			if err != nil {
				b.Fatal(err)
			}
			for what, ask := range map[string]func() error{
				"entry":         func() error { _, err := h.At(ctx, 1000); return err },
				"body":          func() error { _, err := h.Body(ctx, e); return err },
				"content":       func() error { _, err := h.ByContent(ctx, document(7).Content); return err },
				"page of 100":   func() error { _, _, err := h.Feed(ctx, "beta", 500, 100); return err },
				"page of 1000":  func() error { _, _, err := h.Feed(ctx, "beta", 500, 1000); return err },
				"end of a feed": func() error { _, _, err := h.Feed(ctx, "beta", n-10, 1000); return err },
			} {
				b.Run(what, func(b *testing.B) {
					for b.Loop() {
						if err := ask(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// uncached keeps nothing in memory.
func uncached(b *testing.B) *world {
	w := ferret(b, wiretest.Options{})
	w.settings = mongo.Settings{Recent: -1}
	return w
}

package local

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"accord/storage"
)

// put writes postings as Apply does, without the entries they belong to.
func put(t *testing.T, x *Index, found []posting, size uint64) {
	t.Helper()
	ctx := context.Background()
	_, err := x.writer.conn.ExecContext(ctx, `BEGIN IMMEDIATE`)
	if err != nil {
		t.Fatal(err)
	}
	g, err := x.lookup.insert(ctx, x.writer, found)
	if err != nil {
		t.Fatal(err)
	}
	var w storage.Watermark
	if err := x.writer.exec(ctx, sqlWatermark, int64(size), int64(size), w.Root[:], []byte{}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.writer.conn.ExecContext(ctx, `COMMIT`); err != nil {
		t.Fatal(err)
	}
	x.lookup.adopt(g)
}

// TestLookup_findsAcrossEpochs compares with a map: keys of one entry, of some
// and of most, over more than three epochs, with transactions that cross them.
func TestLookup_findsAcrossEpochs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "index.sqlite")
	x, err := OpenIndex(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	want := map[int64][]uint64{}
	size := uint64(0)
	for step := 0; size < 3<<epochBits+20_000; step++ {
		var found []posting
		for n := r.IntN(12_000) + 1; n > 0; n-- {
			// A series of its own, one of many terms, one of most entries.
			for _, key := range []int64{r.Int64N(storage.SeriesKeyEnd), -1 - r.Int64N(5000), -10_000 - r.Int64N(2)} {
				found = append(found, posting{key, size})
				want[key] = append(want[key], size)
			}
			size++
		}
		put(t, x, found, size)
		if step%9 == 8 {
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if x, err = OpenIndex(t.Context(), path, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	defer x.Close()
	keys := make([]int64, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for range 3000 {
		k := keys[r.IntN(len(keys))]
		compare(t, x, want, []int64{k}, r.Uint64N(size+5), 1+r.IntN(300))
		compare(t, x, want, []int64{r.Int64N(storage.SeriesKeyEnd)}, size, 10)
	}
	for range 60 {
		few, most := -1-r.Int64N(5000), -10_000-r.Int64N(2)
		compare(t, x, want, []int64{few, most}, r.Uint64N(size), 1+r.IntN(300))
		compare(t, x, want, []int64{most, few, most}, size, 1000)
		compare(t, x, want, []int64{-10_000, -10_001}, size, 5)
	}
}

func compare(t *testing.T, x *Index, want map[int64][]uint64, keys []int64, before uint64, limit int) {
	t.Helper()
	got, err := x.Lookup(context.Background(), keys, before, limit)
	if err != nil {
		t.Fatal(err)
	}
	var should []uint64
	for _, i := range slices.Backward(want[keys[0]]) {
		under := func(k int64) bool { _, ok := slices.BinarySearch(want[k], i); return ok }
		if i < before && len(should) < limit && !slices.ContainsFunc(keys, func(k int64) bool { return !under(k) }) {
			should = append(should, i)
		}
	}
	if !slices.Equal(got, should) {
		t.Fatalf("keys %v before %d limit %d: %s", keys, before, limit, fmt.Sprintf("%v, want %v", got, should))
	}
}

// TestFilter_neverMisses also bounds how often it is wrong.
func TestFilter_neverMisses(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	b := new(filter)
	var keys []int64
	for range 1 << epochBits {
		k := r.Int64N(storage.SeriesKeyEnd)
		b.set(k)
		keys = append(keys, k)
	}
	again, err := filterOf(b.bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if !again.has(k) {
			t.Fatalf("key %d is missed", k)
		}
	}
	wrong := 0
	for range 200_000 {
		if again.has(r.Int64N(storage.SeriesKeyEnd)) {
			wrong++
		}
	}
	if wrong > 40 {
		t.Errorf("%d of 200,000 foreign keys are taken for ours, want about 10", wrong)
	}
}

package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
	"accord/storage/mongo"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// recorder keeps the batches of an archive.
type recorder struct {
	storage.Log
	batches []*storage.Batch
}

// Append notes a batch.
func (r *recorder) Append(ctx context.Context, b *storage.Batch) error {
	err := r.Log.Append(ctx, b)
	if err == nil {
		r.batches = append(r.batches, b)
	}
	return err
}

// history is a log and how far a view is after each of its batches.
type history struct {
	entries []*storage.Entry
	tiles   [][]ledger.FullTile
	marks   []storage.Watermark
}

// made returns the history of an archive with entries of several kinds,
// audiences and series.
func made(t *testing.T, n int) history {
	t.Helper()
	r := &recorder{}
	log, index := &storagetest.Log{}, &storagetest.Index{}
	h := storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, index })
	h.Wrap = func(l storage.Log) storage.Log { r.Log = l; return r }
	require.NoError(t, h.Reopen(t))
	for i := range n {
		d := h.Draft(t, fmt.Sprint("key ", i%(n/3)), fmt.Sprint("content ", i))
		switch i % 5 {
		case 1:
			d.Audience = []attestation.PartnerID{"alpha", "gamma"}
		case 2:
			d.Audience = []attestation.PartnerID{"gamma"}
		case 3:
			d.Kind, d.Type = ledger.KindDecision, "accord-decision+jose"
		}
		h.Put(t, d)
	}
	out := history{marks: []storage.Watermark{{}}}
	tree := ledger.NewTree(nil)
	for _, b := range r.batches {
		hashes := make([]ledger.Hash, len(b.Entries))
		for i, e := range b.Entries {
			hashes[i] = e.Hash()
		}
		out.entries, out.tiles = append(out.entries, b.Entries...), append(out.tiles, tree.Append(hashes...))
		s := tree.Snapshot()
		out.marks = append(out.marks, storage.Watermark{Batch: b.Number + 1, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()})
	}
	return out
}

// apply takes batches of one entry each in.
func (h history) apply(x interface {
	Apply(context.Context, []*storage.Entry, []ledger.FullTile, storage.Watermark) error
}, from, to int) error {
	return x.Apply(context.Background(), h.entries[from:to], slices.Concat(h.tiles[from:to]...), h.marks[to])
}

// Every question is answered from the database like from a map in memory, by
// one find, whatever is kept in memory.
func TestIndex_answersLikeAMap(t *testing.T) {
	t.Parallel()
	n := short(600, 90)
	past := made(t, n)
	for _, recent := range []int{-1, 20, 0} {
		t.Run(fmt.Sprint("recent ", recent), func(t *testing.T) {
			t.Parallel()
			w := ferret(t, wiretest.Options{})
			w.settings = mongo.Settings{Recent: recent}
			log, x := w.opener(t)(t)
			defer func() { require.NoError(t, errors.Join(x.Close(), log.Close())) }()
			same := &storagetest.Index{}
			for at := 0; at < n; {
				to := min(n, at+17)
				require.NoError(t, past.apply(x, max(0, at-3), to))
				require.NoError(t, past.apply(same, at, to))
				at = to
			}
			random := rand.New(rand.NewPCG(1, uint64(recent)))
			for range short(1500, 120) {
				w.proxy.Reset()
				most := ask(t, random, past, x, same)
				reads := w.proxy.Commands().Reads().Where(func(c *wiretest.Command) bool {
					return c.Collection != "views" // the look at the generations, every half a minute
				})
				require.LessOrEqual(t, len(reads), most, "%s", reads)
			}
		})
	}
}

// ask puts a random question to two views and returns how many finds it may
// take.
func ask(t *testing.T, random *rand.Rand, past history, x, same storage.Index) int {
	t.Helper()
	ctx, n := t.Context(), len(past.entries)
	limit := 1 + random.IntN(30)
	switch random.IntN(7) {
	case 0:
		want, err := same.Entries(ctx, []uint64{uint64(random.IntN(n + 3)), uint64(random.IntN(n)), uint64(random.IntN(n))})
		require.NoError(t, err)
		indexes := make([]uint64, len(want))
		for i, e := range want {
			indexes[i] = e.Index
		}
		got, err := x.Entries(ctx, indexes)
		require.NoError(t, err)
		sameEntries(t, want, got)
		return 1
	case 1:
		after := uint64(random.IntN(n))
		bound := after + uint64(random.IntN(n))
		p := []attestation.PartnerID{"alpha", "beta", "gamma", "nobody"}[random.IntN(4)]
		want, err := same.Feed(ctx, p, after, bound, limit)
		require.NoError(t, err)
		got, err := x.Feed(ctx, p, after, bound, limit)
		require.NoError(t, err)
		require.Equal(t, len(want), len(got))
		for i := range want {
			require.Equal(t, want[i], got[i])
		}
		return 1
	case 2:
		kind := []ledger.Kind{ledger.KindAttestation, ledger.KindDecision, ledger.KindAck}[random.IntN(3)]
		from := uint64(random.IntN(n))
		want, err := same.Kinds(ctx, kind, from, limit)
		require.NoError(t, err)
		got, err := x.Kinds(ctx, kind, from, limit)
		require.NoError(t, err)
		sameEntries(t, want, got)
		return 1
	case 3:
		if n < ledger.TileWidth {
			return 1
		}
		data, err := x.ReadTile(ctx, 0, 0)
		require.NoError(t, err)
		want, err := same.ReadTile(ctx, 0, 0)
		require.NoError(t, err)
		require.Equal(t, want, data)
		return 1
	}
	keys, err := past.entries[random.IntN(n)].Lookups()
	require.NoError(t, err)
	keys = slices.Clone(keys)
	random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	keys = keys[:random.IntN(4)]
	before := uint64(random.IntN(n + 10))
	want, err := same.Lookup(ctx, keys, before, limit)
	require.NoError(t, err)
	got, err := x.Lookup(ctx, keys, before, limit)
	require.NoError(t, err)
	require.Equal(t, len(want), len(got), "under %d keys, before %d, at most %d: %v, want %v", len(keys), before, limit, got, want)
	require.True(t, slices.Equal(want, got))
	entries, err := x.Entries(ctx, got) // comes with the answer, but for what several keys share
	require.NoError(t, err)
	require.Len(t, entries, len(got))
	if len(keys) > 1 {
		return 2 + len(keys) // each key read once, as few entries are under it
	}
	return 1
}

func sameEntries(t *testing.T, want, got []*storage.Entry) {
	t.Helper()
	require.Equal(t, len(want), len(got))
	for i := range want {
		require.Equal(t, storage.AppendEntry(nil, want[i]), storage.AppendEntry(nil, got[i]))
		require.Equal(t, []uint64{want[i].Index, want[i].BatchEnd, want[i].Ref, uint64(want[i].BodyLen)}, []uint64{got[i].Index, got[i].BatchEnd, got[i].Ref, uint64(got[i].BodyLen)})
	}
}

// Gateways take the same entries in at the same time, in other portions, while
// rows and watermarks are late, lost or doubted: nothing is missing.
func TestIndex_manyWriters(t *testing.T) {
	t.Parallel()
	n := short(400, 90)
	past := made(t, n)
	w := ferret(t, wiretest.Options{})
	open := w.opener(t)
	var all []storage.Index
	for range 3 {
		log, x := open(t)
		defer func() { require.NoError(t, errors.Join(x.Close(), log.Close())) }()
		all = append(all, x)
	}
	f := w.proxy.Arm(wiretest.Rule{Match: func(c *wiretest.Command) bool {
		return (c.Name == "insert" || c.Name == "update") && c.Seq%3 == 0
	}, Times: wiretest.Always, Do: wiretest.Action{Delay: 30 * 1e6, Concern: wiretest.CodeWriteConcernFailed}})
	done := make(chan error, len(all))
	for i, x := range all {
		go func() {
			random := rand.New(rand.NewPCG(uint64(i), 9))
			for at := 0; at < n; {
				to := min(n, at+1+random.IntN(30))
				if err := past.apply(x, max(0, at-random.IntN(4)), to); err != nil {
					continue // it is given again
				}
				at = to
			}
			done <- nil
		}()
	}
	for range all {
		require.NoError(t, <-done)
	}
	require.Positive(t, f.Hits())
	f.Disarm()
	same := &storagetest.Index{}
	require.NoError(t, past.apply(same, 0, n))
	w.settings = mongo.Settings{Recent: -1}
	log, x := open(t)
	defer func() { require.NoError(t, errors.Join(x.Close(), log.Close())) }()
	mark, err := x.Watermark(t.Context())
	require.NoError(t, err)
	require.Equal(t, past.marks[n].Size, mark.Size)
	require.Equal(t, past.marks[n].Root, mark.Root)
	random := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		ask(t, random, past, x, same)
	}
}

package storagetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"accord/ledger"
	"accord/storage"
)

// The contracts themselves, without an archive over them. The batches are
// those that an archive made in memory.

// recorder keeps every batch that is appended.
type recorder struct {
	storage.Log
	batches []*storage.Batch
}

// Append notes a batch that stands.
func (r *recorder) Append(ctx context.Context, b *storage.Batch) error {
	err := r.Log.Append(ctx, b)
	if err == nil {
		r.batches = append(r.batches, b)
	}
	return err
}

// made returns the batches of an archive to which n documents of a prefix were
// sent one after the other.
func made(t testing.TB, n int, prefix string) []*storage.Batch {
	t.Helper()
	log, index := &Log{}, &Index{}
	h := NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, index })
	r := &recorder{}
	h.Wrap = func(l storage.Log) storage.Log { r.Log = l; return r }
	check(t, h.Reopen(t))
	for i := range n {
		h.Put(t, h.Draft(t, name(prefix+" key %d", i%3), name(prefix+" content %d", i)))
	}
	check(t, h.Archive.Close())
	return r.batches
}

// copyBatch returns what another process would append: nothing is shared.
func copyBatch(t testing.TB, b *storage.Batch) *storage.Batch {
	t.Helper()
	c := *b
	c.Entries, c.Bodies = nil, nil
	for i, e := range b.Entries {
		again, err := copyEntry(e)
		check(t, err)
		again.Ref, again.HeadLen, again.BodyLen = 0, 0, 0
		c.Entries, c.Bodies = append(c.Entries, again), append(c.Bodies, slices.Clone(b.Bodies[i]))
	}
	return &c
}

// logContract holds a log against the words of storage.Log.
func logContract(t *testing.T, open Opener) {
	ctx := context.Background()
	batches, others := made(t, 5, "one"), made(t, 5, "other")
	log, index := open(t)
	for i, b := range batches {
		check(t, log.Append(ctx, copyBatch(t, b)))
		for _, old := range batches[:i+1] {
			again := copyBatch(t, old)
			check(t, log.Append(ctx, again))
			body, err := log.Body(ctx, again.Entries[0].Ref, again.Entries[0].BodyLen)
			check(t, err)
			if !bytes.Equal(body, old.Bodies[0]) {
				t.Fatalf("batch %d appended again names another body", old.Number)
			}
		}
		if err := log.Append(ctx, copyBatch(t, others[i])); !errors.Is(err, storage.ErrConflict) {
			t.Fatalf("another batch %d: %v, want ErrConflict", i, err)
		}
	}
	for range 2 {
		for from := range uint64(len(batches) + 2) {
			sameBatches(t, log, from, batches[min(from, uint64(len(batches))):])
		}
		enough := errors.New("enough")
		if err := log.Batches(ctx, 0, false, func(*storage.Batch) error { return enough }); !errors.Is(err, enough) {
			t.Fatalf("the error of the caller became %v", err)
		}
		ended, end := context.WithCancel(ctx)
		end()
		if err := log.Batches(ended, 0, false, func(*storage.Batch) error { return nil }); err == nil {
			t.Fatal("a context that had ended was not asked")
		}
		check(t, errors.Join(log.Close(), index.Close(), log.Close(), index.Close()))
		log, index = open(t)
		check(t, log.Append(ctx, copyBatch(t, batches[4])))
		if err := log.Append(ctx, copyBatch(t, others[4])); !errors.Is(err, storage.ErrConflict) {
			t.Fatalf("another last batch after opening: %v, want ErrConflict", err)
		}
	}
	check(t, errors.Join(log.Close(), index.Close()))
}

// sameBatches compares what a log has from a number on, bodies left out and
// with them.
func sameBatches(t *testing.T, log storage.Log, from uint64, want []*storage.Batch) {
	t.Helper()
	ctx := context.Background()
	for _, bodies := range []bool{false, true} {
		var got []*storage.Batch
		check(t, log.Batches(ctx, from, bodies, func(b *storage.Batch) error { got = append(got, b); return nil }))
		if len(got) != len(want) {
			t.Fatalf("%d batches from %d on, want %d", len(got), from, len(want))
		}
		for i, b := range got {
			if !bodies {
				body, err := log.Body(ctx, b.Entries[0].Ref, b.Entries[0].BodyLen)
				check(t, err)
				b.Bodies = [][]byte{body}
			}
			if !bytes.Equal(octets(b), octets(want[i])) || b.Key != want[i].Key || b.Seal != want[i].Seal {
				t.Fatalf("batch %d is not the one that was appended", b.Number)
			}
			if e, w := b.Entries[0], want[i].Entries[0]; e.Index != w.Index || e.BatchEnd != w.BatchEnd {
				t.Fatalf("entry %d of batch ending at %d, want %d and %d", e.Index, e.BatchEnd, w.Index, w.BatchEnd)
			}
		}
	}
}

// indexContract holds a view against the words of storage.Index: what is
// applied again changes nothing, and nothing is left out.
func indexContract(t *testing.T, open Opener) {
	ctx := context.Background()
	const n = 40
	batches := made(t, n, "one")
	log, index := open(t)
	defer func() { check(t, errors.Join(log.Close(), index.Close())) }()
	var entries []*storage.Entry
	marks := []storage.Watermark{{}}
	tree := ledger.NewTree(nil)
	for _, b := range batches {
		b = copyBatch(t, b) // a view may read from the log what an entry says
		check(t, log.Append(ctx, b))
		entries = append(entries, b.Entries...)
		tree.Append(b.Entries[0].Hash())
		s := tree.Snapshot()
		marks = append(marks, storage.Watermark{Batch: b.Number + 1, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()})
	}
	apply := func(from, to int) error { return index.Apply(ctx, entries[from:to], nil, marks[to]) }
	for _, c := range []struct{ from, to, size int }{
		{0, 10, 10}, {0, 10, 10}, {0, 4, 10}, {5, 15, 15}, {0, 20, 20}, {20, 25, 25}, {25, 25, 25}, {3, 30, 30}, {29, 30, 30},
	} {
		check(t, apply(c.from, c.to))
		viewIs(t, index, entries[:c.size], marks[c.size])
	}
	if err := apply(31, 35); err == nil {
		t.Fatal("entries that begin above the watermark were taken in")
	}
	viewIs(t, index, entries[:30], marks[30])
	check(t, apply(30, n))
	viewIs(t, index, entries, marks[n])

	// A renewal answers nothing before it is switched, and never with less.
	begin := func() storage.Renewal {
		r, err := index.Renew(ctx)
		check(t, err)
		return r
	}
	r := begin()
	check(t, r.Apply(ctx, entries[:20], nil, marks[20]))
	viewIs(t, index, entries, marks[n])
	if err := r.Switch(ctx); !errors.Is(err, storage.ErrBehind) {
		t.Fatalf("a renewal of 20 entries takes the place of %d: %v", n, err)
	}
	viewIs(t, index, entries, marks[n])
	check(t, r.Apply(ctx, entries[20:], nil, marks[n]))
	check(t, r.Switch(ctx))
	viewIs(t, index, entries, marks[n])
	r = begin()
	check(t, r.Apply(ctx, entries[:20], nil, marks[20]))
	check(t, r.Discard())
	viewIs(t, index, entries, marks[n])
	check(t, begin().Switch(ctx))
	viewIs(t, index, nil, marks[0])
	check(t, apply(0, 10))
	viewIs(t, index, entries[:10], marks[10])
}

// viewIs says that a view has just these entries, by every question.
func viewIs(t *testing.T, index storage.Index, want []*storage.Entry, mark storage.Watermark) {
	t.Helper()
	ctx := context.Background()
	got, err := index.Watermark(ctx)
	check(t, err)
	if got.Batch != mark.Batch || got.Size != mark.Size || got.Root != mark.Root || !bytes.Equal(got.Frontier, mark.Frontier) {
		t.Fatalf("the watermark is %d, want %d", got.Size, mark.Size)
	}
	all := make([]uint64, len(want)+3)
	for i := range all {
		all[i] = uint64(i)
	}
	entries, err := index.Entries(ctx, all)
	check(t, err)
	kinds, err := index.Kinds(ctx, ledger.KindAttestation, 0, len(all))
	check(t, err)
	lines, err := index.Feed(ctx, "beta", 0, 1<<40, len(all))
	check(t, err)
	if len(entries) != len(want) || len(kinds) != len(want) || len(lines) != len(want) {
		t.Fatalf("%d entries, %d of the kind, %d lines of the feed, want %d", len(entries), len(kinds), len(lines), len(want))
	}
	under := map[int64][]uint64{}
	for i, e := range want {
		line, err := storage.AppendFeedLine(nil, e)
		check(t, err)
		if !sameEntry(entries[i], e) || !sameEntry(kinds[i], e) || lines[i].Index != e.Index || lines[i].Hash != e.Hash() || !bytes.Equal(lines[i].JSON, line) {
			t.Fatalf("entry %d is not the one that was applied", i)
		}
		keys, err := e.Lookups()
		check(t, err)
		for _, k := range keys {
			under[k] = append(under[k], e.Index)
		}
	}
	for k, indexes := range under {
		slices.Reverse(indexes)
		found, err := index.Lookup(ctx, []int64{k}, 1<<40, len(all))
		check(t, err)
		if !slices.Equal(found, indexes) {
			t.Fatalf("key %d finds %v, want %v", k, found, indexes)
		}
	}
}

func sameEntry(a, b *storage.Entry) bool {
	return a.Index == b.Index && a.BatchEnd == b.BatchEnd && a.Ref == b.Ref && a.HeadLen == b.HeadLen && a.BodyLen == b.BodyLen &&
		bytes.Equal(storage.AppendEntry(nil, a), storage.AppendEntry(nil, b))
}

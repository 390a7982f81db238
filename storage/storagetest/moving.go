package storagetest

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// slowIndex answers a question and then lets something happen before the
// answer arrives.
type slowIndex struct {
	storage.Index
	meanwhile atomic.Pointer[func()]
}

func (x *slowIndex) wait() {
	if f := x.meanwhile.Swap(nil); f != nil {
		(*f)()
	}
}

// Lookup is slow.
func (x *slowIndex) Lookup(ctx context.Context, keys []int64, before uint64, limit int) ([]uint64, error) {
	defer x.wait()
	return x.Index.Lookup(ctx, keys, before, limit)
}

// Feed is slow.
func (x *slowIndex) Feed(ctx context.Context, p attestation.PartnerID, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	defer x.wait()
	return x.Index.Feed(ctx, p, after, bound, limit)
}

// Kinds is slow.
func (x *slowIndex) Kinds(ctx context.Context, kind ledger.Kind, from uint64, limit int) ([]*storage.Entry, error) {
	defer x.wait()
	return x.Index.Kinds(ctx, kind, from, limit)
}

// moving asks while entries move from the overlay to the views: none is missed
// and none seen twice, and what is kept of a series is not kept too long.
func moving(t *testing.T, h *Home) {
	ctx := context.Background()
	index := &slowIndex{}
	h.Adjust = func(o *storage.Options) { index.Index = o.Index; o.Index = index }
	check(t, h.Reopen(t))
	caughtUp := func() { waitFor(t, func() bool { return h.Lag().Entries == 0 }) }
	n := 0
	put := func(key string) uint64 {
		n++
		return h.Put(t, h.Draft(t, key, name("content %d", n))).Entry.Index
	}
	put("old")
	caughtUp()
	indexes := func(entries []*storage.Entry, err error) []uint64 {
		check(t, err)
		var out []uint64
		for _, e := range entries {
			out = append(out, e.Index)
		}
		return out
	}
	for what, ask := range map[string]func() []uint64{
		"search": func() []uint64 {
			found, _, err := h.Search(ctx, storage.Itself(), []string{storage.Term(storage.TermHolder, "holder of all")}, 1<<62, 1000, func(*storage.Entry) bool { return true })
			slices.Reverse(found)
			return indexes(found, err)
		},
		"feed": func() (out []uint64) {
			lines, _, err := h.Feed(ctx, "beta", 0, 1000)
			check(t, err)
			for _, l := range lines {
				out = append(out, l.Index)
			}
			return out
		},
		"kinds": func() []uint64 {
			var found []*storage.Entry
			err := h.Kinds(ctx, ledger.KindAttestation, 0, func(e *storage.Entry) error { found = append(found, e); return nil })
			return indexes(found, err)
		},
	} {
		for round := range 3 {
			put(name(what+" %d", round))
			want := make([]uint64, h.Size())
			for i := range want {
				want[i] = uint64(i)
			}
			index.meanwhile.Store(&caughtUp)
			if got := ask(); !slices.Equal(got, want) {
				t.Fatalf("%s while an entry moves: %v, want %v", what, got, want)
			}
		}
	}
	for _, moved := range []bool{true, false} {
		key := name("series %d", n)
		first := put(key)
		caughtUp()
		check(t, h.Reopen(t)) // nothing is remembered
		var second uint64
		grow := func() {
			if second = put(key); moved {
				caughtUp()
			}
		}
		index.meanwhile.Store(&grow)
		if _, err := h.Series(ctx, key); err != nil {
			t.Fatal(err)
		}
		s, err := h.Series(ctx, key)
		if got := indexes(s.Entries, err); !slices.Equal(got, []uint64{first, second}) {
			t.Fatalf("a series that grew while it was read: %v, want %v", got, []uint64{first, second})
		}
	}
	h.Sound(t)
}

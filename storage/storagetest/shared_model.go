package storagetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"accord/attestation"
	"accord/storage"
)

// sharedModel compares random operations on random archives of one log with a
// map. Each begins with a look, as a request does, so all answer as one.
func sharedModel(t *testing.T, open Opener) {
	ctx := context.Background()
	steps := modelSteps / 4
	if testing.Short() {
		steps /= 10
	}
	all := members(t, open, 3)
	random := rand.New(rand.NewPCG(3, 41))
	var log []modelEntry
	series := map[string][]uint64{}
	contents := map[string]uint64{}
	for step := range steps {
		h := all[random.IntN(len(all))]
		check(t, h.Refresh(ctx))
		if h.Size() != uint64(len(log)) {
			t.Fatalf("step %d: %d entries, the model has %d", step, h.Size(), len(log))
		}
		key := name("key %d", random.IntN(100))
		content := key + name(", content %d", random.IntN(steps/100))
		at, known := contents[content]
		switch n := random.IntN(1000); {
		case n < 600:
			s, err := h.Send(ctx, key, content)
			check(t, err)
			if s.Replay != known || (known && s.Entry.Index != at) || (!known && s.Entry.Index != uint64(len(log))) {
				t.Fatalf("step %d: stored as %d, replay %v, the model has %d of %d", step, s.Entry.Index, s.Replay, at, len(log))
			}
			if !known {
				contents[content] = s.Entry.Index
				series[key] = append(series[key], s.Entry.Index)
				log = append(log, modelEntry{key, content})
			}
		case n < 700:
			e, err := h.ByContent(ctx, attestation.DigestOf([]byte(content)))
			check(t, err)
			if known != (e != nil) || (known && e.Index != at) {
				t.Fatalf("step %d: ByContent and the model differ", step)
			}
		case n < 800:
			s, err := h.Series(ctx, key)
			check(t, err)
			same(t, step, s.Entries, series[key])
		case n < 880:
			after, limit := uint64(random.IntN(len(log)+1)), 1+random.IntN(30)
			lines, _, err := h.Feed(ctx, "alpha", after, limit)
			check(t, err)
			for i, l := range lines {
				if l.Index != after+uint64(i) {
					t.Fatalf("step %d: line %d of the feed is %d", step, i, l.Index)
				}
			}
			if len(lines) != min(limit, len(log)-int(after)) {
				t.Fatalf("step %d: %d lines", step, len(lines))
			}
		case n < 930:
			found, _, err := h.Search(ctx, storage.Itself(), []string{storage.Term(storage.TermNumber, key)}, 1<<62, 1<<20, func(*storage.Entry) bool { return true })
			check(t, err)
			slices.Reverse(found)
			same(t, step, found, series[key])
		case n < 980 && len(log) > 0:
			h.Prove(t, uint64(random.IntN(len(log))))
		case n < 990:
			check(t, h.Rebuild(ctx))
		default:
			h.reopen(t)
		}
	}
	for _, h := range all {
		h.Sound(t)
	}
}

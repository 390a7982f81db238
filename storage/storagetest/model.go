package storagetest

import (
	"context"
	"math/rand/v2"
	"testing"

	"accord/attestation"
	"accord/storage"
)

// modelSteps is the number of random operations of the model test; a tenth of
// it under -short.
const modelSteps = 10_000

// modelEntry is what the model knows of an entry.
type modelEntry struct{ key, content string }

// model compares random operations, reopening included, with a map.
func model(t *testing.T, h *Home) {
	ctx := context.Background()
	steps := modelSteps
	if testing.Short() {
		steps /= 10
	}
	random := rand.New(rand.NewPCG(14, 38))
	var log []modelEntry
	series := map[string][]uint64{}
	contents := map[string]uint64{}
	for step := range steps {
		key := name("key %d", random.IntN(200))
		switch n := random.IntN(1000); {
		case n < 550:
			content := name("content %d", random.IntN(steps))
			at, known := contents[content]
			if known {
				// The sequencer remembers content for so long only: who appends
				// asks before, as a gateway does.
				e, err := h.ByContent(ctx, attestation.DigestOf([]byte(content)))
				check(t, err)
				if e == nil || e.Index != at {
					t.Fatalf("step %d: the content of entry %d is not found", step, at)
				}
				continue
			}
			s := h.Put(t, h.Draft(t, key, content))
			if s.Replay {
				t.Fatalf("step %d: new content is said to be entry %d", step, s.Entry.Index)
			}
			if !s.Replay {
				if s.Entry.Index != uint64(len(log)) {
					t.Fatalf("step %d: stored as %d, the log had %d", step, s.Entry.Index, len(log))
				}
				contents[content] = s.Entry.Index
				series[key] = append(series[key], s.Entry.Index)
				log = append(log, modelEntry{key, content})
			}
		case n < 700:
			content := name("content %d", random.IntN(steps))
			e, err := h.ByContent(ctx, attestation.DigestOf([]byte(content)))
			check(t, err)
			if at, known := contents[content]; known != (e != nil) || (known && e.Index != at) {
				t.Fatalf("step %d: ByContent and the model differ", step)
			}
		case n < 850:
			s, err := h.Series(ctx, key)
			check(t, err)
			same(t, step, s.Entries, series[key])
		case n < 900:
			after := uint64(random.IntN(len(log) + 1))
			lines, _, err := h.Feed(ctx, "alpha", after, 20)
			check(t, err)
			for i, l := range lines {
				if l.Index != after+uint64(i) {
					t.Fatalf("step %d: line %d of the feed is %d", step, i, l.Index)
				}
			}
			if len(lines) != min(20, len(log)-int(after)) {
				t.Fatalf("step %d: %d lines", step, len(lines))
			}
		case n < 950 && len(log) > 0:
			h.Prove(t, uint64(random.IntN(len(log))))
		case n < 997:
			found, _, err := h.Search(ctx, storage.Itself(), []string{storage.Term(storage.TermNumber, key)}, 1<<62, 1<<20, func(*storage.Entry) bool { return true })
			check(t, err)
			for l, r := 0, len(found)-1; l < r; l, r = l+1, r-1 {
				found[l], found[r] = found[r], found[l]
			}
			same(t, step, found, series[key])
		default:
			check(t, h.Reopen(t))
		}
	}
	h.Sound(t)
}

func same(t *testing.T, step int, got []*storage.Entry, want []uint64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("step %d: %d entries, the model has %d", step, len(got), len(want))
	}
	for i := range want {
		if got[i].Index != want[i] {
			t.Fatalf("step %d: entry %d is %d, want %d", step, i, got[i].Index, want[i])
		}
	}
}

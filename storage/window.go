package storage

import (
	"slices"
	"time"

	"accord/attestation"
	"accord/ledger"
)

// window is what the sequencer remembers of the newest entries, to judge what
// was appended after a draft was checked.
type window struct {
	from     uint64 // the oldest index it knows
	keys     map[string]uint64
	contents map[attestation.Digest]*Entry
	registry uint64 // one more than the index of the last registry entry
	entries  []*Entry
}

// windowSize is how many entries the window holds at least; a draft checked
// before them is checked again.
const windowSize = 4 * maxBatchEntries

func (w *window) begin(size uint64) {
	w.from, w.registry = size, 0
	w.keys, w.contents, w.entries = map[string]uint64{}, map[attestation.Digest]*Entry{}, nil
}

func (w *window) add(e *Entry) {
	w.entries = append(w.entries, e)
	w.keys[e.Key] = e.Index
	w.contents[e.rec.Content] = e
	if e.Kind == ledger.KindRegistry {
		w.registry = e.Index + 1
	}
	if len(w.entries) < 4*windowSize {
		return
	}
	for _, old := range w.entries[:len(w.entries)-windowSize] {
		if w.keys[old.Key] == old.Index {
			delete(w.keys, old.Key)
		}
		if w.contents[old.rec.Content] == old {
			delete(w.contents, old.rec.Content)
		}
	}
	w.entries = slices.Clone(w.entries[len(w.entries)-windowSize:])
	w.from = w.entries[0].Index
}

// judge says whether a draft that was checked at a log size still stands: nil,
// ErrStale, or the entry that has its content already.
func (w *window) judge(d *Draft, size uint64, now time.Time) (*Entry, error) {
	if e, ok := w.contents[d.Content]; ok && e.Kind == d.Kind {
		return e, nil
	}
	g := d.Guard
	switch last, seen := w.keys[g.Key]; {
	case size < w.from:
		return nil, ErrStale
	case seen && last >= size:
		return nil, ErrStale
	case w.registry > size && d.Kind != ledger.KindDecision && d.Kind != ledger.KindMark:
		return nil, ErrStale
	case !g.NotAfter.IsZero() && !now.Before(g.NotAfter):
		return nil, ErrStale
	}
	return nil, nil
}

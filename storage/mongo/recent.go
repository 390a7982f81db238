package mongo

import (
	"slices"
	"sync"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// defaultRecent is how many entries are kept in memory unless the settings say
// otherwise: some 20 MiB.
const defaultRecent = 8192

// recent are the newest entries that this gateway took in, without a hole. Most
// questions are about them: every partner asks for the end of its feed again
// and again, and a proof is asked for soon or never.
type recent struct {
	limit int

	mu    sync.RWMutex
	start uint64             // index of the first; guarded by mu
	kept  []kept             // guarded by mu
	keys  map[int64][]uint64 // rising; guarded by mu
}

// kept is an entry that is shared: whoever gets it gets a copy.
type kept struct {
	entry *storage.Entry
	doc   *entryDoc // without what entry has
}

func newRecent(limit int) *recent {
	if limit == 0 {
		limit = defaultRecent
	}
	return &recent{limit: max(limit, 0), keys: map[int64][]uint64{}}
}

// become takes over what another one has, which is used up.
func (r *recent) become(other *recent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start, r.kept, r.keys = other.start, other.kept, other.keys
}

// end is called with mu held.
func (r *recent) end() uint64 { return r.start + uint64(len(r.kept)) }

func (r *recent) has(index uint64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.kept) > 0 && index >= r.start && index < r.end()
}

// add takes the next entry in; one that does not follow begins anew.
func (r *recent) add(e *storage.Entry, d *entryDoc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.limit == 0 {
		return
	}
	if e.Index != r.end() || len(r.kept) == 0 {
		r.start, r.kept, r.keys = e.Index, nil, map[int64][]uint64{}
	}
	d.Entry = nil
	r.kept = append(r.kept, kept{e, d})
	for _, k := range d.Keys {
		r.keys[k] = append(r.keys[k], e.Index)
	}
	if len(r.kept) > r.limit {
		r.forget()
	}
}

// forget drops the oldest; mu is held.
func (r *recent) forget() {
	for _, k := range r.kept[0].doc.Keys {
		if l := r.keys[k]; len(l) > 1 {
			r.keys[k] = l[1:]
		} else {
			delete(r.keys, k)
		}
	}
	r.kept[0] = kept{}
	r.kept = r.kept[1:]
	r.start++
}

// entry returns a copy of an entry, nil if it is not here.
func (r *recent) entry(index uint64) *storage.Entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if index < r.start || index >= r.end() {
		return nil
	}
	return r.kept[index-r.start].copy()
}

func (k kept) copy() *storage.Entry {
	c := *k.entry
	return &c
}

// lookup returns, newest first, at most limit indexes below before that stand
// under all the keys. What it does not have begins below rest; known is false
// when it cannot tell what lies below before.
func (r *recent) lookup(keys []int64, before uint64, limit int) (found []uint64, rest uint64, known bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.kept) == 0 || before > r.end() || before < r.start {
		return nil, before, false
	}
	if len(keys) == 0 {
		for i := before; i > r.start && len(found) < limit; i-- {
			found = append(found, i-1)
		}
		return found, r.start, true
	}
	for _, i := range slices.Backward(r.keys[keys[0]]) {
		if len(found) == limit {
			break
		}
		if i < before && r.under(keys[1:], i) {
			found = append(found, i)
		}
	}
	return found, r.start, true
}

// under is called with mu held.
func (r *recent) under(keys []int64, index uint64) bool {
	for _, k := range keys {
		if _, ok := slices.BinarySearch(r.keys[k], index); !ok {
			return false
		}
	}
	return true
}

// feed returns lines from after on and below bound; known is false when not
// all of them are here.
func (r *recent) feed(p attestation.PartnerID, after, bound uint64, limit int) (lines []storage.FeedLine, known bool, err error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.kept) == 0 || after < r.start || bound > r.end() {
		return nil, false, nil
	}
	for i := after; i < bound && len(lines) < limit; i++ {
		k := r.kept[i-r.start]
		if !k.doc.sees(p) {
			continue
		}
		l, err := k.doc.feedLine()
		if err != nil {
			return nil, true, err
		}
		lines = append(lines, l)
	}
	return lines, true, nil
}

// kinds returns entries of a kind from an index on, if everything up to size
// is here.
func (r *recent) kinds(kind ledger.Kind, from, size uint64, limit int) (out []*storage.Entry, known bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.kept) == 0 || from < r.start || size != r.end() {
		return nil, false
	}
	for i := from; i < size && len(out) < limit; i++ {
		if k := r.kept[i-r.start]; k.entry.Kind == kind {
			out = append(out, k.copy())
		}
	}
	return out, true
}

package storage

import (
	"context"
	"slices"
	"sync"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
)

// overlay is what the log has and the views have not seen yet, found by the
// same keys. Every question pins it before it reads a view: the other way
// round an entry could be missed that moves between the two.
type overlay struct {
	mu      sync.RWMutex
	base    Watermark          // of the views; guarded by mu
	entries []*Entry           // from base.Size on; guarded by mu
	keys    map[int64][]uint64 // indexes by look-up key, rising; guarded by mu
	chunks  []chunk            // batches the views do not have; guarded by mu
	tiles   map[tileID][]byte  // guarded by mu
	snap    *ledger.Snapshot   // what is shown; guarded by mu
	changes uint64             // one more than the index of the newest registry entry; guarded by mu
	grown   chan struct{}      // closed when snap grows; guarded by mu
	shrunk  chan struct{}      // closed when the views caught up or failed; guarded by mu
	failed  error              // why the views do not follow; guarded by mu
	dirty   chan struct{}
	series  map[string][]*Entry // what was read of keys; guarded by mu
}

type tileID struct {
	level int
	n     uint64
}

// tileEnd is the size of the log at which a tile is full.
func tileEnd(level int, n uint64) uint64 {
	width := uint64(ledger.TileWidth)
	for range level {
		width *= ledger.TileWidth
	}
	return (n + 1) * width
}

// chunk is one batch on its way to the views.
type chunk struct {
	entries []*Entry
	tiles   []ledger.FullTile
	mark    Watermark
	since   time.Time
}

func newOverlay(w Watermark, s *ledger.Snapshot) *overlay {
	return &overlay{
		base: w, keys: map[int64][]uint64{}, tiles: map[tileID][]byte{}, snap: s,
		grown: make(chan struct{}), shrunk: make(chan struct{}), dirty: make(chan struct{}, 1),
		series: map[string][]*Entry{},
	}
}

// add takes a batch in and shows it: the views must never have what nobody was
// shown, or a question would begin above its own end.
func (o *overlay) add(entries []*Entry, full []ledger.FullTile, w Watermark, s *ledger.Snapshot) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range entries {
		delete(o.series, e.Key)
		if e.Kind == ledger.KindRegistry {
			o.changes = e.Index + 1
		}
		for _, k := range e.keys {
			if l := o.keys[k]; len(l) == 0 || l[len(l)-1] != e.Index {
				o.keys[k] = append(l, e.Index)
			}
		}
	}
	o.entries = append(o.entries, entries...)
	for _, t := range full {
		o.tiles[tileID{t.Level, t.N}] = t.Data
	}
	o.chunks = append(o.chunks, chunk{entries, full, w, time.Now()})
	o.snap = s
	close(o.grown)
	o.grown = make(chan struct{})
	o.markDirty()
}

func (o *overlay) markDirty() {
	select {
	case o.dirty <- struct{}{}:
	default:
	}
}

func (o *overlay) snapshot() *ledger.Snapshot {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.snap
}

func (o *overlay) wait(ctx context.Context, quit <-chan struct{}, size uint64) error {
	for {
		o.mu.RLock()
		have, grown := o.snap.Size(), o.grown
		o.mu.RUnlock()
		if have > size {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-quit:
			return unavailable(errClosed)
		case <-grown:
		}
	}
}

// next returns whole batches of at most n entries for the views. They stay
// until drop, so that a view that failed is given them again.
func (o *overlay) next(n int) (entries []*Entry, full []ledger.FullTile, w Watermark, ok bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for _, c := range o.chunks {
		if len(entries) > 0 && len(entries)+len(c.entries) > n {
			break
		}
		entries, full, w, ok = append(entries, c.entries...), append(full, c.tiles...), c.mark, true
	}
	return entries, full, w, ok
}

// drop forgets what the views have now.
func (o *overlay) drop(w Watermark) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.chunks) > 0 && o.chunks[0].mark.Batch <= w.Batch {
		o.chunks = o.chunks[1:]
	}
	n := int(w.Size - o.base.Size)
	for _, e := range o.entries[:n] {
		for _, k := range e.keys {
			l := o.keys[k]
			if len(l) == 0 || l[0] != e.Index {
				continue
			}
			if len(l) == 1 {
				delete(o.keys, k)
			} else {
				o.keys[k] = l[1:]
			}
		}
	}
	o.entries = slices.Clone(o.entries[n:])
	o.base = w
	// Full tiles below the watermark are in the views.
	for id := range o.tiles {
		if tileEnd(id.level, id.n) <= w.Size {
			delete(o.tiles, id)
		}
	}
	o.failed = nil
	o.wake()
}

// wake is called with mu held.
func (o *overlay) wake() {
	close(o.shrunk)
	o.shrunk = make(chan struct{})
}

// fail notes why the views do not follow.
func (o *overlay) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = err
	o.wake()
}

func (o *overlay) pending() int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return len(o.entries)
}

// lag is how far the views are behind.
func (o *overlay) lag() Lag {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.behind()
}

// behind is called with mu held.
func (o *overlay) behind() Lag {
	l := Lag{Entries: len(o.entries)}
	if len(o.chunks) > 0 {
		l.Age = time.Since(o.chunks[0].since)
	}
	return l
}

// tooFar returns nil while the views are at most n entries and maxAge behind,
// else what is closed when that may have changed. Views that have no space are
// an error at once: nobody knows when there will be.
func (o *overlay) tooFar(n int) (shrunk <-chan struct{}, err error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	switch behind := o.behind(); {
	case behind.Entries <= n && behind.Age <= maxAge:
		return nil, nil
	case fault.CodeOf(o.failed) == fault.HTTPStorageFull:
		return nil, o.failed
	}
	return o.shrunk, nil
}

func (o *overlay) tile(level int, n uint64) ([]byte, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	data, ok := o.tiles[tileID{level, n}]
	return data, ok
}

// pin is what a question sees: the views up to base and the entries above it,
// up to the size that was shown when it began.
type pin struct {
	base, size uint64
	entries    []*Entry
}

func (o *overlay) pin() pin {
	o.mu.RLock()
	defer o.mu.RUnlock()
	size := o.snap.Size()
	return pin{base: o.base.Size, size: size, entries: o.entries[:size-o.base.Size]}
}

// lookup returns, newest first, the visible indexes below before that stand
// under all the keys, and the pin they belong to.
func (o *overlay) lookup(keys []int64, before uint64) ([]uint64, pin) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	size := o.snap.Size()
	p := pin{base: o.base.Size, size: size, entries: o.entries[:size-o.base.Size]}
	var out []uint64
	if len(keys) == 0 {
		for _, e := range slices.Backward(p.entries) {
			if e.Index < before {
				out = append(out, e.Index)
			}
		}
		return out, p
	}
	for _, i := range slices.Backward(o.keys[keys[0]]) {
		if i >= size || i >= before {
			continue
		}
		all := true
		for _, k := range keys[1:] {
			if _, found := slices.BinarySearch(o.keys[k], i); !found {
				all = false
				break
			}
		}
		if all {
			out = append(out, i)
		}
	}
	return out, p
}

func (p pin) entry(i uint64) *Entry { return p.entries[i-p.base] }

// feed returns what a partner sees in the overlay from an index on.
func (p pin) feed(who attestation.PartnerID, after uint64, limit int) []*Entry {
	var out []*Entry
	for _, e := range p.entries {
		if len(out) == limit {
			break
		}
		if e.Index >= after && e.Sees(who) {
			out = append(out, e)
		}
	}
	return out
}

// maxRemembered bounds the keys whose entries are kept: what is read is read
// again, and a key has two or three entries.
const maxRemembered = 4096

// recall returns what was read of a key, as of the size that is shown now.
func (o *overlay) recall(key string) (Series, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	entries, ok := o.series[key]
	return Series{Key: key, Size: o.snap.Size(), Entries: entries}, ok
}

// remember keeps what was read of a key, unless something of it may have come
// since: an entry above the size that was read, or one that has moved to the
// views already.
func (o *overlay) remember(s Series) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.keys[lookupKey(byKey, s.Key)]; o.base.Size > s.Size || (len(l) > 0 && l[len(l)-1] >= s.Size) {
		return
	}
	if len(o.series) >= maxRemembered {
		clear(o.series)
	}
	o.series[s.Key] = s.Entries
}

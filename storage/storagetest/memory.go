package storagetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// Log is a storage.Log in memory that several archives can share
// (storage.Options.Shared). What is in it survives Close, so that it can be
// opened again. It keeps copies, as a log on a disk does.
type Log struct {
	mu      sync.Mutex
	batches []*storage.Batch // guarded by mu
	bodies  [][]byte         // by Ref; guarded by mu
}

var _ storage.Log = (*Log)(nil)

// Append keeps a batch, once: the same again is known by its nonce.
func (l *Log) Append(_ context.Context, b *storage.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch next := uint64(len(l.batches)); {
	case b.Number > next:
		return fmt.Errorf("append batch %d: the log is at %d", b.Number, next)
	case b.Number == next:
		return l.add(b)
	}
	stands := l.batches[b.Number]
	if stands.Nonce != b.Nonce {
		return fmt.Errorf("append batch %d: %w", b.Number, storage.ErrConflict)
	}
	for i, e := range stands.Entries {
		b.Entries[i].Ref, b.Entries[i].BodyLen = e.Ref, e.BodyLen
	}
	return nil
}

// add is called with mu held.
func (l *Log) add(b *storage.Batch) error {
	c := *b
	c.Entries, c.Bodies = nil, nil
	bodies := l.bodies
	for i, e := range b.Entries {
		e.Ref, e.BodyLen = uint64(len(bodies)), len(b.Bodies[i])
		again, err := copyEntry(e)
		if err != nil {
			return err
		}
		c.Entries = append(c.Entries, again)
		bodies = append(bodies, slices.Clone(b.Bodies[i]))
	}
	l.bodies, l.batches = bodies, append(l.batches, &c)
	return nil
}

// Batches calls f with copies of what stood when it was called.
func (l *Log) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	l.mu.Lock()
	batches := l.batches[min(from, uint64(len(l.batches))):]
	l.mu.Unlock()
	for _, b := range batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := *b
		c.Entries, c.Bodies = nil, make([][]byte, len(b.Entries))
		for i, e := range b.Entries {
			again, err := copyEntry(e)
			if err != nil {
				return err
			}
			c.Entries = append(c.Entries, again)
			if !bodies {
				continue
			}
			if c.Bodies[i], err = l.Body(ctx, e.Ref, e.BodyLen); err != nil {
				return err
			}
		}
		if err := f(&c); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func copyEntry(e *storage.Entry) (*storage.Entry, error) {
	c, err := storage.ParseEntry(storage.AppendEntry(nil, e))
	if err != nil {
		return nil, err
	}
	c.Index, c.BatchEnd, c.Ref, c.HeadLen, c.BodyLen = e.Index, e.BatchEnd, e.Ref, e.HeadLen, e.BodyLen
	return c, nil
}

// Body returns the octets of an entry.
func (l *Log) Body(_ context.Context, ref uint64, _ int) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ref >= uint64(len(l.bodies)) {
		return nil, fmt.Errorf("there is no place %d", ref)
	}
	return slices.Clone(l.bodies[ref]), nil
}

// Close does nothing.
func (l *Log) Close() error { return nil }

// Index is a storage.Index in memory with one map of keys. Any number of
// archives on one log may write and read it.
type Index struct {
	mu      sync.RWMutex
	entries []*storage.Entry     // guarded by mu
	keys    map[int64][]uint64   // rising; guarded by mu
	tiles   map[[2]uint64][]byte // guarded by mu
	mark    storage.Watermark    // guarded by mu
}

var _ storage.Index = (*Index)(nil)

// Apply takes copies of entries in. Those that begin above the watermark are
// refused: something would be missing for ever.
func (x *Index) Apply(_ context.Context, entries []*storage.Entry, tiles []ledger.FullTile, w storage.Watermark) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(entries) > 0 && entries[0].Index > x.mark.Size {
		return fmt.Errorf("apply entry %d to a view of %d", entries[0].Index, x.mark.Size)
	}
	if x.tiles == nil {
		x.tiles, x.keys = map[[2]uint64][]byte{}, map[int64][]uint64{}
	}
	for _, e := range entries {
		if e.Index < x.mark.Size {
			continue
		}
		if err := x.add(e); err != nil {
			return err
		}
	}
	for _, t := range tiles {
		x.tiles[[2]uint64{uint64(t.Level), t.N}] = t.Data
	}
	if w.Batch > x.mark.Batch {
		x.mark = w
	}
	return nil
}

// add is called with mu held.
func (x *Index) add(e *storage.Entry) error {
	if e.Index != uint64(len(x.entries)) {
		return fmt.Errorf("entry %d where %d belongs", e.Index, len(x.entries))
	}
	c, err := copyEntry(e)
	if err != nil {
		return err
	}
	keys, err := c.Lookups()
	if err != nil {
		return err
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		x.keys[k] = append(x.keys[k], c.Index)
	}
	x.entries = append(x.entries, c)
	return nil
}

// Watermark returns how far the view is.
func (x *Index) Watermark(context.Context) (storage.Watermark, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.mark, nil
}

// Lookup returns the newest first.
func (x *Index) Lookup(_ context.Context, keys []int64, before uint64, limit int) ([]uint64, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []uint64
	if len(keys) == 0 {
		for i := min(before, uint64(len(x.entries))); i > 0 && len(out) < limit; i-- {
			out = append(out, i-1)
		}
		return out, nil
	}
	for _, i := range slices.Backward(x.keys[keys[0]]) {
		under := func(k int64) bool { _, ok := slices.BinarySearch(x.keys[k], i); return ok }
		if i < before && !slices.ContainsFunc(keys, func(k int64) bool { return !under(k) }) {
			if out = append(out, i); len(out) == limit {
				break
			}
		}
	}
	return out, nil
}

// Entries returns the entries of the given indexes.
func (x *Index) Entries(_ context.Context, indexes []uint64) ([]*storage.Entry, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []*storage.Entry
	for _, i := range indexes {
		if i >= uint64(len(x.entries)) {
			continue
		}
		c, err := copyEntry(x.entries[i])
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Feed returns the lines of a partner.
func (x *Index) Feed(_ context.Context, p attestation.PartnerID, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []storage.FeedLine
	for _, e := range x.entries {
		if e.Index < after || e.Index >= bound || !e.Sees(p) || len(out) == limit {
			continue
		}
		line, err := storage.AppendFeedLine(nil, e)
		if err != nil {
			return nil, err
		}
		out = append(out, storage.FeedLine{Index: e.Index, Hash: e.Hash(), JSON: line})
	}
	return out, nil
}

// Kinds returns entries of a kind.
func (x *Index) Kinds(_ context.Context, kind ledger.Kind, from uint64, limit int) ([]*storage.Entry, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []*storage.Entry
	for _, e := range x.entries {
		if e.Index < from || e.Kind != kind || len(out) == limit {
			continue
		}
		c, err := copyEntry(e)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// ReadTile returns a full tile.
func (x *Index) ReadTile(_ context.Context, level int, n uint64) ([]byte, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	data, ok := x.tiles[[2]uint64{uint64(level), n}]
	if !ok {
		return nil, fmt.Errorf("there is no tile %d/%d", level, n)
	}
	return data, nil
}

// Renew begins an empty view.
func (x *Index) Renew(context.Context) (storage.Renewal, error) {
	return &renewal{Index: &Index{}, target: x}, nil
}

type renewal struct {
	*Index
	target *Index
}

// Switch moves what was taken in into the view it was begun from.
func (r *renewal) Switch(context.Context) error {
	x := r.target
	x.mu.Lock()
	defer x.mu.Unlock()
	if r.mark.Batch > 0 && r.mark.Batch < x.mark.Batch {
		return storage.ErrBehind
	}
	x.entries, x.tiles, x.keys, x.mark = r.entries, r.tiles, r.keys, r.mark
	return nil
}

// Discard forgets it.
func (*renewal) Discard() error { return nil }

// Close does nothing.
func (x *Index) Close() error { return nil }

package mongo

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// A question under one key brings the entries themselves, which whoever asks
// wants next: so a point read is one find.

// maxFetched bounds the entries kept for the question that follows: a page of
// the search, or a few dozen point reads at a time.
const maxFetched = 1024

// fetched are entries that were read with the answer to a look-up.
type fetched struct {
	mu    sync.Mutex
	docs  map[uint64]*entryDoc // guarded by mu
	order []uint64             // the oldest first; guarded by mu
}

func newFetched() *fetched { return &fetched{docs: map[uint64]*entryDoc{}} }

func (f *fetched) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.docs, f.order = map[uint64]*entryDoc{}, nil
}

func (f *fetched) put(index uint64, d *entryDoc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.docs[index] == nil {
		f.order = append(f.order, index)
	}
	f.docs[index] = d
	for len(f.order) > maxFetched {
		delete(f.docs, f.order[0])
		f.order = f.order[1:]
	}
}

func (f *fetched) get(index uint64) *entryDoc {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.docs[index]
}

// Lookup returns, newest first, indexes found by all the keys: one find for one
// key or none, and for several one for each stretch in which they may meet.
func (x *Index) Lookup(ctx context.Context, keys []int64, before uint64, limit int) ([]uint64, error) {
	if limit <= 0 {
		return nil, nil
	}
	found, rest, known := x.recent.lookup(keys, before, limit)
	if known && (len(found) == limit || rest == 0) {
		return found, nil
	}
	var more []uint64
	err := x.ask(ctx, func(g generation) (err error) {
		switch len(keys) {
		case 0:
			more, err = x.page(ctx, g, askNewest, limit-len(found), position(rest))
		case 1:
			more, err = x.page(ctx, g, askUnderKey, limit-len(found), keys[0], position(rest))
		default:
			more, err = x.meet(ctx, g, keys, rest, limit-len(found))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up: %w", err)
	}
	return append(found, more...), nil
}

// page asks for entries and returns their indexes.
func (x *Index) page(ctx context.Context, g generation, q question, limit int, values ...any) ([]uint64, error) {
	var docs []entryDoc
	if err := x.store.all(ctx, g.entries, q, limit, &docs, values...); err != nil {
		return nil, err
	}
	out := make([]uint64, len(docs))
	for i := range docs {
		index, err := number(docs[i].ID)
		if err != nil {
			return nil, err
		}
		x.fetched.put(index, &docs[i])
		out[i] = index
	}
	return out, nil
}

// stretch is how much of a key is read at a time where several must meet.
const stretch = 256

// meet returns what stands under all the keys: each in turn goes down to where
// the others are, so that a rare one is never kept waiting by a frequent one.
func (x *Index) meet(ctx context.Context, g generation, keys []int64, before uint64, limit int) (out []uint64, err error) {
	lists := make([]list, len(keys))
	for at, same := 0, 0; len(out) < limit; at = (at + 1) % len(keys) {
		index, ok, err := lists[at].under(ctx, x, g, keys[at], before)
		if err != nil || !ok {
			return out, err
		}
		if index+1 != before {
			same = 0
		}
		before, same = index+1, same+1
		if same == len(keys) {
			out, before, same = append(out, index), index, 0
		}
	}
	return out, nil
}

// list is what stands under one key, read downward.
type list struct {
	indexes []uint64 // falling
	whole   bool     // nothing lies under the last of them
}

// under returns the newest index below before.
func (l *list) under(ctx context.Context, x *Index, g generation, key int64, before uint64) (uint64, bool, error) {
	for {
		n, _ := slices.BinarySearchFunc(l.indexes, before, func(have, bound uint64) int {
			if have >= bound {
				return -1
			}
			return 1
		})
		if l.indexes = l.indexes[n:]; len(l.indexes) > 0 {
			return l.indexes[0], true, nil
		}
		if l.whole {
			return 0, false, nil
		}
		var err error
		if l.indexes, err = x.indexes(ctx, g, key, before); err != nil {
			return 0, false, err
		}
		l.whole = len(l.indexes) < stretch
	}
}

// indexes reads a stretch of what stands under a key, without the entries.
func (x *Index) indexes(ctx context.Context, g generation, key int64, before uint64) ([]uint64, error) {
	var docs []struct {
		ID string `bson:"_id"`
	}
	if err := x.store.all(ctx, g.entries, askIndexes, stretch, &docs, key, position(before)); err != nil {
		return nil, err
	}
	out := make([]uint64, len(docs))
	for i, d := range docs {
		var err error
		if out[i], err = number(d.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Entries returns the entries of the given indexes, in that order.
func (x *Index) Entries(ctx context.Context, indexes []uint64) ([]*storage.Entry, error) {
	found := make(map[uint64]*storage.Entry, len(indexes))
	var missing []uint64
	for _, i := range indexes {
		if e := x.recent.entry(i); e != nil {
			found[i] = e
			continue
		}
		d := x.fetched.get(i)
		if d == nil {
			missing = append(missing, i)
			continue
		}
		e, err := d.parse()
		if err != nil {
			return nil, err
		}
		found[i] = e
	}
	if len(missing) > 0 {
		if err := x.ask(ctx, func(g generation) error { return x.fetch(ctx, g, missing, found) }); err != nil {
			return nil, fmt.Errorf("read entries: %w", err)
		}
	}
	out := make([]*storage.Entry, 0, len(found))
	for _, i := range indexes {
		if e := found[i]; e != nil {
			out = append(out, e)
		}
	}
	return out, nil
}

// fetch reads entries into found.
func (x *Index) fetch(ctx context.Context, g generation, indexes []uint64, found map[uint64]*storage.Entry) error {
	var docs []entryDoc
	if len(indexes) == 1 {
		var d entryDoc
		there, err := x.store.one(ctx, g.entries, askEntry, &d, position(indexes[0]))
		if err != nil || !there {
			return err
		}
		docs = append(docs, d)
	} else {
		ids := make([]string, len(indexes))
		for i, n := range indexes {
			ids[i] = position(n)
		}
		if err := x.store.all(ctx, g.entries, askEntries, len(ids), &docs, ids); err != nil {
			return err
		}
	}
	for i := range docs {
		e, err := docs[i].parse()
		if err != nil {
			return err
		}
		found[e.Index] = e
	}
	return nil
}

// Feed returns lines of what a partner may see: one find.
func (x *Index) Feed(ctx context.Context, p attestation.PartnerID, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	if limit <= 0 || after >= bound {
		return nil, nil
	}
	out, known, err := x.recent.feed(p, after, bound, limit)
	if known || err != nil {
		return out, err
	}
	var docs []entryDoc
	err = x.ask(ctx, func(g generation) error {
		return x.store.all(ctx, g.entries, askFeed, limit, &docs, string(p), position(after), position(bound))
	})
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	out = make([]storage.FeedLine, len(docs))
	for i := range docs {
		if out[i], err = docs[i].feedLine(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Kinds returns, in order, entries of one kind from an index on: one find.
func (x *Index) Kinds(ctx context.Context, kind ledger.Kind, from uint64, limit int) ([]*storage.Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	x.mu.RLock()
	size := x.count.Size
	x.mu.RUnlock()
	if out, known := x.recent.kinds(kind, from, size, limit); known {
		return out, nil
	}
	var docs []entryDoc
	err := x.ask(ctx, func(g generation) error {
		return x.store.all(ctx, g.entries, askKind, limit, &docs, string(kind), position(from))
	})
	if err != nil {
		return nil, fmt.Errorf("read entries of a kind: %w", err)
	}
	out := make([]*storage.Entry, len(docs))
	for i := range docs {
		if out[i], err = docs[i].parse(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"accord/storage"
)

// epochBits is the size of an epoch, a stretch of 65,536 entries of the log.
const epochBits = 16

func epochOf(index uint64) int64 { return int64(index >> epochBits) }

func startOf(epoch int64) uint64 { return uint64(epoch) << epochBits }

// lookup finds entries by keys, which are hashes: rows of their own would lie
// all over the database, and each entry has a dozen. So the keys of a
// transaction are one row of runs, those of a full epoch are sorted into blocks
// of a page, and nothing is written more than twice however long the log is.
// The epoch that still grows is kept in memory as well, about 12 MiB of it when
// it is full.
type lookup struct {
	mu      sync.RWMutex
	open    int64     // the epoch that grows; guarded by mu
	runs    []run     // of the open epoch, the oldest first; guarded by mu
	filters []*filter // of the full epochs; guarded by mu
}

// growth is what a transaction adds, for memory to know after the commit.
type growth struct {
	open    int64
	fresh   run
	filters []*filter // of the epochs that it filled
}

// insert writes the postings of a transaction, which lie in the open epoch and
// above it.
func (l *lookup) insert(ctx context.Context, w *writer, found []posting) (growth, error) {
	l.mu.RLock()
	g := growth{open: l.open}
	runs := l.runs
	l.mu.RUnlock()
	if len(found) == 0 {
		return g, nil
	}
	// In the order of entries, an epoch comes after the other.
	for last := epochOf(found[len(found)-1].index); g.open < last; g.open++ {
		n, _ := slices.BinarySearchFunc(found, startOf(g.open+1), func(p posting, i uint64) int {
			if p.index < i {
				return -1
			}
			return 1
		})
		b, err := l.fill(ctx, w, g.open, append(runs[:len(runs):len(runs)], newRun(found[:n:n])))
		if err != nil {
			return g, err
		}
		g.filters, found, runs = append(g.filters, b), found[n:], nil
	}
	g.fresh = newRun(found)
	var data []byte
	for _, b := range g.fresh.blocks(startOf(g.open)) {
		data = append(data, b.data...)
	}
	return g, w.exec(ctx, sqlRun, data)
}

// fill writes the blocks and the filter of a full epoch in place of its runs.
func (l *lookup) fill(ctx context.Context, w *writer, epoch int64, runs []run) (*filter, error) {
	for len(runs) > 1 {
		runs = append(runs[:len(runs)-2:len(runs)-2], merge(runs[len(runs)-2], runs[len(runs)-1]))
	}
	all, bits := runs[0], new(filter)
	for _, p := range all {
		if storage.IsSeriesKey(p.key) {
			bits.set(p.key)
		}
	}
	for _, b := range all.blocks(startOf(epoch)) {
		if err := w.exec(ctx, sqlBlock, epoch, b.first, b.data); err != nil {
			return nil, err
		}
	}
	if err := w.exec(ctx, sqlDropRuns); err != nil {
		return nil, err
	}
	return bits, w.exec(ctx, sqlFilter, epoch, bits.bytes())
}

// adopt takes in what was committed. Runs are merged when the older one is not
// much longer, so there are never more than a few.
func (l *lookup) adopt(g growth) {
	l.mu.RLock()
	runs := l.runs
	l.mu.RUnlock()
	if len(g.filters) > 0 {
		runs = nil
	}
	if len(g.fresh) > 0 {
		runs = append(runs[:len(runs):len(runs)], g.fresh)
	}
	for n := len(runs); n > 1 && len(runs[n-2]) < 2*len(runs[n-1]); n = len(runs) {
		runs = append(runs[:n-2:n-2], merge(runs[n-2], runs[n-1]))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open, l.runs, l.filters = g.open, runs, append(l.filters, g.filters...)
}

// load reads the filters of the full epochs and the runs of the open one.
func (l *lookup) load(ctx context.Context, db *sql.DB, size uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open, l.runs, l.filters = 0, nil, nil
	if size == 0 {
		return nil
	}
	l.open = epochOf(size - 1)
	if err := eachBlob(ctx, db, `SELECT bits FROM filters ORDER BY epoch`, func(raw []byte) error {
		b, err := filterOf(raw)
		l.filters = append(l.filters, b)
		return err
	}); err != nil {
		return err
	}
	if int64(len(l.filters)) != l.open {
		return fmt.Errorf("%w: there are filters of %d epochs where %d belong", storage.ErrDamaged, len(l.filters), l.open)
	}
	var all []posting
	if err := eachBlob(ctx, db, `SELECT data FROM runs`, func(raw []byte) error {
		r, err := decodeRun(raw, startOf(l.open))
		all = append(all, r...)
		return err
	}); err != nil {
		return err
	}
	l.runs = []run{newRun(all)}
	return nil
}

func eachBlob(ctx context.Context, db *sql.DB, query string, f func([]byte) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw sql.RawBytes
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		if err := f(raw); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Lookup returns, newest first, indexes found by all the keys.
func (x *Index) Lookup(ctx context.Context, keys []int64, before uint64, limit int) ([]uint64, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(keys) == 0 {
		return x.newest(ctx, before, limit)
	}
	before = min(before, x.lookup.end())
	lists := make([]*list, len(keys))
	for i, k := range keys {
		lists[i] = &list{x: x, key: k, bound: before}
	}
	var out []uint64
	for len(out) < limit {
		index, ok, err := meet(ctx, lists, before)
		if err != nil {
			return nil, fmt.Errorf("query index: %w", err)
		}
		if !ok {
			break
		}
		out, before = append(out, index), index
	}
	return out, nil
}

// meet returns the newest index below before that stands in all the lists:
// each in turn goes down to where the others are.
func meet(ctx context.Context, lists []*list, before uint64) (uint64, bool, error) {
	for same := 0; ; {
		for _, l := range lists {
			index, ok, err := l.below(ctx, before)
			if err != nil || !ok {
				return 0, false, err
			}
			if index+1 != before {
				same = 0
			}
			if before, same = index+1, same+1; same == len(lists) {
				return index, true, nil
			}
		}
	}
}

// list is what stands under one key, read downward and an epoch at a time.
type list struct {
	x       *Index
	key     int64
	bound   uint64   // everything from here on is in indexes or was passed
	indexes []uint64 // read and not passed yet, rising
}

// below returns the newest index under before.
func (l *list) below(ctx context.Context, before uint64) (uint64, bool, error) {
	for {
		n, _ := slices.BinarySearch(l.indexes, before)
		if l.indexes = l.indexes[:n]; n > 0 {
			return l.indexes[n-1], true, nil
		}
		if l.bound = min(l.bound, before); l.bound == 0 {
			return 0, false, nil
		}
		epoch := epochOf(l.bound - 1)
		var err error
		if l.indexes, err = l.x.of(ctx, epoch, l.key); err != nil {
			return 0, false, err
		}
		l.bound = startOf(epoch)
	}
}

// end is above every index that can be found.
func (l *lookup) end() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return startOf(l.open + 1)
}

// find returns what memory has of a key in an epoch; known is false where the
// database has to be asked.
func (l *lookup) find(epoch, key int64) (indexes []uint64, known bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if epoch < l.open {
		return nil, storage.IsSeriesKey(key) && !l.filters[epoch].has(key)
	}
	for _, r := range l.runs {
		for _, p := range r.of(key) {
			indexes = append(indexes, p.index)
		}
	}
	return indexes, true
}

// of returns the indexes of a key in an epoch, rising.
func (x *Index) of(ctx context.Context, epoch, key int64) ([]uint64, error) {
	out, known := x.lookup.find(epoch, key)
	if known {
		return out, nil
	}
	rows, err := x.ask(ctx, `SELECT data FROM blocks WHERE epoch = ? AND first <= ? ORDER BY first DESC LIMIT 1`, epoch, key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	var data sql.RawBytes
	if err := rows.Scan(&data); err != nil {
		return nil, err
	}
	err = eachList(data, func(k int64, list []byte) error {
		if k < key {
			return nil
		}
		if k == key {
			err := eachIndex(list, startOf(epoch), func(i uint64) { out = append(out, i) })
			if err != nil {
				return err
			}
		}
		return errFound
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return out, err
}

// errFound ends a walk through a block.
var errFound = errors.New("found")

package local

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"sync"

	"accord/storage"
)

// Most submissions begin a series, and before that somebody has to know that
// there is none. A filter for each epoch says so without a query: 20 bits for
// each entry of the epoch, eight of them set for each series key, which is
// wrong about once in 20,000 questions, and then costs one query.
const (
	filterBits   = 20 << epochBits
	filterProbes = 8
)

// filter is a Bloom filter over keys that are hashes already.
type filter [filterBits / 64]uint64

// places calls f with each place of a key: the halves of the key, one as the
// start and one as the step (Kirsch and Mitzenmacher).
func places(key int64, f func(word int, bit uint64) bool) bool {
	at, step := uint64(key)&(1<<31-1), uint64(key)>>31|1
	for range filterProbes {
		n := at % filterBits
		if !f(int(n/64), 1<<(n%64)) {
			return false
		}
		at += step
	}
	return true
}

func (b *filter) set(key int64) {
	places(key, func(word int, bit uint64) bool { b[word] |= bit; return true })
}

func (b *filter) has(key int64) bool {
	return places(key, func(word int, bit uint64) bool { return b[word]&bit != 0 })
}

func (b *filter) bytes() []byte {
	out := make([]byte, 0, filterBits/8)
	for _, w := range b {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}

func filterOf(raw []byte) (*filter, error) {
	if len(raw) != filterBits/8 {
		return nil, fmt.Errorf("a filter of the index has %d octets", len(raw))
	}
	b := new(filter)
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return b, nil
}

// filters are those of all epochs. That of the last epoch grows in memory and
// is written when the epoch is full.
type filters struct {
	mu     sync.RWMutex
	epochs []*filter // guarded by mu
}

// growth is what a transaction adds: keys for the filters, and the filters of
// the epochs that it fills.
type growth struct {
	keys map[int64][]int64 // by epoch
	full map[int64]*filter
}

// grow gathers the series keys of a transaction. Nothing is changed yet: it
// may fail.
func (f *filters) grow(found postings) *growth {
	g := &growth{keys: map[int64][]int64{}, full: map[int64]*filter{}}
	last := int64(-1)
	for _, p := range found {
		if storage.IsSeriesKey(p.key) {
			g.keys[p.epoch] = append(g.keys[p.epoch], p.key)
		}
		last = max(last, p.epoch)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	for epoch := int64(len(f.epochs)) - 1; epoch < last; epoch++ {
		if epoch >= 0 {
			g.full[epoch] = f.with(epoch, g.keys[epoch])
		}
	}
	return g
}

// with returns a copy of a filter with more keys.
func (f *filters) with(epoch int64, keys []int64) *filter {
	b := new(filter)
	if epoch < int64(len(f.epochs)) {
		*b = *f.epochs[epoch]
	}
	for _, k := range keys {
		b.set(k)
	}
	return b
}

// adopt takes in what was committed.
func (f *filters) adopt(g *growth) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for epoch, keys := range g.keys {
		for int64(len(f.epochs)) <= epoch {
			f.epochs = append(f.epochs, new(filter))
		}
		for _, k := range keys {
			f.epochs[epoch].set(k)
		}
	}
}

// end is above every index that lookup can have: a question must not walk
// through epochs that are not there.
func (f *filters) end() uint64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return uint64(len(f.epochs)) << epochBits
}

// mayHave says whether an epoch may have a key; false is certain. Of keys that
// are not of series it knows nothing.
func (f *filters) mayHave(epoch, key int64) bool {
	if !storage.IsSeriesKey(key) {
		return true
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return epoch >= int64(len(f.epochs)) || f.epochs[epoch].has(key)
}

// load reads the filters of full epochs and makes that of the last one.
func (f *filters) load(ctx context.Context, db *sql.DB, size uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epochs = nil
	if size == 0 {
		return nil
	}
	last := int64((size - 1) >> epochBits)
	for epoch := range last {
		var raw []byte
		if err := db.QueryRowContext(ctx, `SELECT bits FROM filters WHERE epoch = ?`, epoch).Scan(&raw); err != nil {
			return fmt.Errorf("read filter of epoch %d: %w", epoch, err)
		}
		b, err := filterOf(raw)
		if err != nil {
			return err
		}
		f.epochs = append(f.epochs, b)
	}
	b := new(filter)
	rows, err := db.QueryContext(ctx, `SELECT key FROM lookup WHERE epoch = ? AND key >= 0 AND key < ?`, last, storage.SeriesKeyEnd)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return err
		}
		b.set(key)
	}
	f.epochs = append(f.epochs, b)
	return rows.Err()
}

package local

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// epochBits is the size of an epoch: 65,536 entries, whose rows of lookup take
// about 5 MiB and so stay in the cache while they are written.
const epochBits = 16

// posting says that an entry is found by a key.
type posting struct {
	epoch, key int64
	index      uint64
}

// postings are what one transaction adds to lookup.
type postings []posting

func (p *postings) add(index uint64, keys []int64) {
	for _, k := range keys {
		*p = append(*p, posting{int64(index >> epochBits), k, index})
	}
}

// insert writes one row for each key and epoch: the first index in the row, the
// others as distances behind it.
func (p postings) insert(ctx context.Context, w *writer) error {
	slices.SortFunc(p, func(a, b posting) int {
		return cmp.Or(cmp.Compare(a.epoch, b.epoch), cmp.Compare(a.key, b.key), cmp.Compare(a.index, b.index))
	})
	args := make([]any, 0, 4*postingRows)
	for rest := p; len(rest) > 0; {
		first, n := rest[0], 1
		var more []byte
		for last := first.index; n < len(rest) && rest[n].epoch == first.epoch && rest[n].key == first.key; n++ {
			if d := rest[n].index - last; d > 0 {
				more = binary.AppendUvarint(more, d)
			}
			last = rest[n].index
		}
		rest = rest[n:]
		args = append(args, first.epoch, first.key, int64(first.index), more)
		if len(args) == cap(args) {
			if err := w.exec(ctx, sqlPostings, args...); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	for ; len(args) > 0; args = args[4:] {
		if err := w.exec(ctx, sqlPosting, args[:4]...); err != nil {
			return err
		}
	}
	return nil
}

// pageRows is how many rows of a key are read at a time.
const pageRows = 64

var sqlFind = fmt.Sprintf(`SELECT first, more FROM lookup WHERE epoch = ? AND key = ? AND first < ? ORDER BY first DESC LIMIT %d`, pageRows)

// Lookup returns, newest first, indexes found by all the keys.
func (x *Index) Lookup(ctx context.Context, keys []int64, before uint64, limit int) ([]uint64, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(keys) == 0 {
		return x.newest(ctx, before, limit)
	}
	before = min(before, x.filters.end())
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

// list is what stands under one key, read downward.
type list struct {
	x       *Index
	key     int64
	bound   uint64   // everything from here on is in indexes or was passed
	indexes []uint64 // read and not passed yet, falling
}

// below returns the newest index under before.
func (l *list) below(ctx context.Context, before uint64) (uint64, bool, error) {
	for {
		n, _ := slices.BinarySearchFunc(l.indexes, before, func(i, b uint64) int {
			if i >= b {
				return -1
			}
			return 1
		})
		if l.indexes = l.indexes[n:]; len(l.indexes) > 0 {
			return l.indexes[0], true, nil
		}
		if l.bound = min(l.bound, before); l.bound == 0 {
			return 0, false, nil
		}
		if err := l.read(ctx); err != nil {
			return 0, false, err
		}
	}
}

// read takes in the next page of an epoch, or passes epochs that have nothing.
func (l *list) read(ctx context.Context) error {
	epoch := int64((l.bound - 1) >> epochBits)
	start := uint64(epoch) << epochBits
	if !l.x.filters.mayHave(epoch, l.key) {
		l.bound = start
		return nil
	}
	rows, err := l.x.ask(ctx, sqlFind, epoch, l.key, clamp(l.bound))
	if err != nil {
		return err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var first int64
		var more sql.RawBytes
		if err := rows.Scan(&first, &more); err != nil {
			return err
		}
		if err := l.take(uint64(first), more); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if n < pageRows {
		l.bound = start
	} else {
		l.bound = l.indexes[len(l.indexes)-1]
	}
	return nil
}

var errPosting = errors.New("a row of lookup is not whole")

// take adds the indexes of one row, the newest first.
func (l *list) take(first uint64, more []byte) error {
	at := len(l.indexes)
	l.indexes = append(l.indexes, first)
	for last := first; len(more) > 0; {
		d, n := binary.Uvarint(more)
		if n <= 0 {
			return errPosting
		}
		last, more = last+d, more[n:]
		l.indexes = append(l.indexes, last)
	}
	slices.Reverse(l.indexes[at:])
	return nil
}

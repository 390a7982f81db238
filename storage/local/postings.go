package local

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"accord/storage"
)

// posting says that an entry is found by a key.
type posting struct {
	key   int64
	index uint64
}

func comparePostings(a, b posting) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.index, b.index))
}

// run is postings in the order of comparePostings, without repetition. It is
// never changed.
type run []posting

func newRun(p []posting) run {
	slices.SortFunc(p, comparePostings)
	return slices.Compact(p)
}

// of returns the postings of one key.
func (r run) of(key int64) run {
	from, _ := slices.BinarySearchFunc(r, posting{key: key}, comparePostings)
	to := from
	for to < len(r) && r[to].key == key {
		to++
	}
	return r[from:to]
}

// merge returns one run of two.
func merge(a, b run) run {
	out := make(run, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if comparePostings(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// blockSize is where a block ends at the next key: one page of the database.
const blockSize = 3500

// block is a row of postings: for each key, rising, the key, the length of its
// list, and the list as distances from the entry before, the first from start.
type block struct {
	first int64 // the first key
	data  []byte
}

// blocks encodes a run; each key stands in one block, whole.
func (r run) blocks(start uint64) []block {
	var out []block
	var list []byte
	for len(r) > 0 {
		b := block{first: r[0].key}
		for len(r) > 0 && len(b.data) < blockSize {
			key, last := r[0].key, start
			list = list[:0]
			for ; len(r) > 0 && r[0].key == key; r = r[1:] {
				list = binary.AppendUvarint(list, r[0].index-last)
				last = r[0].index
			}
			b.data = binary.BigEndian.AppendUint64(b.data, uint64(key))
			b.data = binary.AppendUvarint(b.data, uint64(len(list)))
			b.data = append(b.data, list...)
		}
		out = append(out, b)
	}
	return out
}

var errBlock = fmt.Errorf("%w: a row of postings is not whole", storage.ErrDamaged)

// eachList calls f with every key of a block and its list.
func eachList(data []byte, f func(key int64, list []byte) error) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return errBlock
		}
		key := int64(binary.BigEndian.Uint64(data))
		length, n := binary.Uvarint(data[8:])
		if n <= 0 || length > uint64(len(data)-8-n) {
			return errBlock
		}
		list := data[8+n : 8+n+int(length)]
		if err := f(key, list); err != nil {
			return err
		}
		data = data[8+n+int(length):]
	}
	return nil
}

// eachIndex calls f with every index of a list.
func eachIndex(list []byte, start uint64, f func(uint64)) error {
	for last := start; len(list) > 0; {
		d, n := binary.Uvarint(list)
		if n <= 0 {
			return errBlock
		}
		last, list = last+d, list[n:]
		f(last)
	}
	return nil
}

// decodeRun reads a whole block back.
func decodeRun(data []byte, start uint64) (run, error) {
	var r run
	err := eachList(data, func(key int64, list []byte) error {
		return eachIndex(list, start, func(i uint64) { r = append(r, posting{key, i}) })
	})
	return r, err
}

package local

import (
	"encoding/binary"
	"fmt"

	"accord/storage"
)

// Most submissions begin a series, and before that somebody has to know that
// there is none. A filter for each full epoch says so without a query: 20 bits
// for each entry of the epoch, eight of them set for each series key, which is
// wrong about once in 20,000 questions, and then costs one query.
const (
	filterBits   = 20 << epochBits
	filterProbes = 8
)

// filter is a Bloom filter over keys that are hashes already.
type filter [filterBits / 64]uint64

// place returns the nth place of a key: the halves of the key, one as the start
// and one as the step (Kirsch and Mitzenmacher).
func place(key int64, n uint64) (word int, bit uint64) {
	at := (uint64(key)&(1<<31-1) + n*(uint64(key)>>31|1)) % filterBits
	return int(at / 64), 1 << (at % 64)
}

func (b *filter) set(key int64) {
	for n := range uint64(filterProbes) {
		word, bit := place(key, n)
		b[word] |= bit
	}
}

func (b *filter) has(key int64) bool {
	for n := range uint64(filterProbes) {
		if word, bit := place(key, n); b[word]&bit == 0 {
			return false
		}
	}
	return true
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
		return nil, fmt.Errorf("%w: a filter has %d octets", storage.ErrDamaged, len(raw))
	}
	b := new(filter)
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return b, nil
}

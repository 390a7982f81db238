package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"accord/internal/fault"
)

// Snapshot is the tree at one size. It is immutable and safe for concurrent
// use; what is not on its right edge it reads by the TileReader of its tree.
type Snapshot struct {
	size  uint64
	edge  []edgeTile
	cache *tileCache
}

// Size returns the number of entries.
func (s *Snapshot) Size() uint64 { return s.size }

// Head returns size and root, without reading.
func (s *Snapshot) Head() Head { return Head{Size: s.size, Root: edgeRoot(s.edge)} }

// RootAt returns the root at a size up to that of the snapshot.
func (s *Snapshot) RootAt(ctx context.Context, size uint64) (Hash, error) {
	if size == s.size {
		return edgeRoot(s.edge), nil
	}
	if size > s.size {
		return Hash{}, fmt.Errorf("root at %d: the tree has %d entries", size, s.size)
	}
	return tlog.TreeHash(int64(size), s.reader(ctx))
}

// Inclusion returns the proof that entry index stands in the tree of a size:
// sibling hashes from the leaf up (RFC 6962, section 2.1.1).
func (s *Snapshot) Inclusion(ctx context.Context, index, size uint64) ([]Hash, error) {
	if size == 0 || index >= size || size > s.size {
		return nil, fault.New(fault.ResourceNotFound, "no such entry at this size of the log")
	}
	return tlog.ProveRecord(int64(size), int64(index), s.reader(ctx))
}

// Consistency returns the proof that the tree of size old is a prefix of that
// of size (RFC 6962, section 2.1.2). From 0 there is nothing to prove: refused.
func (s *Snapshot) Consistency(ctx context.Context, old, size uint64) ([]Hash, error) {
	if old == 0 || old > size || size > s.size {
		return nil, fault.New(fault.ResourceNotFound, "no consistency proof between these sizes")
	}
	return tlog.ProveTree(int64(size), int64(old), s.reader(ctx))
}

// Tile returns the content of a hash tile: its first t.Width hashes. A tile
// that the snapshot does not have is resource.not_found.
func (s *Snapshot) Tile(ctx context.Context, t Tile) ([]byte, error) {
	missing := fault.New(fault.ResourceNotFound, "the log has no such tile")
	if t.Entries || t.Level < 0 || t.Level >= maxLevel || t.Width < 1 || t.Width > TileWidth {
		return nil, missing
	}
	hashes := s.size >> (TileHeight * t.Level) // complete subtrees at this level
	if t.N > hashes/TileWidth || t.N*TileWidth+uint64(t.Width) > hashes {
		return nil, missing
	}
	row, err := s.tile(ctx, t.Level, t.N)
	if err != nil {
		return nil, err
	}
	return packHashes(row.rows[0][:t.Width]), nil
}

// Frontier returns the hashes of the right edge, level by level from the
// leaves up; with the size it is all that [ResumeTree] needs.
func (s *Snapshot) Frontier() []byte {
	var b []byte
	for _, e := range s.edge {
		b = append(b, packHashes(e.rows[0])...)
	}
	return b
}

// tile returns the nodes of a tile, from the edge, the cache or the store.
func (s *Snapshot) tile(ctx context.Context, level int, n uint64) (*edgeTile, error) {
	if level < len(s.edge) && n == s.size>>(TileHeight*(level+1)) {
		return &s.edge[level], nil
	}
	return s.cache.get(ctx, tileID{level, n})
}

// reader gives tlog the nodes of the tree by their number in its own order of
// storing; ctx bounds the reading.
func (s *Snapshot) reader(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			row := level % TileHeight
			at := uint64(n) << row // in row 0 of the tile's level
			t, err := s.tile(ctx, level/TileHeight, at/TileWidth)
			if err != nil {
				return nil, err
			}
			at = at % TileWidth >> row
			if at >= uint64(len(t.rows[row])) {
				return nil, fmt.Errorf("node %d of level %d is not in a tree of %d", n, level, s.size)
			}
			out[i] = t.rows[row][at]
		}
		return out, nil
	})
}

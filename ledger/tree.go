package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// TileReader reads full tiles. ReadTile returns the 256 hashes of tile n of a
// level, concatenated (8,192 octets). It is called only for tiles that an
// Append of the tree has returned or that were below the size it was resumed
// at, so a missing tile is an error. It must be safe for concurrent use.
type TileReader interface {
	ReadTile(ctx context.Context, level int, n uint64) ([]byte, error)
}

// FullTile is a tile that an Append completed. Whoever owns the tree keeps it
// for the TileReader; it never changes again.
type FullTile struct {
	Level int
	N     uint64
	Data  []byte // 8,192 octets
}

// Tree is the growing tree of the log. Of all its nodes it holds those of the
// right edge, one tile a level; the rest is read by the TileReader. It belongs
// to one goroutine, the sequencer; [Tree.Snapshot] gives everybody else an
// immutable view at the cost of a few slice headers.
type Tree struct {
	size  uint64
	edge  []edgeTile // by tile level
	cache *tileCache
}

// edgeTile holds the nodes of a tile that is not full, row k having the roots
// of 2^k hashes of row 0. Rows only grow, within capacity fixed at creation, so
// a copy of the slice headers is a snapshot.
type edgeTile struct {
	rows [TileHeight][]Hash
}

func newEdgeTile() edgeTile {
	var e edgeTile
	all := make([]Hash, 2*TileWidth)
	for k := range e.rows {
		n := TileWidth >> k
		e.rows[k] = all[:0:n]
		all = all[n:]
	}
	return e
}

// NewTree returns the empty tree.
func NewTree(tiles TileReader) *Tree {
	return &Tree{cache: newTileCache(tiles)}
}

// ResumeTree returns the tree of a size from the frontier that
// [Snapshot.Frontier] gave at that size. The caller compares its root with
// what it knows of the log.
func ResumeTree(tiles TileReader, size uint64, frontier []byte) (*Tree, error) {
	t := NewTree(tiles)
	if size > maxSize {
		return nil, fmt.Errorf("resume tree: size %d over the limit", size)
	}
	rest := frontier
	for n := size; n > 0; n >>= TileHeight {
		width := int(n % TileWidth)
		if len(rest) < width*tlog.HashSize {
			return nil, fmt.Errorf("resume tree: frontier of size %d too short", size)
		}
		e := newEdgeTile()
		for i := range width {
			e.add(Hash(rest[i*tlog.HashSize:]))
		}
		t.edge = append(t.edge, e)
		rest = rest[width*tlog.HashSize:]
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("resume tree: frontier of size %d too long", size)
	}
	t.size = size
	return t, nil
}

// Append adds leaf hashes and returns the tiles that became full, lower levels
// first. It cannot fail.
func (t *Tree) Append(leaves ...Hash) []FullTile {
	var full []FullTile
	for _, h := range leaves {
		full = t.add(0, h, full)
		t.size++
	}
	return full
}

// add puts a hash into the edge tile of a level and, when that becomes full,
// its root into the level above.
func (t *Tree) add(level int, h Hash, full []FullTile) []FullTile {
	if level == len(t.edge) {
		t.edge = append(t.edge, newEdgeTile())
	}
	e := &t.edge[level]
	top, done := e.add(h)
	if !done {
		return full
	}
	n := t.size >> (TileHeight * (level + 1))
	full = append(full, FullTile{Level: level, N: n, Data: packHashes(e.rows[0])})
	t.cache.put(tileID{level, n}, e)
	*e = newEdgeTile()
	return t.add(level+1, top, full)
}

// add appends to row 0 and completes the nodes above it; with the 256th hash
// it returns the root of the tile.
func (e *edgeTile) add(h Hash) (top Hash, full bool) {
	for k := range e.rows {
		e.rows[k] = append(e.rows[k], h)
		n := len(e.rows[k])
		if n%2 == 1 {
			return Hash{}, false
		}
		h = tlog.NodeHash(e.rows[k][n-2], h)
	}
	return h, true
}

// Size returns the number of entries.
func (t *Tree) Size() uint64 { return t.size }

// Head returns size and root of the tree.
func (t *Tree) Head() Head { return Head{Size: t.size, Root: edgeRoot(t.edge)} }

// Snapshot returns the tree as it is now, safe for concurrent use, unchanged
// by later appends.
func (t *Tree) Snapshot() *Snapshot {
	return &Snapshot{size: t.size, edge: append([]edgeTile(nil), t.edge...), cache: t.cache}
}

// edgeRoot folds the right edge from its lowest node up (RFC 6962, section
// 2.1: the left subtree is always complete).
func edgeRoot(edge []edgeTile) Hash {
	var root Hash
	some := false
	for _, e := range edge {
		for k := range e.rows {
			n := len(e.rows[k])
			if n%2 == 0 {
				continue
			}
			h := e.rows[k][n-1]
			if some {
				h = tlog.NodeHash(h, root)
			}
			root, some = h, true
		}
	}
	if !some {
		return EmptyRoot()
	}
	return root
}

func packHashes(hashes []Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		b = append(b, hashes[i][:]...)
	}
	return b
}

package ledger

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// cachedTiles bounds the tiles kept with their inner nodes: 16 KiB each, so 4
// MiB. A proof touches one tile a level; those of recent batches are the same.
const cachedTiles = 256

type tileID struct {
	level int
	n     uint64
}

// tileCache keeps full tiles with their inner nodes, so that a proof does not
// hash a whole tile anew. When it is full the older half goes: two generations
// are cheaper than a list and forget almost as well.
type tileCache struct {
	source TileReader

	mu    sync.Mutex // guards what follows
	young map[tileID]*edgeTile
	old   map[tileID]*edgeTile
}

func newTileCache(source TileReader) *tileCache {
	return &tileCache{source: source, young: make(map[tileID]*edgeTile)}
}

// put keeps a copy of the tile's slice headers.
func (c *tileCache) put(id tileID, e *edgeTile) {
	tile := *e
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(id, &tile)
}

// keep needs the lock.
func (c *tileCache) keep(id tileID, tile *edgeTile) {
	if len(c.young) >= cachedTiles/2 {
		c.old, c.young = c.young, make(map[tileID]*edgeTile)
	}
	c.young[id] = tile
}

// get returns a full tile, reading and hashing it if it is not kept.
func (c *tileCache) get(ctx context.Context, id tileID) (*edgeTile, error) {
	c.mu.Lock()
	tile, ok := c.young[id]
	if !ok {
		if tile, ok = c.old[id]; ok {
			c.keep(id, tile)
		}
	}
	c.mu.Unlock()
	if ok {
		return tile, nil
	}
	if c.source == nil {
		return nil, fmt.Errorf("tile %d/%d: the tree was made without a reader", id.level, id.n)
	}
	data, err := c.source.ReadTile(ctx, id.level, id.n)
	if err != nil {
		return nil, fmt.Errorf("read tile %d/%d: %w", id.level, id.n, err)
	}
	if len(data) != TileWidth*tlog.HashSize {
		return nil, fmt.Errorf("read tile %d/%d: %d octets", id.level, id.n, len(data))
	}
	read := newEdgeTile()
	for i := range TileWidth {
		read.add(Hash(data[i*tlog.HashSize:]))
	}
	c.put(id, &read)
	return &read, nil
}

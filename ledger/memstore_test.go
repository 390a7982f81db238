package ledger_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"accord/ledger"
)

// origin is the name of the log in these tests.
const origin = "cnca.example/v1/ledger"

// tiles is an in-memory store of full tiles.
type tiles struct {
	mu   sync.Mutex
	data map[string][]byte
}

func newTiles() *tiles { return &tiles{data: make(map[string][]byte)} }

func (s *tiles) keep(full []ledger.FullTile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range full {
		s.data[ledger.TilePath(f.Level, f.N, ledger.TileWidth)] = f.Data
	}
}

func (s *tiles) ReadTile(_ context.Context, level int, n uint64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.data[ledger.TilePath(level, n, ledger.TileWidth)]
	if !ok {
		return nil, fmt.Errorf("no tile %d/%d", level, n)
	}
	return b, nil
}

// leafHash is the hash of the nth entry of the test log.
func leafHash(n uint64) ledger.Hash {
	return ledger.LeafHash(binary.BigEndian.AppendUint64(nil, n))
}

// grow appends entries up to size.
func grow(t *ledger.Tree, s *tiles, size uint64) {
	for n := t.Size(); n < size; n++ {
		s.keep(t.Append(leafHash(n)))
	}
}

// signer returns a note signer whose key is made of one octet.
func signer(t testing.TB, origin string, seed byte) *ledger.NoteSigner {
	t.Helper()
	b := make([]byte, ed25519.SeedSize)
	b[0] = seed
	s, err := ledger.NewNoteSigner(origin, ed25519.NewKeyFromSeed(b))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// vkeys returns the keys that a verifier trusts.
func vkeys(t testing.TB, texts ...string) *ledger.VKeys {
	t.Helper()
	v, err := ledger.NewVKeys(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

package ledger_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"pgregory.net/rapid"

	"accord/internal/fault"
	"accord/ledger"
)

// reference computes roots with the second implementation.
type reference struct{ r *compact.Range }

func newReference() *reference {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &reference{f.NewEmptyRange(0)}
}

func (r *reference) add(t testing.TB, h ledger.Hash) ledger.Hash {
	t.Helper()
	if err := r.r.Append(h[:], nil); err != nil {
		t.Fatal(err)
	}
	root, err := r.r.GetRootHash(nil)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Hash(root)
}

func slices32(hashes []ledger.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

func TestTree_hasTheRootsOfTheSecondImplementation(t *testing.T) {
	t.Parallel()
	store, ref := newTiles(), newReference()
	tree := ledger.NewTree(store)
	empty := tree.Head().Root
	if got, want := empty[:], rfc6962.DefaultHasher.EmptyRoot(); !bytes.Equal(got, want) {
		t.Errorf("empty root %x, want %x", got, want)
	}
	roots := []ledger.Hash{tree.Head().Root}
	for n := range uint64(70_000) { // beyond one full tile of level 1
		want := ref.add(t, leafHash(n))
		store.keep(tree.Append(leafHash(n)))
		if got := tree.Head(); got.Root != want || got.Size != n+1 {
			t.Fatalf("size %d: root %v, want %v", n+1, got.Root, want)
		}
		roots = append(roots, want)
	}
	snap := tree.Snapshot()
	for _, size := range []uint64{0, 1, 2, 255, 256, 257, 511, 512, 65535, 65536, 65537, 69_999, 70_000} {
		got, err := snap.RootAt(context.Background(), size)
		if err != nil || got != roots[size] {
			t.Errorf("root at %d: %v (%v), want %v", size, got, err, roots[size])
		}
	}
	if _, err := snap.RootAt(context.Background(), 70_001); err == nil {
		t.Error("root at a size that the tree does not have")
	}
}

func TestSnapshot_proofsVerifyInBothImplementations(t *testing.T) {
	t.Parallel()
	const top = 66_100
	store := newTiles()
	tree := ledger.NewTree(store)
	grow(tree, store, top)
	snap := tree.Snapshot()
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(1, top).Draw(t, "size")
		index := rapid.Uint64Range(0, size-1).Draw(t, "index")
		old := rapid.Uint64Range(1, size).Draw(t, "old")
		root, err := snap.RootAt(ctx, size)
		if err != nil {
			t.Fatal(err)
		}
		head := ledger.Head{Size: size, Root: root}

		inclusion, err := snap.Inclusion(ctx, index, size)
		if err != nil {
			t.Fatal(err)
		}
		leaf := leafHash(index)
		if err := ledger.CheckInclusion(head, index, leaf, inclusion); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], slices32(inclusion), root[:]); err != nil {
			t.Fatal(err)
		}

		oldRoot, err := snap.RootAt(ctx, old)
		if err != nil {
			t.Fatal(err)
		}
		consistency, err := snap.Consistency(ctx, old, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckConsistency(ledger.Head{Size: old, Root: oldRoot}, head, consistency); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, old, size, slices32(consistency), oldRoot[:], root[:]); err != nil {
			t.Fatal(err)
		}

		// Any other index, leaf or root must fail.
		if other := rapid.Uint64Range(0, size).Draw(t, "other"); other != index {
			if ledger.CheckInclusion(head, other, leaf, inclusion) == nil {
				t.Fatalf("entry %d passes as %d", index, other)
			}
		}
		head.Root[3] ^= 1
		if fault.CodeOf(ledger.CheckInclusion(head, index, leaf, inclusion)) != fault.LedgerProofInvalid {
			t.Fatal("inclusion in another root")
		}
		if fault.CodeOf(ledger.CheckConsistency(ledger.Head{Size: old, Root: oldRoot}, head, consistency)) != fault.LedgerProofInvalid {
			t.Fatal("consistency with another root")
		}
	})
}

func TestCheck_refusesSizeZero(t *testing.T) {
	t.Parallel()
	store := newTiles()
	tree := ledger.NewTree(store)
	empty := tree.Head()
	grow(tree, store, 5)
	ctx := context.Background()
	if err := ledger.CheckConsistency(empty, tree.Head(), nil); fault.CodeOf(err) != fault.LedgerProofInvalid {
		t.Errorf("consistency from size 0: %v", err)
	}
	if err := ledger.CheckInclusion(empty, 0, leafHash(0), nil); fault.CodeOf(err) != fault.LedgerProofInvalid {
		t.Errorf("inclusion in size 0: %v", err)
	}
	if _, err := tree.Snapshot().Consistency(ctx, 0, 5); fault.CodeOf(err) != fault.ResourceNotFound {
		t.Errorf("proof from size 0: %v", err)
	}
	if _, err := tree.Snapshot().Inclusion(ctx, 5, 5); fault.CodeOf(err) != fault.ResourceNotFound {
		t.Errorf("proof of an entry that is not there: %v", err)
	}
}

func TestSnapshot_isNotChangedByLaterAppends(t *testing.T) {
	t.Parallel()
	store := newTiles()
	tree := ledger.NewTree(store)
	grow(tree, store, 300)
	snap, head := tree.Snapshot(), tree.Head()
	done := make(chan struct{})
	go func() {
		defer close(done)
		grow(tree, store, 2_000)
	}()
	for range 200 {
		if snap.Head() != head {
			t.Fatal("the snapshot changed")
		}
		p, err := snap.Inclusion(context.Background(), 299, 300)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.CheckInclusion(head, 299, leafHash(299), p); err != nil {
			t.Fatal(err)
		}
	}
	<-done
}

func TestResumeTree_goesOnWhereTheFrontierWasTaken(t *testing.T) {
	t.Parallel()
	for _, size := range []uint64{0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_800} {
		store := newTiles()
		tree := ledger.NewTree(store)
		grow(tree, store, size)
		frontier := tree.Snapshot().Frontier()
		again, err := ledger.ResumeTree(store, size, frontier)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if again.Head() != tree.Head() {
			t.Errorf("size %d: another root after resuming", size)
		}
		grow(tree, store, size+600)
		grow(again, store, size+600)
		if again.Head() != tree.Head() {
			t.Errorf("size %d: another root after going on", size)
		}
		if _, err := ledger.ResumeTree(store, size+1, frontier); err == nil {
			t.Errorf("size %d: frontier of another size accepted", size)
		}
		if _, err := ledger.ResumeTree(store, size, append(frontier, 0)); err == nil {
			t.Errorf("size %d: long frontier accepted", size)
		}
	}
}

func TestSnapshot_tilesAreThoseOfTheTree(t *testing.T) {
	t.Parallel()
	store := newTiles()
	tree := ledger.NewTree(store)
	grow(tree, store, 256*256+256*3+7)
	snap, ctx := tree.Snapshot(), context.Background()
	for _, c := range []struct {
		tile ledger.Tile
		ok   bool
	}{
		{ledger.Tile{Level: 0, N: 0, Width: 256}, true},
		{ledger.Tile{Level: 0, N: 0, Width: 3}, true}, // partial tiles stay readable
		{ledger.Tile{Level: 0, N: 259, Width: 7}, true},
		{ledger.Tile{Level: 0, N: 259, Width: 8}, false},
		{ledger.Tile{Level: 0, N: 260, Width: 1}, false},
		{ledger.Tile{Level: 1, N: 0, Width: 256}, true},
		{ledger.Tile{Level: 1, N: 1, Width: 3}, true},
		{ledger.Tile{Level: 1, N: 1, Width: 4}, false},
		{ledger.Tile{Level: 2, N: 0, Width: 1}, true},
		{ledger.Tile{Level: 3, N: 0, Width: 1}, false},
		{ledger.Tile{Level: 0, N: 1 << 60, Width: 1}, false},
	} {
		got, err := snap.Tile(ctx, c.tile)
		if c.ok != (err == nil) {
			t.Errorf("%s: %v", c.tile.Path(), err)
			continue
		}
		if !c.ok {
			if fault.CodeOf(err) != fault.ResourceNotFound {
				t.Errorf("%s: %v", c.tile.Path(), err)
			}
			continue
		}
		if len(got) != 32*c.tile.Width {
			t.Errorf("%s: %d octets", c.tile.Path(), len(got))
		}
		if h := leafHash(c.tile.N * 256); c.tile.Level == 0 && !bytes.Equal(got[:32], h[:]) {
			t.Errorf("%s: wrong first hash", c.tile.Path())
		}
	}
	// A hash of level 1 is the root of a full tile of level 0.
	level1, _ := snap.Tile(ctx, ledger.Tile{Level: 1, N: 1, Width: 3})
	part := ledger.NewTree(nil)
	for n := range uint64(256) {
		part.Append(leafHash(65_536 + 256*2 + n))
	}
	if root := part.Head().Root; !bytes.Equal(level1[64:], root[:]) {
		t.Error("level 1 does not hold the roots of level 0")
	}
}

func BenchmarkTree_Append(b *testing.B) {
	leaves := make([]ledger.Hash, 512)
	for i := range leaves {
		leaves[i] = leafHash(uint64(i))
	}
	tree := ledger.NewTree(nil)
	n := 0
	for b.Loop() {
		tree.Append(leaves...)
		tree.Head()
		n += len(leaves)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "leaves/s")
}

func BenchmarkSnapshot_InclusionInLastBatch(b *testing.B) {
	store := newTiles()
	tree := ledger.NewTree(store)
	grow(tree, store, 100_300)
	snap := tree.Snapshot()
	i := uint64(0)
	for b.Loop() {
		if _, err := snap.Inclusion(context.Background(), 100_000+i%300, 100_300); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

package ledger_test

import (
	"bytes"
	"testing"

	"accord/internal/fault"
	"accord/ledger"
)

func TestTile_pathsAreThoseOfC2SP(t *testing.T) {
	t.Parallel()
	for path, tile := range map[string]ledger.Tile{
		"tile/0/000":                       {Level: 0, N: 0, Width: 256},
		"tile/0/000.p/1":                   {Level: 0, N: 0, Width: 1},
		"tile/2/999":                       {Level: 2, N: 999, Width: 256},
		"tile/0/x001/000":                  {Level: 0, N: 1000, Width: 256},
		"tile/3/x001/x234/067":             {Level: 3, N: 1234067, Width: 256},
		"tile/entries/x001/x234/067.p/8":   {Entries: true, N: 1234067, Width: 8},
		"tile/entries/x012/345":            {Entries: true, N: 12345, Width: 256},
		"tile/entries/x123/x456/789.p/255": {Entries: true, N: 123456789, Width: 255},
	} {
		if got := tile.Path(); got != path {
			t.Errorf("%+v: %s, want %s", tile, got, path)
		}
		if got, err := ledger.ParseTilePath(path); err != nil || got != tile {
			t.Errorf("%s: %+v (%v), want %+v", path, got, err, tile)
		}
	}
	if ledger.TilePath(1, 5, 256) != "tile/1/005" || ledger.EntriesPath(5, 3) != "tile/entries/005.p/3" {
		t.Error("the short forms differ")
	}
}

func TestParseTilePath_refusesEveryOtherForm(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "0/000",
		"tile/8/0/000", "tile/-1/000", "tile/6/000", "tile/64/000", "tile/0/001/000", "tile/0/x000/001", "tile/0/x1/000",
		"tile/0/x001000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p/1/2",
		"tile/entries/", "tile/entries/+01", "tile/Entries/000", "/tile/0/000", "tile/0/../000", "tile/0/000 ",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999",
	} {
		if got, err := ledger.ParseTilePath(path); fault.CodeOf(err) != fault.ResourceNotFound {
			t.Errorf("%q: %+v (%v)", path, got, err)
		}
	}
}

func TestParseBundle_splitsWhatWasAppended(t *testing.T) {
	t.Parallel()
	var bundle []byte
	want := [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("x"), 65535)}
	for _, e := range want {
		bundle = ledger.AppendBundleEntry(bundle, e)
	}
	got, err := ledger.ParseBundle(bundle)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d entries (%v)", len(got), err)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("entry %d differs", i)
		}
	}
	for _, cut := range []int{1, 4, len(bundle) - 1} {
		if _, err := ledger.ParseBundle(bundle[:cut]); err == nil {
			t.Errorf("bundle cut at %d accepted", cut)
		}
	}
	if _, err := ledger.ParseBundle(make([]byte, 2*257)); err == nil {
		t.Error("257 entries accepted")
	}
}

func FuzzParseTilePath(f *testing.F) {
	f.Add("tile/entries/x001/x234/067.p/8")
	f.Add("tile/0/000")
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := ledger.ParseTilePath(path)
		if err == nil && tile.Path() != path {
			t.Errorf("%q is read as %q", path, tile.Path())
		}
	})
}

func FuzzParseLeaf(f *testing.F) {
	leaf, err := exampleRecord().Leaf()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(leaf.AppendEntry(nil))
	f.Fuzz(func(t *testing.T, entry []byte) {
		l, err := ledger.ParseLeaf(entry)
		if err == nil && !bytes.Equal(l.AppendEntry(nil), entry) {
			t.Errorf("two texts of one leaf: %q", entry)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add(exampleRecord().AppendCanonical(nil))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := ledger.ParseRecord(src)
		if err != nil {
			return
		}
		again, err := ledger.ParseRecord(r.AppendCanonical(nil))
		if err != nil || !bytes.Equal(again.AppendCanonical(nil), r.AppendCanonical(nil)) {
			t.Errorf("%q is not read back (%v)", src, err)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	f.Add(ledger.AppendBundleEntry(nil, []byte("entry")))
	f.Fuzz(func(t *testing.T, bundle []byte) {
		entries, err := ledger.ParseBundle(bundle)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range entries {
			again = ledger.AppendBundleEntry(again, e)
		}
		if !bytes.Equal(again, bundle) {
			t.Error("the bundle is not read back")
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	s := signer(f, origin, 1)
	head := ledger.Head{Size: 7, Root: leafHash(1)}
	signed, err := s.Sign(head)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	keys := vkeys(f, s.VKey())
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := keys.Open(b); err == nil && c.Head != head {
			t.Errorf("forged %v", c)
		}
	})
}

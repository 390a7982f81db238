package local_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"accord/internal/fault"
	"accord/storage/storagetest"
)

// filled returns a home with entries and its directory.
func filled(t *testing.T, n int, prefix string) (*storagetest.Home, string) {
	t.Helper()
	dir := t.TempDir()
	h := storagetest.NewHome(t, opener(t, dir))
	for i := range n {
		h.Put(t, h.Draft(t, fmt.Sprint("key ", i%10), fmt.Sprint(prefix, i)))
	}
	return h, dir
}

// swap puts other files in the place of some while the archive is closed.
func swap(t *testing.T, h *storagetest.Home, act func()) error {
	t.Helper()
	if err := h.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	act()
	return h.Reopen(t)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpen_makesTheViewAnew(t *testing.T) {
	t.Parallel()
	h, dir := filled(t, 30, "a")
	other, otherDir := filled(t, 30, "b")
	if err := other.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(dir, "index.sqlite")
	for what, act := range map[string]func(){
		"deleted":                func() { os.Remove(index) },
		"of another log as long": func() { copyFile(t, filepath.Join(otherDir, "index.sqlite"), index) },
	} {
		if err := swap(t, h, act); err != nil {
			t.Fatalf("index %s: %v", what, err)
		}
		h.Sound(t)
		if h.Size() != 30 {
			t.Fatalf("index %s: %d entries", what, h.Size())
		}
		s, err := h.Series(context.Background(), "key 3")
		if err != nil || len(s.Entries) != 3 {
			t.Fatalf("index %s: %d entries of a key, %v", what, len(s.Entries), err)
		}
	}
}

func TestOpen_refusesALogBehindItsMemory(t *testing.T) {
	t.Parallel()
	h, dir := filled(t, 10, "a")
	seg := filepath.Join(dir, "journal", "0000000000000000.seg")
	backup := filepath.Join(t.TempDir(), "backup")
	copyFile(t, seg, backup)
	h.Put(t, h.Draft(t, "key", "one more"))
	// The view is ahead of the restored log, too.
	err := swap(t, h, func() { copyFile(t, backup, seg) })
	if fault.CodeOf(err) != fault.LedgerFork {
		t.Fatalf("an older backup: %v", err)
	}
}

package ledger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"accord/internal/fault"
	"accord/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// headAt is the head of the test log at a size.
func headAt(n uint64) ledger.Head { return ledger.Head{Size: n, Root: leafHash(n)} }

func openMemory(t testing.TB, path string) *ledger.Memory {
	t.Helper()
	m, err := ledger.OpenMemory(path, origin)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func createMemory(t testing.TB) (*ledger.Memory, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "memory")
	m, err := ledger.CreateMemory(path, origin)
	if err != nil {
		t.Fatal(err)
	}
	return m, path
}

func TestMemory_keepsWhatWasNoted(t *testing.T) {
	t.Parallel()
	m, path := createMemory(t)
	for n := uint64(1); n <= 9; n++ {
		if err := m.Note(headAt(n)); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			if err := m.Sync(); err != nil {
				t.Fatal(err)
			}
		}
		// Another process would read it at once: a kill loses nothing.
		again := openMemory(t, copyFile(t, path))
		if got := again.Head(); got != headAt(n) {
			t.Errorf("after %d: %v", n, got)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Note(headAt(10)); err == nil {
		t.Error("noted after Close")
	}
	again := openMemory(t, path)
	defer again.Close()
	if got := again.Head(); got != headAt(9) {
		t.Errorf("after Close: %v", got)
	}
}

func TestMemory_onlyGrows(t *testing.T) {
	t.Parallel()
	m, _ := createMemory(t)
	defer m.Close()
	if err := m.Note(headAt(5)); err != nil {
		t.Fatal(err)
	}
	if err := m.Note(headAt(4)); err != nil || m.Head() != headAt(5) {
		t.Errorf("a smaller head: %v, now %v", err, m.Head())
	}
	other := ledger.Head{Size: 5, Root: leafHash(6)}
	if err := m.Note(other); fault.CodeOf(err) != fault.LedgerFork || m.Head() != headAt(5) {
		t.Errorf("another root of one size: %v, now %v", err, m.Head())
	}
}

func TestCreateMemory_refusesWhatExists(t *testing.T) {
	t.Parallel()
	m, path := createMemory(t)
	defer m.Close()
	if again, err := ledger.CreateMemory(path, origin); err == nil {
		again.Close()
		t.Error("an existing memory was created anew")
	}
}

func TestOpenMemory_refusesMissingForeignAndDamaged(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "memory")
	if _, err := ledger.OpenMemory(missing, origin); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("missing: %v", err)
	}
	if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Error("opening a missing memory made one")
	}
	m, path := createMemory(t)
	if err := m.Note(headAt(3)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.OpenMemory(path, "other.example/log"); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("of another log: %v", err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"empty": 0, "cut": 100, "cut in the second slot": 4100} {
		write(t, path, good[:size])
		if _, err := ledger.OpenMemory(path, origin); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := append([]byte(nil), good...)
	bad[60] ^= 1
	bad[4096+60] ^= 1
	write(t, path, bad)
	if _, err := ledger.OpenMemory(path, origin); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("damaged: %v", err)
	}
}

func TestMemory_mustBeContainedInTheLog(t *testing.T) {
	t.Parallel()
	ctx, store := context.Background(), newTiles()
	tree := ledger.NewTree(store)
	grow(tree, store, 300)
	m, _ := createMemory(t)
	defer m.Close()
	if err := m.Contained(ctx, tree.Snapshot()); err != nil {
		t.Errorf("a new memory: %v", err)
	}
	if err := m.Note(tree.Head()); err != nil {
		t.Fatal(err)
	}
	grow(tree, store, 600)
	if err := m.Contained(ctx, tree.Snapshot()); err != nil {
		t.Errorf("a log that grew: %v", err)
	}
	shorter := ledger.NewTree(store)
	grow(shorter, store, 299)
	if err := m.Contained(ctx, shorter.Snapshot()); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("an older backup: %v", err)
	}
	shorter.Append(leafHash(7777))
	if err := m.Contained(ctx, shorter.Snapshot()); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("another history: %v", err)
	}
}

// disk is a file with a page cache: what was written is on the disk only after
// a Sync, and a crash may leave any part of it.
type disk struct {
	mu     sync.Mutex
	synced [8192]byte
	cache  [8192]byte
	fail   bool // the next Sync fails
	syncs  int
}

func (d *disk) WriteAt(b []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return copy(d.cache[off:], b), nil
}

func (d *disk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail {
		return errors.New("EIO")
	}
	d.synced = d.cache
	d.syncs++
	return nil
}

func (d *disk) Close() error { return nil }

func TestMemory_survivesACrashAtAnyOctet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		d := new(disk)
		m, err := ledger.MemoryOn(d, origin)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var noted, synced uint64
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "sync") {
				if err := m.Sync(); err != nil {
					t.Fatal(err)
				}
				synced = noted
				continue
			}
			noted += rapid.Uint64Range(1, 3).Draw(t, "growth")
			if err := m.Note(headAt(noted)); err != nil {
				t.Fatal(err)
			}
		}
		// Of each slot's unsynced octets a part [from, to) reached the disk.
		d.mu.Lock()
		left := d.synced
		for _, start := range []int{0, 4096} {
			from := rapid.IntRange(0, 160).Draw(t, "from")
			to := rapid.IntRange(from, 160).Draw(t, "to")
			copy(left[start+from:start+to], d.cache[start+from:start+to])
		}
		d.mu.Unlock()
		path := filepath.Join(dir, "memory")
		if err := os.WriteFile(path, left[:], 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := ledger.OpenMemory(path, origin)
		if err != nil {
			t.Fatalf("noted %d, synced %d: %v", noted, synced, err)
		}
		defer again.Close()
		got := again.Head()
		if got.Size < synced || got.Size > noted || got.Size > 0 && got != headAt(got.Size) {
			t.Fatalf("noted %d, synced %d, found %v", noted, synced, got)
		}
	})
}

func TestMemory_noLongerNotesAfterAFailedSync(t *testing.T) {
	t.Parallel()
	d := new(disk)
	m, err := ledger.MemoryOn(d, origin)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Note(headAt(1)); err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	d.fail = true
	d.mu.Unlock()
	if m.Sync() == nil {
		t.Fatal("the sync did not fail")
	}
	d.mu.Lock()
	d.fail = false
	d.mu.Unlock()
	if m.Note(headAt(2)) == nil || m.Sync() == nil || m.Close() == nil {
		t.Error("the memory went on after a failed sync")
	}
}

func TestMemory_isSyncedEachSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := new(disk)
		m, err := ledger.MemoryOn(d, origin)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Note(headAt(1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5*time.Second + time.Millisecond)
		synctest.Wait()
		if d.syncs != 2 { // that of its making, and one: nothing else was noted
			t.Errorf("%d syncs", d.syncs)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func copyFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	write(t, to, b)
	return to
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

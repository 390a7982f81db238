package local_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/storage"
	"accord/storage/local"
)

// batch returns batch n of one small entry.
func batch(n uint64) *storage.Batch {
	e := &storage.Entry{Index: n, Kind: "attestation", Record: []byte("record"), Leaf: []byte("leaf"), Key: "key"}
	return &storage.Batch{Number: n, Base: n, Entries: []*storage.Entry{e}, Bodies: [][]byte{[]byte("body")}}
}

func open(t testing.TB, dir string) *local.Journal {
	t.Helper()
	j, err := local.OpenJournal(dir)
	for begin := time.Now(); fault.CodeOf(err) == fault.HTTPUnavailable && time.Since(begin) < 5*time.Second; {
		// A child that another test starts has the lock between fork and exec.
		time.Sleep(time.Millisecond)
		j, err = local.OpenJournal(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// journal returns the directory of a journal of n batches and the path and size
// of its only segment after each batch.
func journal(t testing.TB, n uint64) (dir, path string, ends []int64) {
	t.Helper()
	dir = t.TempDir()
	if err := local.CreateJournal(dir); err != nil {
		t.Fatal(err)
	}
	j := open(t, dir)
	path = filepath.Join(dir, "journal", "0000000000000000.seg")
	for i := range n {
		if err := j.Append(context.Background(), batch(i)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, info.Size())
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, path, ends
}

func count(t testing.TB, j *local.Journal) (n uint64) {
	t.Helper()
	err := j.Batches(context.Background(), 0, true, func(b *storage.Batch) error {
		if b.Number != n || string(b.Bodies[0]) != "body" {
			t.Fatalf("batch %d where %d belongs", b.Number, n)
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJournal_cutsATornBatchAtEveryOctet(t *testing.T) {
	t.Parallel()
	dir, path, ends := journal(t, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := ends[1]; size < local.BatchEnd(whole, ends[1]); size++ {
		if err := os.WriteFile(path, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, dir)
		if n := count(t, j); n != 2 {
			t.Fatalf("cut at %d: %d batches", size, n)
		}
		if err := errors.Join(j.Append(context.Background(), batch(2)), j.Close()); err != nil {
			t.Fatal(err)
		}
		again := open(t, dir)
		if n := count(t, again); n != 3 {
			t.Fatalf("after a cut at %d and another batch: %d batches", size, n)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournal_refusesDamageBeforeTheEnd(t *testing.T) {
	t.Parallel()
	dir, path, ends := journal(t, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range ends[1] {
		spoilt := append([]byte(nil), whole...)
		spoilt[at] ^= 0x40
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		if j, err := local.OpenJournal(dir); err == nil {
			j.Close()
			t.Fatalf("damage at octet %d is not seen", at)
		} else if !strings.Contains(err.Error(), path) {
			t.Fatalf("the error does not name the file: %v", err)
		}
	}
}

// TestJournal_refusesTheFormBefore: what an earlier version wrote is not taken
// for a torn end and cut, and the error says what to do.
func TestJournal_refusesTheFormBefore(t *testing.T) {
	t.Parallel()
	dir, path, _ := journal(t, 2)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(whole, []byte{0xac, 0xc0, 0x0b, 0x02})
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = local.OpenJournal(dir)
	if err == nil || !strings.Contains(err.Error(), "accord init") || !strings.Contains(err.Error(), path) {
		t.Fatalf("a journal of the form before: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, whole) {
		t.Fatalf("it was changed, %v", err)
	}
}

// TestBody_noticesDamage: what is served is what was received.
func TestBody_noticesDamage(t *testing.T) {
	t.Parallel()
	dir, path, _ := journal(t, 1)
	j := open(t, dir)
	var place uint64
	if err := j.Batches(t.Context(), 0, false, func(b *storage.Batch) error { place = b.Entries[0].Ref; return nil }); err != nil {
		t.Fatal(err)
	}
	if body, err := j.Body(t.Context(), place, 4); err != nil || string(body) != "body" {
		t.Fatalf("%q, %v", body, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole[bytes.Index(whole, []byte("body"))] ^= 1
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if body, err := j.Body(t.Context(), place, 4); err == nil {
		t.Fatalf("damage is served: %q", body)
	}
}

func TestJournal_locksOutASecond(t *testing.T) {
	t.Parallel()
	dir, _, _ := journal(t, 1)
	open(t, dir)
	if _, err := local.OpenJournal(dir); fault.CodeOf(err) != fault.HTTPUnavailable {
		t.Fatalf("a second journal in one directory: %v", err)
	}
}

func TestJournal_findsAMissingSegment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := local.CreateJournal(dir); err != nil {
		t.Fatal(err)
	}
	j := open(t, dir)
	j.SetRoll(1) // each batch begins a segment
	for i := range uint64(5) {
		if err := j.Append(context.Background(), batch(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, j); n != 5 {
		t.Fatalf("%d batches", n)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, open(t, dir)); n != 5 {
		t.Fatalf("%d batches after opening", n)
	}
}

func TestJournal_refusesEverythingAfterAFailedSync(t *testing.T) {
	t.Parallel()
	dir, _, _ := journal(t, 1)
	j := open(t, dir)
	calls := 0
	j.SetSync(func(*os.File) error { calls++; return errors.New("EIO") })
	for range 3 {
		if err := j.Append(context.Background(), batch(1)); err == nil || fault.CodeOf(err) == fault.HTTPStorageFull {
			t.Fatalf("append after a failed sync: %v", err)
		}
	}
	if calls != 1 {
		t.Fatalf("%d syncs after one failed", calls)
	}
}

package local_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accord/storage"
	"accord/storage/local"
	"accord/storage/storagetest"
)

// TestLocal_passesTheSuiteWithZerosAhead: every segment after the first few
// batches is one that was written ahead.
func TestLocal_passesTheSuiteWithZerosAhead(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storagetest.Opener {
		plain := opener(t, t.TempDir())
		return func(t testing.TB) (storage.Log, storage.Index) {
			log, index := plain(t)
			log.(*local.Journal).SetAhead(1, 64<<10)
			log.(*local.Journal).SetRoll(256 << 10)
			return log, index
		}
	})
}

// ahead returns the directory of a journal of n batches whose last segment was
// written ahead, that segment, and where each of its batches begins; the last
// value is where the next one would.
func ahead(t *testing.T, n uint64) (dir, path string, begins []int64) {
	t.Helper()
	dir = t.TempDir()
	if err := local.CreateJournal(dir); err != nil {
		t.Fatal(err)
	}
	j := open(t, dir)
	j.SetAhead(1, 128<<10)
	for i := range n {
		if i == 1 {
			for begin := time.Now(); !j.SpareReady(); time.Sleep(time.Millisecond) {
				if time.Since(begin) > 10*time.Second {
					t.Fatal("the next segment is never ready")
				}
			}
		}
		if err := j.Append(context.Background(), batch(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "journal", fmt.Sprintf("%016d.seg", 1))
	whole, err := os.ReadFile(path)
	if err != nil || len(whole) != 128<<10 {
		t.Fatalf("the second segment has %d octets, %v", len(whole), err)
	}
	for at := int64(0); ; at = (local.BatchEnd(whole, at) + 4095) &^ 4095 {
		if begins = append(begins, at); whole[at] == 0 {
			break
		}
	}
	if uint64(len(begins)) != n {
		t.Fatalf("%d batches in the second segment, want %d", len(begins)-1, n-1)
	}
	if _, err := os.Stat(filepath.Join(dir, "journal", "spare")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a closed journal leaves a spare: %v", err)
	}
	return dir, path, begins
}

// TestJournal_cutsATornBatchInFrontOfZeros leaves of the last batch what a disk
// can: octets up to some place, and pages in any order.
func TestJournal_cutsATornBatchInFrontOfZeros(t *testing.T) {
	t.Parallel()
	dir, path, begins := ahead(t, 4)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := begins[len(begins)-2]
	end := local.BatchEnd(whole, last)
	check := func(what string, torn []byte) {
		t.Helper()
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, dir)
		if n := count(t, j); n != 3 {
			t.Fatalf("%s: %d batches", what, n)
		}
		if err := errors.Join(j.Append(context.Background(), batch(3)), j.Append(context.Background(), batch(4)), j.Close()); err != nil {
			t.Fatal(err)
		}
		again := open(t, dir)
		if n := count(t, again); n != 5 {
			t.Fatalf("%s, and two batches more: %d batches", what, n)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for at := last; at < end; at += 3 {
		if whole[at] == 0 && len(bytes.Trim(whole[at:end], "\x00")) == 0 {
			continue
		}
		torn := bytes.Clone(whole)
		clear(torn[at:end])
		check(fmt.Sprintf("torn at %d", at), torn)
		torn = bytes.Clone(whole)
		clear(torn[last : at+1])
		check(fmt.Sprintf("without the octets up to %d", at), torn)
	}
}

// TestJournal_refusesDamageInFrontOfZeros: zeros ahead must not make a hole look
// like the end.
func TestJournal_refusesDamageInFrontOfZeros(t *testing.T) {
	t.Parallel()
	dir, path, begins := ahead(t, 5)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func([]byte){
		"the first batch zeroed":       func(b []byte) { clear(b[begins[0]:begins[1]]) },
		"a batch zeroed":               func(b []byte) { clear(b[begins[1]:begins[2]]) },
		"a page boundary, header":      func(b []byte) { clear(b[begins[1] : begins[1]+20]) },
		"an octet":                     func(b []byte) { b[begins[1]+60] ^= 4 },
		"an octet between two batches": func(b []byte) { b[begins[2]-1] = 1 },
	} {
		spoilt := bytes.Clone(whole)
		spoil(spoilt)
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := local.OpenJournal(dir)
		if err == nil {
			j.Close()
			t.Errorf("%s: it opens", what)
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error does not name the file: %v", what, err)
		}
	}
}

// TestJournal_removesASpareThatWasLeft after a kill.
func TestJournal_removesASpareThatWasLeft(t *testing.T) {
	t.Parallel()
	dir, _, _ := journal(t, 2)
	left := filepath.Join(dir, "journal", "spare")
	if err := os.WriteFile(left, make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := count(t, open(t, dir)); n != 2 {
		t.Fatalf("%d batches", n)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the spare is still there: %v", err)
	}
}

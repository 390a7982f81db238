package local_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
	"accord/storage/local"
	"accord/storage/storagetest"
)

// TestChild is not a test: it is the second process of those below.
func TestChild(t *testing.T) {
	dir := os.Getenv("ACCORD_TEST_JOURNAL")
	if dir == "" {
		t.Skip("this is the child of another test")
	}
	j, err := local.OpenJournal(dir)
	if err != nil {
		fmt.Println("refused:", fault.CodeOf(err))
		return
	}
	fmt.Println("opened")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the test lets go
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// child starts a second process that opens a journal, and returns what it says
// and how to kill it.
func child(t *testing.T, dir string) (says string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestChild$")
	cmd.Env = append(os.Environ(), "ACCORD_TEST_JOURNAL="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), func() {
		in.Close()
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	}
}

func TestJournal_locksOutASecondProcess(t *testing.T) {
	t.Parallel()
	dir, _, _ := journal(t, 2)
	j := open(t, dir)
	says, end := child(t, dir)
	end()
	if says != "refused: "+string(fault.HTTPUnavailable) {
		t.Fatalf("a second process: %s", says)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	says, end = child(t, dir)
	if says != "opened" {
		t.Fatalf("after the first was closed: %s", says)
	}
	if _, err := local.OpenJournal(dir); fault.CodeOf(err) != fault.HTTPUnavailable {
		t.Fatalf("beside another process: %v", err)
	}
	end() // a killed process gives the lock up
	if n := count(t, open(t, dir)); n != 2 {
		t.Fatalf("%d batches", n)
	}
}

// files returns what a directory has beside subdirectories, by name.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range list {
		if f.Type().IsRegular() {
			if out[f.Name()], err = os.ReadFile(filepath.Join(dir, f.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// putFiles makes a directory have just the files of a view.
func putFiles(t *testing.T, dir string, want map[string][]byte) {
	t.Helper()
	for name := range files(t, dir) {
		if strings.HasPrefix(name, "index.sqlite") {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, b := range want {
		if strings.HasPrefix(name, "index.sqlite") {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestOpen_afterARebuildThatWasKilled opens what a killed process can leave
// beside a renewal: files as they lie while it is made, and any part of the
// switch.
func TestOpen_afterARebuildThatWasKilled(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h, dir := filled(t, 300, "a")
	if err := h.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "index.sqlite")
	whole := files(t, dir)

	// A view and half of its renewal, both open, as a kill leaves them.
	j := open(t, dir)
	x, err := local.OpenIndex(ctx, path, j)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]uint64, 300)
	for i := range all {
		all[i] = uint64(i)
	}
	entries, err := x.Entries(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Renew(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tree := ledger.NewTree(nil)
	for _, e := range entries[:100] {
		tree.Append(e.Hash())
	}
	s := tree.Snapshot()
	if err := r.Apply(ctx, entries[:100], nil, storage.Watermark{Batch: 100, Size: 100, Root: s.Head().Root, Frontier: s.Frontier()}); err != nil {
		t.Fatal(err)
	}
	half := files(t, dir)
	if len(half["index.sqlite.next-wal"]) == 0 || len(half["index.sqlite.next"]) == 0 {
		t.Fatal("the renewal has no files")
	}
	if err := errors.Join(r.Discard(), x.Close(), j.Close()); err != nil {
		t.Fatal(err)
	}

	with := func(change func(map[string][]byte)) map[string][]byte {
		m := map[string][]byte{}
		for k, v := range half {
			m[k] = v
		}
		change(m)
		return m
	}
	for what, state := range map[string]map[string][]byte{
		"half-way":                      half,
		"the view removed, its log not": with(func(m map[string][]byte) { delete(m, "index.sqlite") }),
		"the view removed": with(func(m map[string][]byte) {
			delete(m, "index.sqlite")
			delete(m, "index.sqlite-wal")
			delete(m, "index.sqlite-shm")
		}),
		"switched to one that is short": with(func(m map[string][]byte) {
			m["index.sqlite"], m["index.sqlite-wal"] = m["index.sqlite.next"], m["index.sqlite.next-wal"]
			delete(m, "index.sqlite.next")
			delete(m, "index.sqlite-shm")
		}),
		"switched, beside the log of the old one": with(func(m map[string][]byte) {
			m["index.sqlite"], m["index.sqlite-wal"] = whole["index.sqlite"], half["index.sqlite.next-wal"]
			delete(m, "index.sqlite-shm")
		}),
		"empty files": with(func(m map[string][]byte) {
			for k := range m {
				m[k] = nil
			}
		}),
	} {
		if err := swap(t, h, func() { putFiles(t, dir, state) }); err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if h.Size() != 300 {
			t.Errorf("%s: %d entries", what, h.Size())
		}
		h.Sound(t)
		for name := range files(t, dir) {
			if strings.Contains(name, ".next") {
				t.Errorf("%s: %s is left over", what, name)
			}
		}
	}
}

// TestOpen_ofAViewThatCannotBeRead makes it anew: it is only a view.
func TestOpen_ofAViewThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h, dir := filled(t, 300, "a")
	if err := h.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "index.sqlite")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := func(change func([]byte) []byte) func() {
		return func() {
			if err := os.WriteFile(path, change(append([]byte(nil), whole...)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	zeros := func(from, to int) func() {
		return spoilt(func(b []byte) []byte { clear(b[from:min(to, len(b))]); return b })
	}
	for what, act := range map[string]func(){
		"another form": func() {
			spoilt(func(b []byte) []byte { return b })()
			change(t, path, "PRAGMA user_version = 1")
			change(t, path, "DROP TABLE runs")
			change(t, path, "ALTER TABLE entries RENAME TO entry")
		},
		"a later form":          func() { spoilt(func(b []byte) []byte { return b })(); change(t, path, "PRAGMA user_version = 1000") },
		"not a database":        spoilt(func([]byte) []byte { return []byte(strings.Repeat("this is a letter, not a database. ", 200)) }),
		"cut":                   spoilt(func(b []byte) []byte { return b[:len(b)/2] }),
		"cut within a page":     spoilt(func(b []byte) []byte { return b[:len(b)/3+100] }),
		"first page lost":       zeros(0, 4096),
		"second page lost":      zeros(4096, 8192),
		"third page lost":       zeros(8192, 12288),
		"all but one page lost": zeros(4096, 1<<30),
		"a directory": func() {
			if err := errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		err := swapOrRefuse(t, h, path, act)
		if what == "a directory" {
			if err == nil {
				t.Errorf("%s was taken for a view", what)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if err := h.Rebuild(context.Background()); err != nil {
			t.Errorf("%s: rebuild: %v", what, err)
			continue
		}
		if h.Size() != 300 {
			t.Errorf("%s: %d entries", what, h.Size())
		}
		h.Sound(t)
	}
}

// swapOrRefuse is swap for a view that may not open.
func swapOrRefuse(t *testing.T, h *storagetest.Home, path string, act func()) error {
	t.Helper()
	if err := h.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	act()
	probe, err := local.OpenIndex(context.Background(), path, nil)
	if err != nil {
		return err
	}
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	return h.Reopen(t)
}

// TestOpen_ofAViewAheadOfTheLog: a power cut took the end of the log that was
// not acknowledged, and neither the view nor the memory may know better.
func TestOpen_ofAViewAheadOfTheLog(t *testing.T) {
	t.Parallel()
	h, dir := filled(t, 20, "a")
	if err := h.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	seg := filepath.Join(dir, "journal", "0000000000000000.seg")
	before, err := os.ReadFile(seg)
	if err != nil {
		t.Fatal(err)
	}
	memory := h.CopyMemory(t)
	if err := h.Reopen(t); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		h.Put(t, h.Draft(t, fmt.Sprint("key ", i), fmt.Sprint("lost ", i)))
	}
	for _, torn := range []int{0, 100} {
		if err := swap(t, h, func() {
			whole, err := os.ReadFile(seg)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(seg, whole[:len(before)+torn], 0o600); err != nil {
				t.Fatal(err)
			}
			memory()
		}); err != nil {
			t.Fatal(err)
		}
		if h.Size() != 20 {
			t.Fatalf("%d entries", h.Size())
		}
		h.Sound(t)
		for i := range 5 {
			s := h.Put(t, h.Draft(t, fmt.Sprint("key ", i), fmt.Sprint("lost ", i)))
			if s.Replay || s.Entry.Index != uint64(20+i) {
				t.Fatalf("stored as %d, replay %v", s.Entry.Index, s.Replay)
			}
		}
		h.Sound(t)
	}
}

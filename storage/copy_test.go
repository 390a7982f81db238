package storage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"accord/internal/fault"
	"accord/storage"
	"accord/storage/storagetest"
)

// copying is an archive that is closed, and a log that it is copied to.
type copying struct {
	*storagetest.Home
	log, to *storagetest.Log
	open    *storagetest.Log // what Reopen opens
	index   *storagetest.Index
}

// newCopying makes an archive of n documents, one a batch.
func newCopying(t *testing.T, n int) *copying {
	t.Helper()
	c := &copying{log: &storagetest.Log{}, to: &storagetest.Log{}, index: &storagetest.Index{}}
	c.open = c.log
	c.Home = storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return c.open, c.index })
	for i := range n {
		c.put(t, i)
	}
	return c
}

func (c *copying) put(t *testing.T, i int) {
	t.Helper()
	c.Put(t, c.Draft(t, fmt.Sprintf("key %d", i%7), fmt.Sprintf("content %d", i)))
}

// goOn opens another log in the place of the one of the home, with its memory.
func (c *copying) goOn(t *testing.T, log *storagetest.Log) error {
	t.Helper()
	c.open, c.index = log, &storagetest.Index{}
	return c.Reopen(t)
}

var quiet = storage.CopyOptions{Logger: slog.New(slog.DiscardHandler)}

func TestCopyLog_continuesTheLog(t *testing.T) {
	t.Parallel()
	const n = 40
	c := newCopying(t, n)
	var proofs []string
	for i := range uint64(n) {
		proofs = append(proofs, c.Prove(t, i))
	}
	head := c.Snapshot().Head()
	ctx := t.Context()
	for _, want := range []bool{false, true} {
		if sealed, err := storage.Sealed(ctx, c.log, c.index); err != nil || sealed != want {
			t.Fatalf("sealed: %v, %v", sealed, err)
		}
		if !want {
			must(t, c.Seal(ctx))
		}
	}

	opt := quiet
	var told []uint64
	opt.Progress = func(entries uint64) { told = append(told, entries) }
	done, err := storage.CopyLog(ctx, c.log, c.to, opt)
	must(t, err)
	if want := (storage.Copied{Batches: n, Size: n, Added: n}); done != want {
		t.Fatalf("copied %+v, want %+v", done, want)
	}
	if len(told) != n || told[n-1] != n {
		t.Fatalf("the progress was %v", told)
	}
	again, root, err := storage.CompareLogs(ctx, c.log, c.to, quiet)
	must(t, err)
	if again.Size != n || again.Beyond || root != head {
		t.Fatalf("compared %+v with root %v, want %v", again, root, head)
	}
	done, err = storage.CopyLog(ctx, c.log, c.to, quiet)
	if err != nil || done.Added != 0 || done.Size != n {
		t.Fatalf("once more: %+v, %v", done, err)
	}

	// The source is closed for ever, the copy goes on.
	must(t, c.goOn(t, c.log))
	if _, err := c.Append(ctx, c.Draft(t, "new", "new")); fault.CodeOf(err) != fault.LedgerFork {
		t.Fatalf("the source after the copy: %v", err)
	}
	must(t, c.goOn(t, c.to))
	for i, want := range proofs {
		if got := c.Prove(t, uint64(i)); got != want {
			t.Fatalf("the copy proves entry %d in another way", i)
		}
	}
	c.put(t, n)
	c.Sound(t)
	done, err = storage.CopyLog(ctx, c.log, c.to, quiet)
	if err != nil || !done.Beyond || done.Size != n {
		t.Fatalf("after the copy went on: %+v, %v", done, err)
	}
	if again, _, err = storage.CompareLogs(ctx, c.log, c.to, quiet); err != nil || !again.Beyond || again.Size != n {
		t.Fatalf("compared after the copy went on: %+v, %v", again, err)
	}
	// And back, into a log of its own.
	back := &storagetest.Log{}
	must(t, c.Seal(ctx))
	done, err = storage.CopyLog(ctx, c.to, back, quiet)
	if err != nil || done.Size != n+1 {
		t.Fatalf("back: %+v, %v", done, err)
	}
	must(t, c.goOn(t, back))
	c.put(t, n+1)
	c.Sound(t)
}

// A log that was closed for good is copied with its seal.
func TestCopyLog_copiesTheSealOfAClosedLog(t *testing.T) {
	t.Parallel()
	c := newCopying(t, 3)
	must(t, c.Seal(t.Context()))
	opt := quiet
	opt.Seal = true
	done, err := storage.CopyLog(t.Context(), c.log, c.to, opt)
	if err != nil || done.Batches != 4 || done.Size != 3 {
		t.Fatalf("%+v, %v", done, err)
	}
	_, _, err = storage.CompareLogs(t.Context(), c.log, c.to, opt)
	must(t, err)
	must(t, c.goOn(t, c.to))
	if _, err := c.Append(t.Context(), c.Draft(t, "new", "new")); fault.CodeOf(err) != fault.LedgerFork {
		t.Fatalf("the copy of a closed log took something: %v", err)
	}
}

// badLog fails or cannot tell in one of its appends.
type badLog struct {
	storage.Log
	at             uint64 // number of the batch
	before, after  error  // instead of the append, after it
	times, appends int
}

func (l *badLog) Append(ctx context.Context, b *storage.Batch) error {
	l.appends++
	if b.Number != l.at || l.times == 0 {
		return l.Log.Append(ctx, b)
	}
	l.times--
	if l.before != nil {
		return l.before
	}
	if err := l.Log.Append(ctx, b); err != nil {
		return err
	}
	return l.after
}

// A copy that ends at any batch, before or after it stood, goes on from there.
func TestCopyLog_goesOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	const n = 9
	broken := errors.New("the plug was pulled")
	for at := range uint64(n) {
		for _, bad := range []badLog{{before: broken}, {after: broken}} {
			c := newCopying(t, n)
			bad.Log, bad.at, bad.times = c.to, at, 1
			if _, err := storage.CopyLog(t.Context(), c.log, &bad, quiet); !errors.Is(err, broken) {
				t.Fatalf("batch %d: %v", at, err)
			}
			stands := at
			if bad.after != nil {
				stands++
			}
			if stands < n {
				// The signer remembers more than such a copy has.
				if err := c.goOn(t, c.to); fault.CodeOf(err) != fault.LedgerFork {
					t.Fatalf("half a copy was opened: %v", err)
				}
			}
			done, err := storage.CopyLog(t.Context(), c.log, c.to, quiet)
			if err != nil || done.Added != n-stands || done.Size != n {
				t.Fatalf("batch %d: %+v, %v", at, done, err)
			}
			_, _, err = storage.CompareLogs(t.Context(), c.log, c.to, quiet)
			must(t, err)
		}
	}
}

func TestCopyLog_settlesUnknownOutcomes(t *testing.T) {
	t.Parallel()
	for _, bad := range []badLog{{before: storage.ErrUnknown}, {after: storage.ErrUnknown}} {
		c := newCopying(t, 5)
		bad.Log, bad.at, bad.times = c.to, 2, 3
		done, err := storage.CopyLog(t.Context(), c.log, &bad, quiet)
		if err != nil || done.Size != 5 || bad.appends != 5+3 {
			t.Fatalf("%+v after %d appends: %v", done, bad.appends, err)
		}
	}
	c := newCopying(t, 5)
	bad := &badLog{Log: c.to, before: storage.ErrUnknown, at: 2, times: -1}
	ctx, cancel := context.WithCancel(t.Context())
	opt := quiet
	opt.Progress = func(entries uint64) {
		if entries == 2 {
			cancel()
		}
	}
	if done, err := storage.CopyLog(ctx, c.log, bad, opt); err == nil || done.Size != 2 {
		t.Fatalf("a copy that was interrupted: %+v, %v", done, err)
	}
}

func TestCopyLog_refusesAnotherLog(t *testing.T) {
	t.Parallel()
	c, other := newCopying(t, 3), newCopying(t, 2)
	for _, to := range []*storagetest.Log{other.log, newCopying(t, 5).log} {
		if _, err := storage.CopyLog(t.Context(), c.log, to, quiet); fault.CodeOf(err) != fault.LedgerFork {
			t.Fatalf("a copy into another log: %v", err)
		}
	}
	// Somebody appended while the log was copied.
	bad := &badLog{Log: c.to, at: 1, times: 1, before: storage.ErrConflict}
	if _, err := storage.CopyLog(t.Context(), c.log, bad, quiet); fault.CodeOf(err) != fault.LedgerFork {
		t.Fatalf("a copy that somebody appends to: %v", err)
	}
}

// changed is a log that shows one batch in another way.
type changed struct {
	storage.Log
	change func(*storage.Batch)
}

func (l changed) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	return l.Log.Batches(ctx, from, bodies, func(b *storage.Batch) error {
		if b.Number == 2 {
			l.change(b)
			for _, e := range b.Entries {
				storage.Forgery{Digest: true}.Remake(e)
			}
		}
		return f(b)
	})
}

// A comparison that notices nothing is itself broken.
func TestCompareLogs_noticesWhatDiffers(t *testing.T) {
	t.Parallel()
	c := newCopying(t, 5)
	_, err := storage.CopyLog(t.Context(), c.log, c.to, quiet)
	must(t, err)
	changes := map[string]func(*storage.Batch){
		"number": func(b *storage.Batch) { b.Number++ }, "base": func(b *storage.Batch) { b.Base++ },
		"root": func(b *storage.Batch) { b.Previous.Root[0]++ }, "key": func(b *storage.Batch) { b.Key++ },
		"checkpoint": func(b *storage.Batch) { b.Checkpoint = append([]byte("x"), b.Checkpoint...) }, "time": func(b *storage.Batch) { b.Time = b.Time.Add(1) },
		"nonce": func(b *storage.Batch) { b.Nonce[0]++ }, "seal": func(b *storage.Batch) { b.Seal = true },
		"entries": func(b *storage.Batch) { b.Entries, b.Bodies = nil, nil },
		"record":  func(b *storage.Batch) { b.Entries[0].Record[20]++ }, "leaf": func(b *storage.Batch) { b.Entries[0].Leaf[2]++ },
		"subject": func(b *storage.Batch) { b.Entries[0].Key += "x" }, "issuer": func(b *storage.Batch) { b.Entries[0].Issuer = "other" },
		"media": func(b *storage.Batch) { b.Entries[0].Media = "text/plain" }, "audience": func(b *storage.Batch) { b.Entries[0].Audience[0] = "other" },
		"body": func(b *storage.Batch) {
			if b.Bodies[0] != nil {
				b.Bodies[0][0]++
			}
		},
	}
	for what, change := range changes {
		if _, _, err := storage.CompareLogs(t.Context(), c.log, changed{c.to, change}, quiet); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("another %s: %v", what, err)
		}
		if what == "body" {
			continue // a copy that goes on does not read them
		}
		if _, err := storage.CopyLog(t.Context(), c.log, changed{c.to, change}, quiet); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("a copy went on over another %s: %v", what, err)
		}
	}
	// What is wrong in both is found too.
	both := func(b *storage.Batch) { b.Bodies[0][0]++ }
	if _, _, err := storage.CompareLogs(t.Context(), changed{c.log, both}, changed{c.to, both}, quiet); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("a body that is wrong in both: %v", err)
	}
	both = func(b *storage.Batch) { b.Previous.Root[0]++ }
	if _, _, err := storage.CompareLogs(t.Context(), changed{c.log, both}, changed{c.to, both}, quiet); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("a root that is wrong in both: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
	"accord/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sickIndex takes nothing in while it is sick.
type sickIndex struct {
	storage.Index
	sick  atomic.Bool
	full  atomic.Bool // it is sick for want of space
	tries atomic.Int64
}

func (x *sickIndex) Apply(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, w storage.Watermark) error {
	x.tries.Add(1)
	if x.sick.Load() && x.full.Load() {
		return fault.New(fault.HTTPStorageFull, "database or disk is full")
	}
	if x.sick.Load() {
		return errors.New("disk I/O error")
	}
	return x.Index.Apply(ctx, entries, tiles, w)
}

// held is a log whose appends wait until they are let go, or never know what
// came of them.
type held struct {
	storage.Log
	hold, unknown atomic.Bool
	free          chan struct{}
}

func (l *held) Append(ctx context.Context, b *storage.Batch) error {
	if l.hold.Load() {
		<-l.free
	}
	if l.unknown.Load() {
		return storage.ErrUnknown
	}
	return l.Log.Append(ctx, b)
}

// world is an archive in memory whose log and view can be made to fail. Time is
// that of a synctest bubble.
type world struct {
	*storagetest.Home
	index *sickIndex
	log   *held
}

func newWorld(t *testing.T) *world {
	log, view := &storagetest.Log{}, &storagetest.Index{}
	w := &world{index: &sickIndex{}, log: &held{free: make(chan struct{})}}
	w.Home = storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, view })
	w.Wrap = func(l storage.Log) storage.Log { w.log.Log = l; return w.log }
	w.Adjust = func(o *storage.Options) { w.index.Index = o.Index; o.Index = w.index }
	if err := w.Reopen(t); err != nil {
		t.Fatal(err)
	}
	return w
}

// sees says that every kind of question finds an entry that no view has.
func (w *world) sees(t *testing.T, key, content string, index uint64) {
	t.Helper()
	ctx := context.Background()
	d := storagetest.NewDraft(key, content)
	s, err := w.Series(ctx, key)
	if err != nil || len(s.Entries) != 1 || s.Entries[0].Index != index {
		t.Fatalf("series: %v, %v", s.Entries, err)
	}
	if e, err := w.ByContent(ctx, d.Content); err != nil || e == nil || e.Index != index {
		t.Fatalf("by content: %v, %v", e, err)
	}
	if lines, bound, err := w.Feed(ctx, "beta", index, 1); err != nil || len(lines) != 1 || lines[0].Index != index || bound != index+1 {
		t.Fatalf("feed: %v, %d, %v", lines, bound, err)
	}
	e, err := w.At(ctx, index)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := w.Body(ctx, e); err != nil || string(body) != string(d.Body) {
		t.Fatalf("body: %q, %v", body, err)
	}
	w.Prove(t, index)
}

func TestArchive_waitsForViewsThatFailForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.index.sick.Store(true)
		for i := range 20 {
			w.Put(t, w.Draft(t, fmt.Sprint("key ", i), fmt.Sprint("content ", i)))
			time.Sleep(40 * time.Millisecond)
		}
		w.sees(t, "key 3", "content 3", 3)
		time.Sleep(time.Second) // the oldest is more than a second behind
		if lag := w.Lag(); lag.Entries != 20 || lag.Age <= time.Second {
			t.Fatalf("lag %v", lag)
		}
		late := w.Draft(t, "late", "late")
		begin := time.Now()
		time.AfterFunc(5*time.Second, func() { w.index.sick.Store(false) })
		w.Put(t, late)
		if d := time.Since(begin); d < 5*time.Second || d > 7*time.Second {
			t.Fatalf("appending waited %v for views that were well after 5 s", d)
		}
		time.Sleep(time.Second)
		if lag := w.Lag(); lag.Entries != 0 {
			t.Fatalf("lag %v after the view was well again", lag)
		}
		w.sees(t, "late", "late", 20)
		w.Sound(t)
		w.Archive.Close()
	})
}

func TestArchive_refusesWhileViewsFailForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.index.sick.Store(true)
		w.Put(t, storagetest.NewDraft("a", "a"))
		time.Sleep(2 * time.Second)
		for i := range 3 {
			begin := time.Now()
			_, err := w.Append(context.Background(), storagetest.NewDraft("b", fmt.Sprint("b ", i)))
			if fault.CodeOf(err) != fault.HTTPUnavailable || time.Since(begin) != 10*time.Second {
				t.Fatalf("after %v: %v", time.Since(begin), err)
			}
		}
		if n := w.index.tries.Load(); n > 60 {
			t.Errorf("a view that fails was tried %d times in half a minute", n)
		}
		w.sees(t, "a", "a", 0)
		if err := w.Archive.Close(); err != nil {
			t.Fatal(err)
		}
		w.index.sick.Store(false)
		if err := w.Reopen(t); err != nil {
			t.Fatal(err)
		}
		w.sees(t, "a", "a", 0)
		w.Sound(t)
		w.Archive.Close()
	})
}

func TestArchive_saysThatThereIsNoSpace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.index.sick.Store(true)
		w.index.full.Store(true)
		w.Put(t, storagetest.NewDraft("a", "a"))
		time.Sleep(2 * time.Second)
		for i := range 40 {
			begin := time.Now()
			if _, err := w.Append(ctx, storagetest.NewDraft("b", fmt.Sprint("b ", i))); fault.CodeOf(err) != fault.HTTPStorageFull || time.Since(begin) != 0 {
				t.Fatalf("after %v: %v", time.Since(begin), err)
			}
			if fault.CodeOf(w.Ready()) != fault.HTTPStorageFull || w.Err() != nil {
				t.Fatalf("ready: %v, err: %v", w.Ready(), w.Err())
			}
			time.Sleep(300 * time.Millisecond)
		}
		w.sees(t, "a", "a", 0)
		w.index.sick.Store(false)
		time.Sleep(2 * time.Second)
		w.Put(t, storagetest.NewDraft("b", "b"))
		if err := w.Ready(); err != nil {
			t.Fatalf("there is space again: %v", err)
		}
		w.index.full.Store(false)
		w.index.sick.Store(true)
		w.Put(t, storagetest.NewDraft("c", "c"))
		time.Sleep(9 * time.Second)
		if err := w.Ready(); err != nil {
			t.Fatalf("nobody was refused yet: %v", err)
		}
		time.Sleep(2 * time.Second)
		if fault.CodeOf(w.Ready()) != fault.HTTPUnavailable {
			t.Fatalf("the views do not follow: %v", w.Ready())
		}
		w.index.sick.Store(false)
		time.Sleep(2 * time.Second)
		if err := w.Ready(); err != nil {
			t.Fatalf("the views follow again: %v", err)
		}
		w.Sound(t)
		w.Archive.Close()
	})
}

// TestArchive_keepsTheViewsWithin20000 lets no time pass, so that only the
// number of entries holds appending up.
func TestArchive_keepsTheViewsWithin20000(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.index.sick.Store(true)
		const callers, each = 128, 170
		var wg sync.WaitGroup
		var stored atomic.Int64
		for c := range callers {
			wg.Go(func() {
				for i := range each {
					d := storagetest.NewDraft(fmt.Sprint("key ", c, " ", i), fmt.Sprint("content ", c, " ", i))
					d.Guard.Size = w.Size()
					if _, err := w.Append(context.Background(), d); err != nil {
						t.Error(err)
						return
					}
					stored.Add(1)
				}
			})
		}
		begin := time.Now()
		synctest.Wait()
		if n := stored.Load(); n < 19_000 || n > 20_000 || time.Since(begin) > time.Second {
			t.Errorf("appending stopped at %d entries after %v", n, time.Since(begin))
		}
		w.index.sick.Store(false)
		wg.Wait()
		if size := w.Size(); size != callers*each {
			t.Errorf("%d entries of %d", size, callers*each)
		}
		time.Sleep(time.Second)
		if lag := w.Lag(); lag.Entries != 0 {
			t.Errorf("lag %v", lag)
		}
		w.Archive.Close()
	})
}

func TestArchive_takesNothingWhenTheLogIsStuck(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for what, how := range map[string]func(*held) *atomic.Bool{
		"appends do not come back": func(l *held) *atomic.Bool { return &l.hold },
		"outcomes stay unknown":    func(l *held) *atomic.Bool { return &l.unknown },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.Put(t, storagetest.NewDraft("a", "a"))
				time.Sleep(time.Hour)
				if err := w.Err(); err != nil {
					t.Fatalf("an idle log is stuck: %v", err)
				}
				stuck := how(w.log)
				stuck.Store(true)
				begin := time.Now()
				if _, err := w.Append(ctx, w.Draft(t, "b", "b")); fault.CodeOf(err) != fault.HTTPUnavailable || time.Since(begin) != 10*time.Second {
					t.Fatalf("after %v: %v", time.Since(begin), err)
				}
				time.Sleep(49 * time.Second)
				if err := w.Err(); err != nil {
					t.Fatalf("stuck after 59 s: %v", err)
				}
				time.Sleep(2 * time.Second)
				begin = time.Now()
				if _, err := w.Append(ctx, w.Draft(t, "c", "c")); fault.CodeOf(err) != fault.HTTPUnavailable || time.Since(begin) != 0 {
					t.Fatalf("a stuck log, after %v: %v", time.Since(begin), err)
				}
				if fault.CodeOf(w.Err()) != fault.HTTPUnavailable || w.Fatals.Load() != 0 {
					t.Fatalf("a stuck log: %v, %d ends", w.Err(), w.Fatals.Load())
				}
				w.sees(t, "a", "a", 0)
				stuck.Store(false)
				close(w.log.free)
				time.Sleep(2 * time.Second)
				if err := w.Err(); err != nil {
					t.Fatalf("the log moves again: %v", err)
				}
				// What was not answered stands, once.
				s, err := w.Send(ctx, "b", "b")
				if err != nil || !s.Replay || s.Entry.Index != 1 {
					t.Fatalf("the same bytes again: %+v, %v", s, err)
				}
				w.Put(t, w.Draft(t, "c", "c"))
				time.Sleep(time.Second)
				w.Sound(t)
				w.Archive.Close()
			})
		})
	}
}

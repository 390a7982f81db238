package storagetest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
)

// RunShared runs the suite of logs that several archives append to at the same
// time. Each call of an Opener that fresh returns is another process's way to
// the same log and the same view.
func RunShared(t *testing.T, fresh func(t testing.TB) Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"two archives under load", func(t *testing.T, open Opener) { sharedLoad(t, open, 2) }},
		{"four archives under load", func(t *testing.T, open Opener) { sharedLoad(t, open, 4) }},
		{"outcomes unknown to all", sharedUnknown},
		{"equal content at the same moment", sharedReplays},
		{"revisions rest on what others appended", sharedRevisions},
		{"a request that lost its number is answered once", sharedLostNumber},
		{"a number whose batch cannot be read yet", sharedStaleRead},
		{"opened on a copy that is late", sharedStaleOpen},
		{"opened on a log that lost what was signed", sharedLostLog},
		{"a batch that does not continue the log", sharedFork},
		{"a memory that cannot be written", sharedMemory},
		{"views that another took further", sharedViewAhead},
		{"a view that seems not to belong", sharedMisread},
		{"one seals, all stop", sharedSeal},
		{"rebuild beside the others", sharedRebuild},
		{"model", sharedModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, fresh(t))
		})
	}
}

// members are archives on one log and one view, each with a memory of its own.
func members(t *testing.T, open Opener, n int) []*member {
	t.Helper()
	out := make([]*member, n)
	for i := range out {
		out[i] = &member{Home: NewSharedHome(t, open)}
	}
	return out
}

// member is an archive that may be closed and opened beside its callers.
type member struct {
	*Home
	mu sync.RWMutex // held alone while the archive is opened anew
}

// use calls f while the archive is open.
func (m *member) use(f func(*Home)) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	f(m.Home)
}

func (m *member) reopen(t testing.TB) {
	m.mu.Lock()
	defer m.mu.Unlock()
	check(t, m.Reopen(t))
}

// deliver sends a document to random archives until one takes it.
func deliver(t *testing.T, all []*member, random *rand.Rand, b *book, key, content string) {
	for range maxDrafts {
		var s *storage.Stored
		var err error
		all[random.IntN(len(all))].use(func(h *Home) { s, err = h.Send(context.Background(), key, content) })
		if err == nil {
			b.note(t, content, s)
			return
		}
		if fault.CodeOf(err) != fault.HTTPUnavailable {
			t.Error(err)
			return
		}
	}
	t.Errorf("nobody takes %s", content)
}

// agree says that all archives show one log with everything that was told.
func agree(t *testing.T, all []*member, b *book) {
	t.Helper()
	ctx := context.Background()
	for _, m := range all {
		check(t, m.Refresh(ctx))
		if m.Fatals.Load() != 0 || m.Err() != nil {
			t.Fatalf("an archive stopped: %v", m.Err())
		}
	}
	head := all[0].Snapshot().Head()
	signed, err := all[0].Checkpoint()
	check(t, err)
	for _, m := range all {
		if m.Snapshot().Head() != head {
			t.Fatalf("one archive is at %v, another at %v", head, m.Snapshot().Head())
		}
		again, err := m.Checkpoint()
		check(t, err)
		if !bytes.Equal(signed, again) {
			t.Fatal("two archives sign one head differently")
		}
		b.holds(t, m.Home)
		for i := range head.Size {
			if m.Prove(t, i) != all[0].Prove(t, i) {
				t.Fatalf("entry %d has two proofs", i)
			}
		}
		reader := &pager{who: "beta"}
		for reader.after < head.Size {
			reader.page(t, m, 37)
		}
		reader.complete(t, m.Home)
	}
	if n := uint64(len(b.told)); head.Size < n {
		t.Fatalf("%d entries of %d documents", head.Size, n)
	}
}

// pager reads a feed page by page.
type pager struct {
	who   string
	after uint64
	lines []storage.FeedLine
}

func (p *pager) page(t testing.TB, m *member, limit int) {
	m.use(func(h *Home) {
		lines, bound, err := h.Feed(context.Background(), "beta", p.after, limit)
		if err != nil {
			t.Error(err)
			return
		}
		for _, l := range lines {
			if l.Index < p.after || l.Index >= bound {
				t.Errorf("a page from %d to %d has entry %d", p.after, bound, l.Index)
			}
		}
		if bound < p.after {
			// An archive that was opened anew may not have followed yet.
			return
		}
		p.lines, p.after = append(p.lines, lines...), bound
	})
}

// complete says that the pages together are the log, in its order.
func (p *pager) complete(t testing.TB, h *Home) {
	t.Helper()
	at := 0
	for i := range p.after {
		e, err := h.At(context.Background(), i)
		check(t, err)
		if !e.Sees("beta") {
			continue
		}
		if at == len(p.lines) || p.lines[at].Index != i || p.lines[at].Hash != e.Hash() {
			t.Fatalf("the feed has a gap or another order at entry %d", i)
		}
		at++
	}
	if at != len(p.lines) {
		t.Fatalf("the feed has %d lines, the log %d", len(p.lines), at)
	}
}

// sharedLoad sends documents of few series to random archives, the same more
// than once, while every feed is read and one archive is opened again and
// again.
func sharedLoad(t *testing.T, open Opener, n int) {
	const workers, each, series = 8, 60, 25
	all, b := members(t, open, n), newBook()
	var work, beside sync.WaitGroup
	var ended atomic.Bool
	beside.Go(func() {
		for !ended.Load() {
			all[0].reopen(t)
			time.Sleep(20 * time.Millisecond)
		}
	})
	readers := make([]*pager, n)
	for i, m := range all {
		readers[i] = &pager{}
		beside.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 3))
			for !ended.Load() && !t.Failed() {
				readers[i].page(t, m, 1+random.IntN(40))
				time.Sleep(time.Millisecond)
			}
		})
	}
	for w := range workers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), uint64(n)))
			for i := range each {
				// Two workers send the same documents.
				key := name("key %d", (w/2*each+i)%series)
				deliver(t, all, random, b, key, key+name(", content %d", w/2*each+i))
			}
		})
	}
	work.Wait()
	ended.Store(true)
	beside.Wait()
	if t.Failed() {
		return
	}
	agree(t, all, b)
	if size := all[0].Size(); size != workers/2*each {
		t.Fatalf("%d entries of %d documents", size, workers/2*each)
	}
	for i, r := range readers {
		for r.after < all[i].Size() {
			r.page(t, all[i], 40)
		}
		r.complete(t, all[i].Home)
	}
}

// sharedUnknown lets every archive lose requests and answers.
func sharedUnknown(t *testing.T, open Opener) {
	all, b := members(t, open, 3), newBook()
	for i, m := range all {
		log := newUnsureLog(uint64(i))
		m.Wrap = func(l storage.Log) storage.Log { log.Log = l; return log }
		check(t, m.Reopen(t))
	}
	const workers, each = 6, 12
	var work sync.WaitGroup
	for w := range workers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 5))
			for i := range each {
				key := name("key %d", i)
				deliver(t, all, random, b, key, key+name(", content %d", w/2))
			}
		})
	}
	work.Wait()
	agree(t, all, b)
	if size := all[0].Size(); size != workers/2*each {
		t.Fatalf("%d entries of %d documents", size, workers/2*each)
	}
}

// sharedReplays sends one document to all archives at once.
func sharedReplays(t *testing.T, open Opener) {
	all, b := members(t, open, 4), newBook()
	const rounds = 30
	for round := range rounds {
		var wg sync.WaitGroup
		content := name("content %d", round)
		for _, m := range all {
			wg.Go(func() {
				s, err := m.Send(context.Background(), content, content)
				if err != nil {
					t.Error(err)
					return
				}
				b.note(t, content, s)
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		if b.told[content].first != 1 {
			t.Fatalf("%s was new to %d archives", content, b.told[content].first)
		}
	}
	agree(t, all, b)
	if all[0].Size() != rounds {
		t.Fatalf("%d entries of %d documents", all[0].Size(), rounds)
	}
}

// sharedRevisions hands one series round: who has looked sees what was
// acknowledged elsewhere before.
func sharedRevisions(t *testing.T, open Opener) {
	all, b := members(t, open, 4), newBook()
	ctx := context.Background()
	for i := range 40 {
		m := all[(i*7+i/4)%len(all)]
		check(t, m.Refresh(ctx))
		d := m.Draft(t, "key", name("content %d", i))
		if i > 0 && (d.Guard.Prev == nil || *d.Guard.Prev != uint64(i-1)) {
			t.Fatalf("revision %d does not see the one before it", i)
		}
		s := m.Put(t, d)
		b.note(t, name("content %d", i), s)
		if i%9 == 0 {
			m.reopen(t)
		}
	}
	// Who has not looked is told so, and stands after a look.
	for i := range all {
		_, err := all[i].Send(ctx, "key", name("late %d", i))
		check(t, err)
	}
	agree(t, all, b)
	s, err := all[3].Series(ctx, "key")
	check(t, err)
	if len(s.Entries) != 40+len(all) {
		t.Fatalf("%d revisions", len(s.Entries))
	}
}

// gateLog stops every append until it is let through.
type gateLog struct {
	storage.Log
	arrived, pass chan struct{}
	open          atomic.Bool
}

// Append waits at the gate.
func (l *gateLog) Append(ctx context.Context, b *storage.Batch) error {
	if !l.open.Load() {
		l.arrived <- struct{}{}
		<-l.pass
	}
	return l.Log.Append(ctx, b)
}

// sharedLostNumber lets another archive take the number of a batch that has a
// document, the same once more and the seal: each is answered.
func sharedLostNumber(t *testing.T, open Opener) {
	ctx := context.Background()
	all, b := members(t, open, 2), newBook()
	slow, fast := all[0], all[1]
	gate := &gateLog{arrived: make(chan struct{}), pass: make(chan struct{})}
	slow.Wrap = func(l storage.Log) storage.Log { gate.Log = l; return gate }
	check(t, slow.Reopen(t))
	var wg sync.WaitGroup
	send := func(content string) {
		wg.Go(func() {
			defer slow.Enter()()
			s, err := slow.Send(ctx, content, content)
			if err != nil {
				t.Errorf("%s: %v", content, err)
				return
			}
			b.note(t, content, s)
		})
	}
	send("first")
	<-gate.arrived
	for range 3 {
		send("twin")
	}
	time.Sleep(200 * time.Millisecond) // nobody can see from outside that they wait
	wg.Go(func() {
		if err := slow.Seal(ctx); err != nil {
			t.Errorf("seal: %v", err)
		}
	})
	time.Sleep(200 * time.Millisecond)
	for i := range 2 { // the batch of the first, then that of the others
		_, err := fast.Send(ctx, name("winner %d", i), name("winner %d", i))
		check(t, err)
		gate.pass <- struct{}{} // loses its number
		<-gate.arrived
		if i == 0 {
			gate.pass <- struct{}{}
			<-gate.arrived
		}
	}
	gate.open.Store(true)
	gate.pass <- struct{}{}
	answered := make(chan struct{})
	go func() { wg.Wait(); close(answered) }()
	select {
	case <-answered:
	case <-time.After(patience):
		t.Fatal("a request was never answered")
	}
	agree(t, all, b)
	if size := fast.Size(); size != 4 {
		t.Fatalf("%d entries, want 4", size)
	}
}

// staleLog reads nothing for a while.
type staleLog struct {
	storage.Log
	stale atomic.Bool
	calls atomic.Int64
}

// Append counts.
func (l *staleLog) Append(ctx context.Context, b *storage.Batch) error {
	l.calls.Add(1)
	return l.Log.Append(ctx, b)
}

// Batches reads from a copy that has nothing of late.
func (l *staleLog) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	if l.stale.Load() {
		return nil
	}
	return l.Log.Batches(ctx, from, bodies, f)
}

// sharedStaleRead: who lost its number to a batch that it cannot read yet waits
// for it, and does not ask as fast as it can.
func sharedStaleRead(t *testing.T, open Opener) {
	ctx := context.Background()
	all, b := members(t, open, 2), newBook()
	log := &staleLog{}
	all[0].Wrap = func(l storage.Log) storage.Log { log.Log = l; return log }
	check(t, all[0].Reopen(t))
	log.stale.Store(true)
	s, err := all[1].Send(ctx, "winner", "winner")
	check(t, err)
	b.note(t, "winner", s)
	time.AfterFunc(300*time.Millisecond, func() { log.stale.Store(false) })
	s, err = all[0].Send(ctx, "loser", "loser")
	check(t, err)
	b.note(t, "loser", s)
	if n := log.calls.Load(); n > 40 {
		t.Errorf("%d appends in 0.3 s for one document", n)
	}
	agree(t, all, b)
}

// shortLog ends early, for a while or for ever.
type shortLog struct {
	storage.Log
	end   uint64
	whole atomic.Bool
}

// Batches ends before the batch that is missing.
func (l *shortLog) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	err := l.Log.Batches(ctx, from, bodies, func(b *storage.Batch) error {
		if b.Number >= l.end && !l.whole.Load() {
			return errShort
		}
		return f(b)
	})
	if errors.Is(err, errShort) {
		return nil
	}
	return err
}

var errShort = errors.New("the copy ends here")

// shortened is an archive that signed more than the copy has from which it is
// opened next. The view is as late as the log.
func shortened(t *testing.T, open Opener) (*Home, *shortLog) {
	t.Helper()
	ctx := context.Background()
	log := &shortLog{}
	log.whole.Store(true)
	h := NewSharedHome(t, func(t testing.TB) (storage.Log, storage.Index) {
		l, x := open(t)
		return l, lateIndex{x}
	})
	h.Wrap = func(l storage.Log) storage.Log { log.Log = l; return log }
	check(t, h.Reopen(t))
	for _, content := range []string{"one", "two", "three"} {
		_, err := h.Send(ctx, content, content)
		check(t, err)
	}
	log.end = 2
	log.whole.Store(false)
	return h, log
}

// lateIndex is a view that took nothing in.
type lateIndex struct{ storage.Index }

// Watermark is that of an empty view.
func (lateIndex) Watermark(context.Context) (storage.Watermark, error) {
	return storage.Watermark{}, nil
}

// Apply takes nothing in.
func (lateIndex) Apply(context.Context, []*storage.Entry, []ledger.FullTile, storage.Watermark) error {
	return nil
}

// sharedStaleOpen: a primary that lost its place without knowing it is read
// again before its log is called a fork.
func sharedStaleOpen(t *testing.T, open Opener) {
	h, log := shortened(t, open)
	time.AfterFunc(600*time.Millisecond, func() { log.whole.Store(true) })
	check(t, h.Reopen(t))
	if size := h.Size(); size != 3 {
		t.Fatalf("%d entries, want 3", size)
	}
}

// sharedLostLog: a log that stays shorter than what was signed, as that of a
// restored backup, is refused.
func sharedLostLog(t *testing.T, open Opener) {
	h, _ := shortened(t, open)
	if err := h.Reopen(t); fault.CodeOf(err) != fault.LedgerFork {
		t.Fatalf("a log that lost what was signed is opened: %v", err)
	}
}

// sharedSeal seals beside appending: what was acknowledged stands before the
// seal, nothing after it.
func sharedSeal(t *testing.T, open Opener) {
	ctx := context.Background()
	all, b := members(t, open, 3), newBook()
	var wg sync.WaitGroup
	for i, m := range all {
		for w := range 3 {
			wg.Go(func() {
				for n := range 1000 {
					content := name("archive %d", i) + name(", worker %d", w) + name(", content %d", n)
					s, err := m.Send(ctx, content, content)
					if fault.CodeOf(err) == fault.LedgerFork {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					b.note(t, content, s)
				}
			})
		}
	}
	time.Sleep(100 * time.Millisecond)
	check(t, all[1].Seal(ctx))
	wg.Wait()
	for _, m := range all {
		if _, err := m.Append(ctx, NewDraft("late", "late")); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("something follows the seal of another: %v", err)
		}
		if err := m.Ready(); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("an archive whose log is sealed says that it is ready: %v", err)
		}
		if err := m.Seal(ctx); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("a seal follows the seal of another: %v", err)
		}
	}
	agree(t, all, b)
	for _, m := range all {
		check(t, m.Reopen(t))
		if _, err := m.Append(ctx, NewDraft("late", "late")); fault.CodeOf(err) != fault.LedgerFork {
			t.Errorf("something follows the seal after opening: %v", err)
		}
	}
	if n := uint64(len(b.told)); all[0].Size() != n {
		t.Fatalf("%d entries, %d were acknowledged", all[0].Size(), n)
	}
}

// sharedFork puts batches into the log that do not continue it: who meets one
// stops, shows nothing of it, and does not open again.
func sharedFork(t *testing.T, open Opener) {
	ctx := context.Background()
	all := members(t, open, 3)
	all[0].Put(t, NewDraft("a", "a"))
	check(t, all[1].Refresh(ctx))
	check(t, all[2].Refresh(ctx))
	check(t, all[2].Archive.Close())
	head := all[1].Snapshot().Head()

	log, index := open(t)
	check(t, log.Append(ctx, copyBatch(t, made(t, 2, "other history")[1])))
	check(t, index.Close())
	check(t, log.Close())

	_, err := all[0].Append(ctx, all[0].Draft(t, "b", "b"))
	if fault.CodeOf(err) != fault.LedgerFork && fault.CodeOf(err) != fault.HTTPUnavailable {
		t.Fatalf("append after a fork: %v", err)
	}
	if err := all[1].Refresh(ctx); err == nil {
		t.Fatal("a fork was taken in")
	}
	for _, m := range all[:2] {
		waitFor(t, func() bool { return m.Fatals.Load() > 0 })
		time.Sleep(300 * time.Millisecond) // it looks by itself, too
		if fault.CodeOf(m.Err()) != fault.LedgerFork || m.Fatals.Load() != 1 {
			t.Errorf("the archive ended %d times with %v", m.Fatals.Load(), m.Err())
		}
		if m.Snapshot().Head() != head {
			t.Errorf("something of the fork is shown: %v", m.Snapshot().Head())
		}
		m.Prove(t, 0)
	}
	if err := all[2].Reopen(t); fault.CodeOf(err) != fault.LedgerFork {
		t.Errorf("a forked log was opened: %v", err)
	}
}

// lazyIndex takes nothing in while it is told so.
type lazyIndex struct {
	storage.Index
	lazy atomic.Bool
}

// Apply fails while it is lazy.
func (x *lazyIndex) Apply(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, w storage.Watermark) error {
	if x.lazy.Load() {
		return errors.New("not now")
	}
	return x.Index.Apply(ctx, entries, tiles, w)
}

// sharedViewAhead: one archive does not project, so that its overlay holds what
// the view has already, by another. It answers everything once, and catches up.
func sharedViewAhead(t *testing.T, open Opener) {
	ctx := context.Background()
	all, b := members(t, open, 2), newBook()
	index := &lazyIndex{}
	all[1].Adjust = func(o *storage.Options) { index.Index = o.Index; o.Index = index }
	check(t, all[1].Reopen(t))
	send := func(from, to int) {
		for i := from; i < to; i++ {
			key := name("key %d", i%7)
			s, err := all[0].Send(ctx, key, key+name(", content %d", i))
			check(t, err)
			b.note(t, key+name(", content %d", i), s)
		}
	}
	send(0, 20)
	check(t, all[1].Refresh(ctx))
	waitFor(t, func() bool { return all[1].Lag().Entries == 0 })
	index.lazy.Store(true)
	send(20, 320) // a tile becomes full, too
	check(t, all[1].Refresh(ctx))
	waitFor(t, func() bool { return all[0].Lag().Entries == 0 })
	if lag := all[1].Lag().Entries; lag != 300 {
		t.Fatalf("%d entries behind, want 300", lag)
	}
	reader := &pager{}
	for reader.after < 320 {
		reader.page(t, all[1], 33)
	}
	reader.complete(t, all[1].Home)
	found, _, err := all[1].Search(ctx, storage.Itself(), []string{storage.Term(storage.TermHolder, "holder of all")}, 1<<62, 1000, func(*storage.Entry) bool { return true })
	check(t, err)
	var kinds []*storage.Entry
	check(t, all[1].Kinds(ctx, ledger.KindAttestation, 0, func(e *storage.Entry) error { kinds = append(kinds, e); return nil }))
	if len(found) != 320 || len(kinds) != 320 {
		t.Fatalf("%d found, %d of the kind, want 320", len(found), len(kinds))
	}
	for i := range uint64(320) {
		if found[319-i].Index != i || kinds[i].Index != i {
			t.Fatalf("entry %d is answered as %d and %d", i, found[319-i].Index, kinds[i].Index)
		}
		all[1].Prove(t, i)
	}
	s, err := all[1].Series(ctx, "key 3")
	check(t, err)
	if len(s.Entries) != 46 {
		t.Fatalf("%d entries of a series, want 46", len(s.Entries))
	}

	// An append waits for the views, who only wants to read does not.
	waitFor(t, func() bool { return all[1].Lag().Age > 2*time.Second })
	waiting, d := make(chan error, 1), all[1].Draft(t, "waits", "waits")
	go func() {
		_, err := all[1].Append(ctx, d)
		waiting <- err
	}()
	time.Sleep(100 * time.Millisecond)
	send(320, 321)
	check(t, all[1].Refresh(ctx))
	if all[1].Size() != 321 {
		t.Fatalf("%d entries after a look, want 321", all[1].Size())
	}
	select {
	case err := <-waiting:
		t.Fatalf("an append did not wait for the views: %v", err)
	default:
	}
	index.lazy.Store(false)
	check(t, <-waiting)
	waitFor(t, func() bool { return all[1].Lag().Entries == 0 })
	agree(t, all, b)
}

// misreadIndex reads its watermark wrong the first times.
type misreadIndex struct {
	storage.Index
	wrong atomic.Int64
}

// Watermark has another root while it is read wrong.
func (x *misreadIndex) Watermark(ctx context.Context) (storage.Watermark, error) {
	w, err := x.Index.Watermark(ctx)
	if x.wrong.Add(-1) >= 0 {
		w.Root[0] ^= 1
	}
	return w, err
}

// sharedMisread: one archive opens and takes the view for one that does not
// belong to the log. It makes a new one; meanwhile the others miss nothing.
func sharedMisread(t *testing.T, open Opener) {
	ctx := context.Background()
	all, b := members(t, open, 2), newBook()
	const n = 300
	for i := range n {
		content := name("content %d", i)
		s, err := all[0].Send(ctx, content, content)
		check(t, err)
		b.note(t, content, s)
	}
	waitFor(t, func() bool { return all[0].Lag().Entries == 0 })
	index := &misreadIndex{}
	all[1].Adjust = func(o *storage.Options) { index.Index = o.Index; o.Index = index }
	var ended atomic.Bool
	var beside sync.WaitGroup
	beside.Go(func() {
		for i := uint64(0); !ended.Load(); i++ {
			if _, err := all[0].At(ctx, i%n); err != nil {
				t.Errorf("entry %d was there and is missing: %v", i%n, err)
				return
			}
			if lines, bound, err := all[0].Feed(ctx, "beta", 0, 1000); err != nil || len(lines) != n {
				t.Errorf("%d lines of the feed up to %d, want %d: %v", len(lines), bound, n, err)
				return
			}
		}
	})
	for range 3 {
		index.wrong.Store(1)
		check(t, all[1].Reopen(t))
		time.Sleep(50 * time.Millisecond)
	}
	ended.Store(true)
	beside.Wait()
	agree(t, all, b)
}

// sharedMemory: who cannot note what others appended shows nothing of it, also
// when there is more, and answers from what it has shown.
func sharedMemory(t *testing.T, open Opener) {
	ctx := context.Background()
	all := members(t, open, 2)
	all[0].Put(t, NewDraft("a", "a"))
	check(t, all[1].Refresh(ctx))
	check(t, all[1].noted.Close())
	for i := range 5 {
		all[0].Put(t, NewDraft(name("key %d", i), name("content %d", i)))
		_ = all[1].Refresh(ctx) // refused, or ended
		time.Sleep(100 * time.Millisecond)
	}
	waitFor(t, func() bool { return all[1].Fatals.Load() > 0 })
	if all[1].Size() != 1 || all[1].Fatals.Load() != 1 || all[1].Err() == nil {
		t.Fatalf("%d entries are shown, ended %d times with %v", all[1].Size(), all[1].Fatals.Load(), all[1].Err())
	}
	all[1].Prove(t, 0)
	if lines, bound, err := all[1].Feed(ctx, "beta", 0, 10); err != nil || len(lines) != 1 || bound != 1 {
		t.Fatalf("%d lines up to %d, %v", len(lines), bound, err)
	}
	all[1].reopen(t)
	check(t, all[1].Refresh(ctx))
	all[1].Sound(t)
	if all[1].Size() != 6 {
		t.Fatalf("%d entries after opening", all[1].Size())
	}
}

// sharedRebuild makes the view anew by one archive that is behind the others,
// while they append and read: nothing is missing at any moment.
func sharedRebuild(t *testing.T, open Opener) {
	ctx := context.Background()
	all, b := members(t, open, 3), newBook()
	var work, beside sync.WaitGroup
	var ended atomic.Bool
	reader := &pager{}
	beside.Go(func() {
		for !ended.Load() && !t.Failed() {
			reader.page(t, all[1], 30)
		}
	})
	beside.Go(func() {
		for !ended.Load() && !t.Failed() {
			if err := all[2].Rebuild(ctx); err != nil {
				t.Errorf("rebuild: %v", err)
			}
		}
	})
	for w := range 4 {
		work.Go(func() {
			for i := range 80 {
				content := name("worker %d", w) + name(", content %d", i)
				s, err := all[w%2].Send(ctx, content, content)
				if err != nil {
					t.Error(err)
					return
				}
				b.note(t, content, s)
				if _, err := all[w%2].At(ctx, s.Entry.Index); err != nil {
					t.Errorf("entry %d was acknowledged and is not there: %v", s.Entry.Index, err)
					return
				}
				time.Sleep(3 * time.Millisecond)
			}
		})
	}
	work.Wait()
	ended.Store(true)
	beside.Wait()
	if t.Failed() {
		return
	}
	agree(t, all, b)
	for reader.after < all[1].Size() {
		reader.page(t, all[1], 30)
	}
	reader.complete(t, all[1].Home)
}

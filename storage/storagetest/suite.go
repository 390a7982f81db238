package storagetest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
)

// Run runs the suite. fresh returns an Opener of a new, empty archive.
func Run(t *testing.T, fresh func(t testing.TB) Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *Home)
	}{
		{"reads its own writes", readsOwnWrites},
		{"refuses what no longer stands", guards},
		{"answers equal content with the first entry", replays},
		{"feed has order and no gap", feed},
		{"search shows what the reader may see", readers},
		{"proofs stay the same", proofs},
		{"full disk and failed sync", failures},
		{"settles unknown outcomes", unknownOutcomes},
		{"a full disk does not settle an unknown outcome", unknownThenFull},
		{"closed while an outcome is unknown", closedWhileUnknown},
		{"questions while entries move", moving},
		{"clock", clock},
		{"seal", seal},
		{"another log key", replacedKey},
		{"rebuild", rebuild},
		{"rebuild under load", rebuildUnderLoad},
		{"refuses what no view can take", refusesDrafts},
		{"model", model},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, NewHome(t, fresh(t)))
		})
	}
	for what, test := range map[string]func(*testing.T, Opener){"contract of the log": logContract, "contract of the view": indexContract} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

func readsOwnWrites(t *testing.T, h *Home) {
	ctx := context.Background()
	for i := range 40 {
		d := NewDraft(name("key %d", i), name("content %d", i))
		s := h.Put(t, d)
		if s.Replay || s.Entry.Index != uint64(i) || h.Size() != uint64(i+1) {
			t.Fatalf("entry %d stored as %d, replay %v, size %d", i, s.Entry.Index, s.Replay, h.Size())
		}
		for what, find := range map[string]func() (*storage.Entry, error){
			"content": func() (*storage.Entry, error) { return h.ByContent(ctx, d.Content) },
			"digest":  func() (*storage.Entry, error) { return h.ByDigest(ctx, d.Digest) },
			"index":   func() (*storage.Entry, error) { return h.At(ctx, s.Entry.Index) },
			"term": func() (*storage.Entry, error) {
				found, _, err := h.Search(ctx, storage.Itself(), d.Fields.Terms, 1<<62, 10, func(*storage.Entry) bool { return true })
				if err != nil || len(found) != 1 {
					return nil, err
				}
				return found[0], nil
			},
		} {
			e, err := find()
			check(t, err)
			if e == nil || e.Index != s.Entry.Index {
				t.Fatalf("entry %d is not found by %s", i, what)
			}
			body, err := h.Body(ctx, e)
			check(t, err)
			if string(body) != string(d.Body) {
				t.Fatalf("entry %d has another body", i)
			}
		}
	}
	h.Sound(t)
}

func guards(t *testing.T, h *Home) {
	ctx := context.Background()
	stale := func(what string, d *storage.Draft) {
		t.Helper()
		if _, err := h.Append(ctx, d); err != storage.ErrStale {
			t.Errorf("%s: %v, want ErrStale", what, err)
		}
	}
	first := h.Draft(t, "a", "a1")
	second := h.Draft(t, "a", "a2")
	h.Put(t, first)
	stale("another entry of the key came between", second)
	h.Put(t, h.Draft(t, "a", "a2"))

	old := h.Draft(t, "b", "b1")
	change := h.Draft(t, "registry/x", "change")
	change.Kind, change.Type = ledger.KindRegistry, "accord-registry+jose"
	h.Put(t, change)
	stale("a registry change came between", old)
	decision := h.Draft(t, "decision", "decision")
	decision.Kind, decision.Guard.Size = ledger.KindDecision, change.Guard.Size
	h.Put(t, decision)

	late := h.Draft(t, "c", "c1")
	late.Guard.NotAfter = time.Unix(h.Clock.Load(), 0)
	stale("a period ended", late)
	late.Guard.NotAfter = late.Guard.NotAfter.Add(time.Second)
	h.Put(t, late)

	e, err := h.At(ctx, 1)
	check(t, err)
	rec, err := e.Parsed()
	check(t, err)
	if rec.Prev == nil || *rec.Prev != 0 {
		t.Error("the second entry of a key does not name the first")
	}
	h.Sound(t)
}

func replays(t *testing.T, h *Home) {
	var wg sync.WaitGroup
	for round := range 20 {
		stored := make([]*storage.Stored, 16)
		for i := range stored {
			wg.Go(func() {
				s, err := h.Append(context.Background(), NewDraft(name("key %d", round), name("content %d", round)))
				for errors.Is(err, storage.ErrStale) {
					s, err = h.Append(context.Background(), h.Draft(t, name("key %d", round), name("content %d", round)))
				}
				if err != nil {
					t.Error(err)
					return
				}
				stored[i] = s
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		firsts := 0
		for _, s := range stored {
			if !s.Replay {
				firsts++
			}
			if s.Entry.Index != uint64(round) || s.Proof != stored[0].Proof {
				t.Fatalf("round %d: the answers are not the same", round)
			}
		}
		if firsts != 1 || h.Size() != uint64(round+1) {
			t.Fatalf("round %d: %d entries were made, the log has %d", round, firsts, h.Size())
		}
	}
}

func feed(t *testing.T, h *Home) {
	ctx := context.Background()
	const n = 1500
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < n; i += 8 {
				d := NewDraft(name("key %d", i), name("content %d", i))
				if i%3 == 0 {
					d.Audience = []attestation.PartnerID{"alpha", "gamma"}
				}
				d.Guard.Size = h.Size()
				if _, err := h.Append(ctx, d); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var got []storage.FeedLine
	for after := uint64(0); after < n; {
		lines, bound, err := h.Feed(ctx, "beta", after, 70)
		check(t, err)
		if bound < after {
			t.Fatalf("the bound went from %d back to %d", after, bound)
		}
		got, after = append(got, lines...), bound
		if t.Failed() {
			return
		}
		if len(lines) == 0 {
			waiting, cancel := context.WithTimeout(ctx, time.Second)
			_ = h.Wait(waiting, after)
			cancel()
		}
	}
	wg.Wait()
	at := 0
	for i := range uint64(n) {
		e, err := h.At(ctx, i)
		check(t, err)
		if !e.Sees("beta") {
			continue
		}
		if at == len(got) || got[at].Index != i || got[at].Hash != e.Hash() {
			t.Fatalf("the feed has a gap or another order at entry %d", i)
		}
		at++
	}
	if at != len(got) || at != n-n/3 {
		t.Fatalf("%d lines, %d entries", len(got), at)
	}
	h.Sound(t)
}

// readers asks on behalf of several partners, of what the views have and of what
// they have not seen yet: not even the filter of a question sees more.
func readers(t *testing.T, h *Home) {
	ctx := context.Background()
	sets := [][]attestation.PartnerID{{"alpha", "beta"}, {"alpha", "gamma"}, {"gamma"}, nil}
	want := map[attestation.PartnerID]int{}
	for i := range 120 {
		d := NewDraft(name("key %d", i), name("content %d", i))
		d.Audience, d.Guard.Size = sets[i%len(sets)], h.Size()
		for _, p := range d.Audience {
			want[p]++
		}
		h.Put(t, d)
		if i == 60 {
			check(t, h.Reopen(t))
		}
	}
	term := []string{storage.Term(storage.TermHolder, "holder of all")}
	ask := func(reader storage.Reader, sees func(*storage.Entry) bool) int {
		t.Helper()
		found, _, err := h.Search(ctx, reader, term, 1<<62, 1000, func(e *storage.Entry) bool {
			if !sees(e) {
				t.Errorf("entry %d for %q is shown to another", e.Index, e.Audience)
			}
			return true
		})
		check(t, err)
		return len(found)
	}
	for _, p := range []attestation.PartnerID{"alpha", "beta", "gamma", "delta", ""} {
		if n := ask(storage.ReaderOf(p), func(e *storage.Entry) bool { return e.Sees(p) }); n != want[p] {
			t.Errorf("%q finds %d entries, want %d", p, n, want[p])
		}
	}
	if n := ask(storage.Reader{}, func(*storage.Entry) bool { return false }); n != 0 {
		t.Errorf("nobody finds %d entries", n)
	}
	if n := ask(storage.Itself(), func(*storage.Entry) bool { return true }); n != 120 {
		t.Errorf("the gateway itself finds %d entries", n)
	}
}

func proofs(t *testing.T, h *Home) {
	const n = 700
	var wg sync.WaitGroup
	texts := make([]string, n)
	for w := range 16 {
		wg.Go(func() {
			for i := w; i < n; i += 16 {
				d := NewDraft(name("key %d", i), name("content %d", i))
				d.Guard.Size = h.Size()
				s, err := h.Append(context.Background(), d)
				if err != nil {
					t.Error(err)
					return
				}
				texts[s.Entry.Index] = s.Proof
			}
		})
	}
	wg.Wait()
	for range 2 {
		for i := range texts {
			if h.Prove(t, uint64(i)) != texts[i] {
				t.Fatalf("entry %d has another proof than at first", i)
			}
		}
		check(t, h.Reopen(t))
	}
	if _, err := h.ProofAt(context.Background(), n, 0); fault.CodeOf(err) != fault.ResourceNotFound {
		t.Errorf("proof of an entry that is not there: %v", err)
	}
	h.Sound(t)
}

func clock(t *testing.T, h *Home) {
	h.Put(t, NewDraft("a", "a"))
	check(t, h.Reopen(t)) // the time of the last batch is known after it
	h.Clock.Add(-600)
	d := h.Draft(t, "b", "b")
	if _, err := h.Append(context.Background(), d); fault.CodeOf(err) != fault.HTTPUnavailable {
		t.Fatalf("ten minutes back: %v", err)
	}
	h.AcceptClock()
	s := h.Put(t, d)
	first, err := h.At(context.Background(), 0)
	check(t, err)
	a, err := first.Parsed()
	check(t, err)
	b, err := s.Entry.Parsed()
	check(t, err)
	if b.Received != a.Received {
		t.Errorf("the time of a batch went from %s to %s", a.Received, b.Received)
	}
}

func seal(t *testing.T, h *Home) {
	h.Put(t, NewDraft("a", "a"))
	check(t, h.Seal(context.Background()))
	for range 3 {
		if _, err := h.Append(context.Background(), h.Draft(t, "b", "b")); err == nil {
			t.Fatal("something follows the seal")
		}
		h.Prove(t, 0)
		check(t, h.Reopen(t))
	}
	h.Sound(t)
}

// replacedKey gives the log two more keys: no receipt changes, whichever key
// the archive has, and nobody goes on with a former one.
func replacedKey(t *testing.T, h *Home) {
	ctx := context.Background()
	var texts []string
	prove := func() {
		t.Helper()
		for i, text := range texts {
			if h.Prove(t, uint64(i)) != text {
				t.Fatalf("entry %d has another proof than at first", i)
			}
		}
	}
	for key := range byte(3) {
		for i := range 5 {
			d := h.Draft(t, name("key %d", i), name("content %d", int(key)*5+i))
			texts = append(texts, h.Put(t, d).Proof)
		}
		prove()
		check(t, h.Reopen(t))
		prove()
		h.Sound(t)
		if key == 2 {
			break
		}
		before := h.signer
		h.giveKey(t, key+1)
		if err := h.Succeed(ctx, before); fault.CodeOf(err) != fault.KeyRejected {
			t.Fatalf("the same key again: %v", err)
		}
		check(t, h.Succeed(ctx, h.signer))
		prove() // the archive with the key before goes on answering
		if _, err := h.Append(ctx, h.Draft(t, "late", name("late %d", int(key)))); fault.CodeOf(err) != fault.LedgerFork {
			t.Fatalf("appended after the key was replaced: %v", err)
		}
		if _, err := h.Checkpoint(); fault.CodeOf(err) != fault.LedgerFork {
			t.Fatalf("signed after the key was replaced: %v", err)
		}
		after := h.signer
		h.signer = before
		if err := h.Reopen(t); fault.CodeOf(err) != fault.LedgerFork {
			t.Fatalf("opened with the key before: %v", err)
		}
		h.signer, h.Archive = after, nil
		check(t, h.Reopen(t))
		prove()
	}
	check(t, h.Rebuild(ctx))
	prove()
	h.Sound(t)
}

// giveKey gives the next archive that is opened another key of the log.
func (h *Home) giveKey(t *testing.T, seed byte) {
	t.Helper()
	h.former = append(h.former, h.signer.VKey())
	key := make([]byte, ed25519.SeedSize)
	key[0] = seed
	var err error
	h.signer, err = ledger.NewNoteSigner(origin, ed25519.NewKeyFromSeed(key))
	check(t, err)
	h.Keys, err = ledger.NewVKeys(append([]string{h.signer.VKey()}, h.former...)...)
	check(t, err)
}

func rebuild(t *testing.T, h *Home) {
	for i := range 300 {
		h.Put(t, h.Draft(t, name("key %d", i%50), name("content %d", i)))
	}
	check(t, h.Rebuild(context.Background()))
	h.Sound(t)
	h.Put(t, h.Draft(t, "key 3", "one more"))
	check(t, h.Reopen(t))
	check(t, h.Rebuild(context.Background()))
	for i := range uint64(301) {
		h.Prove(t, i)
	}
	h.Sound(t)
}

// rebuildUnderLoad makes the views anew again and again while others append and
// read: nothing is missing at any moment. One rebuild is given up.
func rebuildUnderLoad(t *testing.T, h *Home) {
	ctx := context.Background()
	b, m, reader := newBook(), &member{Home: h}, &pager{}
	var work, beside sync.WaitGroup
	var ended atomic.Bool
	beside.Go(func() {
		for !ended.Load() && !t.Failed() {
			reader.page(t, m, 50)
		}
	})
	beside.Go(func() {
		for !ended.Load() && !t.Failed() {
			given, giveUp := context.WithTimeout(ctx, time.Millisecond)
			_ = h.Rebuild(given) // it may be done in time
			giveUp()
			if err := h.Rebuild(ctx); err != nil {
				t.Errorf("rebuild: %v", err)
			}
		}
	})
	for w := range 8 {
		work.Go(func() {
			for i := range 60 {
				key := name("key %d", (w*60+i)%70)
				content := key + name(", content %d", w*60+i)
				s, err := h.Send(ctx, key, content)
				for fault.CodeOf(err) == fault.HTTPUnavailable { // the views were too far behind for too long
					s, err = h.Send(ctx, key, content)
				}
				if err != nil {
					t.Error(err)
					return
				}
				b.note(t, content, s)
				if e, err := h.ByContent(ctx, attestation.DigestOf([]byte(content))); err != nil || e == nil || e.Index != s.Entry.Index {
					t.Errorf("entry %d was acknowledged and is not there: %v", s.Entry.Index, err)
					return
				}
			}
		})
	}
	work.Wait()
	ended.Store(true)
	beside.Wait()
	if t.Failed() {
		return
	}
	b.holds(t, h)
	for range 2 {
		for reader.after < h.Size() {
			reader.page(t, m, 50)
		}
		reader.complete(t, h)
		check(t, h.Reopen(t))
	}
	b.holds(t, h)
}

func refusesDrafts(t *testing.T, h *Home) {
	for what, spoil := range map[string]func(*storage.Draft){
		"audience": func(d *storage.Draft) { d.Audience = []attestation.PartnerID{"two words"} },
		"terms":    func(d *storage.Draft) { d.Fields.Terms = make([]string, storage.MaxTerms+1) },
		"status":   func(d *storage.Draft) { d.Status = []byte("{") },
		"kind":     func(d *storage.Draft) { d.Kind = "poem" },
		"digest":   func(d *storage.Draft) { d.Digest = "none" },
	} {
		d := NewDraft("a", "a")
		spoil(d)
		if _, err := h.Append(context.Background(), d); err == nil || h.Size() != 0 {
			t.Errorf("a bad %s was taken", what)
		}
	}
}

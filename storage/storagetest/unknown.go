package storagetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/storage"
)

// unsureLog answers ErrUnknown to some appends, before or after it made them,
// as a log does that is reached over a network.
type unsureLog struct {
	storage.Log
	mu     sync.Mutex
	random *rand.Rand // guarded by mu
	asked  int        // how often the outcome was unknown; guarded by mu
}

func newUnsureLog(seed uint64) *unsureLog {
	return &unsureLog{random: rand.New(rand.NewPCG(seed, 40))}
}

// Append loses the request, the answer or neither.
func (l *unsureLog) Append(ctx context.Context, b *storage.Batch) error {
	l.mu.Lock()
	n := l.random.IntN(10)
	if n < 4 {
		l.asked++
	}
	l.mu.Unlock()
	if n < 2 {
		return fmt.Errorf("the request was lost: %w", storage.ErrUnknown)
	}
	err := l.Log.Append(ctx, b)
	if n < 4 {
		return fmt.Errorf("the answer was lost (%v): %w", err, storage.ErrUnknown)
	}
	return err
}

func unknownOutcomes(t *testing.T, h *Home) {
	ctx := context.Background()
	log := newUnsureLog(5)
	h.Wrap = func(l storage.Log) storage.Log { log.Log = l; return log }
	check(t, h.Reopen(t))
	b := newBook()
	const callers, rounds = 8, 12
	for round := range rounds {
		var wg sync.WaitGroup
		for w := range callers {
			wg.Go(func() {
				// Half of the callers send what another sends too.
				content := name("content %d", round*callers+w/2*2)
				s, err := h.Send(ctx, "key of "+content, content)
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
	}
	if log.asked < rounds/4 {
		t.Fatalf("only %d outcomes were unknown", log.asked)
	}
	h.Wrap = nil
	for range 2 {
		b.holds(t, h)
		if h.Size() != callers/2*rounds {
			t.Fatalf("%d entries of %d documents", h.Size(), callers/2*rounds)
		}
		check(t, h.Reopen(t))
	}
}

// scriptedLog answers each append as the next step of a script says, and after
// its end like the log.
type scriptedLog struct {
	storage.Log
	steps chan func(context.Context, *storage.Batch) error
	calls atomic.Int64
}

// Append takes the next step.
func (l *scriptedLog) Append(ctx context.Context, b *storage.Batch) error {
	l.calls.Add(1)
	select {
	case step := <-l.steps:
		return step(ctx, b)
	default:
		return l.Log.Append(ctx, b)
	}
}

func newScriptedLog() *scriptedLog {
	return &scriptedLog{steps: make(chan func(context.Context, *storage.Batch) error, 100)}
}

func (l *scriptedLog) wrap(inner storage.Log) storage.Log { l.Log = inner; return l }

// lostRequest is a step of which nothing came through.
func (l *scriptedLog) lostRequest(context.Context, *storage.Batch) error { return storage.ErrUnknown }

// lostAnswer is a step that was made.
func (l *scriptedLog) lostAnswer(ctx context.Context, b *storage.Batch) error {
	_ = l.Log.Append(ctx, b) // whatever it says is lost
	return storage.ErrUnknown
}

// full is a step that finds no space.
func (l *scriptedLog) full(context.Context, *storage.Batch) error {
	return fault.New(fault.HTTPStorageFull, "no space")
}

// unknownThenFull: a full disk tells of the second attempt that it wrote
// nothing, and nothing of the first, which may stand.
func unknownThenFull(t *testing.T, h *Home) {
	log := newScriptedLog()
	h.Wrap = log.wrap
	check(t, h.Reopen(t))
	for i, first := range []func(context.Context, *storage.Batch) error{log.lostAnswer, log.lostRequest} {
		log.steps <- first
		log.steps <- log.full
		log.steps <- log.full
		s := h.Put(t, h.Draft(t, name("key %d", i), name("content %d", i)))
		if s.Replay || s.Entry.Index != uint64(i) {
			t.Fatalf("stored as %d, replay %v", s.Entry.Index, s.Replay)
		}
	}
	h.Sound(t)
}

// closedWhileUnknown: what was not settled at the end is found out at the next
// open, and nothing else is appended before.
func closedWhileUnknown(t *testing.T, h *Home) {
	ctx := context.Background()
	for round := range 10 {
		log := newScriptedLog()
		h.Wrap = log.wrap
		check(t, h.Reopen(t))
		stands := round%2 == 0
		for range cap(log.steps) {
			if stands {
				log.steps <- log.lostAnswer
			} else {
				log.steps <- log.lostRequest
			}
		}
		size := h.Size()
		var wg sync.WaitGroup
		first, others := name("first %d", round), make([]string, 8)
		send := func(content string) {
			wg.Go(func() {
				if _, err := h.Send(ctx, content, content); fault.CodeOf(err) != fault.HTTPUnavailable {
					t.Errorf("a batch of unknown outcome was answered with %v", err)
				}
			})
		}
		send(first)
		waitFor(t, func() bool { return log.calls.Load() > 0 })
		for i := range others {
			others[i] = name(first+", other %d", i)
			send(others[i])
		}
		time.Sleep(20 * time.Millisecond) // nobody can see from outside that they wait
		check(t, h.Archive.Close())
		wg.Wait()
		h.Wrap = nil
		check(t, h.Reopen(t))
		if want := size + 1; stands && h.Size() != want {
			t.Fatalf("%d entries after a batch stood, want %d", h.Size(), want)
		} else if !stands && h.Size() != size {
			t.Fatalf("%d entries after a batch was lost, want %d", h.Size(), size)
		}
		for _, content := range append(others, first) {
			s, err := h.Send(ctx, content, content)
			check(t, err)
			if s.Replay != (stands && content == first) {
				t.Fatalf("%s: replay is %v", content, s.Replay)
			}
		}
	}
	h.Sound(t)
}

package storagetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"accord/attestation"
	"accord/storage"
)

// book is what clients were told: each content has one place and one proof,
// whoever asked whom how often.
type book struct {
	mu   sync.Mutex
	told map[string]told // by content; guarded by mu
}

type told struct {
	index uint64
	proof string
	first int // answers that said it was new
}

func newBook() *book { return &book{told: map[string]told{}} }

// note takes an answer in.
func (b *book) note(t testing.TB, content string, s *storage.Stored) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was, known := b.told[content]
	now := told{s.Entry.Index, s.Proof, was.first}
	if !s.Replay {
		now.first++
	}
	if known && (was.index != now.index || was.proof != now.proof) {
		t.Errorf("%s is entry %d and entry %d, or has two proofs", content, was.index, now.index)
	}
	if now.first > 1 {
		t.Errorf("%s was stored as new %d times", content, now.first)
	}
	b.told[content] = now
}

// holds says that an archive has everything that was told, and nothing wrong.
func (b *book) holds(t testing.TB, h *Home) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for content, want := range b.told {
		e, err := h.ByContent(context.Background(), attestation.DigestOf([]byte(content)))
		check(t, err)
		if e == nil || e.Index != want.index {
			t.Fatalf("%s is not at %d", content, want.index)
		}
		if h.Prove(t, e.Index) != want.proof {
			t.Fatalf("%s has another proof than was told", content)
		}
		body, err := h.Body(context.Background(), e)
		check(t, err)
		if string(body) != "body of "+content {
			t.Fatalf("%s has another body", content)
		}
	}
	h.Sound(t)
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// waitFor returns when something has come.
func waitFor(t testing.TB, there func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !there(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("what was waited for did not come")
		}
	}
}

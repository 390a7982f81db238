// Package storagetest is the suite that every pair of storage.Log and
// storage.Index passes, and such a pair in memory.
//
// The suite knows a backend by one function that opens what stands in a
// directory (or in memory) anew, as a process does that was killed before.
package storagetest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// Opener opens the log and the view of one archive again and again; both are
// empty the first time.
type Opener func(t testing.TB) (storage.Log, storage.Index)

// origin is the name of the logs of the suite.
const origin = "log.example/v1/ledger"

// Home is an archive under test with what stays of it between two opens.
type Home struct {
	*storage.Archive

	Clock  atomic.Int64 // Unix seconds
	Fatals atomic.Int64
	Keys   *ledger.VKeys
	Wrap   func(storage.Log) storage.Log // put around the log, if set
	Adjust func(*storage.Options)        // changes what the archive is opened with, if set

	open   Opener
	memory string
	noted  *ledger.Memory // that is open
	shared bool
	signer *ledger.NoteSigner
	former []string // vkeys
}

// NewHome opens a new archive and closes it with the test.
func NewHome(t testing.TB, open Opener) *Home {
	t.Helper()
	return newHome(t, open, false)
}

// NewSharedHome opens one of several archives on one log and view
// (storage.Options.Shared), with a memory of its own.
func NewSharedHome(t testing.TB, open Opener) *Home {
	t.Helper()
	return newHome(t, open, true)
}

func newHome(t testing.TB, open Opener, shared bool) *Home {
	t.Helper()
	signer, err := ledger.NewNoteSigner(origin, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	check(t, err)
	keys, err := ledger.NewVKeys(signer.VKey())
	check(t, err)
	h := &Home{open: open, memory: filepath.Join(t.TempDir(), "memory"), shared: shared, signer: signer, Keys: keys}
	h.Clock.Store(1_750_000_000)
	m, err := ledger.CreateMemory(h.memory, origin)
	check(t, err)
	check(t, m.Close())
	check(t, h.Reopen(t))
	t.Cleanup(func() { h.Archive.Close() })
	return h
}

// Reopen closes the archive, if it is open, and opens it anew.
func (h *Home) Reopen(t testing.TB) error {
	t.Helper()
	if h.Archive != nil {
		check(t, h.Archive.Close())
	}
	log, index := h.open(t)
	if h.Wrap != nil {
		log = h.Wrap(log)
	}
	log = &strictLog{Log: log, t: t}
	m, err := ledger.OpenMemory(h.memory, origin)
	check(t, err)
	opt := storage.Options{
		Log: log, Index: index, Memory: m, Signer: h.signer, Former: h.former, Issuer: "https://log.example", Shared: h.shared,
		Now:    func() time.Time { return time.Unix(h.Clock.Load(), 0) },
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Fatal:  func(error) { h.Fatals.Add(1) },
	}
	if h.Adjust != nil {
		h.Adjust(&opt)
	}
	a, err := storage.Open(context.Background(), opt)
	if err != nil {
		m.Close()
		index.Close()
		log.Close()
		return err
	}
	h.Archive, h.noted = a, m
	return nil
}

// CopyMemory copies the signer's memory of a closed archive and returns how to
// put it back, as after a power cut that took what was not synced.
func (h *Home) CopyMemory(t testing.TB) (putBack func()) {
	t.Helper()
	b, err := os.ReadFile(h.memory)
	check(t, err)
	return func() { check(t, os.WriteFile(h.memory, b, 0o600)) }
}

// Draft returns a draft under a key that rests on what the archive has there.
func (h *Home) Draft(t testing.TB, key, content string) *storage.Draft {
	t.Helper()
	s, err := h.Series(context.Background(), key)
	check(t, err)
	g, err := s.Guard()
	check(t, err)
	d := NewDraft(key, content)
	d.Guard = g
	return d
}

// NewDraft returns a draft of a new key.
func NewDraft(key, content string) *storage.Draft {
	body := []byte("body of " + content)
	return &storage.Draft{
		Kind: ledger.KindAttestation, Dir: ledger.In, Partner: "alpha", Issuer: "alpha", Type: "accord-attestation+jose", Revision: 1,
		Digest: attestation.DigestOf(body), Content: attestation.DigestOf([]byte(content)), Body: body, Media: "application/jose",
		Audience: []attestation.PartnerID{"alpha", "beta"},
		Fields:   storage.Fields{Number: key, Terms: []string{storage.Term(storage.TermNumber, key), storage.Term(storage.TermHolder, "holder of all")}},
		Guard:    storage.Guard{Key: key},
	}
}

// Put appends what must succeed.
func (h *Home) Put(t testing.TB, d *storage.Draft) *storage.Stored {
	t.Helper()
	s, err := h.Append(context.Background(), d)
	check(t, err)
	return s
}

// maxDrafts is how often Send drafts anew: far above what contention in a test
// can need, so that who is asked to do so for ever is noticed.
const maxDrafts = 1000

// Send does what a gateway does with a document: it looks whether the content
// is there, drafts and appends, and begins anew when something came between.
func (h *Home) Send(ctx context.Context, key, content string) (*storage.Stored, error) {
	digest := attestation.DigestOf([]byte(content))
	for range maxDrafts {
		s, err := h.Series(ctx, key)
		if err != nil {
			return nil, err
		}
		if twin := holds(s, digest); twin != nil {
			proof, err := h.Proof(ctx, twin)
			return &storage.Stored{Entry: twin, Replay: true, Proof: proof}, err
		}
		d := NewDraft(key, content)
		if d.Guard, err = s.Guard(); err != nil {
			return nil, err
		}
		stored, err := h.Append(ctx, d)
		if !errors.Is(err, storage.ErrStale) {
			return stored, err
		}
	}
	return nil, fmt.Errorf("the draft was stale %d times", maxDrafts)
}

// holds returns the entry of a series that has the content.
func holds(s storage.Series, content attestation.Digest) *storage.Entry {
	for _, e := range s.Entries {
		if rec, err := e.Parsed(); err == nil && rec.Content == content {
			return e
		}
	}
	return nil
}

// Prove checks the proof of an entry and returns the text.
func (h *Home) Prove(t testing.TB, index uint64) string {
	t.Helper()
	e, err := h.At(context.Background(), index)
	check(t, err)
	text, err := h.Proof(context.Background(), e)
	check(t, err)
	p, err := ledger.ParseProof(text)
	check(t, err)
	if p.Index != index {
		t.Fatalf("the proof of entry %d is for %d", index, p.Index)
	}
	_, err = p.Verify(h.Keys, ledger.LeafHash(e.Leaf))
	check(t, err)
	return text
}

// Sound fails the test when the audit finds anything, or something is shown
// that the signer's memory does not have.
func (h *Home) Sound(t testing.TB) {
	t.Helper()
	if shown := h.Size(); h.noted.Head().Size < shown {
		t.Errorf("%d entries are shown, %d were noted", shown, h.noted.Head().Size)
	}
	r, err := h.Verify(context.Background(), nil)
	check(t, err)
	for _, p := range r.Problems {
		t.Error(p)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func name(format string, n int) string { return fmt.Sprintf(format, n) }

package storage_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"strings"
	"testing"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
	"accord/storage/storagetest"
)

// forgedLog shows one entry in another way, with every checksum good.
type forgedLog struct {
	storage.Log
	change func(*storage.Entry)
	forge  storage.Forgery
}

func (l *forgedLog) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	return l.Log.Batches(ctx, from, bodies, func(b *storage.Batch) error {
		if b.Number == 2 && l.change != nil {
			e := b.Entries[0]
			l.change(e)
			l.forge.Remake(e)
			again, err := storage.ParseEntry(storage.AppendEntry(nil, e))
			if err != nil {
				return err
			}
			again.Index, again.BatchEnd, again.Ref, again.BodyLen = e.Index, e.BatchEnd, e.Ref, e.BodyLen
			b.Entries[0] = again
		}
		return f(b)
	})
}

// TestVerify_findsWhatIsChangedInTheLog changes each thing that an entry has,
// one after the other, in the log itself. The views are made of the changed
// log, so only what the tree commits to can tell.
func TestVerify_findsWhatIsChangedInTheLog(t *testing.T) {
	t.Parallel()
	log, view := &storagetest.Log{}, &storagetest.Index{}
	h := storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, view })
	forged := &forgedLog{}
	h.Wrap = func(l storage.Log) storage.Log { forged.Log = l; return forged }
	must(t, h.Reopen(t))
	for i := range 5 {
		d := h.Draft(t, string(rune('a'+i)), string(rune('k'+i)))
		d.Kind, d.Type, d.Status = ledger.KindStatus, "accord-status+jwt", []byte(`{"seq":2}`)
		d.Fields = storage.Fields{
			Seq: 2, Asserted: "suspended", ValidFrom: 1_700_000_000, Expires: 1_800_000_000, Issued: "2026-01-31",
			Number: "N 1", Scheme: "ccc", Kind: "certificate", Terms: []string{"n:one", "h:two"},
		}
		h.Put(t, d)
	}
	genuine := h.Archive
	h.Sound(t)
	audits := 0
	for what, change := range map[string]func(*storage.Entry){
		"kind":                  func(e *storage.Entry) { e.Kind = ledger.KindDecision },
		"series":                func(e *storage.Entry) { e.Key = "x" },
		"issuer":                func(e *storage.Entry) { e.Issuer = "beta" },
		"media type":            func(e *storage.Entry) { e.Media = "application/xml" },
		"status":                func(e *storage.Entry) { e.Status = []byte(`{"seq":3}`) },
		"no status":             func(e *storage.Entry) { e.Status = nil },
		"audience":              func(e *storage.Entry) { e.Audience = append(e.Audience, "mallory") },
		"no audience":           func(e *storage.Entry) { e.Audience = nil },
		"order of the audience": func(e *storage.Entry) { e.Audience = []attestation.PartnerID{"beta", "alpha"} },
		"event seq":             func(e *storage.Entry) { e.Fields.Seq = 3 },
		"asserted":              func(e *storage.Entry) { e.Fields.Asserted = "valid" },
		"valid from":            func(e *storage.Entry) { e.Fields.ValidFrom++ },
		"expires":               func(e *storage.Entry) { e.Fields.Expires = 0 },
		"issued":                func(e *storage.Entry) { e.Fields.Issued = "2026-01-30" },
		"number":                func(e *storage.Entry) { e.Fields.Number = "N 2" },
		"scheme":                func(e *storage.Entry) { e.Fields.Scheme = "cb" },
		"kind of the document":  func(e *storage.Entry) { e.Fields.Kind = "report" },
		"a term":                func(e *storage.Entry) { e.Fields.Terms[1] = "h:three" },
		"one term less":         func(e *storage.Entry) { e.Fields.Terms = e.Fields.Terms[:1] },
		"seed":                  storage.ChangeSeed,
		"keyed hash":            storage.ChangeTrace,
		"record":                func(e *storage.Entry) { e.Record[40] ^= 1 },
		"leaf":                  func(e *storage.Entry) { e.Leaf[10] ^= 1 },
	} {
		for _, forge := range []storage.Forgery{{}, {Digest: true}, {Digest: true, Key: genuine}} {
			if what == "keyed hash" && forge.Key != nil {
				continue // it makes the change good
			}
			view = &storagetest.Index{}
			forged.change, forged.forge = change, forge
			if h.Reopen(t) != nil {
				h.Archive = nil
				continue // refused at once
			}
			r, err := h.Verify(t.Context(), nil)
			must(t, err)
			if audits++; len(r.Problems) == 0 {
				t.Errorf("another %s is not noticed (%+v)", what, forge)
			}
		}
	}
	if audits < 50 {
		t.Errorf("only %d archives opened to be audited", audits)
	}
	view, forged.change = &storagetest.Index{}, nil
	must(t, h.Reopen(t))
	h.Sound(t)
}

// TestParseEntry_refusesAnotherForm: what an earlier version wrote is refused
// with words that say what to do.
func TestParseEntry_refusesAnotherForm(t *testing.T) {
	t.Parallel()
	old := append([]byte{11}, "attestation"...)
	if _, err := storage.ParseEntry(append(old, make([]byte, 100)...)); err == nil || !strings.Contains(err.Error(), "accord init") {
		t.Fatalf("an entry of the form before: %v", err)
	}
}

// TestVerify_checksCheckpointsOfFormerKeys: what a former key signed is in the
// log alone, and receipts are made of it.
func TestVerify_checksCheckpointsOfFormerKeys(t *testing.T) {
	t.Parallel()
	log, view := &storagetest.Log{}, &storagetest.Index{}
	h := storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, view })
	var former string
	h.Adjust = func(o *storage.Options) { former = o.Signer.VKey() }
	must(t, h.Reopen(t))
	h.Put(t, h.Draft(t, "a", "a"))
	h.Put(t, h.Draft(t, "b", "b"))
	heir, err := ledger.NewNoteSigner("log.example/v1/ledger", ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef")))
	must(t, err)
	must(t, h.Succeed(t.Context(), heir))
	h.Adjust = func(o *storage.Options) { o.Signer, o.Former = heir, []string{former} }
	for at, found := range map[int]bool{-1: false, -20: true, 30: true} {
		h.Wrap = func(l storage.Log) storage.Log {
			return changed{l, func(b *storage.Batch) {
				if b.Checkpoint = bytes.Clone(b.Checkpoint); at > 0 {
					b.Checkpoint[at] ^= 1
				} else if at < -1 {
					b.Checkpoint[len(b.Checkpoint)+at] ^= 1
				}
			}}
		}
		must(t, h.Reopen(t))
		r, err := h.Verify(t.Context(), nil)
		must(t, err)
		if (len(r.Problems) > 0) != found {
			t.Errorf("octet %d: %q", at, r.Problems)
		}
	}
}

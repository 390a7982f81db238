package evidence_test

import (
	"testing"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners/recognition"
	"accord/signing"
)

// entry is the leaf hash of an entry of the test feed.
func entry(n byte) ledger.Hash { return ledger.LeafHash([]byte{n}) }

func TestFeed_agreesWithTheMarkOfACompleteFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tree := ledger.NewTree(nil)
	for n := range byte(9) {
		tree.Append(entry(n))
	}
	checkpoint := must[[]byte](t)(w.log.Sign(tree.Head()))
	keys := must[*ledger.VKeys](t)(ledger.NewVKeys(w.log.VKey()))

	var server evidence.Feed
	for _, n := range []uint64{1, 4, 7} {
		if err := server.Add(n, entry(byte(n))); err != nil {
			t.Fatal(err)
		}
	}
	server.To = 9 // nothing for this partner after 7
	mark := evidence.NewHighWater(issuerURL, body, 0, server, checkpoint)
	raw := must[[]byte](t)(mark.Sign(w.gateway, now))
	told := must[*evidence.HighWater](t)(evidence.OpenHighWater(raw, []*signing.Key{w.gateway.Key()}, now))

	read := func(entries ...uint64) evidence.Feed {
		var f evidence.Feed
		for _, n := range entries {
			if err := f.Add(n, entry(byte(n))); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	good := read(1, 4, 7)
	if c, err := good.Check(told, body, keys); err != nil || c.Size != 9 || good.To != 9 {
		t.Errorf("%v %v, now at %d", c, err, good.To)
	}
	for name, f := range map[string]evidence.Feed{"one left out": read(1, 7), "one too many": read(1, 4, 5, 7), "beyond": read(1, 4, 10)} {
		if _, err := f.Check(told, body, keys); fault.CodeOf(err) != fault.LedgerProofInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := read(1, 4, 7)
	if _, err := other.Check(told, authority, keys); fault.CodeOf(err) != fault.LedgerProofInvalid {
		t.Errorf("of another partner: %v", err)
	}
	again := read(1, 4)
	if err := again.Add(4, entry(4)); err == nil {
		t.Error("an entry was taken twice")
	}
	told.To = 10
	beyond := read(1, 4, 7)
	if _, err := beyond.Check(told, body, keys); fault.CodeOf(err) != fault.LedgerProofInvalid {
		t.Errorf("above the checkpoint: %v", err)
	}
}

func TestDecision_travelsSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone := time.FixedZone("", 8*3600)
	d := evidence.NewDecision(issuerURL, recognition.Decision{
		Subject: recognition.Subject{ID: w.record.ID, Revision: 1, Content: w.record.Content},
		Partner: "nz-mbie", Purpose: "import", T: now.In(zone), KnownAt: 3, Outcome: recognition.NotRecognised,
		Results: []recognition.Result{}, Conditions: []recognition.Condition{}, Inputs: []recognition.Input{},
	})
	raw := must[[]byte](t)(d.Sign(w.gateway, now))
	again := must[*evidence.Decision](t)(evidence.OpenDecision(raw, []*signing.Key{w.gateway.Key()}, now))
	a, b := string(must[[]byte](t)(d.Payload())), string(must[[]byte](t)(again.Payload()))
	if a != b {
		t.Errorf("got %s\nwant %s", b, a)
	}
	if again.Iss != issuerURL || again.Partner != "nz-mbie" || !again.T.Equal(now) || attestation.Digest(again.Subject.Content) != w.record.Content {
		t.Errorf("read %+v", again)
	}
	if _, err := evidence.ParseDecision([]byte(`{"ver":1}`)); len(fault.All(err)) < 5 {
		t.Errorf("an empty decision: %v", err)
	}
}

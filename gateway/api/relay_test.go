package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
)

// relayed is two gateways: what the first has is pulled into the second.
func relayed(t testing.TB) (source, target *world) {
	source = newWorld(t)
	target = newWorldOf(t, source.cb)
	var jwk map[string]any
	require.NoError(t, json.Unmarshal(source.doc.Key().JWK(), &jwk))
	target.register("partners", partners.TargetPartner, "source-gateway", &partners.Partner{
		ID: "source-gateway", Name: text("source"), Kind: partners.DesignatingAuthority, Economies: []attestation.Economy{"CN"}, Relay: true,
		Status: []partners.StatusSpan{{Span: partners.Span{From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, Status: "active"}},
		Trust: partners.Trust{
			Issuer: source.issuer, VKeys: []string{source.vkey}, Keys: []partners.Key{{JWK: jwk, Use: "doc"}},
		},
	})
	return source, target
}

// post sends lines as coming from a relay and returns the results.
func (w *world) post(t testing.TB, c *client.Client, from string, lines [][]byte) []client.LineResult {
	t.Helper()
	var out []client.LineResult
	require.NoError(t, c.Batch(context.Background(), from, lines, func(r client.LineResult) error {
		out = append(out, r)
		return nil
	}))
	return out
}

// pull submits documents to a gateway and returns the lines that carry them,
// and the mark, into another.
func pull(t *testing.T, source *world, numbers ...string) ([][]byte, error) {
	t.Helper()
	ctx := context.Background()
	for _, n := range numbers {
		if _, err := source.as(&source.cb).Submit(ctx, source.cb.sign(t, fixture(t, numbered(n))), "application/jose", "", "NZ"); err != nil {
			return nil, err
		}
	}
	page, err := source.as(&source.nz).Changes(ctx, client.FeedQuery{Include: "message,receipt", Limit: 1000})
	if err != nil {
		return nil, err
	}
	return page.Relay()
}

func TestRelay_carriesDocumentsWithTheirProof(t *testing.T) {
	t.Parallel()
	source, target := relayed(t)
	ctx := context.Background()
	cb := source.as(&source.cb)
	acc, err := cb.Submit(ctx, source.cb.sign(t, fixture(t, numbered("000401"))), "application/jose", "", "NZ")
	require.NoError(t, err)
	xml := native.AppendXML(nil, fixture(t, numbered("000402")))
	sig, err := source.cb.doc.SignDetached(xml, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyXML, IssuedAt: time.Now()})
	require.NoError(t, err)
	detached, err := cb.Submit(ctx, xml, "application/xml", sig)
	require.NoError(t, err)
	source.setStatus(t, cb, acc.ID, attestation.EventSuspend)

	page, err := source.as(&source.nz).Changes(ctx, client.FeedQuery{Include: "message,receipt", Limit: 1000})
	require.NoError(t, err)
	lines, err := page.Relay()
	require.NoError(t, err)
	require.Len(t, lines, 4, "two documents, a statement and the mark")

	// A receipt that speaks of another document proves nothing.
	var a, b map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(lines[0], &a))
	require.NoError(t, json.Unmarshal(lines[1], &b))
	forged, err := json.Marshal(map[string]json.RawMessage{"message": a["message"], "receipt": b["receipt"]})
	require.NoError(t, err)
	size := target.archive.Size()
	refused := target.post(t, target.as(nil), "source-gateway", [][]byte{forged})
	require.NotNil(t, refused[0].Problem)
	assert.Equal(t, fault.LedgerProofInvalid, refused[0].Problem.Code)
	assert.Equal(t, size, target.archive.Size())

	for _, r := range target.post(t, target.as(nil), "source-gateway", lines) {
		assert.Equal(t, http.StatusCreated, r.Status, "line %d: %v", r.Line, r.Problem)
	}
	for _, r := range target.post(t, target.as(nil), "source-gateway", lines) {
		assert.Equal(t, http.StatusOK, r.Status, "the same again is a replay")
	}
	assert.Equal(t, "notRecognised", target.evaluate(t, target.as(&target.nz), acc.ID, map[string]any{"origin": "CN", "shippedDirect": true}).Outcome)
	got, err := target.as(&target.nz).Get(ctx, "/v1/attestations/"+detached.ID+"/original", nil, "")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(xml, got.Body), "the octets crossed unchanged")
	assert.Equal(t, sig, got.Header.Get("JWS-Signature"))
}

func TestBatch_goesOnAfterABadLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := func(n string) []byte {
		line, err := json.Marshal(string(w.cb.sign(t, fixture(t, numbered(n)))))
		require.NoError(t, err)
		return line
	}
	results := w.post(t, w.as(&w.cb), "", [][]byte{good("000501"), []byte(`{"a":1,"a":2}`), []byte("\n" + string(good("000502")))})
	require.Len(t, results, 3)
	for i, want := range []int{201, 400, 201} {
		assert.Equal(t, want, results[i].Status)
	}
	assert.Equal(t, 2, results[1].Line)
	assert.Equal(t, 4, results[2].Line, "the empty line counts, though nothing answers it")
	assert.Equal(t, fault.JSONDuplicateMember, results[1].Problem.Code)
}

func TestChanges_markAgreesWithTheLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for _, n := range []string{"000601", "000602", "000603"} {
		_, err := w.as(&w.cb).Submit(ctx, w.cb.sign(t, fixture(t, numbered(n))), "application/jose", "")
		require.NoError(t, err)
	}
	keys, err := ledger.NewVKeys(w.vkey)
	require.NoError(t, err)
	nz := w.as(&w.nz)
	var seen evidence.Feed
	for cursor := ""; ; {
		page, err := nz.Changes(ctx, client.FeedQuery{Cursor: cursor, Limit: 1})
		require.NoError(t, err)
		if len(page.Lines) == 0 {
			break
		}
		e, err := w.archive.At(ctx, page.Lines[0].Index)
		require.NoError(t, err)
		require.NoError(t, seen.Add(e.Index, e.Hash()))
		mark, err := evidence.OpenHighWater([]byte(page.HighWater), []*signing.Key{w.doc.Key()}, time.Now())
		require.NoError(t, err)
		seen.To = mark.To
		_, err = seen.Check(mark, "nz-regulator", keys)
		require.NoError(t, err)
		cursor = page.Next
	}
	assert.GreaterOrEqual(t, seen.Count, uint64(3))

	// A long poll wakes when something comes.
	page, err := nz.Changes(ctx, client.FeedQuery{Limit: 1000})
	require.NoError(t, err)
	assert.Equal(t, "registry", page.Lines[0].Kind)
	assert.Equal(t, "cn-nz-eeemra-2008", page.Lines[0].ID, "a registry line names its target")
	woken := make(chan int, 1)
	go func() {
		p, err := nz.Changes(ctx, client.FeedQuery{Cursor: page.Next, Wait: 20 * time.Second})
		if err != nil {
			woken <- -1
			return
		}
		woken <- len(p.Lines)
	}()
	time.Sleep(50 * time.Millisecond)
	_, err = w.as(&w.cb).Submit(ctx, w.cb.sign(t, fixture(t, numbered("000604"))), "application/jose", "")
	require.NoError(t, err)
	assert.Equal(t, 1, <-woken)
}

// What comes from a relay is worked on side by side, and yet each series in its
// order: the second gateway ends where the first one is.
func TestRelay_keepsTheOrderOfEachSeries(t *testing.T) {
	t.Parallel()
	source, target := relayed(t)
	ctx := context.Background()
	cb := source.as(&source.cb)
	const series = 12
	var ids []string
	for i := range series {
		ids = append(ids, source.submitted(t, fmt.Sprintf("0011%02d", i)))
	}
	// Statements and revisions of all series stand between each other.
	for round := range 6 {
		for _, id := range ids {
			event := attestation.EventSuspend
			if round%2 == 1 {
				event = attestation.EventRestore
			}
			source.setStatus(t, cb, id, event)
		}
	}
	for i := range ids {
		source.revise(t, fmt.Sprintf("0011%02d", i), ids[i])
		source.setStatus(t, cb, ids[i], attestation.EventSuspend)
	}
	lines, err := pull(t, source)
	require.NoError(t, err)
	require.Len(t, lines, series*9+1)

	results := target.post(t, target.as(nil), "source-gateway", lines)
	for i, r := range results {
		require.Equal(t, i+1, r.Line)
		require.Equal(t, http.StatusCreated, r.Status, "line %d: %v", r.Line, r.Problem)
	}
	mark := results[len(results)-1]
	for _, r := range results[:len(results)-1] {
		assert.Less(t, *r.Index, *mark.Index, "the mark stands after what it speaks of")
	}
	for _, id := range ids {
		assert.Equal(t, source.history(t, id), target.history(t, id))
		want, err := source.as(&source.nz).Document(ctx, id, "application/json")
		require.NoError(t, err)
		got, err := target.as(&target.nz).Document(ctx, id, "application/json")
		require.NoError(t, err)
		one, err := native.DecodeViewJSON(want)
		require.NoError(t, err)
		other, err := native.DecodeViewJSON(got)
		require.NoError(t, err)
		assert.Equal(t, one.Submission, other.Submission)
		assert.Equal(t, one.Status.Effective, other.Status.Effective)
	}
	for _, r := range target.post(t, target.as(nil), "source-gateway", lines) {
		assert.Equal(t, http.StatusOK, r.Status)
	}
}

// revise submits the second revision of a document that stands.
func (w *world) revise(t *testing.T, number, id string) {
	t.Helper()
	st := w.following(t, w.as(&w.cb), id, attestation.EventExtendScope)
	sub := fixture(t, numbered(number))
	sub.Replaces = sub.Digest()
	sub.Objects[0].Models = append(sub.Objects[0].Models, attestation.Model{Model: "UV14"})
	day := attestation.DateV{Value: time.Now().Add(-24 * time.Hour).Format("2006-01-02"), Zone: "+08:00"}
	sub.Dates.Changed = &day
	view, err := w.as(&w.cb).Document(context.Background(), id, "application/json")
	require.NoError(t, err)
	head, err := native.DecodeViewJSON(view)
	require.NoError(t, err)
	sub.StatusEvents = append(head.StatusEvents, attestation.StatusEvent{Seq: st.Seq, Event: attestation.EventExtendScope, Effective: day})
	_, err = w.as(&w.cb).Submit(context.Background(), w.cb.sign(t, sub), "application/jose", "", "NZ")
	require.NoError(t, err)
}

// history is what happened to a document, in order.
func (w *world) history(t *testing.T, id string) []string {
	t.Helper()
	var h struct {
		Entries []struct {
			Kind, Content string
			Revision      int
		}
	}
	require.NoError(t, w.as(&w.nz).GetJSON(context.Background(), "/v1/attestations/"+id+"/history", nil, &h))
	var out []string
	for _, e := range h.Entries {
		out = append(out, fmt.Sprint(e.Kind, e.Revision, e.Content))
	}
	return out
}

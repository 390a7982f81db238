package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

func TestExchange_documentGoesTheWholeWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	cb, nz := w.as(&w.cb), w.as(&w.nz)
	sub := fixture(t, nil)

	acc, err := cb.Submit(ctx, w.cb.sign(t, sub), "application/jose", "", "NZ")
	require.NoError(t, err)
	assert.Equal(t, 1, acc.Revision)
	assert.Equal(t, string(sub.Digest()), acc.Content)
	assert.Empty(t, acc.Warnings)

	// The receipt proves the document against the log.
	check := evidence.CheckReceipt(acc.Receipt, evidence.Subject{Octets: original(t, cb, acc.ID), Content: sub.Digest()},
		[]evidence.Log{{Issuer: w.issuer, Origin: strings.TrimPrefix(w.issuer, "http://") + "/v1/ledger", VKeys: []evidence.VKey{{VKey: w.vkey}}}}, time.Now())
	require.NoError(t, check.Err())
	_, proven := check.Proven()
	assert.True(t, proven)

	// The same content again, signed anew and as XML, is the same entry.
	again, err := cb.Submit(ctx, w.cb.sign(t, sub), "application/jose", "")
	require.NoError(t, err)
	assert.Equal(t, fault.ReplayDuplicate, again.Code)
	assert.JSONEq(t, string(acc.Receipt), string(again.Receipt))
	xml := native.AppendXML(nil, sub)
	sig, err := w.cb.doc.SignDetached(xml, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyXML, IssuedAt: time.Now()})
	require.NoError(t, err)
	again, err = cb.Submit(ctx, xml, "application/xml", sig)
	require.NoError(t, err)
	assert.Equal(t, string(acc.Receipt), string(again.Receipt))

	// The regulator sees it, in both formats.
	for _, accept := range []string{"application/json", "application/xml", "application/jose"} {
		got, err := nz.Document(ctx, acc.ID, accept)
		require.NoError(t, err, accept)
		assert.NotEmpty(t, got)
	}
	view, err := nz.Document(ctx, acc.ID, "application/json")
	require.NoError(t, err)
	decoded, err := native.DecodeViewJSON(view)
	require.NoError(t, err)
	assert.Equal(t, attestation.Valid, decoded.Status.Effective)

	page, err := nz.Changes(ctx, client.FeedQuery{Include: "document,message,receipt", Limit: 100})
	require.NoError(t, err)
	require.NotEmpty(t, page.Lines)
	last := page.Lines[len(page.Lines)-1]
	assert.Equal(t, acc.Index, last.Index)
	assert.Equal(t, sub.Digest(), attestation.DigestOf(mustCanonical(t, last.Document)))

	decision := w.evaluate(t, nz, acc.ID, map[string]any{"origin": "CN", "shippedDirect": true})
	assert.Equal(t, "conditional", decision.Outcome)

	// A suspension turns it.
	w.setStatus(t, cb, acc.ID, attestation.EventSuspend)
	decision = w.evaluate(t, nz, acc.ID, map[string]any{"origin": "CN", "shippedDirect": true})
	assert.Equal(t, "notRecognised", decision.Outcome)

	report := struct {
		Found  bool
		Status struct{ Effective string }
	}{}
	require.NoError(t, nz.GetJSON(ctx, "/v1/verify?number="+sub.Identifiers[0].Value, nil, &report))
	assert.True(t, report.Found)
	assert.Equal(t, "suspended", report.Status.Effective)
}

func original(t *testing.T, c *client.Client, id string) []byte {
	t.Helper()
	res, err := c.Get(context.Background(), "/v1/attestations/"+id+"/original", nil, "")
	require.NoError(t, err)
	return res.Body
}

func mustCanonical(t *testing.T, raw []byte) []byte {
	t.Helper()
	sub, err := native.DecodeJSON(raw)
	require.NoError(t, err)
	return native.AppendJSON(nil, sub)
}

type decision struct {
	Outcome    string
	Conditions []struct{ Code string }
}

func (w *world) evaluate(t *testing.T, c *client.Client, id string, facts map[string]any) decision {
	t.Helper()
	return w.ask(t, c, map[string]any{"attestation": map[string]string{"id": id}, "purpose": "import", "facts": facts})
}

func (w *world) ask(t *testing.T, c *client.Client, question map[string]any) decision {
	t.Helper()
	raw, err := c.Evaluate(context.Background(), question, false)
	require.NoError(t, err)
	var d decision
	require.NoError(t, json.Unmarshal(raw, &d))
	return d
}

func (w *world) setStatus(t *testing.T, c *client.Client, id string, event attestation.Event) {
	t.Helper()
	require.NoError(t, w.tryStatus(t, c, id, event))
}

// tryStatus signs the statement that follows the history and sends it.
func (w *world) tryStatus(t *testing.T, c *client.Client, id string, event attestation.Event) error {
	t.Helper()
	_, err := c.SetStatus(context.Background(), w.statement(t, c, id, event))
	return err
}

// statement signs the statement that follows the history of a document.
func (w *world) statement(t *testing.T, c *client.Client, id string, event attestation.Event) []byte {
	t.Helper()
	jws, err := w.cb.doc.Sign(native.AppendStatusJSON(nil, w.following(t, c, id, event)), signing.Header{Typ: signing.TypStatus, IssuedAt: time.Now()})
	require.NoError(t, err)
	return jws
}

// restatement signs a suspension of the fixture that is changed before.
func (w *world) restatement(t *testing.T, change func(*attestation.StatusStatement)) []byte {
	t.Helper()
	st := w.following(t, w.as(&w.cb), string(fixture(t, nil).SeriesOf("cn-example-cb")), attestation.EventSuspend)
	change(st)
	jws, err := w.cb.doc.Sign(native.AppendStatusJSON(nil, st), signing.Header{Typ: signing.TypStatus, IssuedAt: time.Now()})
	require.NoError(t, err)
	return jws
}

// following is the statement that follows the history of a document.
func (w *world) following(t *testing.T, c *client.Client, id string, event attestation.Event) *attestation.StatusStatement {
	t.Helper()
	var h struct {
		Next struct {
			Seq     int                       `json:"seq"`
			Prev    attestation.Digest        `json:"prev"`
			Subject attestation.StatusSubject `json:"subject"`
		} `json:"next"`
	}
	require.NoError(t, c.GetJSON(context.Background(), "/v1/attestations/"+id+"/history", nil, &h))
	return &attestation.StatusStatement{
		Ver: 1, Iss: "urn:accord:partner:cn-example-cb", JTI: evidence.NewJTI(), Subject: h.Next.Subject, Prev: h.Next.Prev,
		StatusEvent: attestation.StatusEvent{
			Seq: h.Next.Seq, Event: event, Effective: attestation.DateV{Value: time.Now().Add(-24 * time.Hour).Format("2006-01-02"), Zone: "+08:00"},
			Reason: text("surveillance failed"),
		},
	}
}

func TestExchange_problemNamesCodeAndPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cb := w.as(&w.cb)
	sub := fixture(t, func(s *attestation.Submission) { s.Parties[0].Identifiers[0].Value = "914403001922038217" })
	_, err := cb.Submit(context.Background(), w.cb.sign(t, sub), "application/jose", "")
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, fault.SchemaFormat, p.Code)
	require.NotEmpty(t, p.Errors)
	assert.True(t, strings.HasPrefix(p.Errors[0].Pointer, "/parties/0/identifiers"), p.Errors[0].Pointer)
}

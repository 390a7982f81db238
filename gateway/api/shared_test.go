package api_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/gateway"
	"accord/gateway/api"
	"accord/internal/fault"
	"accord/internal/obs"
	"accord/partners"
	"accord/signing"
	"accord/storage/storagetest"
)

// sharedLedger is a log with its view that several gateways append to.
type sharedLedger struct {
	log   storagetest.Log
	index storagetest.Index
}

// newShared is a world whose ledger further gateways may join, and the client of
// its body at one of them.
func newShared(t *testing.T, settings setting) (*world, *client.Client) {
	t.Helper()
	settings.cb, settings.limits, settings.shared = newBody(t, "cn-example-cb"), api.Limits{InFlight: 16}, &sharedLedger{}
	w := newWorldIn(t, settings)
	return w, w.joined()
}

// joined is another gateway on the ledger, as its body talks to it.
func (w *world) joined() *client.Client {
	t := w.t
	logger := slog.New(slog.DiscardHandler)
	server := httptest.NewServer(api.New(w.gateway(t.TempDir(), w.doc, logger), logger, obs.NewMetrics(prometheus.NewRegistry()), w.limits).Handler())
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, w.issuer, &client.Identity{Issuer: "urn:accord:partner:" + string(w.cb.id), Key: w.cb.auth}, nil)
	require.NoError(t, err)
	return c
}

// amend registers at the first gateway what a partner's record becomes.
func (w *world) amend(b body, change func(*partners.Partner)) {
	w.t.Helper()
	page, err := w.as(nil).Get(w.t.Context(), "/v1/partners?id="+string(b.id), nil, "")
	require.NoError(w.t, err)
	var list struct {
		Items []struct {
			Value  *partners.Partner
			Change json.RawMessage
		}
	}
	require.NoError(w.t, json.Unmarshal(page.Body, &list))
	require.Len(w.t, list.Items, 1)
	last, err := partners.ParseChange(list.Items[0].Change)
	require.NoError(w.t, err)
	change(list.Items[0].Value)
	c, err := partners.NewChange(w.issuer, partners.Target{Kind: partners.TargetPartner, ID: string(b.id)}, list.Items[0].Value, w.now(), last)
	require.NoError(w.t, err)
	payload, err := c.Payload()
	require.NoError(w.t, err)
	jws, err := w.operator.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: w.now()})
	require.NoError(w.t, err)
	_, err = w.as(nil).Register(w.t.Context(), "partners", jws)
	require.NoError(w.t, err)
}

// suspended ends the status of a partner now.
func (w *world) suspended(p *partners.Partner) {
	now := w.now().UTC().Truncate(time.Second)
	p.Status[0].Until = now
	p.Status = append(p.Status, partners.StatusSpan{Span: partners.Span{From: now}, Status: partners.StatusSuspended})
}

// answers asks for the feed and returns status and code of the problem, or 200.
func answers(t *testing.T, c *client.Client) (int, fault.Code) {
	t.Helper()
	_, err := c.Changes(t.Context(), client.FeedQuery{Limit: 1})
	if p, ok := errors.AsType[*client.Problem](err); ok {
		return p.Status, p.Code
	}
	require.NoError(t, err)
	return 200, ""
}

func TestShared_suspensionCountsAtEveryGatewayWithTheNextRequest(t *testing.T) {
	t.Parallel()
	w, there := newShared(t, setting{})
	status, code := answers(t, there)
	require.Equal(t, 200, status, code)
	w.amend(w.cb, w.suspended)
	status, code = answers(t, there)
	assert.Equal(t, 403, status)
	assert.Equal(t, fault.AuthForbidden, code)
}

func TestShared_revokedKeyIsRefusedAtEveryGatewayWithTheNextRequest(t *testing.T) {
	t.Parallel()
	w, there := newShared(t, setting{})
	status, code := answers(t, there)
	require.Equal(t, 200, status, code)
	w.amend(w.cb, func(p *partners.Partner) {
		for i := range p.Trust.Keys {
			p.Trust.Keys[i].Revoked = &partners.Revoked{At: w.now().UTC().Add(-time.Second).Truncate(time.Second), Reason: "keyCompromise"}
		}
	})
	status, code = answers(t, there)
	assert.Equal(t, 401, status)
	assert.Equal(t, fault.AuthMissing, code)
}

func TestShared_partnerRegisteredAtOneGatewayIsKnownAtAllWithItsFirstRequest(t *testing.T) {
	t.Parallel()
	w, _ := newShared(t, setting{})
	there := w.joined()
	late := newBody(t, "cn-late-cb")
	w.register("partners", partners.TargetPartner, string(late.id), w.partner(late, partners.CertificationBody, "CN", nil))
	c, err := client.New(there.Base(), w.issuer, &client.Identity{Issuer: "urn:accord:partner:" + string(late.id), Key: late.auth}, nil)
	require.NoError(t, err)
	status, code := answers(t, c)
	assert.Equal(t, 200, status, code)
}

func TestShared_longPollOfSuspendedPartnerEndsRefused(t *testing.T) {
	t.Parallel()
	w, there := newShared(t, setting{})
	page, err := there.Changes(t.Context(), client.FeedQuery{})
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		_, err := there.Changes(t.Context(), client.FeedQuery{Cursor: page.Next, Wait: 2 * time.Second})
		done <- err
	}()
	time.Sleep(200 * time.Millisecond) // it waits
	w.amend(w.cb, w.suspended)
	p, ok := errors.AsType[*client.Problem](<-done)
	require.True(t, ok)
	assert.Equal(t, fault.AuthForbidden, p.Code)
}

// The audit line of a partner that may do nothing here says who it was.
func TestAudit_namesSuspendedSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.amend(w.cb, w.suspended)
	_, err := w.as(&w.cb).Submit(t.Context(), []byte("x"), "application/jose", "")
	p, ok := errors.AsType[*client.Problem](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, fault.AuthForbidden, p.Code)
	raw, err := os.ReadFile(filepath.Join(w.dir, "audit.ndjson"))
	require.NoError(t, err)
	var line gateway.AuditLine
	require.NoError(t, json.Unmarshal(raw, &line))
	assert.Equal(t, w.cb.id, line.Sender)
	assert.Equal(t, fault.AuthForbidden, line.Code)
}

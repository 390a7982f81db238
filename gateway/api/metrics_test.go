package api_test

import (
	"context"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
)

// metrics is the text of /metrics.
func (w *world) metrics(t testing.TB) string {
	t.Helper()
	rec := httptest.NewRecorder()
	promhttp.HandlerFor(w.reg, promhttp.HandlerOpts{}).ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(t, 200, rec.Code)
	raw, err := io.ReadAll(rec.Body)
	require.NoError(t, err)
	return string(raw)
}

func TestMetrics_countWhatHappens(t *testing.T) {
	t.Parallel()
	source, w := relayed(t)
	ctx := context.Background()
	registry := w.metric(t, `accord_ledger_entries_total{kind="registry"}`)
	assert.InDelta(t, float64(w.archive.Size()), registry, 0, "so far there are only registry changes")

	const canary = "CANARY-91c2"
	sub := fixture(t, func(s *attestation.Submission) {
		s.Objects[0].Models = append(s.Objects[0].Models, attestation.Model{Model: canary})
	})
	cb := w.as(&w.cb)
	acc, err := cb.Submit(ctx, w.cb.sign(t, sub), "application/jose", "", "NZ")
	require.NoError(t, err)
	_, err = cb.Submit(ctx, w.cb.sign(t, sub), "application/jose", "")
	require.NoError(t, err, "a replay is verified and not appended")
	w.setStatus(t, cb, acc.ID, attestation.EventSuspend)
	_, err = w.as(&w.nz).Evaluate(ctx, map[string]any{"attestation": map[string]string{"id": acc.ID}, "purpose": "import"}, true)
	require.NoError(t, err)
	lines, err := pull(t, source, "000951")
	require.NoError(t, err)
	for _, r := range w.post(t, w.as(nil), "source-gateway", lines) {
		require.Equal(t, 201, r.Status, "%v", r.Problem)
	}
	audited := w.auditLines()
	token := w.token(w.cb)
	w.refuse(t, token, refusal{body: w.nz.sign(t, sub), status: 422, code: "jws.key_unknown"})
	w.refuse(t, token, refusal{body: []byte(canary), status: 400, code: "jws.malformed"})
	w.post(t, cb, "", [][]byte{[]byte(`{"` + canary + `":1,"a":2}`), []byte("1")})

	for series, want := range map[string]float64{
		`accord_ledger_entries_total{kind="attestation"}`:          2,
		`accord_ledger_entries_total{kind="status"}`:               1,
		`accord_ledger_entries_total{kind="decision"}`:             1,
		`accord_ledger_entries_total{kind="mark"}`:                 1,
		`accord_ledger_entries_total{kind="registry"}`:             registry,
		`accord_signatures_verified_total{code=""}`:                registry + 5,
		`accord_signatures_verified_total{code="jws.key_unknown"}`: 1,
		`accord_inputs_refused_total{code="jws.key_unknown"}`:      1,
		`accord_http_in_flight`:                                    0,
		`accord_http_waiting`:                                      0,
	} {
		assert.InDelta(t, want, w.metric(t, series), 0, series)
	}
	var refused float64
	for line := range strings.SplitSeq(w.metrics(t), "\n") {
		if name, _, _ := strings.Cut(line, " "); strings.HasPrefix(name, "accord_inputs_refused_total") {
			refused += w.metric(t, name)
		}
	}
	assert.InDelta(t, float64(w.auditLines()), refused, 0, "each refused input has one audit line")
	assert.Equal(t, audited+4, w.auditLines())

	text := w.metrics(t)
	assert.Contains(t, text, "accord_views_lag_entries")
	assert.Contains(t, text, "accord_views_lag_seconds")
	for _, secret := range []string{canary, acc.ID, "cn-example-cb", sub.Identifiers[0].Value} {
		assert.NotContains(t, text, secret, "a label tells of a document or a caller")
	}
	raw, err := os.ReadFile(w.dir + "/audit.ndjson")
	require.NoError(t, err)
	assert.NotContains(t, string(raw), canary)
}

// The views follow the log: the lag goes back to nothing.
func TestMetrics_lagEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Eventually(t, func() bool {
		return w.metric(t, "accord_views_lag_entries") == 0 && w.metric(t, "accord_views_lag_seconds") == 0
	},
		5*time.Second, 20*time.Millisecond)
}

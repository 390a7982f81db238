package api_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/internal/fault"
	"accord/partners"
)

// TestCanary_neverReachesThePartnerOutside holds invariant 8 of reliability.md:
// what stands in a document reaches nobody whom no agreement entitles.
func TestCanary_neverReachesThePartnerOutside(t *testing.T) {
	t.Parallel()
	const canary = "CANARY-7f3a"
	w := newWorld(t)
	ctx := context.Background()
	outside := w.outsider(t)
	sub := fixture(t, func(s *attestation.Submission) {
		numbered("000701")(s)
		s.Objects[0].Models = append(s.Objects[0].Models, attestation.Model{Model: canary})
	})
	acc, err := w.as(&w.cb).Submit(ctx, w.cb.sign(t, sub), "application/jose", "")
	require.NoError(t, err)
	seen, err := w.as(&w.nz).Document(ctx, acc.ID, "application/json")
	require.NoError(t, err)
	require.Contains(t, string(seen), canary, "the entitled partner sees it")

	c := w.as(&outside)
	var answers []string
	for _, path := range []string{
		"/v1/attestations?number=" + sub.Identifiers[0].Value,
		"/v1/changes?limit=1000&include=document,message,receipt",
		"/v1/verify?number=" + sub.Identifiers[0].Value + "&model=" + canary,
		"/v1/recognition?from=CN&to=NZ&product=0708",
		"/v1/trust-list", "/v1/ledger/checkpoint", "/v1/ledger/proof?index=" + strconv.FormatUint(acc.Index, 10),
		"/v1/ledger/tile/entries/000.p/" + strconv.FormatUint(w.archive.Size(), 10),
	} {
		res, err := c.Get(ctx, path, nil, "")
		require.NoError(t, err, path)
		answers = append(answers, string(res.Body))
	}
	for _, suffix := range []string{"", "/original", "/receipt", "/history", "/decisions"} {
		_, err := c.Get(ctx, "/v1/attestations/"+acc.ID+suffix, nil, "")
		var p *client.Problem
		require.ErrorAs(t, err, &p, suffix)
		assert.Equal(t, http.StatusNotFound, p.Status)
		assert.Equal(t, fault.ResourceNotFound, p.Code)
		answers = append(answers, p.Error())
	}
	audit, err := os.ReadFile(filepath.Join(w.dir, "audit.ndjson"))
	require.NoError(t, err)
	for _, text := range append(answers[:2:2], append(answers[3:], string(audit))...) {
		assert.NotContains(t, text, canary)
	}
	// A public report repeats the model that was asked for, and nothing else of
	// the document.
	assert.NotContains(t, answers[2], "UV10")
}

// outsider is a partner that no agreement entitles to anything.
func (w *world) outsider(t testing.TB) body {
	t.Helper()
	b := newBody(t, "au-outside")
	w.register("partners", partners.TargetPartner, "au-outside", w.partner(b, partners.Regulator, "AU",
		[]attestation.Identifier{{Scheme: "did", Value: "did:web:outside.example.au"}}))
	return b
}

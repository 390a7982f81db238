package api_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/gateway/api"
	"accord/storage"
)

// awayLog is a shared log that cannot be reached for a while.
type awayLog struct {
	storage.Log
	away *atomic.Bool
}

var errAway = errors.New("no server answers")

func (l awayLog) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	if l.away.Load() {
		return errAway
	}
	return l.Log.Batches(ctx, from, bodies, f)
}

func (l awayLog) Append(ctx context.Context, b *storage.Batch) error {
	if l.away.Load() {
		return errors.Join(storage.ErrUnknown, errAway)
	}
	return l.Log.Append(ctx, b)
}

// A gateway whose database is away says that it is not ready, states nothing of
// the present, and goes on with what cannot have changed.
func TestUnavailable_sharedLogAway(t *testing.T) {
	t.Parallel()
	away := &atomic.Bool{}
	w := newWorldIn(t, setting{
		cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 16}, shared: &sharedLedger{},
		wrap: func(l storage.Log) storage.Log { return awayLog{l, away} },
	})
	id := w.submitted(t, "001011")
	w.do(t, ask{method: "GET", path: "/readyz", want: 200})
	away.Store(true)
	require.Eventually(t, func() bool { res, _ := w.do(t, ask{method: "GET", path: "/readyz"}); return res.StatusCode == 503 }, 5*time.Second, 20*time.Millisecond)
	token := w.token(w.cb)
	number := fixture(t, numbered("001011")).Identifiers[0].Value
	for _, path := range []string{"/v1/attestations/" + id, "/v1/changes", "/v1/verify?number=" + number, "/v1/trust-list"} {
		res, body := w.do(t, ask{method: "GET", path: path, token: token, want: 503})
		assert.Contains(t, string(body), `"code":"http.unavailable"`, path)
		assert.NotContains(t, string(body), errAway.Error(), "the cause is for the operator")
		assert.NotEmpty(t, res.Header.Get("Retry-After"), path)
	}
	for _, path := range []string{
		"/healthz", "/openapi.yaml", "/.well-known/accord-configuration", "/.well-known/jwks.json",
		"/v1/ledger/checkpoint", "/v1/ledger/tile/0/000.p/1", "/v1/ledger/proof?index=0",
	} {
		w.do(t, ask{method: "GET", path: path, want: 200})
	}
	away.Store(false)
	require.Eventually(t, func() bool { res, _ := w.do(t, ask{method: "GET", path: "/readyz"}); return res.StatusCode == 200 }, 5*time.Second, 20*time.Millisecond)
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, token: token, want: 200})
	w.submitted(t, "001012")
}

package api_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/native"
	"accord/gateway/api"
	"accord/internal/fault"
	"accord/signing"
	"accord/storage"
)

// broken is a journal that fails with what is set.
type broken struct {
	storage.Log
	with *atomic.Pointer[error]
}

func (b broken) Append(ctx context.Context, batch *storage.Batch) error {
	if err := b.with.Load(); err != nil {
		return *err
	}
	return b.Log.Append(ctx, batch)
}

// newBroken is a world whose journal can be made to fail.
func newBroken(t *testing.T) (w *world, fail func(error), fatal *atomic.Int64) {
	t.Helper()
	var with atomic.Pointer[error]
	fatal = &atomic.Int64{}
	w = newWorldIn(t, setting{
		cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 64},
		wrap:  func(l storage.Log) storage.Log { return broken{l, &with} },
		fatal: func(error) { fatal.Add(1) },
	})
	return w, func(err error) {
		if err == nil {
			with.Store(nil)
			return
		}
		with.Store(&err)
	}, fatal
}

// Row 39 of reliability.md: no space is 507, nothing is written, reads go on,
// and the same bytes are taken when there is space.
func TestUnavailable_storageFull(t *testing.T) {
	t.Parallel()
	w, fail, fatal := newBroken(t)
	first := w.submitted(t, "001001")
	doc := w.cb.sign(t, fixture(t, numbered("001002")))
	post := ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: doc}
	fail(fault.New(fault.HTTPStorageFull, "no space"))
	size, lines := w.archive.Size(), w.auditLines()
	post.want = 507
	_, body := w.do(t, post)
	assert.Contains(t, string(body), `"code":"http.storage_full"`)
	assert.Contains(t, string(body), `"retryable":true`)
	assert.Equal(t, size, w.archive.Size())
	assert.Equal(t, lines, w.auditLines(), "nothing is wrong with the input")
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + first, token: w.token(w.nz), want: 200})
	assert.Zero(t, fatal.Load())
	fail(nil)
	post.want = 201
	w.do(t, post)
}

// Rows 39 and 44: a log that can no longer be trusted, or that is stuck, takes
// nothing: 503 with Retry-After, not ready; what is there is still read.
func TestUnavailable_logFails(t *testing.T) {
	t.Parallel()
	w, fail, fatal := newBroken(t)
	first := w.submitted(t, "001011")
	w.do(t, ask{method: "GET", path: "/readyz", want: 200})
	assert.InDelta(t, 1, w.metric(t, "accord_archive_ready"), 0)
	fail(errors.New("fsync: input/output error"))
	post := ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: w.cb.sign(t, fixture(t, numbered("001012"))), want: 503}
	for range 2 {
		res, body := w.do(t, post)
		assert.Contains(t, string(body), `"code":"http.unavailable"`)
		assert.NotContains(t, string(body), "fsync", "the cause is for the operator")
		assert.NotEmpty(t, res.Header.Get("Retry-After"))
	}
	require.Eventually(t, func() bool { return fatal.Load() == 1 }, 5*time.Second, time.Millisecond, "the process is told to end")
	res, _ := w.do(t, ask{method: "GET", path: "/readyz", want: 503})
	assert.NotEmpty(t, res.Header.Get("Retry-After"))
	assert.InDelta(t, 0, w.metric(t, "accord_archive_ready"), 0)
	w.do(t, ask{method: "GET", path: "/healthz", want: 200})
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + first, token: w.token(w.nz), want: 200})
	w.do(t, ask{method: "GET", path: "/v1/verify?number=" + fixture(t, numbered("001011")).Identifiers[0].Value, want: 200})
}

// submitted submits a document and returns its id.
func (w *world) submitted(t *testing.T, number string) string {
	t.Helper()
	acc, err := w.as(&w.cb).Submit(context.Background(), w.cb.sign(t, fixture(t, numbered(number))), "application/jose", "", "NZ")
	require.NoError(t, err)
	return acc.ID
}

// Row 45 of reliability.md: a clock that jumps does not move time in the log
// back, and one that went back far stops it until an operator says so.
func TestUnavailable_clockWentBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	post := func(number string, want int) string {
		t.Helper()
		sub := fixture(t, numbered(number))
		jws, err := w.cb.doc.Sign(native.AppendJSON(nil, sub), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: w.now()})
		require.NoError(t, err)
		res, body := w.do(t, ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: jws, want: want})
		if want == 503 {
			assert.Contains(t, string(body), `"code":"http.unavailable"`)
			assert.NotEmpty(t, res.Header.Get("Retry-After"))
			assert.Contains(t, string(body), "clock")
		}
		return string(sub.SeriesOf("cn-example-cb"))
	}
	first := post("001021", 201)
	w.advance(-4 * time.Minute)
	second := post("001022", 201)
	assert.False(t, w.received(t, second).Before(w.received(t, first)), "time went back in the log")

	w.advance(-2 * time.Minute) // six minutes in all
	size := w.archive.Size()
	post("001023", 503)
	assert.Equal(t, size, w.archive.Size())
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + first, token: w.token(w.nz), want: 200})

	w.archive.AcceptClock()
	third := post("001023", 201)
	assert.False(t, w.received(t, third).Before(w.received(t, second)))
}

// received is when a document was archived.
func (w *world) received(t *testing.T, id string) time.Time {
	t.Helper()
	e, err := w.archive.Series(context.Background(), string(attestation.ID(id)))
	require.NoError(t, err)
	require.NotEmpty(t, e.Entries)
	rec, err := e.Entries[0].Parsed()
	require.NoError(t, err)
	at, err := rec.ReceivedAt()
	require.NoError(t, err)
	return at
}

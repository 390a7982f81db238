package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/gateway/api"
)

// sink is a response writer without a connection: what is measured is the
// handler alone.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) Write(b []byte) (int, error) { s.bytes += len(b); return len(b), nil }

func (s *sink) WriteHeader(status int) { s.status = status }

// SetReadDeadline fulfils what http.ResponseController asks for.
func (s *sink) SetReadDeadline(time.Time) error { return nil }

// post builds a submission as net/http would hand it over.
func post(token string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/attestations", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/jose")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r
}

// BenchmarkSubmit is a submission through the whole handler, 64 at a time,
// each durable. Its time is mostly the disk's; allocations are per submission.
func BenchmarkSubmit(b *testing.B) {
	w := newWorld(b)
	h, token := w.api.Handler(), w.token(w.cb)
	docs := make([][]byte, b.N)
	for i := range docs {
		docs[i] = w.cb.sign(b, fixture(b, numbered(fmt.Sprintf("%06d", i))))
	}
	var next atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s := sink{header: http.Header{}}
			if h.ServeHTTP(&s, post(token, docs[next.Add(1)-1])); s.status != http.StatusCreated {
				b.Error("status", s.status)
				return
			}
		}
	})
}

// BenchmarkReplay is a submission of what is archived already: the same way
// without the disk, so that its time can be compared.
func BenchmarkReplay(b *testing.B) {
	w := newWorld(b)
	h, token := w.api.Handler(), w.token(w.cb)
	doc := w.cb.sign(b, fixture(b, nil))
	h.ServeHTTP(&sink{header: http.Header{}}, post(token, doc))
	b.ReportAllocs()
	for b.Loop() {
		s := sink{header: http.Header{}}
		if h.ServeHTTP(&s, post(token, doc)); s.status != http.StatusOK {
			b.Fatal("status", s.status)
		}
	}
}

// BenchmarkRead is a point read through the whole handler; BenchmarkStatic is
// the floor it is held against.
func BenchmarkRead(b *testing.B) {
	w := newWorld(b)
	r := readRequest(b, w)
	benchmarkHandler(b, w.api.Handler(), r)
}

func BenchmarkStatic(b *testing.B) {
	w := newWorld(b)
	r := readRequest(b, w)
	rec := httptest.NewRecorder()
	w.api.Handler().ServeHTTP(rec, r)
	benchmarkHandler(b, api.Static(rec.Body.Bytes()), r)
}

func readRequest(b *testing.B, w *world) *http.Request {
	acc, err := w.as(&w.cb).Submit(context.Background(), w.cb.sign(b, fixture(b, nil)), "application/jose", "")
	require.NoError(b, err)
	r := httptest.NewRequest(http.MethodGet, "/v1/attestations/"+acc.ID, nil)
	r.Header.Set("Authorization", "Bearer "+w.token(w.cb))
	return r
}

func benchmarkHandler(b *testing.B, h http.Handler, r *http.Request) {
	b.ReportAllocs()
	for b.Loop() {
		s := sink{header: http.Header{}}
		if h.ServeHTTP(&s, r); s.status != http.StatusOK {
			b.Fatal("status", s.status)
		}
	}
}

// BenchmarkRelay carries documents that were pulled from another gateway, a
// thousand to a batch, over HTTP.
func BenchmarkRelay(b *testing.B) {
	const batch = 1000
	source, target := relayed(b)
	var lines [][]byte
	ctx := context.Background()
	var out []client.LineResult
	docs := make([][]byte, 0, b.N*batch)
	for i := range b.N * batch {
		doc, err := json.Marshal(string(source.cb.sign(b, fixture(b, numbered(fmt.Sprintf("%06d", i))))))
		require.NoError(b, err)
		docs = append(docs, doc)
	}
	for part := range slices.Chunk(docs, batch) {
		source.post(b, source.as(&source.cb), "", part)
	}
	for cursor := ""; ; {
		page, err := source.as(&source.nz).Changes(ctx, client.FeedQuery{Cursor: cursor, Include: "message,receipt", Limit: 1000})
		require.NoError(b, err)
		part, err := page.Relay()
		require.NoError(b, err)
		if cursor = page.Next; len(part) == 1 {
			break
		}
		lines = append(lines, part[:len(part)-1]...)
	}
	require.Len(b, lines, b.N*batch)
	b.ResetTimer()
	for part := range slices.Chunk(lines, batch) {
		out = append(out, target.post(b, target.as(nil), "source-gateway", part)...)
	}
	b.StopTimer()
	for _, r := range out {
		require.Equal(b, http.StatusCreated, r.Status, "%v", r.Problem)
	}
	b.ReportMetric(float64(len(out))/b.Elapsed().Seconds(), "lines/s")
}

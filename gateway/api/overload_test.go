package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/gateway/api"
)

// Row 46 of reliability.md: each partner has its own bucket, and is told when
// there will be something in it.
func TestOverload_partnersHaveTheirOwnQuota(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 64, PartnerRate: 0.05, PartnerBurst: 20, PublicRate: 0.2, PublicBurst: 3})
	limited := func(token, path string, most int) *http.Response {
		t.Helper()
		for range most + 1 {
			if res, _ := w.do(t, ask{method: "GET", path: path, token: token}); res.StatusCode == 429 {
				return res
			}
		}
		t.Fatal("no quota is reached")
		return nil
	}
	res := limited(w.token(w.nz), "/v1/changes", 20)
	after, err := strconv.Atoi(res.Header.Get("Retry-After"))
	require.NoError(t, err)
	assert.True(t, after > 10 && after <= 20, "one token comes every 20 s, and the answer says %d s", after)
	w.do(t, ask{method: "GET", path: "/v1/changes", token: w.token(w.cb), want: 200})

	res = limited("", "/v1/trust-list", 3)
	after, err = strconv.Atoi(res.Header.Get("Retry-After"))
	require.NoError(t, err)
	assert.True(t, after >= 4 && after <= 5, "one comes every 5 s, and the answer says %d s", after)
	// Guessing tokens is counted by address too; good ones are not.
	w.do(t, ask{method: "GET", path: "/v1/changes", token: "a.b.c", want: 429})
	w.do(t, ask{method: "GET", path: "/v1/changes", token: w.token(w.cb), want: 200})
	w.do(t, ask{method: "GET", path: "/healthz", want: 200})
	assert.GreaterOrEqual(t, w.metric(t, `accord_rate_limited_total{quota="partner"}`), 1.0)
	assert.GreaterOrEqual(t, w.metric(t, `accord_rate_limited_total{quota="address"}`), 2.0)
}

// occupy takes the one slot of a server with a body that does not come.
func (w *world) occupy(t *testing.T) *wire {
	c := w.wire(t)
	c.send(head+"Expect: 100-continue\nContent-Length: 3\n\n", w.token(w.cb))
	line, err := c.in.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue", "the server wants the body")
	_, err = c.in.ReadString('\n')
	require.NoError(t, err)
	return c
}

// Row 46: what is too much is shed before its body is read; whoever asks
// whether the gateway lives is always answered.
func TestOverload_shedsBeforeTheBody(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 1})
	slow := w.occupy(t)
	c := w.wire(t)
	c.send(head+"Expect: 100-continue\nContent-Length: 1000000\n\n", w.token(w.cb))
	res, body := c.answer() // and no 100 Continue before it
	assert.Equal(t, 503, res.StatusCode)
	assert.Contains(t, body, "http.unavailable")
	assert.NotEmpty(t, res.Header.Get("Retry-After"))
	for _, path := range []string{"/healthz", "/readyz"} {
		w.do(t, ask{method: "GET", path: path, want: 200})
	}
	assert.InDelta(t, 1, w.metric(t, "accord_http_in_flight"), 0)
	assert.InDelta(t, 1, w.metric(t, `accord_rate_limited_total{quota="in_flight"}`), 0)
	slow.send("a.b")
	res, _ = slow.answer()
	assert.Equal(t, 400, res.StatusCode, "who was in is served")
	w.do(t, ask{method: "GET", path: "/v1/changes", token: w.token(w.nz), want: 200})
	assert.InDelta(t, 0, w.metric(t, "accord_http_in_flight"), 0)
}

// poll is a long poll that runs; its answer comes later.
func (w *world) poll(t *testing.T, b body, cursor string, wait int) chan int {
	answered := make(chan int, 1)
	go func() {
		res, _ := w.do(t, ask{method: "GET", path: fmt.Sprintf("/v1/changes?cursor=%s&wait=%d", cursor, wait), token: w.token(b)})
		answered <- res.StatusCode
	}()
	return answered
}

func (w *world) waiting(t *testing.T, n float64) {
	t.Helper()
	require.Eventually(t, func() bool { return w.metric(t, "accord_http_waiting") == n }, 5*time.Second, 5*time.Millisecond)
}

func (w *world) cursor(t *testing.T, b body) string {
	page, err := w.as(&b).Changes(context.Background(), client.FeedQuery{Limit: 1000})
	require.NoError(t, err)
	return page.Next
}

// A long poll that waits is none of the requests in flight.
func TestLongPoll_holdsNoSlot(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 1, Waiting: 8})
	cursor := w.cursor(t, w.nz)
	first := w.poll(t, w.nz, cursor, 30)
	w.waiting(t, 1)
	second := w.poll(t, w.nz, cursor, 30)
	w.waiting(t, 2)
	assert.InDelta(t, 0, w.metric(t, "accord_http_in_flight"), 0)
	// A partner has a quarter of the places, so that others have some too.
	w.do(t, ask{method: "GET", path: "/v1/changes?wait=30&cursor=" + cursor, token: w.token(w.nz), want: 503})
	assert.InDelta(t, 1, w.metric(t, `accord_rate_limited_total{quota="waiting"}`), 0)
	other := w.poll(t, w.cb, w.cursor(t, w.cb), 30)
	w.waiting(t, 3)

	_, err := w.as(&w.cb).Submit(context.Background(), w.cb.sign(t, fixture(t, nil)), "application/jose", "")
	require.NoError(t, err)
	for _, p := range []chan int{first, second, other} {
		select {
		case status := <-p:
			assert.Equal(t, 200, status)
		case <-time.After(10 * time.Second):
			t.Fatal("a long poll sleeps on")
		}
	}
	w.waiting(t, 0)
}

// A long poll ends: when its time is up, when its reader goes away, and when
// the server does.
func TestLongPoll_ends(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 4, MaxWait: 100 * time.Millisecond})
	cursor := w.cursor(t, w.nz)
	assert.Equal(t, 200, <-w.poll(t, w.nz, cursor, 30), "no wait is longer than the server's own bound")

	w = newLimited(t, api.Limits{InFlight: 4})
	cursor = w.cursor(t, w.nz)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := w.as(&w.nz).Changes(ctx, client.FeedQuery{Cursor: cursor, Wait: 30 * time.Second})
		gone <- err
	}()
	w.waiting(t, 1)
	leave()
	require.Error(t, <-gone)
	w.waiting(t, 0)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := api.HTTP(w.api.Handler())
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	answered := make(chan string, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/v1/changes?wait=50&cursor="+cursor, nil)
		if err != nil {
			answered <- err.Error()
			return
		}
		req.Header.Set("Authorization", "Bearer "+w.token(w.nz))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		_ = res.Body.Close()
		answered <- res.Status
	}()
	w.waiting(t, 1)
	start := time.Now()
	require.NoError(t, server.Shutdown(context.Background()))
	assert.Less(t, time.Since(start), 5*time.Second, "who waits does not keep the server from ending")
	assert.Equal(t, "200 OK", <-answered)
	require.ErrorIs(t, <-served, http.ErrServerClosed)
}

// metric returns the value of one series as /metrics shows it; 0 for none.
func (w *world) metric(t testing.TB, series string) float64 {
	t.Helper()
	for line := range strings.SplitSeq(w.metrics(t), "\n") {
		if name, value, ok := strings.Cut(line, " "); ok && name == series {
			v, err := strconv.ParseFloat(value, 64)
			require.NoError(t, err)
			return v
		}
	}
	return 0
}

// TestBuffered_losesNothing reads a pipelined stream through small buffers, as
// net/http does, across an interrupted read.
func TestBuffered_losesNothing(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l = api.Buffered(l)
	defer l.Close()
	sent := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	client, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	c, err := l.Accept()
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(-time.Second)))
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, c.SetReadDeadline(time.Time{}))
	go func() {
		_, _ = client.Write(sent)
		_ = client.(*net.TCPConn).CloseWrite()
	}()
	var got []byte
	for size := 1; ; size = size%9000 + 700 {
		p := make([]byte, size)
		n, err := c.Read(p)
		got = append(got, p[:n]...)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
	require.Equal(t, sent, got)
}

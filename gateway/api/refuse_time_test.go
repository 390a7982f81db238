package api_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/gateway/api"
)

// wire is a bare connection to a world's server: what no client of HTTP would
// send.
type wire struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (w *world) wire(t *testing.T) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return &wire{t, conn, bufio.NewReader(conn)}
}

// send writes text; line ends are as HTTP has them.
func (c *wire) send(format string, args ...any) {
	c.t.Helper()
	_, err := io.WriteString(c.conn, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\r\n"))
	require.NoError(c.t, err)
}

// answer reads one answer.
func (c *wire) answer() (*http.Response, string) {
	c.t.Helper()
	res, err := http.ReadResponse(c.in, nil)
	require.NoError(c.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res, string(body)
}

// closed says that the server closes the connection without another octet.
func (c *wire) closed() {
	c.t.Helper()
	_, err := c.in.ReadByte()
	assert.ErrorIs(c.t, err, io.EOF, "the connection stays open")
}

// head is the header of a submission up to its framing.
const head = "POST /v1/attestations HTTP/1.1\nHost: x\nContent-Type: application/jose\nAuthorization: Bearer %s\n"

// Row 31 of reliability.md: who is slow holds nothing up.
func TestRefuse_slow(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{
		InFlight: 64, HeaderTimeout: 300 * time.Millisecond, BodyTimeout: 200 * time.Millisecond, LineTimeout: 200 * time.Millisecond,
	})
	token := w.token(w.cb)
	t.Run("header", func(t *testing.T) {
		t.Parallel()
		c := w.wire(t)
		c.send("GET /healthz HTTP/1.1\nHost:")
		c.closed()
	})
	t.Run("body", func(t *testing.T) {
		t.Parallel()
		for _, framing := range []string{"Content-Length: 100\n\nabc", "Transfer-Encoding: chunked\n\n3\nabc\n"} {
			c := w.wire(t)
			c.send(head+framing, token)
			res, body := c.answer()
			assert.Equal(t, 408, res.StatusCode, framing)
			assert.Contains(t, body, `"code":"http.timeout"`)
			assert.Contains(t, body, `"retryable":true`)
			c.closed()
		}
	})
	t.Run("line of a batch", func(t *testing.T) {
		t.Parallel()
		c := w.wire(t)
		c.send("POST /v1/messages:batch HTTP/1.1\nHost: x\nContent-Type: application/x-ndjson\nAuthorization: Bearer %s\nContent-Length: 1000\n\n{}\n\"abc", token)
		res, body := c.answer()
		assert.Equal(t, 200, res.StatusCode, "the answer had begun")
		lines := strings.Split(strings.TrimSpace(body), "\n")
		require.Len(t, lines, 2)
		assert.Contains(t, lines[0], `"line":1,"status":400`)
		assert.Contains(t, lines[1], `"line":2,"status":408`)
	})
}

// Row 31: connections that nobody uses hurt nobody, and end.
func TestIdle_connectionsDoNotHurt(t *testing.T) {
	t.Parallel()
	const idle = 2000
	var files syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files))
	if files.Cur < 2*idle+500 {
		t.Skipf("%d open files are allowed and both ends of %d connections are held here", files.Cur, idle)
	}
	w := newLimited(t, api.Limits{InFlight: 8, HeaderTimeout: 4 * time.Second, IdleTimeout: 4 * time.Second})
	before := runtime.NumGoroutine()
	conns := make([]*wire, idle)
	for i := range conns {
		conns[i] = w.wire(t)
		if i%2 == 0 {
			conns[i].send("GET /healthz HTTP/1.1\nHost: x\n\n")
			_, body := conns[i].answer()
			assert.Contains(t, body, "alive")
		}
	}
	start := time.Now()
	_, err := w.as(&w.cb).Submit(context.Background(), w.cb.sign(t, fixture(t, nil)), "application/jose", "")
	require.NoError(t, err)
	assert.Less(t, time.Since(start), 2*time.Second)
	for _, c := range conns {
		c.closed()
	}
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() < before+idle/4 }, 5*time.Second, 20*time.Millisecond, "goroutines stay")
}

// endless is a body without an end.
type endless struct{ sent atomic.Int64 }

func (e *endless) Read(b []byte) (int, error) {
	e.sent.Add(int64(len(b)))
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

// Row 30 of reliability.md: a body has an end, and the one who sends more is
// cut off.
func TestRefuse_large(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(w.cb)
	size := w.archive.Size()
	t.Run("by its length", func(t *testing.T) {
		t.Parallel()
		c := w.wire(t)
		// No octet of the body is asked for.
		c.send(head+"Expect: 100-continue\nContent-Length: %d\n\n", token, 1<<20+1)
		res, body := c.answer()
		assert.Equal(t, 413, res.StatusCode)
		assert.Contains(t, body, "http.body_too_large")
		c.closed()
	})
	t.Run("chunked", func(t *testing.T) {
		t.Parallel()
		c := w.wire(t)
		c.send(head+"Transfer-Encoding: chunked\n\n", token)
		go func() {
			chunk := append(append([]byte("10000\r\n"), bytes.Repeat([]byte("a"), 1<<16)...), "\r\n"...)
			for {
				if _, err := c.conn.Write(chunk); err != nil {
					return
				}
			}
		}()
		res, body := c.answer()
		assert.Equal(t, 413, res.StatusCode)
		assert.Contains(t, body, "http.body_too_large")
		assert.True(t, res.Close, "the connection ends")
	})
	t.Run("endless", func(t *testing.T) {
		t.Parallel()
		body := &endless{}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/v1/verify", body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/jose")
		if res, err := http.DefaultClient.Do(req); err == nil {
			assert.Equal(t, 413, res.StatusCode)
			require.NoError(t, res.Body.Close())
		}
		assert.Less(t, body.sent.Load(), int64(64<<20), "the server reads on for ever")
	})
	t.Run("line of a batch", func(t *testing.T) {
		t.Parallel()
		long := append(append([]byte(`{}`+"\n"+`"`), bytes.Repeat([]byte("a"), 1<<20)...), "\"\n{}\n"...)
		_, body := w.do(t, ask{method: "POST", path: "/v1/messages:batch", token: token, media: "application/x-ndjson", body: long, want: 200})
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		require.Len(t, lines, 2, "nothing is read after it")
		assert.Contains(t, lines[1], `"line":2,"status":413`)
		assert.Contains(t, lines[1], "http.body_too_large")
	})
	t.Run("lines of a batch", func(t *testing.T) {
		t.Parallel()
		_, body := w.do(t, ask{method: "POST", path: "/v1/messages:batch", token: token, media: "application/x-ndjson", body: bytes.Repeat([]byte("1\n"), 10_001), want: 200})
		lines := strings.Split(strings.TrimSpace(string(body)), "\n")
		require.Len(t, lines, 10_001)
		assert.Contains(t, lines[10_000], `"line":10001,"status":413`)
		for _, l := range lines {
			assert.LessOrEqual(t, len(l), 4096)
		}
	})
	t.Cleanup(func() { assert.Equal(t, size, w.archive.Size()) })
}

// Row 32a of reliability.md: what is not HTTP is answered as net/http does.
func TestRefuse_framing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token(w.cb)
	lines := w.auditLines()
	for _, row := range []struct {
		name, request string
		status        int
	}{
		{"two lengths", "Content-Length: 5\nContent-Length: 6\n\nabcde", 400},
		{"length not a number", "Content-Length: five\n\nabcde", 400},
		{"chunk size", "Transfer-Encoding: chunked\n\nxyz\nabc\n0\n\n", 400},
		{"chunk end", "Transfer-Encoding: chunked\n\n3\nabcdef\n0\n\n", 400},
		{"unknown encoding", "Transfer-Encoding: gzip\n\n", 501},
		{"large header", "X-Large: " + strings.Repeat("a", 100<<10) + "\n\n", 431},
		{"broken off", "Content-Length: 100\n\nabc", 408},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := w.wire(t)
			go func() { // a large header is refused before it has been sent
				_, _ = io.WriteString(c.conn, strings.ReplaceAll(fmt.Sprintf(head+row.request, token), "\n", "\r\n"))
				if row.status == 408 {
					_ = c.conn.(*net.TCPConn).CloseWrite()
				}
			}()
			res, body := c.answer()
			assert.Equal(t, row.status, res.StatusCode, body)
			if row.status != 408 {
				assert.True(t, strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain"), body)
			}
			assert.True(t, res.Close, "the connection ends")
		})
	}
	assert.Equal(t, lines, w.auditLines(), "no input was there to be refused")

	// Transfer-Encoding beats Content-Length and closes the connection.
	c := w.wire(t)
	c.send(head+"Content-Length: 4\nTransfer-Encoding: chunked\n\n3\na.b\n0\n\nGET /healthz HTTP/1.1\nHost: x\n\n", token)
	res, body := c.answer()
	assert.Equal(t, 400, res.StatusCode)
	assert.Contains(t, body, "jws.malformed", "the chunks were the body")
	assert.True(t, res.Close)
	c.closed()
}

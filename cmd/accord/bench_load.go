package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// conn is a lean HTTP/1.1 client on one connection: what it costs is taken
// from the machine that is measured, so it does no more than it must.
type conn struct {
	c net.Conn
	r *bufio.Reader
}

func dial(url string) (*conn, error) {
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &conn{c: c, r: bufio.NewReaderSize(c, 64<<10)}, nil
}

// do sends one request and copies the whole answer to a writer. Of the header
// it reads what it needs: status, length or chunks.
func (c *conn) do(request []byte, to io.Writer) (status int, size int64, err error) {
	if _, err := c.c.Write(request); err != nil {
		return 0, 0, fmt.Errorf("send: %w", err)
	}
	status, length, err := c.header()
	if err != nil {
		return 0, 0, fmt.Errorf("read answer: %w", err)
	}
	var body io.Reader = io.LimitReader(c.r, length)
	if length < 0 {
		body = httputil.NewChunkedReader(c.r)
	}
	if size, err = io.Copy(to, body); err != nil {
		return status, size, fmt.Errorf("read answer: %w", err)
	}
	if length < 0 {
		_, err = c.r.Discard(len("\r\n")) // no trailers
	} else if size < length {
		err = io.ErrUnexpectedEOF
	}
	return status, size, err
}

// header reads status line and fields; the length is -1 for a chunked body.
func (c *conn) header() (status int, length int64, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, 0, errors.New("not HTTP/1.1")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return status, length, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return status, length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return status, length, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = -1
		}
	}
}

// request renders a request once; bodies are sent as they are.
func request(method, path, token string, header map[string]string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n", method, path, token)
	for name, value := range header {
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// measured is what a load gave.
type measured struct {
	count int64
	took  time.Duration
	times []float64 // ms
	bytes int64
}

func (m measured) rate() float64 { return float64(m.count) / m.took.Seconds() }

// load sends requests from several connections until the time is up or next
// has no more. Every answer must have one of the wanted statuses.
func load(url string, clients int, d time.Duration, want func(int) bool, next func() []byte) (measured, error) {
	return loadChecked(url, clients, d, want, nil, next)
}

// loadChecked is load that also reads the bodies, where check is given.
func loadChecked(url string, clients int, d time.Duration, want func(int) bool, check func([]byte) error, next func() []byte) (measured, error) {
	var m measured
	var mu sync.Mutex
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	start := time.Now()
	for range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			n, size, times, err := loadOne(url, start, d, want, check, next, &failed)
			if err != nil {
				failed.CompareAndSwap(nil, &err)
			}
			mu.Lock()
			defer mu.Unlock()
			m.count, m.bytes, m.times = m.count+n, m.bytes+size, append(m.times, times...)
		}()
	}
	wg.Wait()
	m.took = time.Since(start)
	if err := failed.Load(); err != nil {
		return m, *err
	}
	return m, nil
}

func loadOne(url string, start time.Time, d time.Duration, want func(int) bool, check func([]byte) error, next func() []byte, failed *atomic.Pointer[error]) (n, size int64, times []float64, err error) {
	c, err := dial(url)
	if err != nil {
		return 0, 0, nil, err
	}
	defer c.c.Close()
	var body bytes.Buffer
	to := io.Discard
	if check != nil {
		to = &body
	}
	for time.Since(start) < d && failed.Load() == nil {
		req := next()
		if req == nil {
			break
		}
		t := time.Now()
		body.Reset()
		status, got, err := c.do(req, to)
		if err != nil {
			return n, size, times, err
		}
		if !want(status) {
			return n, size, times, fmt.Errorf("the server answered %d", status)
		}
		if check != nil {
			if err := check(body.Bytes()); err != nil {
				return n, size, times, err
			}
		}
		times = append(times, milliseconds(time.Since(t)))
		n, size = n+1, size+got
	}
	return n, size, times, nil
}

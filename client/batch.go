package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"accord/internal/fault"
)

// LineResult is the answer to one line of a batch. Index is nil where the
// gateway does not say it.
type LineResult struct {
	Line     int       `json:"line"` // from 1
	Status   int       `json:"status"`
	ID       string    `json:"id"`
	Index    *uint64   `json:"index"`
	Warnings []Warning `json:"warnings"`
	Problem  *Problem  `json:"problem"`
}

// errQuiet ends a batch whose answers stopped coming.
var errQuiet = errors.New("no further answer in time")

// Batch sends lines as one NDJSON batch and calls each for every result, in
// the order of the lines. From names the relay the lines were pulled from;
// only an operator may say so. The time-out of the client counts from one
// result to the next. Until the first result the batch is repeated as Do
// repeats a call; an answer that breaks off later is http.unavailable, and
// sending the same lines again is safe.
func (c *Client) Batch(ctx context.Context, from string, lines [][]byte, each func(LineResult) error) error {
	r := Request{
		Method: http.MethodPost, Path: "/v1/messages:batch", Body: append(bytes.Join(lines, []byte("\n")), '\n'),
		Header: http.Header{"Content-Type": {"application/x-ndjson"}, "Accept": {"application/x-ndjson"}},
	}
	if from != "" {
		r.Query = url.Values{"from": {from}}
	}
	watched, alive, stop := c.watch(ctx)
	defer stop()
	var res *http.Response
	err := c.retry(watched, func() (again, error) {
		alive()
		var next again
		var err error
		res, next, err = c.open(watched, r)
		return next, err
	})
	if err == nil {
		defer res.Body.Close()
		err = readResults(res.Body, len(lines), func(l LineResult) error {
			alive()
			return each(l)
		})
	}
	if err != nil && context.Cause(watched) == errQuiet {
		return fault.Wrap(err, fault.HTTPUnavailable, "no answer from "+c.base+" within "+c.http.Timeout.String())
	}
	return err
}

// watch returns a context that ends when alive was not called for as long as a
// call may take.
func (c *Client) watch(ctx context.Context) (watched context.Context, alive, stop func()) {
	if c.http.Timeout <= 0 {
		return ctx, func() {}, func() {}
	}
	watched, cancel := context.WithCancelCause(ctx)
	t := time.AfterFunc(c.http.Timeout, func() { cancel(errQuiet) })
	return watched, func() { t.Reset(c.http.Timeout) }, func() { t.Stop(); cancel(nil) }
}

// open sends the lines and returns the answer when it begins.
func (c *Client) open(ctx context.Context, r Request) (*http.Response, again, error) {
	streaming := *c.http
	streaming.Timeout = 0
	res, err := c.send(ctx, &streaming, r, bytes.NewReader(r.Body))
	if err != nil {
		return nil, again{worth: lost(err)}, err
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return res, again{}, nil
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil {
		return nil, again{}, fault.Wrap(err, fault.HTTPUnavailable, "the answer of "+c.base+" broke off")
	}
	err = c.refused(res, body)
	return nil, repeat(res, err, false), err
}

// maxProblem bounds a problem document.
const maxProblem = 1 << 20

// readResults reads the results of n lines.
func readResults(body io.Reader, n int, each func(LineResult) error) error {
	scan := bufio.NewScanner(body)
	scan.Buffer(make([]byte, 0, 64<<10), maxProblem)
	got := 0
	for scan.Scan() {
		var l LineResult
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			return fmt.Errorf("read batch result: %w", err)
		}
		got++
		if err := each(l); err != nil {
			return err
		}
	}
	if err := scan.Err(); err != nil {
		return fault.Wrap(err, fault.HTTPUnavailable, "the answer broke off; send the same lines again")
	}
	if got != n {
		return fault.Newf(fault.HTTPUnavailable, "%d of %d lines were answered; send the same lines again", got, n)
	}
	return nil
}

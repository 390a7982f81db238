package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"

	"accord/internal/fault"
)

// maxAnswer bounds what a server may answer: the largest page of the feed with
// documents is far below it.
const maxAnswer = 256 << 20

// maxTries is how often one call is sent before its problem is returned.
const maxTries = 5

// firstWait is before the first repeat; each later one is half as long again.
const firstWait = 50 * time.Millisecond

// maxWait is the longest Retry-After that is waited for. Whoever is told to
// come back later than that is told so at once.
const maxWait = 30 * time.Second

// Do sends a call, with a token where the client has an identity. What a retry
// can help is sent again, the same bytes, not before the answer's Retry-After.
// A refused call is a *Problem; a server that cannot be reached, does not
// answer in time or redirects is http.unavailable, an answer that is too long
// http.body_too_large.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	var res *Response
	err := c.retry(ctx, func() (again, error) {
		var next again
		var err error
		res, next, err = c.once(ctx, r)
		return next, err
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// again says whether a failed call is worth repeating, and when at the earliest.
type again struct {
	worth bool
	after time.Duration
}

// retry calls f until it succeeds, says that a repeat is of no use, or was
// called maxTries times.
func (c *Client) retry(ctx context.Context, f func() (again, error)) error {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = firstWait
	for tries := 1; ; tries++ {
		next, err := f()
		if err == nil || !next.worth || tries == maxTries || next.after > maxWait || ctx.Err() != nil {
			return err
		}
		if stopped := c.sleep(ctx, max(next.after, b.NextBackOff())); stopped != nil {
			return err // what the gateway said is worth more than that time is up
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// once sends a call once and says whether a repeat can help.
func (c *Client) once(ctx context.Context, r Request) (*Response, again, error) {
	res, err := c.Send(ctx, r, bytes.NewReader(r.Body))
	if err != nil {
		return nil, again{worth: lost(err) && (!r.Once || unsent(err))}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, c.maxAnswer+1))
	switch {
	case err != nil:
		return nil, again{worth: !r.Once && lost(err)}, fault.Wrap(err, fault.HTTPUnavailable, "the answer of "+c.base+" broke off")
	case int64(len(body)) > c.maxAnswer:
		return nil, again{}, fault.Newf(fault.HTTPBodyTooLarge, "the answer of %s is longer than %d octets", c.base, c.maxAnswer)
	}
	if err := c.refused(res, body); err != nil {
		return nil, repeat(res, err, r.Once), err
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Body: body}, again{}, nil
}

// refused is the error of an answer that is no success.
func (c *Client) refused(res *http.Response, body []byte) error {
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil
	case res.StatusCode < 400:
		return fault.Newf(fault.HTTPUnavailable, "%s redirects to %q, which is not followed; name the gateway by its own URL", c.base, res.Header.Get("Location"))
	default:
		return problemOf(res, body)
	}
}

// repeat says whether an answer invites to send the same bytes again. With 502,
// 503 and 504 the call may stand; with 429 it was not begun. Of a log that is
// forked or sealed an operator has to think first.
func repeat(res *http.Response, refusal error, once bool) again {
	var worth bool
	var p *Problem
	switch {
	case errors.As(refusal, &p) && p.Code == fault.LedgerFork:
	case res.StatusCode == http.StatusTooManyRequests:
		worth = true
	case res.StatusCode == http.StatusBadGateway, res.StatusCode == http.StatusServiceUnavailable, res.StatusCode == http.StatusGatewayTimeout:
		worth = !once
	}
	return again{worth, retryAfter(res.Header.Get("Retry-After"))}
}

// retryAfter reads seconds (RFC 9110, section 10.2.3); the form with a date is
// not sent by a gateway.
func retryAfter(v string) time.Duration {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, 1<<20)) * time.Second
}

// lost says whether a connection may do better the next time: not where the
// time is up (it took all of it), and not where the certificate is refused.
func lost(err error) bool {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return false
	}
	var cert *tls.CertificateVerificationError
	return !errors.As(err, &cert) && !errors.Is(err, context.Canceled)
}

// unsent says that there was nobody to send anything to.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// noAnswer names what kept an answer from coming.
func (c *Client) noAnswer(err error) error {
	detail := "no answer from " + c.base + "; is `accord serve` running there?"
	var timeout *url.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		detail = "no answer from " + c.base + " in time"
		if c.http.Timeout > 0 {
			detail = fmt.Sprintf("no answer from %s within %s", c.base, c.http.Timeout)
		}
	}
	return fault.Wrap(err, fault.HTTPUnavailable, detail)
}

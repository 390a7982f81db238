package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"accord/internal/fault"
	"accord/signing"
)

// maxAnswer bounds what a server may answer: the largest page of the feed with
// documents is far below it.
const maxAnswer = 256 << 20

// maxTries is how often one call is sent before its problem is returned.
const maxTries = 5

// tokenLife is the life of a token, and tokenSpare how long before its end a
// new one is made (wire.md: at most 300 s).
const (
	tokenLife  = 300 * time.Second
	tokenSpare = 30 * time.Second
)

// Identity is who a client speaks for.
type Identity struct {
	Issuer string          // iss of its tokens: urn:accord:partner:{id} or a gateway's issuer
	Key    *signing.Signer // its auth key, or an operator key
}

// Client calls one gateway. It is safe for concurrent use. The zero value is
// not usable: see New.
type Client struct {
	base     string
	audience string
	http     *http.Client
	who      *Identity // nil: only public endpoints
	now      func() time.Time

	mu    sync.Mutex
	token string    // guarded by mu
	until time.Time // guarded by mu
}

// New returns a client of the gateway at base, an http or https URL. Audience
// is the gateway's issuer; empty means base itself.
func New(base, audience string, who *Identity, h *http.Client) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fault.Newf(fault.SchemaFormat, "server %q is not an http or https URL", base)
	}
	base = strings.TrimRight(base, "/")
	if audience == "" {
		audience = base
	}
	if h == nil {
		h = &http.Client{Timeout: 2 * time.Minute}
	}
	return &Client{base: base, audience: audience, http: h, who: who, now: time.Now}, nil
}

// Base returns the URL of the gateway.
func (c *Client) Base() string { return c.base }

// NewToken signs a bearer token (wire.md, "Token") that lives five minutes.
func NewToken(who Identity, audience string, now time.Time) (string, error) {
	payload, err := json.Marshal(map[string]any{
		"iss": who.Issuer, "sub": who.Issuer, "aud": audience,
		"iat": now.Unix(), "exp": now.Add(tokenLife).Unix(), "jti": rand.Text(),
	})
	if err != nil {
		return "", fmt.Errorf("encode token: %w", err)
	}
	raw, err := who.Key.Sign(payload, signing.Header{Typ: signing.TypAuth, IssuedAt: now})
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return string(raw), nil
}

func (c *Client) bearer() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.token != "" && now.Before(c.until.Add(-tokenSpare)) {
		return c.token, nil
	}
	token, err := NewToken(*c.who, c.audience, now)
	if err != nil {
		return "", err
	}
	c.token, c.until = token, now.Add(tokenLife)
	return token, nil
}

// Request is one call.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header // Content-Type, Accept, JWS-Signature
	Body         []byte
}

// Response is an answer with a status below 400.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Problem is the problem document of a refused call (RFC 9457).
type Problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      fault.Code     `json:"code"`
	Retryable bool           `json:"retryable"`
	Errors    []ProblemError `json:"errors"`
}

// ProblemError is one finding of a problem.
type ProblemError struct {
	Pointer string `json:"pointer"`
	XPath   string `json:"xpath"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error returns status, code and detail in one line.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Title)
	}
	return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
}

// Do sends a call, with a token where the client has an identity. What a retry
// can help is sent again, the same bytes, with back-off. A refused call is a
// *Problem; a server that cannot be reached is http.unavailable.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	tries := 0
	op := func() (*Response, error) {
		tries++
		res, retry, err := c.once(ctx, r)
		if err == nil || !retry || tries >= maxTries {
			if err != nil {
				err = backoff.Permanent(err)
			}
			return res, err
		}
		return nil, err
	}
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = 50 * time.Millisecond
	res, err := backoff.Retry(ctx, op, backoff.WithBackOff(b), backoff.WithMaxTries(maxTries))
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		err = permanent.Unwrap()
	}
	return res, err
}

// once sends a call once and says whether a retry can help.
func (c *Client) once(ctx context.Context, r Request) (*Response, bool, error) {
	res, err := c.Send(ctx, r, bytes.NewReader(r.Body))
	if err != nil {
		return nil, ctx.Err() == nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, ctx.Err() == nil, fault.Wrap(err, fault.HTTPUnavailable, "the answer of "+c.base+" broke off")
	}
	if res.StatusCode >= 400 {
		p := problemOf(res, body)
		return nil, p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable, p
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Body: body}, false, nil
}

// Send sends one call and returns the answer as it streams; the caller closes
// its body. It is for batches, which are read while they are written.
func (c *Client) Send(ctx context.Context, r Request, body io.Reader) (*http.Response, error) {
	u := c.base + r.Path
	if len(r.Query) > 0 {
		u += "?" + r.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u, body)
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if c.who != nil {
		token, err := c.bearer()
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fault.Wrap(err, fault.HTTPUnavailable, "no answer from "+c.base+"; is `accord serve` running there?")
	}
	return res, nil
}

func problemOf(res *http.Response, body []byte) *Problem {
	p := &Problem{}
	if err := json.Unmarshal(body, p); err != nil || p.Code == "" {
		p = &Problem{Title: http.StatusText(res.StatusCode), Detail: "answer without a problem document, status " + strconv.Itoa(res.StatusCode)}
		p.Code = fault.Internal
	}
	p.Status = res.StatusCode
	return p
}

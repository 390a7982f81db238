package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"accord/internal/fault"
	"accord/signing"
)

// defaultTimeout is how long one sending of a call may take, its answer
// included: twice the longest poll of the feed.
const defaultTimeout = 2 * time.Minute

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
	// Certificate is the client certificate that its connections show; tokens are
	// bound to it (cnf). Nil: none.
	Certificate *x509.Certificate
}

// Client calls one gateway. It is safe for concurrent use. The zero value is
// not usable: see New.
type Client struct {
	base string
	http *http.Client
	who  *Identity // nil: only public endpoints

	// Tests put their own in place.
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error
	maxAnswer int64

	mu       sync.Mutex
	audience string    // guarded by mu
	token    string    // guarded by mu
	until    time.Time // guarded by mu
}

// New returns a client of the gateway at base, an http or https URL. Audience
// is the gateway's issuer; empty means base itself. Nil for h is a client whose
// calls end after two minutes; of one that is given a copy is made, and neither
// follows redirects.
func New(base, audience string, who *Identity, h *http.Client) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fault.Newf(fault.SchemaFormat, "server %q is not an http or https URL", base)
	}
	base = strings.TrimRight(base, "/")
	if audience == "" {
		audience = base
	}
	own := http.Client{Timeout: defaultTimeout}
	if h != nil {
		own = *h
	}
	// A token is for one gateway, and a redirected POST would be sent as a GET:
	// whoever answers with a redirect is not the gateway that was named.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		base: base, audience: audience, http: &own, who: who,
		now: time.Now, sleep: sleep, maxAnswer: maxAnswer,
	}, nil
}

// Base returns the URL of the gateway.
func (c *Client) Base() string { return c.base }

// NewToken signs a bearer token (wire.md, "Token") that lives five minutes.
func NewToken(who Identity, audience string, now time.Time) (string, error) {
	claims := map[string]any{
		"iss": who.Issuer, "sub": who.Issuer, "aud": audience,
		"iat": now.Unix(), "exp": now.Add(tokenLife).Unix(), "jti": rand.Text(),
	}
	if who.Certificate != nil {
		sum := sha256.Sum256(who.Certificate.Raw)
		claims["cnf"] = map[string]string{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}
	}
	payload, err := json.Marshal(claims)
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
	// A clock that was set back would show a token of the future.
	if c.token != "" && now.Before(c.until.Add(-tokenSpare)) && !now.Before(c.until.Add(-tokenLife)) {
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
	// Once says that the call does a second thing when it is sent again: it is
	// repeated only where the gateway has not begun with it (429).
	Once bool
}

// Response is an answer with a status of 200 to 299.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send sends one call once and returns the answer as it streams, whatever its
// status; the caller closes its body.
func (c *Client) Send(ctx context.Context, r Request, body io.Reader) (*http.Response, error) {
	return c.send(ctx, c.http, r, body)
}

func (c *Client) send(ctx context.Context, h *http.Client, r Request, body io.Reader) (*http.Response, error) {
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
	res, err := h.Do(req)
	if err != nil {
		return nil, c.noAnswer(err)
	}
	return res, nil
}

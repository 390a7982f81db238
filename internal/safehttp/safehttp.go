package safehttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// What is fetched at most, and how long it may take (signing.md, "Trust").
const (
	DefaultMaxBytes = 256 << 10
	DefaultTimeout  = 10 * time.Second
)

// The reasons for which a call fails. The error of a call wraps one of them, or
// the error of the network.
var (
	// ErrForbidden: the URL, its host or its address may not be called.
	ErrForbidden = errors.New("safehttp: this call is not allowed")
	// ErrStatus: the answer is not 200.
	ErrStatus = errors.New("safehttp: the answer is not 200 OK")
	// ErrTooLarge: the answer is longer than allowed.
	ErrTooLarge = errors.New("safehttp: the answer is too large")
)

// Options say where calls may go beyond the rule. The zero value is the rule.
type Options struct {
	MaxBytes int64         // 0: DefaultMaxBytes
	Timeout  time.Duration // of a whole call; 0: DefaultTimeout
	// Prefixes are addresses that may be called although they are not public: a
	// test server, or a partner on the same network.
	Prefixes []netip.Prefix
	// TLS is the configuration of connections; nil for the system's roots.
	TLS *tls.Config
}

// Client makes calls. It is safe for concurrent use.
type Client struct {
	http *http.Client
	max  int64
}

// New makes a client.
func New(o Options) *Client {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	opts := []ssrf.Option{ssrf.WithAnyPort()} // which ports is said by the agreed hosts
	if len(o.Prefixes) > 0 {
		var v4, v6 []netip.Prefix
		for _, p := range o.Prefixes {
			if p.Addr().Is4() {
				v4 = append(v4, p)
			} else {
				v6 = append(v6, p)
			}
		}
		opts = append(opts, ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	}
	dialer := &net.Dialer{Timeout: o.Timeout, Control: ssrf.New(opts...).Safe}
	return &Client{max: o.MaxBytes, http: &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: o.TLS, ForceAttemptHTTP2: true, TLSHandshakeTimeout: o.Timeout,
			MaxIdleConns: 16, IdleConnTimeout: 30 * time.Second, ResponseHeaderTimeout: o.Timeout,
			MaxResponseHeaderBytes: 32 << 10, // no proxy of the environment: it would resolve names for us
		},
		// An answer that points elsewhere is no answer: the host was agreed.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Response is an answer of 200.
type Response struct {
	Body      []byte
	MediaType string // Content-Type without parameters, in lower case
}

// Get fetches a URL of https whose host is one of hosts, as "example.org" or
// "example.org:8443". accept is the Accept field; empty for anything.
func (c *Client) Get(ctx context.Context, rawURL string, hosts []string, accept string) (*Response, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "":
		return nil, fmt.Errorf("%w: want a URL of https without user or fragment", ErrForbidden)
	case !allowed(u, hosts):
		return nil, fmt.Errorf("%w: %q is not a host that was agreed on", ErrForbidden, u.Host)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	req.Header.Set("User-Agent", "accord")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, call(u, err)
	}
	defer resp.Body.Close() //nolint:errcheck // what was read counts
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch from %s: %w: status %d", u.Host, ErrStatus, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.max+1))
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", u.Host, err)
	}
	if int64(len(body)) > c.max {
		return nil, fmt.Errorf("fetch from %s: %w: more than %d octets", u.Host, ErrTooLarge, c.max)
	}
	media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return &Response{Body: body, MediaType: strings.ToLower(strings.TrimSpace(media))}, nil
}

// call says why a connection was not made.
func call(u *url.URL, err error) error {
	if errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedPort) || errors.Is(err, ssrf.ErrProhibitedNetwork) {
		return fmt.Errorf("fetch from %s: %w: not a public address", u.Host, ErrForbidden)
	}
	return fmt.Errorf("fetch from %s: %w", u.Host, err)
}

// allowed compares host and port; the port of https need not be said.
func allowed(u *url.URL, hosts []string) bool {
	own := strings.ToLower(u.Hostname())
	port := u.Port()
	return slices.ContainsFunc(hosts, func(h string) bool {
		name, p, err := net.SplitHostPort(h)
		if err != nil {
			name, p = h, ""
		}
		return strings.EqualFold(name, own) && orHTTPS(p) == orHTTPS(port)
	})
}

func orHTTPS(port string) string {
	if port == "" {
		return "443"
	}
	return port
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

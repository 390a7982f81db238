package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"accord/client"
	"accord/configs"
	"accord/internal/fault"
	"accord/signing"
)

// A home is locked while its gateway runs. What can be asked of that gateway is
// asked over HTTP, and what it answers is held against the keys of the home: so
// it does not matter who listens there.

// errInUse says that another process has the archive of a home open: its
// gateway, most likely.
var errInUse = errors.New("another process holds its lock")

// inUse is the error of a command that needs the archive for itself.
func inUse(h home) error {
	return fault.Wrap(errInUse, fault.ArchiveInUse,
		"the archive of "+string(h)+" is in use; stop its gateway (end `accord serve` with Ctrl-C or SIGTERM), then run this again")
}

// askTime is how long the gateway of a home may take to say who it is.
const askTime = 10 * time.Second

// running finds the gateway that runs on a home and says so on standard error.
// Whoever answers must name the issuer of the home.
func (e *env) running(h home, cfg *configs.Config) (*client.Client, error) {
	candidates, err := e.candidates(h, cfg)
	if err != nil {
		return nil, err
	}
	var asked []string
	var failed []error
	for _, c := range candidates {
		asked = append(asked, c.Base())
		conf, err := c.Discover(e.ctx)
		switch {
		case err != nil:
			failed = append(failed, err)
		case conf.Issuer != cfg.Issuer():
			failed = append(failed, fault.Newf(fault.HTTPUnavailable, "%s is the gateway %s", c.Base(), conf.Issuer))
		default:
			e.notef("accord: the archive of %s is in use by its gateway, which is asked at %s\n", h, c.Base())
			return c, nil
		}
	}
	return nil, fault.Wrap(errors.Join(failed...), fault.ArchiveInUse, fmt.Sprintf(
		"the archive of %s is in use, and its gateway does not answer at %s; name its URL with --server, or stop it", h, strings.Join(asked, " or ")))
}

// candidates are where the gateway of a home may answer: with --server there,
// else at the address where it listens, as this machine reaches it, and at its
// public URL.
func (e *env) candidates(h home, cfg *configs.Config) ([]*client.Client, error) {
	far := cfg.Issuer()
	if e.server != "" {
		far = e.server
	}
	public, err := client.New(far, "", nil, &http.Client{Timeout: askTime})
	if err != nil || e.server != "" {
		return []*client.Client{public}, err
	}
	near, err := nearClient(h, cfg)
	if err != nil {
		return nil, err
	}
	if near.Base() == far {
		return []*client.Client{near}, nil
	}
	return []*client.Client{near, public}, nil
}

// nearClient connects to where the configuration listens, whatever the name of
// the gateway resolves to.
func nearClient(h home, cfg *configs.Config) (*client.Client, error) {
	issuer, err := url.Parse(cfg.Issuer())
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(cfg.Listen())
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	addr := net.JoinHostPort(host, port)
	dialer := &net.Dialer{Timeout: askTime}
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, addr)
		},
	}
	base := "http://" + addr
	if _, ok := cfg.TLS(); ok {
		base = "https://" + issuer.Host
		transport.TLSClientConfig = &tls.Config{RootCAs: h.roots(), MinVersion: tls.VersionTLS12}
	}
	return client.New(base, cfg.Issuer(), nil, &http.Client{Timeout: askTime, Transport: transport})
}

// roots are those of the system, and the development CA of the home.
func (h home) roots() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if ca, err := os.ReadFile(h.path("pki", "ca.pem")); err == nil {
		pool.AppendCertsFromPEM(ca)
	}
	return pool
}

// docKeys are the document keys of a home, those that were replaced included:
// a gateway that runs since before signs with the one it began with.
func (h home) docKeys() ([]*signing.Key, error) {
	paths, err := filepath.Glob(h.path("keys", "doc*.pem"))
	if err != nil {
		return nil, err
	}
	var keys []*signing.Key
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError("cannot read the key: " + err.Error())
		}
		s, err := signing.ParseSigner(raw, signing.UseDoc)
		if err != nil {
			return nil, err
		}
		keys = append(keys, s.Key())
	}
	return keys, nil
}

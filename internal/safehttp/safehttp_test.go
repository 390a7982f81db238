package safehttp_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"accord/internal/safehttp"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a TLS server on the loopback and a client that trusts it.
func server(t *testing.T, o safehttp.Options, h http.HandlerFunc) (client *safehttp.Client, base, host string) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	o.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	client = safehttp.New(o)
	t.Cleanup(client.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return client, s.URL, u.Host
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func TestClient_fetches(t *testing.T) {
	client, base, host := server(t, safehttp.Options{Prefixes: loopback}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/did+json" || r.Header.Get("Authorization") != "" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Type", "Application/DID+json; charset=utf-8")
		_, _ = w.Write([]byte("{}"))
	})
	r, err := client.Get(context.Background(), base+"/x?timestamp=1", []string{"other.example", host}, "application/did+json")
	if err != nil || string(r.Body) != "{}" || r.MediaType != "application/did+json" {
		t.Errorf("%+v, %v", r, err)
	}
}

// The addresses of our own network are not called, whatever name leads there.
func TestClient_doesNotCallInside(t *testing.T) {
	reached := false
	client, base, host := server(t, safehttp.Options{}, func(http.ResponseWriter, *http.Request) { reached = true })
	if _, err := client.Get(context.Background(), base, []string{host}, ""); !errors.Is(err, safehttp.ErrForbidden) {
		t.Errorf("the loopback: %v", err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		name := strings.Trim(host, "[]")
		_, err := client.Get(context.Background(), "https://"+host+"/", []string{name, host}, "")
		if !errors.Is(err, safehttp.ErrForbidden) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if reached {
		t.Error("the server was reached")
	}
}

func TestClient_callsAgreedHostsByHTTPSOnly(t *testing.T) {
	client := safehttp.New(safehttp.Options{})
	defer client.Close()
	for _, u := range []string{
		"http://agreed.example/", "https://other.example/", "https://agreed.example:444/", "https://agreed.example.evil.example/",
		"https://agreed.example@evil.example/", "https://user@agreed.example/", "https:agreed.example", "file:///etc/passwd",
		"https://agreed.example/#x", "//agreed.example/", "", "https://%zz/",
	} {
		if _, err := client.Get(context.Background(), u, []string{"agreed.example"}, ""); !errors.Is(err, safehttp.ErrForbidden) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestClient_isBounded(t *testing.T) {
	client, base, host := server(t, safehttp.Options{Prefixes: loopback, MaxBytes: 1000}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			_, _ = w.Write(make([]byte, 1000))
		case "/long":
			_, _ = w.Write(make([]byte, 1001))
		case "/moved":
			http.Redirect(w, r, "/exact", http.StatusFound)
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		}
	})
	for path, want := range map[string]error{
		"/exact": nil, "/long": safehttp.ErrTooLarge, "/moved": safehttp.ErrStatus, "/gone": safehttp.ErrStatus,
	} {
		if _, err := client.Get(context.Background(), base+path, []string{host}, ""); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

func TestClient_doesNotWaitForEver(t *testing.T) {
	client, base, host := server(t, safehttp.Options{Prefixes: loopback, Timeout: 100 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	})
	if _, err := client.Get(context.Background(), base, []string{host}, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

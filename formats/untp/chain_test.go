package untp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/formats/bitstring"
	"accord/formats/dialect"
	"accord/formats/untp"
	"accord/internal/fault"
	"accord/internal/safehttp"
	"accord/signing"
	"accord/signing/did"

	"github.com/stretchr/testify/require"
)

// world is a body, a registrar and an impostor, each with a DID document, on one
// server of this machine.
type world struct {
	t        testing.TB
	now      time.Time
	base     string // https://localhost:port
	host     string
	signers  map[string]*signing.Signer
	services map[string][]string // identity anchors by name
	served   map[string][]byte   // by path
	resolver *did.Resolver
	http     *safehttp.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		signers: map[string]*signing.Signer{}, services: map[string][]string{}, served: map[string][]byte{},
	}
	s := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/did.json")
		if signer, ok := w.signers[name]; ok {
			_, _ = rw.Write(did.Build(w.did(name), []*signing.Key{signer.Key()}, w.services[name]...))
			return
		}
		body, ok := w.served[r.URL.Path]
		if !ok {
			http.NotFound(rw, r)
			return
		}
		_, _ = rw.Write(body)
	}))
	t.Cleanup(s.Close)
	port := s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	w.host = "localhost:" + port
	w.base = "https://" + w.host
	for _, name := range []string{"body", "register", "impostor"} {
		signer, err := signing.GenerateSigner(signing.ES256, signing.UseDoc)
		require.NoError(t, err)
		w.signers[name] = signer
	}
	w.http = safehttp.New(safehttp.Options{
		TLS:      &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the certificate of the test server has no name
		Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	t.Cleanup(w.http.Close)
	w.resolver = did.NewResolver(w.http)
	return w
}

func (w *world) did(name string) string { return did.Of(w.base + "/" + name) }

// sign secures a credential with the key of one, under the method of another.
func (w *world) sign(by, as string, credential []byte) []byte {
	w.t.Helper()
	raw, err := w.signers[by].SignCredential(credential, did.MethodURL(w.did(as), w.signers[by].Key()), w.now)
	require.NoError(w.t, err)
	return raw
}

// open reads and verifies a secured credential by the DID document of its issuer.
func (w *world) open(raw []byte) (*signing.Credential, error) {
	c, err := signing.ReadCredential(raw)
	if err != nil {
		return nil, err
	}
	doc, err := w.resolver.Resolve(context.Background(), c.Issuer, []string{w.host})
	if err != nil {
		return nil, err
	}
	key := doc.Key(c.Signatures[0].KID)
	if key == nil {
		return nil, fault.New(fault.JWSKeyUnknown, "no such key")
	}
	return c, errors.Join(signing.VerifyCredential(c, key), c.GoodAt(w.now))
}

func (w *world) fetch(ctx context.Context, url string) ([]byte, error) {
	r, err := w.http.Get(ctx, url, []string{w.host}, "application/vc+jwt")
	if err != nil {
		return nil, err
	}
	return r.Body, nil
}

// TestChain_fromCertificateToRegister goes the whole way of a credential: made of
// a certificate, signed, verified by did:web, its status looked up, its issuer
// traced to a registered number.
func TestChain_fromCertificateToRegister(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()

	// The body certifies, with its DID as issuer and a place in its status list.
	s := documents(t)["testdata/management-system.json"]
	s.Issuer.Identifiers = []attestation.Identifier{{Scheme: "did", Value: w.did("body")}}
	credential, _ := mustEncode(t, untp.Name, s, dialect.Options{
		Status: &dialect.StatusEntry{List: w.base + "/status/1", Index: 5, Purpose: "suspension"},
	})
	dcc, err := w.open(w.sign("body", "body", credential))
	require.NoError(t, err)

	// Its status list is signed by it, too.
	list, err := bitstring.New(0, 1)
	require.NoError(t, err)
	publish := func(by, as string) {
		encoded, err := list.Encode()
		require.NoError(t, err)
		c := bitstring.Credential{ID: w.base + "/status/1", Issuer: w.did(as), Purposes: []bitstring.Purpose{bitstring.Suspension}, Encoded: encoded}
		raw, err := w.signers[by].SignCredential(c.Append(nil), did.MethodURL(w.did(as), w.signers[by].Key()), w.now)
		require.NoError(t, err)
		w.served["/status/1"] = raw
	}
	status := func() (bitstring.Status, error) {
		entries, err := bitstring.Entries(dcc.Payload)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		client := bitstring.Client{
			Fetch: w.fetch,
			Verify: func(_ context.Context, _ string, raw []byte) ([]byte, error) {
				c, err := w.open(raw)
				if err != nil {
					return nil, err
				}
				if c.Issuer != dcc.Issuer { // trust in the list is decided apart
					return nil, fault.New(fault.IssuerMismatch, "the list is that of another issuer")
				}
				return c.Payload, nil
			},
			Now: func() time.Time { return w.now },
		}
		return client.Check(ctx, &entries[0])
	}
	publish("body", "body")
	got, err := status()
	require.NoError(t, err)
	require.False(t, got.Set())
	require.NoError(t, list.Set(5, 1))
	publish("body", "body")
	got, err = status()
	require.NoError(t, err)
	require.True(t, got.Invalidates())
	publish("impostor", "impostor") // signed well, by somebody else
	_, err = status()
	require.ErrorContains(t, err, string(bitstring.VerificationError))
	publish("impostor", "body") // under a method that the body does not have
	_, err = status()
	require.ErrorContains(t, err, string(bitstring.VerificationError))
	delete(w.served, "/status/1")
	_, err = status()
	require.ErrorContains(t, err, string(bitstring.RetrievalError))

	// The registrar anchors the body; the body's DID document names the anchor.
	anchor := strings.NewReplacer("did:web:cb.example.org", w.did("body"), "did:web:register.example.org", w.did("register")).
		Replace(ownFile(t, "dia-0.7.0.json"))
	identify := func() error {
		doc, err := w.resolver.Resolve(ctx, dcc.Issuer, []string{w.host})
		require.NoError(t, err)
		require.Len(t, doc.Anchors(), 1)
		raw, err := w.fetch(ctx, doc.Anchors()[0])
		require.NoError(t, err)
		c, err := w.open(raw)
		if err != nil {
			return err
		}
		a, err := untp.DecodeAnchor(c.Payload)
		require.NoError(t, err)
		require.Equal(t, "CNCA-R-2002-999", a.Identifier().Value)
		return a.Binds(dcc.Issuer, w.now, []string{w.did("register")})
	}
	w.services["body"] = []string{w.base + "/anchors/17"}
	w.resolver = did.NewResolver(w.http) // the document before is still kept
	w.served["/anchors/17"] = w.sign("register", "register", []byte(anchor))
	require.NoError(t, identify())
	forged := strings.ReplaceAll(anchor, w.did("register"), w.did("impostor"))
	w.served["/anchors/17"] = w.sign("impostor", "impostor", []byte(forged))
	require.Equal(t, fault.IssuerMismatch, fault.CodeOf(identify()))
	w.served["/anchors/17"] = w.sign("impostor", "register", []byte(anchor))
	require.Equal(t, fault.JWSKeyUnknown, fault.CodeOf(identify()))
}

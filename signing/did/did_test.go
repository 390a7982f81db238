package did_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/internal/safehttp"
	"accord/signing"
	"accord/signing/did"

	"github.com/stretchr/testify/require"
)

const id = "did:web:cb.example.cn"

func TestURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"did:web:cb.example.cn":                 "https://cb.example.cn/.well-known/did.json",
		"did:web:cb.example.cn%3A8443":          "https://cb.example.cn:8443/.well-known/did.json",
		"did:web:cb.example.cn:user:alice":      "https://cb.example.cn/user/alice/did.json",
		"did:web:localhost%3A8443":              "https://localhost:8443/.well-known/did.json",
		"did:web:127.0.0.1":                     "",
		"did:web:":                              "",
		"did:web:cb":                            "",
		"did:web:cb.example.cn:":                "",
		"did:web:cb.example.cn:..":              "",
		"did:web:cb.example.cn:%2e%2e":          "",
		"did:web:cb.example.cn:a%2Fb":           "",
		"did:web:cb.example.cn/path":            "",
		"did:web:cb.example.cn%2Fpath":          "",
		"did:web:user%40cb.example.cn":          "",
		"did:web:cb.example.cn%3A":              "",
		"did:web:cb.example.cn#k1":              "",
		"did:key:z6Mk":                          "",
		"https://cb.example.cn":                 "",
		"did:web:" + strings.Repeat("a.", 2000): "",
	} {
		got, err := did.URL(in)
		require.Equal(t, want, got, in)
		if want == "" {
			require.Equal(t, fault.SchemaFormat, fault.CodeOf(err), in)
		}
	}
	require.Equal(t, "did:web:gw.example%3A8443", did.Of("https://gw.example:8443"))
	require.Equal(t, "did:web:gw.example:a:b", did.Of("https://gw.example/a/b/"))
	require.Empty(t, did.Of("urn:x"))
}

func signer(t testing.TB, alg signing.Alg) *signing.Signer {
	t.Helper()
	s, err := signing.GenerateSigner(alg, signing.UseDoc)
	require.NoError(t, err)
	return s
}

// What we publish is what we would believe, and a credential signed with it
// verifies.
func TestBuild_isReadBack(t *testing.T) {
	t.Parallel()
	a, b := signer(t, signing.ES256), signer(t, signing.EdDSA)
	src := did.Build(id, []*signing.Key{a.Key(), b.Key()}, "https://register.example/dia/1")
	require.True(t, json.Valid(src))
	doc, err := did.Parse(src, id)
	require.NoError(t, err)
	require.Empty(t, doc.Refused)
	require.Len(t, doc.Keys, 2)
	require.Equal(t, []string{"https://register.example/dia/1"}, doc.Anchors())
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	raw, err := a.SignCredential([]byte(`{"issuer":"did:web:cb.example.cn"}`), did.MethodURL(id, a.Key()), now)
	require.NoError(t, err)
	c, err := signing.ReadCredential(raw)
	require.NoError(t, err)
	v := signing.NewVerifier().Verify(c.Message, &signing.Trust{Partner: "cb", Keys: doc.Keys}, signing.UseDoc, now)
	require.True(t, v.OK(), "%+v", v)
	require.Nil(t, doc.Key(id+"#other"))
	require.Empty(t, mustParse(t, string(did.Build(id, nil))).Keys)
}

func mustParse(t testing.TB, src string) *did.Document {
	t.Helper()
	doc, err := did.Parse([]byte(src), id)
	require.NoError(t, err)
	return doc
}

const (
	okp = `{"kty":"OKP","crv":"Ed25519","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"}`
	x25 = `{"kty":"OKP","crv":"X25519","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"}`
)

func methodOf(typ, member, material string) string {
	return fmt.Sprintf(`{"id":"#k1","type":%q,"controller":"did:web:cb.example.cn",%q:%s}`, typ, member, material)
}

func documentOf(method, assertion string) string {
	return `{"@context":["https://www.w3.org/ns/did/v1"],"id":"did:web:cb.example.cn","verificationMethod":[` + method + `],"assertionMethod":[` + assertion + `]}`
}

// TestParse_takesKeysThatSign: real documents list key agreement keys under
// assertionMethod (domain.md, section 1.4).
func TestParse_takesKeysThatSign(t *testing.T) {
	t.Parallel()
	good := methodOf("JsonWebKey2020", "publicKeyJwk", okp)
	for name, test := range map[string]struct {
		method, assertion string
		taken             bool
	}{
		"JsonWebKey2020":         {good, `"#k1"`, true},
		"absolute reference":     {good, `"did:web:cb.example.cn#k1"`, true},
		"JsonWebKey":             {methodOf("JsonWebKey", "publicKeyJwk", okp), `"#k1"`, true},
		"in place":               {``, good, true},
		"Multikey":               {methodOf("Multikey", "publicKeyMultibase", `"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"`), `"#k1"`, true},
		"Multikey of P-256":      {methodOf("Multikey", "publicKeyMultibase", `"zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"`), `"#k1"`, true},
		"X25519":                 {methodOf("JsonWebKey2020", "publicKeyJwk", x25), `"#k1"`, false},
		"for encryption":         {methodOf("JsonWebKey", "publicKeyJwk", strings.Replace(okp, `"kty"`, `"use":"enc","kty"`, 1)), `"#k1"`, false},
		"for signing, private":   {methodOf("JsonWebKey", "publicKeyJwk", strings.Replace(okp, `"kty"`, `"d":"AAAA","kty"`, 1)), `"#k1"`, false},
		"key_ops encrypt":        {methodOf("JsonWebKey", "publicKeyJwk", strings.Replace(okp, `"kty"`, `"key_ops":["deriveKey"],"kty"`, 1)), `"#k1"`, false},
		"alg of another":         {methodOf("JsonWebKey", "publicKeyJwk", strings.Replace(okp, `"kty"`, `"alg":"ES256","kty"`, 1)), `"#k1"`, false},
		"another type":           {methodOf("Ed25519VerificationKey2018", "publicKeyJwk", okp), `"#k1"`, false},
		"no material":            {methodOf("JsonWebKey", "publicKeyPem", `"x"`), `"#k1"`, false},
		"another controller":     {strings.Replace(good, `"did:web:cb.example.cn"`, `"did:web:evil.example"`, 1), `"#k1"`, false},
		"another DID's method":   {strings.Replace(good, `"#k1"`, `"did:web:evil.example#k1"`, 1), `"did:web:evil.example#k1"`, false},
		"not there":              {good, `"#k2"`, false},
		"the id twice":           {good + "," + good, `"#k1"`, false},
		"Multikey, no base 58":   {methodOf("Multikey", "publicKeyMultibase", `"z0OIl"`), `"#k1"`, false},
		"Multikey, X25519":       {methodOf("Multikey", "publicKeyMultibase", `"z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"`), `"#k1"`, false},
		"Multikey, another base": {methodOf("Multikey", "publicKeyMultibase", `"u7QE"`), `"#k1"`, false},
	} {
		doc := mustParse(t, documentOf(test.method, test.assertion))
		if test.taken {
			require.Len(t, doc.Keys, 1, "%s: %v", name, doc.Refused)
			require.Equal(t, id+"#k1", doc.Keys[0].KID, name)
			require.Equal(t, signing.UseDoc, doc.Keys[0].Use, name)
			continue
		}
		require.Empty(t, doc.Keys, name)
		require.Len(t, doc.Refused, 1, name)
		require.Equal(t, fault.KeyRejected, doc.Refused[0].Code, name)
	}
	// A method that is there and not for assertions does not sign.
	require.Empty(t, mustParse(t, documentOf(good, ``)).Keys)
	// The vector of the did:key specification is the same key in both forms.
	multi := mustParse(t, documentOf(methodOf("Multikey", "publicKeyMultibase", `"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"`), `"#k1"`))
	require.Equal(t, mustParse(t, documentOf(good, `"#k1"`)).Keys[0].Thumbprint(), multi.Keys[0].Thumbprint())
}

func TestParse_refusesDocuments(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"of another":     `{"id":"did:web:evil.example"}`,
		"of nobody":      `{}`,
		"not an object":  `[]`,
		"not JSON":       `{`,
		"a member twice": `{"id":"did:web:cb.example.cn","id":"did:web:cb.example.cn"}`,
		"too many keys":  documentOf(strings.TrimSuffix(strings.Repeat("{},", 300), ","), ""),
		"too long":       `{"id":"did:web:cb.example.cn","x":"` + strings.Repeat("x", did.MaxDocument) + `"}`,
	} {
		_, err := did.Parse([]byte(src), id)
		require.Equal(t, fault.KeyRejected, fault.CodeOf(err), "%s: %v", name, err)
	}
}

func TestParse_readsServices(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"id":"did:web:cb.example.cn","service":[
		{"id":"#a","type":"untp:dia","serviceEndpoint":"https://r.example/1"},
		{"id":"#b","type":["LinkedDomains","untp:dia"],"serviceEndpoint":[{"uri":"https://r.example/2","name":"x"},{"href":"https://r.example/3"}]},
		{"id":"#c","type":"Other","serviceEndpoint":"https://r.example/4"}, 7]}`)
	require.Equal(t, []string{"https://r.example/1", "https://r.example/2", "https://r.example/3"}, doc.Anchors())
	require.Equal(t, id+"#a", doc.Services[0].ID)
}

func TestResolver_asksAgreedHostsOnce(t *testing.T) {
	t.Parallel()
	src := []byte(documentOf(methodOf("JsonWebKey", "publicKeyJwk", okp), `"#k1"`))
	var asked atomic.Int32
	var clock atomic.Int64
	clock.Store(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	fail := atomic.Bool{}
	r := &did.Resolver{
		Fetch: func(_ context.Context, url string, hosts []string) ([]byte, error) {
			asked.Add(1)
			if url != "https://cb.example.cn/.well-known/did.json" || len(hosts) != 1 {
				t.Errorf("%s of %v", url, hosts)
			}
			if fail.Load() {
				return nil, errors.New("no route")
			}
			return src, nil
		},
		Now: func() time.Time { return time.Unix(0, clock.Load()) },
	}
	ctx, hosts := context.Background(), []string{"CB.example.cn"}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			doc, err := r.Resolve(ctx, id, hosts)
			if err != nil || len(doc.Keys) != 1 {
				t.Error(doc, err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, asked.Load())
	for other, code := range map[string]fault.Code{
		"did:web:evil.example": fault.KeyRejected, "did:web:sub.cb.example.cn": fault.KeyRejected,
		"did:web:cb.example.cn%3A444": fault.KeyRejected, "did:key:z6Mk": fault.SchemaFormat,
	} {
		_, err := r.Resolve(ctx, other, hosts)
		require.Equal(t, code, fault.CodeOf(err), other)
	}
	require.EqualValues(t, 1, asked.Load())
	clock.Add(int64(15 * time.Minute))
	fail.Store(true)
	for range 3 {
		_, err := r.Resolve(ctx, id, hosts)
		require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err))
	}
	require.EqualValues(t, 2, asked.Load())
	clock.Add(int64(time.Minute))
	fail.Store(false)
	_, err := r.Resolve(ctx, id, hosts)
	require.NoError(t, err)
	require.EqualValues(t, 3, asked.Load())
}

// TestNewResolver_fetchesOverTLS goes the whole way to a server on this machine,
// which only a client that allows the loopback may call.
func TestNewResolver_fetchesOverTLS(t *testing.T) {
	t.Parallel()
	own := ""
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(did.Build(own, nil))
	}))
	defer s.Close()
	port := s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	own = "did:web:localhost%3A" + port
	trusting := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the certificate of the test server has no name
	inside := safehttp.New(safehttp.Options{TLS: trusting, Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer inside.Close()
	doc, err := did.NewResolver(inside).Resolve(context.Background(), own, []string{"localhost:" + port})
	require.NoError(t, err)
	require.Equal(t, own, doc.ID)
	outside := safehttp.New(safehttp.Options{TLS: trusting})
	defer outside.Close()
	_, err = did.NewResolver(outside).Resolve(context.Background(), own, []string{"localhost:" + port})
	require.ErrorIs(t, err, safehttp.ErrForbidden)
}

func FuzzParse(f *testing.F) {
	f.Add(documentOf(methodOf("JsonWebKey", "publicKeyJwk", okp), `"#k1"`))
	f.Add(documentOf(methodOf("Multikey", "publicKeyMultibase", `"z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"`), `"#k1"`))
	f.Add(`{"id":"did:web:cb.example.cn","service":[{"serviceEndpoint":[[[{}]]]}],"assertionMethod":[{}, 1, null]}`)
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := did.Parse([]byte(src), id)
		if err != nil {
			require.Equal(t, fault.KeyRejected, fault.CodeOf(err))
			return
		}
		for _, k := range doc.Keys {
			require.True(t, strings.HasPrefix(k.KID, id+"#"))
		}
	})
}

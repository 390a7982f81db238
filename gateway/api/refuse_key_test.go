package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/certs"
	"accord/formats/native"
	"accord/gateway/api"
	"accord/partners"
	"accord/signing"
)

// forge signs a payload under any header, as our own signer would refuse to.
func forge(t testing.TB, key *ecdsa.PrivateKey, header map[string]any, payload []byte) []byte {
	t.Helper()
	h, err := json.Marshal(header)
	require.NoError(t, err)
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	require.NoError(t, err)
	var sig [64]byte
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return []byte(input + "." + base64.RawURLEncoding.EncodeToString(sig[:]))
}

func private(t testing.TB, s *signing.Signer) *ecdsa.PrivateKey {
	t.Helper()
	key, ok := s.Private().(*ecdsa.PrivateKey)
	require.True(t, ok)
	return key
}

// attested is the header of an attestation.
func attested(more map[string]any) map[string]any {
	h := map[string]any{"alg": "ES256", "typ": "accord-attestation+jose", "cty": signing.CtyJSON, "iat": time.Now().Unix()}
	for k, v := range more {
		h[k] = v
	}
	return h
}

// Row 6 of reliability.md: a key that the header brings along is never used,
// and what it points to never fetched.
func TestRefuse_keysOfTheHeader(t *testing.T) {
	t.Parallel()
	var fetched atomic.Int64
	bait := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched.Add(1) }))
	defer bait.Close()
	w := newWorld(t)
	payload := native.AppendJSON(nil, fixture(t, nil))
	thief := newSigner(t, signing.UseDoc)
	var jwk map[string]any
	require.NoError(t, json.Unmarshal(thief.Key().JWK(), &jwk))
	for _, row := range []struct {
		name   string
		member map[string]any
	}{
		{"jwk", map[string]any{"jwk": jwk}},
		{"jku", map[string]any{"jku": bait.URL + "/jwks.json"}},
		{"x5u", map[string]any{"x5u": bait.URL + "/chain.pem"}},
		{"all", map[string]any{"jwk": jwk, "jku": bait.URL, "x5u": bait.URL}},
	} {
		row.member["kid"] = w.cb.doc.Key().KID
		t.Run(row.name, func(t *testing.T) {
			w.refuse(t, w.token(w.cb), refusal{body: forge(t, private(t, thief), attested(row.member), payload), status: 422, code: "jws.signature_invalid"})
		})
		t.Run(row.name+" of an unknown kid", func(t *testing.T) {
			member := map[string]any{"kid": thief.Key().KID, "jwk": jwk, "jku": bait.URL, "x5u": bait.URL}
			w.refuse(t, w.token(w.cb), refusal{body: forge(t, private(t, thief), attested(member), payload), status: 422, code: "jws.key_unknown"})
		})
	}
	// With the registered key they do no harm: they are passed over.
	good := forge(t, private(t, w.cb.doc), attested(map[string]any{"kid": w.cb.doc.Key().KID, "jku": bait.URL, "x5u": bait.URL}), payload)
	w.do(t, ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: good, want: 201})
	w.do(t, ask{method: "POST", path: "/v1/verify", media: "application/jose", body: good, want: 200})
	assert.Zero(t, fetched.Load(), "something was fetched")
}

// windows are keys of the certification body that are not good now.
type windows struct{ retired, future, revoked, compromised body }

func (k *windows) record(t testing.TB) func(*partners.Partner) {
	now := time.Now()
	add := func(p *partners.Partner, b *body, change func(*partners.Key)) {
		b.doc = newSigner(t, signing.UseDoc)
		key := partners.Key{Use: "doc"}
		require.NoError(t, json.Unmarshal(b.doc.Key().JWK(), &key.JWK))
		change(&key)
		p.Trust.Keys = append(p.Trust.Keys, key)
	}
	return func(p *partners.Partner) {
		add(p, &k.retired, func(key *partners.Key) { key.Expires = now.Add(-time.Hour) })
		add(p, &k.future, func(key *partners.Key) { key.NotBefore = now.Add(time.Hour) })
		add(p, &k.revoked, func(key *partners.Key) {
			key.Revoked = &partners.Revoked{At: now.Add(-time.Hour), Reason: "superseded"}
		})
		add(p, &k.compromised, func(key *partners.Key) {
			key.Revoked = &partners.Revoked{At: now.Add(time.Hour), Reason: "keyCompromise", CompromisedSince: now.Add(-time.Hour)}
		})
	}
}

// Row 9 of reliability.md: a key counts in its window only, judged at the
// proven time.
func TestRefuse_keysOutsideTheirWindow(t *testing.T) {
	t.Parallel()
	var keys windows
	w := newWorldIn(t, setting{cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 64}, record: keys.record(t)})
	sub := fixture(t, nil)
	w.run(t, []refusal{
		{name: "retired", body: keys.retired.sign(t, sub), status: 422, code: "jws.key_expired"},
		{name: "future", body: keys.future.sign(t, sub), status: 422, code: "jws.key_expired"},
		{name: "revoked", body: keys.revoked.sign(t, sub), status: 422, code: "jws.key_revoked"},
		{name: "compromised", body: keys.compromised.sign(t, sub), status: 422, code: "jws.key_revoked"},
	})
	// An iat inside the window does not help: it is the signer's own word.
	old := forge(t, private(t, keys.retired.doc), attested(map[string]any{"kid": keys.retired.doc.Key().KID, "iat": time.Now().Add(-2 * time.Hour).Unix()}), native.AppendJSON(nil, sub))
	w.refuse(t, w.token(w.cb), refusal{body: old, status: 422, code: "jws.key_expired"})
	w.advance(2 * time.Hour)
	w.do(t, ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: keys.future.sign(t, sub), want: 201})
}

// Row 10 of reliability.md: a chain ends in the sender's own anchor, is made of
// authorities, and its leaf is the sender's.
func TestRefuse_chains(t *testing.T) {
	t.Parallel()
	now := time.Now()
	root, err := certs.NewAuthority("Root", now.AddDate(-3, 0, 0))
	require.NoError(t, err)
	foreign, err := certs.NewAuthority("Foreign", now)
	require.NoError(t, err)
	w := newWorldIn(t, setting{cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 64}, record: func(p *partners.Partner) {
		p.Trust.Anchors = append(p.Trust.Anchors, partners.Anchor{
			DER: root.Certificate.Raw, SHA256: certs.Fingerprint(root.Certificate), Role: "ca", Span: partners.Span{From: now.AddDate(-3, 0, 0)},
		})
	}})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	leaf := func(a *certs.Authority, of body, at time.Time) *x509.Certificate {
		c, err := a.IssueSigner(of.id, key.Public(), at)
		require.NoError(t, err)
		return c
	}
	good := leaf(root, w.cb, now)
	payload := native.AppendJSON(nil, fixture(t, nil))
	signed := func(chain ...*x509.Certificate) []byte {
		var x5c []string
		for _, c := range chain {
			x5c = append(x5c, base64.StdEncoding.EncodeToString(c.Raw))
		}
		return forge(t, key, attested(map[string]any{"x5c": x5c}), payload)
	}
	between := issuedByLeaf(t, good, key, w.cb)
	w.run(t, []refusal{
		{name: "expired", body: signed(leaf(root, w.cb, now.AddDate(-2, -1, 0))), status: 422, code: "jws.chain_expired"},
		{name: "not yet valid", body: signed(leaf(root, w.cb, now.AddDate(0, 1, 0))), status: 422, code: "jws.chain_expired"},
		{name: "untrusted", body: signed(leaf(foreign, w.cb, now)), status: 422, code: "jws.chain_untrusted"},
		{name: "untrusted with its anchor", body: signed(leaf(foreign, w.cb, now), foreign.Certificate), status: 422, code: "jws.chain_untrusted"},
		{name: "not a CA", body: signed(between, good), status: 422, code: "jws.chain_untrusted"},
		{name: "other partner", body: signed(leaf(root, w.nz, now)), status: 403, code: "issuer.mismatch"},
	})
	w.do(t, ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/jose", body: signed(good), want: 201})
	// The anchor is the certification body's, and nobody else's.
	w.do(t, ask{method: "POST", path: "/v1/attestations", token: w.token(w.nz), media: "application/jose", body: signed(leaf(root, w.nz, now)), want: 422})
}

// issuedByLeaf is a certificate that a leaf issued as if it were an authority.
func issuedByLeaf(t *testing.T, parent *x509.Certificate, key *ecdsa.PrivateKey, of body) *x509.Certificate {
	t.Helper()
	uri, err := url.Parse(certs.PartnerURI(of.id))
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "below a leaf"}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true, URIs: []*url.URL{uri},
	}, parent, key.Public(), key)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return c
}

// Rows 1 to 13 of reliability.md where a header has to be forged.
func TestRefuse_headers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kid := w.cb.doc.Key().KID
	payload := native.AppendJSON(nil, fixture(t, nil))
	with := func(more map[string]any) []byte {
		h := attested(map[string]any{"kid": kid})
		for k, v := range more {
			if h[k] = v; v == nil {
				delete(h, k)
			}
		}
		return forge(t, private(t, w.cb.doc), h, payload)
	}
	many := make([]map[string]string, 9)
	parts := func(raw []byte) (string, string) {
		var p, s int
		for i, c := range raw {
			if c == '.' && p == 0 {
				p = i
			} else if c == '.' {
				s = i
			}
		}
		return string(raw[:p]), string(raw[s+1:])
	}
	protected, signature := parts(with(nil))
	for i := range many {
		many[i] = map[string]string{"protected": protected, "signature": signature}
	}
	general := func(signatures any) []byte {
		raw, err := json.Marshal(map[string]any{"payload": base64.RawURLEncoding.EncodeToString(payload), "signatures": signatures})
		require.NoError(t, err)
		return raw
	}
	unprotected := func(header string) []byte {
		return fmt.Appendf(nil, `{"payload":%q,"protected":%q,"signature":%q,"header":%s}`, base64.RawURLEncoding.EncodeToString(payload), protected, signature, header)
	}
	const list = "application/jose+json"
	w.run(t, []refusal{
		{name: "1 missing", body: with(map[string]any{"alg": nil}), status: 400, code: "jws.alg_not_allowed"},
		{name: "1 not a string", body: with(map[string]any{"alg": 1}), status: 400, code: "jws.alg_not_allowed"},
		{name: "2 alg of another key type", body: with(map[string]any{"alg": "EdDSA"}), status: 422, code: "jws.alg_key_mismatch"},
		{name: "3 crit twice", body: with(map[string]any{"crit": []string{"b64", "b64"}, "b64": true}), status: 400, code: "jws.crit_unsupported"},
		{name: "3 crit names what is not there", body: with(map[string]any{"crit": []string{"b64"}}), status: 400, code: "jws.crit_unsupported"},
		{name: "3 crit of RFC 7515", body: with(map[string]any{"crit": []string{"kid"}}), status: 400, code: "jws.crit_unsupported"},
		{name: "4 b64 not boolean", body: with(map[string]any{"crit": []string{"b64"}, "b64": "false"}), status: 400, code: "jws.b64_unsupported"},
		{name: "5 unprotected", media: list, body: unprotected(`{"jku":"https://x.example"}`), status: 400, code: "jws.unprotected_header"},
		{name: "5 in both", media: list, body: unprotected(`{"kid":"x"}`), status: 400, code: "jws.duplicate_header"},
		{name: "7 changed payload", body: []byte(protected + "." + base64.RawURLEncoding.EncodeToString(native.AppendJSON(nil, fixture(t, numbered("000666")))) + "." + signature), status: 422, code: "jws.signature_invalid"},
		{name: "7 short", body: []byte(protected + "." + base64.RawURLEncoding.EncodeToString(payload) + "." + signature[:80]), status: 422, code: "jws.signature_invalid"},
		{name: "8 kid missing", body: with(map[string]any{"kid": nil}), status: 400, code: "jws.kid_missing"},
		{name: "8 kid is a path", body: with(map[string]any{"kid": "../../keys/" + kid}), status: 422, code: "jws.key_unknown"},
		{name: "8 kid of the auth key", body: with(map[string]any{"kid": w.cb.auth.Key().KID}), status: 422, code: "jws.key_unknown"},
		{name: "11 other alphabet", body: append(with(nil)[:200:200], "+/+/"...), status: 400, code: "jws.malformed"},
		{name: "12 none", media: list, body: general([]int{}), status: 400, code: "jws.no_signature"},
		{name: "12 nine", media: list, body: general(many), status: 400, code: "jws.too_many_signatures"},
		{name: "13 receipt", body: with(map[string]any{"typ": signing.TypReceipt}), status: 400, code: "jws.typ_mismatch"},
		{name: "13 status", body: with(map[string]any{"typ": signing.TypStatus}), status: 400, code: "jws.typ_mismatch"},
		{name: "13 nested", body: with(map[string]any{"cty": "JWT"}), status: 400, code: "jws.typ_mismatch"},
	})
}

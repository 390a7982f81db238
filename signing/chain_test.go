package signing_test

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"testing"
	"time"

	"accord/certs"
	"accord/internal/fault"
	"accord/signing"
)

// pki is an authority, a partner's leaf and the trust that pins the one.
type pki struct {
	authority *certs.Authority
	signer    *signing.Signer
	leaf      *x509.Certificate
	trust     *signing.Trust
}

func newPKI(t testing.TB, alg signing.Alg) pki {
	t.Helper()
	a, err := certs.NewAuthority("Test authority", now.Add(-day))
	if err != nil {
		t.Fatal(err)
	}
	s := keys()[alg]
	leaf, err := a.IssueSigner("cn-cb", s.Key().Public(), now.Add(-day))
	if err != nil {
		t.Fatal(err)
	}
	return pki{a, s, leaf, &signing.Trust{Partner: "cn-cb", Anchors: []certs.Anchor{a.Anchor("ca")}}}
}

func x5c(chain ...*x509.Certificate) string {
	out := "["
	for i, c := range chain {
		if i > 0 {
			out += ","
		}
		out += `"` + base64.StdEncoding.EncodeToString(c.Raw) + `"`
	}
	return out + "]"
}

// signed makes an attestation with the chain and the changes to its header.
func (p pki) signed(t *testing.T, change map[string]string) string {
	t.Helper()
	base := map[string]string{"kid": "-", "alg": `"` + string(p.signer.Key().Alg) + `"`, "x5c": x5c(p.leaf)}
	for k, v := range change {
		base[k] = v
	}
	return forge(t, p.signer, headerWith("", base), payload)
}

func TestVerifier_takesTheKeyOfAChain(t *testing.T) {
	t.Parallel()
	for _, alg := range []signing.Alg{signing.ES256, signing.ES384, signing.EdDSA, signing.PS256} {
		p := newPKI(t, alg)
		a := verify(t, p.signed(t, nil), p.trust)
		if !a.OK() || len(a.Chain) != 2 || a.Chain[0] != certs.Fingerprint(p.leaf) || a.Signer != "cn-cb" {
			t.Errorf("%s: %+v", alg, a)
		}
		if len(a.Revocation) != 2 {
			t.Errorf("%s: evidence about revocation: %q", alg, a.Revocation)
		}
		// The anchor itself may come along.
		if a := verify(t, p.signed(t, map[string]string{"x5c": x5c(p.leaf, p.authority.Certificate)}), p.trust); !a.OK() {
			t.Errorf("%s: %v", alg, a.Err)
		}
	}
}

func TestVerifier_refusesChains(t *testing.T) {
	t.Parallel()
	p, foreign := newPKI(t, signing.ES256), newPKI(t, signing.ES256)
	other := *p.trust
	other.Partner = "nz-reg"
	stranger, err := p.authority.IssueSigner("cn-cb", keys()[signing.EdDSA].Key().Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		raw    string
		trust  *signing.Trust
		proven time.Time
		result signing.Result
		sub    string
		code   fault.Code
	}{
		{"of an authority that is not pinned", foreign.signed(t, nil), p.trust, now,
			signing.Indeterminate, signing.SubNoChain, fault.JWSChainUntrusted},
		{"without anchors", p.signed(t, nil), trustOf(p.signer.Key()), now,
			signing.Indeterminate, signing.SubNoChain, fault.JWSChainUntrusted},
		{"of another partner", p.signed(t, nil), &other, now,
			signing.Indeterminate, signing.SubChain, fault.IssuerMismatch},
		{"expired at the proven time", p.signed(t, map[string]string{"iat": "-"}), p.trust, now.AddDate(3, 0, 0),
			signing.Indeterminate, signing.SubOutOfBounds, fault.JWSChainExpired},
		{"not yet valid at the proven time", p.signed(t, map[string]string{"iat": "-"}), p.trust, now.Add(-2 * day),
			signing.Indeterminate, signing.SubOutOfBounds, fault.JWSChainExpired},
		{"whose leaf has another key", p.signed(t, map[string]string{"x5c": x5c(stranger)}), p.trust, now,
			signing.Failed, signing.SubConstraints, fault.JWSAlgKeyMismatch},
		{"with a claim that is too old", p.signed(t, map[string]string{"iat": "1700000000"}), p.trust, now,
			signing.Indeterminate, signing.SubOutOfBounds, fault.JWSTimeUntrusted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := verifyAt(t, c.raw, c.trust, c.proven)
			wantResult(t, a, c.result, c.sub, c.code)
			if c.code != fault.JWSTimeUntrusted && a.Signer != "" {
				t.Errorf("a chain that is not good names %s as the signer", a.Signer)
			}
		})
	}
}

func TestVerifier_holdsAChainAgainstTheRegistry(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.ES256)
	with := func(change func(k *signing.Key)) *signing.Trust {
		k := *p.signer.Key()
		change(&k)
		trust := *p.trust
		trust.Keys = []*signing.Key{&k}
		return &trust
	}
	both := p.signed(t, map[string]string{"kid": `"` + p.signer.Key().KID + `"`})
	if a := verify(t, both, with(func(*signing.Key) {})); !a.OK() {
		t.Error(a.Err)
	}
	if a := verify(t, p.signed(t, map[string]string{"kid": `"not registered"`}), p.trust); !a.OK() {
		t.Error(a.Err)
	}
	gone := with(func(k *signing.Key) { k.Revoked = &signing.Revocation{At: now.Add(-day), Reason: "keyCompromise"} })
	wantResult(t, verify(t, p.signed(t, nil), gone), signing.Indeterminate, signing.SubRevoked, fault.JWSKeyRevoked)
	auth := with(func(k *signing.Key) { k.Use = signing.UseAuth })
	wantResult(t, verify(t, p.signed(t, nil), auth), signing.Indeterminate, signing.SubNoKey, fault.JWSKeyUnknown)
	twin := *newSigner(t, signing.ES256, signing.UseDoc).Key()
	twin.KID = p.signer.Key().KID
	trust := *p.trust
	trust.Keys = []*signing.Key{&twin}
	wantResult(t, verify(t, both, &trust), signing.Indeterminate, signing.SubChain, fault.JWSChainUntrusted)
}

// TestVerifier_takesNoChainForTokens: a certificate names document keys only.
func TestVerifier_takesNoChainForTokens(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.ES256)
	m, err := signing.Read([]byte(p.signed(t, nil)), signing.AttestationProfile())
	if err != nil {
		t.Fatal(err)
	}
	a := signing.NewVerifier().Verify(m, p.trust, signing.UseAuth, now)
	wantResult(t, a, signing.Indeterminate, signing.SubNoKey, fault.JWSKeyUnknown)
}

func TestVerifier_takesRS256OfAChainOnlyByOptInOfTheAnchor(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.PS256)
	in := b64.EncodeToString([]byte(headerWith("", map[string]string{"kid": "-", "alg": `"RS256"`, "x5c": x5c(p.leaf)}))) + "." + b64.EncodeToString([]byte(payload))
	raw := in + "." + b64.EncodeToString(primitive(t, p.signer.Private(), "RS256", []byte(in)))
	byPartner := *p.trust
	byPartner.Algorithms = []signing.Alg{signing.RS256}
	for _, trust := range []*signing.Trust{p.trust, &byPartner} {
		wantResult(t, verify(t, raw, trust), signing.Failed, signing.SubConstraints, fault.JWSAlgNotAllowed)
	}
	anchor := p.trust.Anchors[0]
	anchor.Algorithms = []string{"RS256"}
	opted := *p.trust
	opted.Anchors = []certs.Anchor{anchor}
	if a := verify(t, raw, &opted); !a.OK() {
		t.Error(a.Err)
	}
}

func TestRead_comparesThumbprintsWithTheLeaf(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.ES256)
	s256, s1 := sha256.Sum256(p.leaf.Raw), sha1.Sum(p.leaf.Raw)
	good := map[string]string{"x5t#S256": `"` + b64.EncodeToString(s256[:]) + `"`, "x5t": `"` + b64.EncodeToString(s1[:]) + `"`}
	if a := verify(t, p.signed(t, good), p.trust); !a.OK() {
		t.Error(a.Err)
	}
	for _, name := range []string{"x5t#S256", "x5t"} {
		for _, value := range []string{`"AAAA"`, `1`, `""`} {
			_, err := signing.Read([]byte(p.signed(t, map[string]string{name: value})), signing.AttestationProfile())
			wantCode(t, err, fault.JWSHeaderInvalid)
		}
	}
}

// TestVerifier_remembersAPathOnlyForItsPeriod: what was good yesterday is asked
// anew once the certificate has ended, and under another trust.
func TestVerifier_remembersAPathOnlyForItsPeriod(t *testing.T) {
	t.Parallel()
	p, foreign := newPKI(t, signing.ES256), newPKI(t, signing.ES256)
	v := signing.NewVerifier()
	raw := []byte(p.signed(t, map[string]string{"iat": "-"}))
	ask := func(trust *signing.Trust, at time.Time) signing.Verification {
		t.Helper()
		m, err := v.Read(raw, signing.AttestationProfile())
		if err != nil {
			t.Fatal(err)
		}
		return v.Verify(m, trust, signing.UseDoc, at)
	}
	for range 2 {
		if a := ask(p.trust, now); !a.OK() {
			t.Error(a.Err)
		}
		wantCode(t, ask(p.trust, now.AddDate(3, 0, 0)).Err, fault.JWSChainExpired)
		wantCode(t, ask(foreign.trust, now).Err, fault.JWSChainUntrusted)
	}
}

// TestVerifier_refusesALeafOfAnotherKind: only the kinds of rule 5 are document keys.
func TestVerifier_refusesALeafOfAnotherKind(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.ES256)
	var pub crypto.PublicKey = newP521(t).Public()
	leaf, err := p.authority.IssueSigner("cn-cb", pub, now)
	if err != nil {
		t.Fatal(err)
	}
	a := verify(t, p.signed(t, map[string]string{"x5c": x5c(leaf)}), p.trust)
	wantResult(t, a, signing.Indeterminate, signing.SubChain, fault.JWSChainUntrusted)
}

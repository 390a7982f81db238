package signing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/signing"
)

var attestationHeader = signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: now}

func TestSigner_signsWhatTheVerifierTakes(t *testing.T) {
	t.Parallel()
	for alg, s := range keys() {
		raw, err := s.Sign([]byte(payload), attestationHeader)
		if err != nil {
			t.Fatal(err)
		}
		a := verify(t, string(raw), trustOf(s.Key()))
		if !a.OK() || a.Alg != alg {
			t.Errorf("%s: %+v", alg, a)
		}
		if bytes.ContainsAny(raw, "\r\n=") {
			t.Errorf("%s: the token has a line end or padding", alg)
		}
	}
}

// TestSigner_writesExactlyTheMembersOfTheSpecification, in RFC 8785 form.
func TestSigner_writesExactlyTheMembersOfTheSpecification(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.ES256)
	h := attestationHeader
	h.Chain = append(h.Chain, p.leaf)
	raw, err := p.signer.Sign([]byte(payload), h)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(raw), ".")
	text, err := b64.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := strictjson.Canonical(text)
	if err != nil || !bytes.Equal(canonical, text) {
		t.Errorf("header %s, canonical %s (%v)", text, canonical, err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"alg", "cty", "iat", "kid", "typ", "x5c", "x5t#S256"} {
		if _, ok := members[name]; !ok {
			t.Errorf("%s is missing", name)
		}
		delete(members, name)
	}
	if len(members) > 0 {
		t.Errorf("further members: %v", members)
	}
	if a := verify(t, string(raw), p.trust); !a.OK() {
		t.Error(a.Err)
	}
}

func TestSigner_signsDetached(t *testing.T) {
	t.Parallel()
	p := newPKI(t, signing.EdDSA)
	h := attestationHeader
	h.Chain = append(h.Chain, p.leaf)
	field, err := p.signer.SignDetached([]byte(payload), h)
	if err != nil {
		t.Fatal(err)
	}
	v := signing.NewVerifier()
	m, err := v.ReadDetached(field, []byte(payload), jsonBody())
	if err != nil {
		t.Fatal(err)
	}
	if a := v.Verify(m, p.trust, signing.UseDoc, now); !a.OK() {
		t.Error(a.Err)
	}
}

func TestSigner_signsJSONForms(t *testing.T) {
	t.Parallel()
	one, two := keys()[signing.ES256], keys()[signing.PS256]
	flat, err := one.SignFlattened([]byte(payload), attestationHeader)
	if err != nil {
		t.Fatal(err)
	}
	if a := verify(t, string(flat), trustOf(one.Key())); !a.OK() {
		t.Error(a.Err)
	}
	all, err := signing.SignGeneral([]byte(payload), attestationHeader, one, two)
	if err != nil {
		t.Fatal(err)
	}
	m, err := signing.Read(all, signing.AttestationProfile())
	if err != nil {
		t.Fatal(err)
	}
	a := signing.NewVerifier().VerifyQuorum(m, trustOf(one.Key(), two.Key()), signing.UseDoc, now, 2)
	if !a.OK() || m.Serialization != signing.General {
		t.Error(a.Err)
	}
	for _, raw := range [][]byte{flat, all} {
		if c, err := strictjson.Canonical(raw); err != nil || !bytes.Equal(c, raw) {
			t.Errorf("%s is not in canonical form (%v)", raw, err)
		}
	}
}

func TestSigner_refuses(t *testing.T) {
	t.Parallel()
	s, p := keys()[signing.ES384], newPKI(t, signing.ES256)
	_, err := s.Sign(nil, attestationHeader)
	wantCode(t, err, fault.JWSPayloadInvalid)
	_, err = s.SignDetached(nil, attestationHeader)
	wantCode(t, err, fault.JWSPayloadInvalid)
	_, err = s.SignFlattened(nil, attestationHeader)
	wantCode(t, err, fault.JWSPayloadInvalid)
	h := attestationHeader
	h.Chain = append(h.Chain, p.leaf)
	_, err = s.Sign([]byte(payload), h) // another key's certificate
	wantCode(t, err, fault.JWSChainUntrusted)
	h = attestationHeader
	h.IssuedAt = time.Time{}
	if _, err = s.Sign([]byte(payload), h); err == nil {
		t.Error("signed without a time")
	}
	if _, err := signing.SignGeneral([]byte(payload), attestationHeader); err == nil {
		t.Error("signed without a signer")
	}
	// What our own reader would refuse does not leave.
	h = attestationHeader
	h.Typ = "accord-status+jwt"
	if _, err = s.SignDetached([]byte(payload), h); fault.CodeOf(err) != fault.JWSB64Unsupported {
		t.Error(err)
	}
	if _, err := signing.GenerateSigner(signing.ES512, signing.UseDoc); err == nil {
		t.Error("made a key for ES512")
	}
	if _, err := signing.GenerateSigner("HS256", signing.UseDoc); err == nil {
		t.Error("made a key for HS256")
	}
}

func TestParseSigner_readsPEM(t *testing.T) {
	t.Parallel()
	for alg, s := range keys() {
		text, err := s.PEM()
		if err != nil {
			t.Fatal(err)
		}
		got, err := signing.ParseSigner(text, signing.UseAuth)
		if err != nil || got.Key().Thumbprint() != s.Key().Thumbprint() || got.Key().Use != signing.UseAuth {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestParseSigner_refuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":      "",
		"a public key": string(keys()[signing.ES256].Key().JWK()),
		"not PEM":      "-----BEGIN",
		"oct":          `{"kty":"oct","k":"AAAAAAAAAAAAAAAA"}`,
		"twice":        `{"kty":"EC","kty":"EC"}`,
	} {
		if _, err := signing.ParseSigner([]byte(text), signing.UseDoc); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestVerifyCompact_takesOurMessages(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	for _, typ := range []string{signing.TypAuth, signing.TypReceipt, signing.TypReport, signing.TypDecision,
		signing.TypTrust, signing.TypFeed, signing.TypStatus, signing.TypRegistry} {
		raw, err := s.Sign([]byte(`{"ver":1}`), signing.Header{Typ: typ, IssuedAt: now})
		if err != nil {
			t.Fatal(err)
		}
		ks := []*signing.Key{keys()[signing.EdDSA].Key(), s.Key()}
		m, key, err := signing.VerifyCompact(raw, typ, ks)
		if err != nil || key != s.Key() || string(m.Payload) != `{"ver":1}` {
			t.Errorf("%s: %v", typ, err)
		}
		if _, _, err := signing.NewVerifier().VerifyCompact(raw, typ, ks); err != nil {
			t.Errorf("%s: %v", typ, err)
		}
		_, _, err = signing.VerifyCompact(raw, "accord-other+jwt", ks)
		wantCode(t, err, fault.JWSTypMismatch)
		_, _, err = signing.VerifyCompact(raw, typ, ks[:1])
		wantCode(t, err, fault.JWSKeyUnknown)
		end := []byte("AA") // one signature in 256 ends so
		if bytes.HasSuffix(raw, end) {
			end = []byte("AQ")
		}
		_, _, err = signing.VerifyCompact(append(raw[:len(raw)-2:len(raw)-2], end...), typ, ks)
		wantCode(t, err, fault.JWSSignatureInvalid)
	}
	flat, err := s.SignFlattened([]byte(`{}`), signing.Header{Typ: signing.TypTrust, IssuedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = signing.VerifyCompact(flat, signing.TypTrust, []*signing.Key{s.Key()})
	wantCode(t, err, fault.JWSMalformed)
	imposter := *keys()[signing.EdDSA].Key()
	imposter.KID = s.Key().KID
	raw, err := s.Sign([]byte(`{}`), signing.Header{Typ: signing.TypTrust, IssuedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = signing.VerifyCompact(raw, signing.TypTrust, []*signing.Key{&imposter})
	wantCode(t, err, fault.JWSAlgKeyMismatch)
}

func TestErrorsAreFaults(t *testing.T) {
	t.Parallel()
	_, err := signing.Read([]byte("x"), signing.AttestationProfile())
	if _, ok := errors.AsType[*fault.Error](err); !ok {
		t.Errorf("%T", err)
	}
}

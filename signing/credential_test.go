package signing_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/signing"
)

const (
	credentialDID = "did:web:cb.example.cn"
	credentialKID = credentialDID + "#k1"
	credentialDoc = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiableCredential","issuer":{"id":"did:web:cb.example.cn"},"unknown":1,"credentialSubject":{}}`
)

func TestCredential_isSignedAndRead(t *testing.T) {
	t.Parallel()
	for alg, s := range keys() {
		raw, err := s.SignCredential([]byte(credentialDoc), credentialKID, now)
		if err != nil {
			t.Fatal(err)
		}
		c, err := signing.NewVerifier().ReadCredential(raw)
		if err != nil {
			t.Fatal(err)
		}
		if c.Issuer != credentialDID || c.Signatures[0].KID != credentialKID || c.Typ() != "vc+jwt" || c.Cty() != "vc" || !bytes.Equal(c.Payload, []byte(credentialDoc)) {
			t.Errorf("%s: %+v", alg, c)
		}
		if err := signing.VerifyCredential(c, s.Key()); err != nil {
			t.Error(err)
		}
		key := *s.Key()
		key.KID = credentialKID
		if a := signing.NewVerifier().Verify(c.Message, trustOf(&key), signing.UseDoc, now); !a.OK() {
			t.Errorf("%s: %+v", alg, a)
		}
		raw[len(raw)-8] ^= 1
		if c, err := signing.ReadCredential(raw); err == nil && signing.VerifyCredential(c, s.Key()) == nil {
			t.Errorf("%s: a changed signature verifies", alg)
		}
	}
}

// TestReadCredential_isStrict changes one thing after the other.
func TestReadCredential_isStrict(t *testing.T) {
	t.Parallel()
	s := keys()[signing.EdDSA]
	header := func(members string) string { return `{"alg":"EdDSA",` + members + `}` }
	good := header(`"kid":"did:web:cb.example.cn#k1","typ":"vc+jwt"`)
	with := func(claim string) string { return strings.Replace(credentialDoc, `"unknown":1`, claim, 1) }
	for name, test := range map[string]struct {
		header, payload string
		code            fault.Code
	}{
		"good, without cty":      {good, credentialDoc, ""},
		"good, full media types": {header(`"kid":"did:web:cb.example.cn#k1","typ":"application/vc+jwt","cty":"application/vc"`), credentialDoc, ""},
		"iss equals issuer":      {good, with(`"iss":"did:web:cb.example.cn"`), ""},
		"issuer is a string":     {good, strings.Replace(credentialDoc, `{"id":"did:web:cb.example.cn"}`, `"did:web:cb.example.cn"`, 1), ""},
		"typ of a presentation":  {header(`"kid":"did:web:cb.example.cn#k1","typ":"vp+jwt"`), credentialDoc, fault.JWSTypMismatch},
		"typ JWT":                {header(`"kid":"did:web:cb.example.cn#k1","typ":"JWT"`), credentialDoc, fault.JWSTypMismatch},
		"no typ":                 {header(`"kid":"did:web:cb.example.cn#k1"`), credentialDoc, fault.JWSTypMismatch},
		"cty of another":         {header(`"kid":"did:web:cb.example.cn#k1","typ":"vc+jwt","cty":"vp"`), credentialDoc, fault.JWSTypMismatch},
		"no kid":                 {header(`"typ":"vc+jwt"`), credentialDoc, fault.JWSKidMissing},
		"kid is relative":        {header(`"kid":"#k1","typ":"vc+jwt"`), credentialDoc, fault.JWSKidMissing},
		"kid has no fragment":    {header(`"kid":"did:web:cb.example.cn","typ":"vc+jwt"`), credentialDoc, fault.JWSKidMissing},
		"kid of another DID":     {header(`"kid":"did:web:evil.example#k1","typ":"vc+jwt"`), credentialDoc, fault.IssuerMismatch},
		"kid of a longer DID":    {header(`"kid":"did:web:cb.example.cn:x#k1","typ":"vc+jwt"`), credentialDoc, fault.IssuerMismatch},
		"issuer is no DID":       {good, strings.Replace(credentialDoc, "did:web:cb.example.cn", "https://cb.example.cn", 1), fault.IssuerMismatch},
		"kid below a URL":        {header(`"kid":"https://cb.example.cn/keys/1","typ":"vc+jwt"`), strings.Replace(credentialDoc, "did:web:cb.example.cn", "https://cb.example.cn", 1), ""},
		"iss of another":         {good, with(`"iss":"did:web:evil.example"`), fault.IssuerMismatch},
		"iss in the header":      {header(`"iss":"did:web:evil.example","kid":"did:web:cb.example.cn#k1","typ":"vc+jwt"`), credentialDoc, fault.IssuerMismatch},
		"iss is no string":       {good, with(`"iss":["did:web:cb.example.cn"]`), fault.IssuerMismatch},
		"claim vc":               {good, with(`"vc":{}`), fault.JWSPayloadInvalid},
		"claim vp":               {good, with(`"vp":{}`), fault.JWSPayloadInvalid},
		"no issuer":              {good, strings.Replace(credentialDoc, `"issuer"`, `"issuedBy"`, 1), fault.JWSPayloadInvalid},
		"exp is a string":        {good, with(`"exp":"tomorrow"`), fault.JWSPayloadInvalid},
		"a member twice":         {good, with(`"issuer":"did:web:evil.example"`), fault.JWSPayloadInvalid},
		"not JSON":               {good, `<x/>`, fault.JWSPayloadInvalid},
	} {
		raw := jwsOf(t, s, test.header, test.payload)
		if _, err := signing.ReadCredential([]byte(raw)); fault.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %q", name, err, test.code)
		}
	}
	flattened, err := s.SignFlattened([]byte(credentialDoc), signing.Header{Typ: signing.TypCredential, KID: credentialKID, IssuedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.ReadCredential(flattened); fault.CodeOf(err) != fault.JWSMalformed {
		t.Errorf("JSON serialization: %v", err)
	}
}

func jwsOf(t testing.TB, s *signing.Signer, header, payload string) string {
	t.Helper()
	head := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(payload))
	return head + "." + b64.EncodeToString(primitive(t, s.Private(), "EdDSA", []byte(head)))
}

// exp, nbf and iat speak of the signature.
func TestCredential_countsWithinItsTimes(t *testing.T) {
	t.Parallel()
	s := keys()[signing.EdDSA]
	payload := strings.Replace(credentialDoc, `"unknown":1`, `"nbf":1772366400,"exp":1772366460,"iat":1772366400`, 1)
	c, err := signing.ReadCredential([]byte(jwsOf(t, s, `{"alg":"EdDSA","kid":"did:web:cb.example.cn#k1","typ":"vc+jwt"}`, payload)))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Signatures[0].IAT.Equal(now) {
		t.Errorf("iat %v", c.Signatures[0].IAT)
	}
	for at, code := range map[time.Duration]fault.Code{
		-time.Hour: fault.JWSTimeUntrusted, -time.Minute: "", 0: "", 59 * time.Second: "", time.Minute: fault.JWSTimeUntrusted,
	} {
		if err := c.GoodAt(now.Add(at)); fault.CodeOf(err) != code {
			t.Errorf("%s: %v", at, err)
		}
	}
}

func TestSignCredential_refusesWhatNobodyWouldRead(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	for _, test := range []struct {
		payload, kid string
		code         fault.Code
	}{
		{credentialDoc, "did:web:evil.example#k1", fault.IssuerMismatch},
		{credentialDoc, "", fault.JWSKidMissing}, // the thumbprint is no URL
		{`{"vc":{},"issuer":"did:web:cb.example.cn"}`, credentialKID, fault.JWSPayloadInvalid},
	} {
		if _, err := s.SignCredential([]byte(test.payload), test.kid, now); fault.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", test.kid, err, test.code)
		}
	}
}

func FuzzReadCredential(f *testing.F) {
	f.Add(credentialDoc)
	f.Add(`{"issuer":{"id":["x"]},"exp":1e400,"iss":null}`)
	f.Add(`{"vc":{},"vp":[],"nbf":-1}`)
	head := b64.EncodeToString([]byte(`{"alg":"EdDSA","kid":"did:web:cb.example.cn#k1","typ":"vc+jwt"}`))
	f.Fuzz(func(t *testing.T, payload string) {
		c, err := signing.ReadCredential([]byte(head + "." + b64.EncodeToString([]byte(payload)) + ".AAAA"))
		if err == nil && c.Issuer != credentialDID {
			t.Errorf("the kid belongs to another issuer than %q", c.Issuer)
		}
		if err != nil && fault.CodeOf(err) == fault.Internal {
			t.Errorf("an error without a code: %v", err)
		}
	})
}

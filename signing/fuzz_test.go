package signing_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

// FuzzRead: whatever the octets, the reader answers with a message that obeys
// the policy or with a classified fault, the same with and without memory, and
// nothing passes that the signer did not sign.
func FuzzRead(f *testing.F) {
	s := keys()[signing.ES256]
	good := forge(f, s, headerWith(s.Key().KID, nil), payload)
	p := strings.Split(good, ".")
	f.Add([]byte(good))
	f.Add([]byte(`{"payload":"` + p[1] + `","protected":"` + p[0] + `","signature":"` + p[2] + `"}`))
	f.Add([]byte(`{"payload":"` + p[1] + `","signatures":[{"header":{},"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`))
	f.Add([]byte(forge(f, s, `{"alg":"ES256","kid":"a","crit":["b64"],"b64":true,"jwk":{"kty":"EC"}}`, payload)))
	f.Add([]byte(forge(f, s, `{"alg":"ES256","x5c":["MIIB"],"iat":1.5e9}`, payload)))
	v, trust := signing.NewVerifier(), trustOf(s.Key())
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, profile := range []signing.Profile{signing.AttestationProfile(), signing.BareProfile()} {
			m, err := signing.Read(raw, profile)
			again, err2 := v.Read(raw, profile)
			if fault.CodeOf(err) != fault.CodeOf(err2) {
				t.Fatalf("%v without memory, %v with", err, err2)
			}
			if err != nil {
				if fault.CodeOf(err) == fault.Internal {
					t.Fatalf("not classified: %v", err)
				}
				continue
			}
			checkMessage(t, raw, m, profile)
			if a := v.Verify(again, trust, signing.UseDoc, now); a.OK() && !bytes.Equal(m.Payload, []byte(payload)) {
				t.Fatalf("passed with the payload %q", m.Payload)
			}
		}
	})
}

// checkMessage looks at what was read with a second, lenient reader.
func checkMessage(t *testing.T, raw []byte, m *signing.Message, p signing.Profile) {
	t.Helper()
	if len(m.Signatures) == 0 || len(m.Signatures) > signing.MaxSignatures {
		t.Fatalf("%d signatures", len(m.Signatures))
	}
	if !p.Bare && len(m.Payload) == 0 {
		t.Fatal("empty payload")
	}
	for _, s := range m.Signatures {
		if !p.Bare && s.KID == "" && len(s.Chain) == 0 {
			t.Fatal("neither kid nor x5c")
		}
	}
	if m.Serialization != signing.Compact {
		if !json.Valid(raw) {
			t.Fatal("not JSON")
		}
		return
	}
	parts := strings.Split(string(raw), ".")
	for i, part := range parts {
		octets, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || base64.RawURLEncoding.EncodeToString(octets) != part {
			t.Fatalf("part %d is not canonical base64url", i)
		}
	}
	if !bytes.Equal(m.Payload, mustDecode(t, parts[1])) {
		t.Fatal("another payload")
	}
}

func mustDecode(t *testing.T, text string) []byte {
	t.Helper()
	out, err := b64.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

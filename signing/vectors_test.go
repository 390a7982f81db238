package signing_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

// vectors returns a folder of the test data beside the repository.
func vectors(t *testing.T, parts ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(append([]string{dir, "..", "shared", "data", "jose"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the test data %s are not on this machine", path)
	}
	return path
}

// cookbook is one example of RFC 7520, 7797 or 8037.
type cookbook struct {
	Input struct {
		Payload string
		Key     json.RawMessage
		Alg     json.RawMessage
	}
	Output struct {
		Compact string
		JSON    json.RawMessage `json:"json"`
		Flat    json.RawMessage `json:"json_flat"`
	}
}

func readVector(t *testing.T, parts ...string) cookbook {
	t.Helper()
	src, err := os.ReadFile(vectors(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	var c cookbook
	if err := json.Unmarshal(src, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// publicJWK strips the private members: the key of a vector has both halves.
func publicJWK(t *testing.T, src json.RawMessage) []byte {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(src, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi"} {
		delete(members, name)
	}
	out, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (c cookbook) forms() map[string][]byte {
	out := map[string][]byte{}
	for name, raw := range map[string][]byte{"compact": []byte(c.Output.Compact), "general": c.Output.JSON, "flattened": c.Output.Flat} {
		if len(raw) > 0 {
			out[name] = raw
		}
	}
	return out
}

// TestVectors_verify: RFC 7520, sections 4.1 to 4.3, and RFC 8037, appendix A.4.
func TestVectors_verify(t *testing.T) {
	t.Parallel()
	for _, parts := range [][]string{
		{"jws", "4_1.rsa_v15_signature.json"},
		{"jws", "4_2.rsa-pss_signature.json"},
		{"jws", "4_3.ecdsa_signature.json"},
		{"curve25519", "jws.json"},
	} {
		c := readVector(t, parts...)
		key, err := signing.ParseBareKey(publicJWK(t, c.Input.Key))
		if err != nil {
			t.Fatalf("%s: %v", parts, err)
		}
		for form, raw := range c.forms() {
			m, err := signing.Read(raw, signing.BareProfile())
			if err != nil {
				t.Errorf("%s, %s: %v", parts, form, err)
				continue
			}
			if err := signing.VerifyBare(m, key); err != nil || string(m.Payload) != c.Input.Payload {
				t.Errorf("%s, %s: %v", parts, form, err)
			}
			m.Payload, m.Signatures = nil, nil
			changed := strings.Replace(string(raw), "SXTigJlz", "SXTigJlT", 1)
			changed = strings.Replace(changed, "RXhhbXBs", "RXhhbXBT", 1)
			if m, err = signing.Read([]byte(changed), signing.BareProfile()); err != nil {
				t.Fatal(err)
			}
			wantCode(t, signing.VerifyBare(m, key), fault.JWSSignatureInvalid)
		}
	}
}

// TestVectors_detached: the payload of a vector given apart, encoded before it
// was signed (RFC 7515, appendix F).
func TestVectors_detached(t *testing.T) {
	t.Parallel()
	c := readVector(t, "jws", "4_3.ecdsa_signature.json")
	key, err := signing.ParseBareKey(publicJWK(t, c.Input.Key))
	if err != nil {
		t.Fatal(err)
	}
	p := strings.Split(c.Output.Compact, ".")
	flat := `{"protected":"` + p[0] + `","signature":"` + p[2] + `"}`
	for _, field := range []string{p[0] + ".." + p[2], flat} {
		m, err := signing.ReadDetached(field, []byte(c.Input.Payload), signing.BareProfile())
		if err != nil {
			t.Fatal(err)
		}
		if err := signing.VerifyBare(m, key); err != nil {
			t.Error(err)
		}
	}
	_, err = signing.ReadDetached(string(c.Output.Flat), []byte(c.Input.Payload), signing.BareProfile())
	wantCode(t, err, fault.JWSMalformed)
}

// TestVectors_refused: what the policy does not take, each with its code.
func TestVectors_refused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		parts []string
		code  fault.Code
	}{
		{[]string{"jws", "4_4.hmac-sha2_integrity_protection.json"}, fault.JWSAlgNotAllowed},
		{[]string{"jws", "4_6.protecting_specific_header_fields.json"}, fault.JWSAlgNotAllowed},
		{[]string{"jws", "4_7.protecting_content_only.json"}, fault.JWSUnprotectedHeader},
		{[]string{"jws", "4_8.multiple_signatures.json"}, fault.JWSUnprotectedHeader},
		{[]string{"rfc7797", "hmac-sha2_b64_false.json"}, fault.JWSAlgNotAllowed},
		{[]string{"rfc7797", "4.2.hmac-sha2_b64_false.json"}, fault.JWSAlgNotAllowed},
	}
	for _, c := range cases {
		for form, raw := range readVector(t, c.parts...).forms() {
			_, err := signing.Read(raw, signing.BareProfile())
			if got := fault.CodeOf(err); got != c.code {
				t.Errorf("%s, %s: %v, want %s", c.parts, form, err, c.code)
			}
		}
	}
}

// TestVectors_unencodedPayloads: the headers of the RFC 7797 vectors under an
// algorithm we take: b64 that is not in crit, and an attached payload.
func TestVectors_unencodedPayloads(t *testing.T) {
	t.Parallel()
	for _, header := range []string{`{"alg":"ES256","b64":false}`, `{"alg":"ES256","b64":false,"crit":["b64"]}`} {
		head := b64.EncodeToString([]byte(header))
		for _, raw := range []string{
			head + ".This is the payload string!.AAAA",
			`{"payload":"$.02","protected":"` + head + `","signature":"AAAA"}`,
		} {
			_, err := signing.Read([]byte(raw), signing.BareProfile())
			wantCode(t, err, fault.JWSB64Unsupported)
		}
	}
}

// TestVectors_keys: RFC 7520, section 3.
func TestVectors_keys(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]fault.Code{
		"3_1.ec_public_key.json":                 "", // P-521: bare only
		"3_2.ec_private_key.json":                fault.KeyRejected,
		"3_3.rsa_public_key.json":                "",
		"3_4.rsa_private_key.json":               fault.KeyRejected,
		"3_5.symmetric_key_mac_computation.json": fault.KeyRejected,
		"3_6.symmetric_key_encryption.json":      fault.KeyRejected,
	} {
		src, err := os.ReadFile(vectors(t, "jwk", name))
		if err != nil {
			t.Fatal(err)
		}
		k, err := signing.ParseBareKey(src)
		if wantCode(t, err, want); k != nil && k.KID != "bilbo.baggins@hobbiton.example" {
			t.Errorf("%s: kid %q", name, k.KID)
		}
	}
	src, err := os.ReadFile(vectors(t, "jwk", "3_1.ec_public_key.json"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = signing.ParseKey(src)
	wantCode(t, err, fault.KeyRejected)
}

// TestVerifyBare_takesAnEmptyPayload, which a submission never does.
func TestVerifyBare_takesAnEmptyPayload(t *testing.T) {
	t.Parallel()
	s := keys()[signing.EdDSA]
	raw := forge(t, s, `{"alg":"EdDSA"}`, "")
	m, err := signing.Read([]byte(raw), signing.BareProfile())
	if err != nil {
		t.Fatal(err)
	}
	if err := signing.VerifyBare(m, s.Key()); err != nil {
		t.Error(err)
	}
}

// TestVerifyBare_takesTheFurtherAlgorithms of rule 5.
func TestVerifyBare_takesTheFurtherAlgorithms(t *testing.T) {
	t.Parallel()
	rsaKey, err := signing.ParseBareKey([]byte(strings.Replace(string(keys()[signing.PS256].Key().JWK()), `"alg":"PS256",`, "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, alg := range []string{"PS256", "PS384", "PS512", "RS256"} {
		in := b64.EncodeToString([]byte(`{"alg":"`+alg+`"}`)) + "." + b64.EncodeToString([]byte(payload))
		raw := in + "." + b64.EncodeToString(primitive(t, keys()[signing.PS256].Private(), alg, []byte(in)))
		m, err := signing.Read([]byte(raw), signing.BareProfile())
		if err != nil {
			t.Fatal(err)
		}
		if err := signing.VerifyBare(m, rsaKey); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if alg != "PS256" {
			wantCode(t, signing.VerifyBare(m, keys()[signing.PS256].Key()), fault.JWSAlgKeyMismatch)
		}
		wantCode(t, signing.VerifyBare(m, keys()[signing.ES256].Key()), fault.JWSAlgKeyMismatch)
	}
}

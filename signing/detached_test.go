package signing_test

import (
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

// detach makes a JWS-Signature field with any header and a true signature.
func detach(t *testing.T, s *signing.Signer, change map[string]string, body string) string {
	t.Helper()
	base := map[string]string{"b64": `false`, "crit": `["b64"]`}
	for k, v := range change {
		base[k] = v
		if v == "-" && (k == "b64" || k == "crit") {
			delete(base, k)
		}
	}
	head := b64.EncodeToString([]byte(headerWith(s.Key().KID, base)))
	return head + ".." + b64.EncodeToString(primitive(t, s.Private(), "ES256", []byte(head+"."+body)))
}

func jsonBody() signing.Profile {
	p := signing.AttestationProfile()
	p.Ctys = []string{signing.CtyJSON}
	return p
}

func TestReadDetached_verifiesTheBodyAsItIs(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	body := "{\n \"text\": \"dots . and \xc3\xa9\" }\n"
	m, err := signing.ReadDetached(detach(t, s, nil, body), []byte(body), jsonBody())
	if err != nil {
		t.Fatal(err)
	}
	v := signing.NewVerifier()
	if a := v.Verify(m, trustOf(s.Key()), signing.UseDoc, now); !a.OK() || !m.Detached || string(m.Payload) != body {
		t.Error(a.Err)
	}
	m, err = signing.ReadDetached(detach(t, s, nil, body), []byte(body+" "), jsonBody())
	if err != nil {
		t.Fatal(err)
	}
	wantResult(t, v.Verify(m, trustOf(s.Key()), signing.UseDoc, now), signing.Failed, signing.SubCrypto, fault.JWSSignatureInvalid)
}

func TestReadDetached_refuses(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	s := keys()[signing.ES256]
	good := detach(t, s, nil, payload)
	cases := []struct {
		name, field, body string
		code              fault.Code
	}{
		{"no field", "", payload, fault.JWSNoSignature},
		{"an attached payload", forge(t, s, headerWith("k", nil), payload), payload, fault.JWSMalformed},
		{"over 16 KiB", detach(t, s, m{"x": `"` + strings.Repeat("a", 16<<10) + `"`}, payload), payload, fault.JWSMalformed},
		{"two values", good + ", " + good, payload, fault.JWSMalformed},
		{"the flattened form", `{"protected":"e30","signature":"AA"}`, payload, fault.JWSMalformed},
		{"b64 absent", detach(t, s, m{"b64": "-", "crit": "-"}, payload), payload, fault.JWSMalformed},
		{"b64 true", detach(t, s, m{"b64": "true"}, payload), payload, fault.JWSMalformed},
		{"b64 not in crit", detach(t, s, m{"crit": "-"}, payload), payload, fault.JWSB64Unsupported},
		{"cty of the other dialect", detach(t, s, m{"cty": `"vnd.accord.attestation+xml"`}, payload), payload, fault.JWSTypMismatch},
		{"cty missing", detach(t, s, m{"cty": "-", "typ": "-"}, payload), payload, fault.JWSTypMismatch},
		{"a +jwt", detach(t, s, m{"typ": `"vc+jwt"`}, payload), payload, fault.JWSB64Unsupported},
		{"no body", good, "", fault.JWSPayloadInvalid},
		{"no signature value", good[:strings.LastIndex(good, ".")+1], payload, fault.JWSNoSignature},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := signing.ReadDetached(c.field, []byte(c.body), jsonBody())
			wantCode(t, err, c.code)
		})
	}
}

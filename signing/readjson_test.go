package signing_test

import (
	"fmt"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

func TestRead_refusesJSONForms(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	good := strings.Split(forge(t, s, headerWith(s.Key().KID, nil), payload), ".")
	other := strings.Split(forge(t, s, headerWith(s.Key().KID, map[string]string{"cty": `"vnd.accord.attestation+xml"`}), payload), ".")
	entry := fmt.Sprintf(`{"protected":"%s","signature":"%s"}`, good[0], good[2])
	flat := func(more string) string {
		return fmt.Sprintf(`{"payload":"%s","protected":"%s","signature":"%s"%s}`, good[1], good[0], good[2], more)
	}
	general := func(entries ...string) string {
		return fmt.Sprintf(`{"payload":"%s","signatures":[%s]}`, good[1], strings.Join(entries, ","))
	}
	nine := strings.Split(strings.Repeat(entry+";", 9), ";")[:9]
	cases := []struct {
		name, raw string
		code      fault.Code
	}{
		// Rule 1.
		{"nine signatures", general(nine...), fault.JWSTooManySignatures},
		{"nine signatures that are nonsense", general(strings.Split(strings.Repeat("{\"signature\":\"\"};", 9), ";")[:9]...), fault.JWSTooManySignatures},
		{"nested too deeply", flat(`,"x":` + strings.Repeat("[", 20) + strings.Repeat("]", 20)), fault.JWSMalformed},
		{"no signatures", general(), fault.JWSNoSignature},
		{"no signature member", fmt.Sprintf(`{"payload":"%s","protected":"%s"}`, good[1], good[0]), fault.JWSNoSignature},
		{"an empty signature", fmt.Sprintf(`{"payload":"%s","protected":"%s","signature":""}`, good[1], good[0]), fault.JWSNoSignature},
		{"an object of nothing", `{}`, fault.JWSNoSignature},
		// Rule 2.
		{"padding", fmt.Sprintf(`{"payload":"%s==","protected":"%s","signature":"%s"}`, good[1], good[0], good[2]), fault.JWSBase64},
		{"an escaped line break", fmt.Sprintf(`{"payload":"%s\n","protected":"%s","signature":"%s"}`, good[1], good[0], good[2]), fault.JWSBase64},
		// Rule 3.
		{"payload twice", flat(`,"payload":"AAAA"`), fault.JWSMalformed},
		{"payload twice, escaped", flat(`,"p\u0061yload":"AAAA"`), fault.JWSMalformed},
		{"case variant of payload", flat(`,"Payload":"AAAA"`), fault.JWSMalformed},
		{"fold variant of signature", flat(`,"\u017fignature":"AAAA"`), fault.JWSMalformed},
		{"case variant inside signatures", general(`{"Protected":"","signature":"AA"}`), fault.JWSMalformed},
		{"trailing data", flat("") + "{}", fault.JWSMalformed},
		{"trailing NUL", flat("") + "\x00", fault.JWSMalformed},
		{"not UTF-8", flat(",\"x\":\"\xff\""), fault.JWSMalformed},
		{"cut off", flat("")[:40], fault.JWSMalformed},
		{"payload a number", fmt.Sprintf(`{"payload":1,"protected":"%s","signature":"%s"}`, good[0], good[2]), fault.JWSMalformed},
		{"signatures an object", `{"payload":"AAAA","signatures":{}}`, fault.JWSMalformed},
		{"a signature that is a string", general(`"x"`), fault.JWSMalformed},
		{"both forms in one", flat(`,"signatures":[` + entry + `]`), fault.JWSMalformed},
		// Rule 4.
		{"kid in the unprotected header", flat(`,"header":{"x":1}`), fault.JWSUnprotectedHeader},
		{"etsiU", flat(`,"header":{"etsiU":[]}`), fault.JWSUnprotectedHeader},
		{"b64 in the unprotected header", flat(`,"header":{"b64":false}`), fault.JWSUnprotectedHeader},
		{"crit in the unprotected header", flat(`,"header":{"crit":["x"],"x":1}`), fault.JWSCritUnsupported},
		{"alg in both headers", flat(`,"header":{"alg":"ES256"}`), fault.JWSDuplicateHeader},
		{"a member twice in the unprotected header", flat(`,"header":{"x":1,"x":2}`), fault.JWSDuplicateHeader},
		{"header not an object", flat(`,"header":[]`), fault.JWSMalformed},
		{"no protected header", fmt.Sprintf(`{"payload":"%s","header":{"alg":"ES256"},"signature":"%s"}`, good[1], good[2]), fault.JWSUnprotectedHeader},
		{"no header at all", fmt.Sprintf(`{"payload":"%s","signature":"%s"}`, good[1], good[2]), fault.JWSHeaderInvalid},
		{"an empty protected header", fmt.Sprintf(`{"payload":"%s","protected":"","signature":"%s"}`, good[1], good[2]), fault.JWSHeaderInvalid},
		// Rule 12.
		{"no payload", fmt.Sprintf(`{"protected":"%s","signature":"%s"}`, good[0], good[2]), fault.JWSPayloadInvalid},
		// Rule 13.
		{"two meanings", general(entry, fmt.Sprintf(`{"protected":"%s","signature":"%s"}`, other[0], other[2])), fault.JWSTypMismatch},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := signing.Read([]byte(c.raw), signing.AttestationProfile())
			wantCode(t, err, c.code)
		})
	}
}

func TestRead_takesEverySerialization(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	p := strings.Split(forge(t, s, headerWith(s.Key().KID, nil), payload), ".")
	cases := map[signing.Serialization]string{
		signing.Compact: strings.Join(p, "."),
		signing.Flattened: fmt.Sprintf(` {"x":{"y":1}, "payload":"%s","header":{},"protected":"%s","signature":"%s"}`+"\n",
			p[1], p[0], p[2]),
		signing.General: fmt.Sprintf(`{"signatures":[{"signature":"%s","protected":"%s"}],"p\u0061yload":"\u0065%s"}`,
			p[2], p[0], p[1][1:]),
	}
	for form, raw := range cases {
		m, err := signing.Read([]byte(raw), signing.AttestationProfile())
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		if m.Serialization != form || string(m.Payload) != payload || m.Typ() != signing.TypAttestation || m.Cty() != signing.CtyJSON {
			t.Errorf("%s: read as %+v", form, m)
		}
		if a := signing.NewVerifier().Verify(m, trustOf(s.Key()), signing.UseDoc, now); !a.OK() {
			t.Errorf("%s: %v", form, a.Err)
		}
	}
}

package signing_test

import (
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

const payload = `{"number":"2024990708000001"}`

func TestRead_refusesHeaders(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	deep := strings.Repeat("[", 20) + strings.Repeat("]", 20)
	cases := []struct {
		name   string
		change m
		code   fault.Code
	}{
		// Rule 1: limits.
		{"header over 64 KiB", m{"x": `"` + strings.Repeat("a", 64<<10) + `"`}, fault.JWSHeaderInvalid},
		{"header nested too deeply", m{"x": deep}, fault.JWSHeaderInvalid},
		// Rule 3: strict JSON.
		{"member twice", m{"kid": `"a","kid":"b"`}, fault.JWSDuplicateHeader},
		{"member twice, escaped", m{"kid": `"a","k\u0069d":"b"`}, fault.JWSDuplicateHeader},
		{"member twice inside jwk", m{"jwk": `{"kty":"EC","kty":"EC"}`}, fault.JWSDuplicateHeader},
		{"not UTF-8", m{"x": "\"\xff\""}, fault.JWSHeaderInvalid},
		{"lone surrogate", m{"x": `"\ud800"`}, fault.JWSHeaderInvalid},
		{"case variant of crit", m{"Crit": `["exp"]`}, fault.JWSHeaderInvalid},
		{"fold variant of jwk", m{"jw\u212a": `{}`}, fault.JWSHeaderInvalid},
		{"iat a string", m{"iat": `"` + iatNow + `"`}, fault.JWSHeaderInvalid},
		{"iat before 1970", m{"iat": `-1`}, fault.JWSHeaderInvalid},
		// Rule 5: alg.
		{"alg missing", m{"alg": "-"}, fault.JWSAlgNotAllowed},
		{"alg none", m{"alg": `"none"`}, fault.JWSAlgNotAllowed},
		{"alg None", m{"alg": `"None"`}, fault.JWSAlgNotAllowed},
		{"alg in lower case", m{"alg": `"es256"`}, fault.JWSAlgNotAllowed},
		{"alg with a space", m{"alg": `"ES256 "`}, fault.JWSAlgNotAllowed},
		{"alg a number", m{"alg": `256`}, fault.JWSAlgNotAllowed},
		{"alg null", m{"alg": `null`}, fault.JWSAlgNotAllowed},
		{"alg a list", m{"alg": `["ES256"]`}, fault.JWSAlgNotAllowed},
		{"alg only in another case", m{"alg": "-", "Alg": `"ES256"`}, fault.JWSAlgNotAllowed},
		{"HMAC", m{"alg": `"HS256"`}, fault.JWSAlgNotAllowed},
		{"SM2 with SM3", m{"alg": `"SM2SM3"`}, fault.JWSAlgNotAllowed},
		{"ES256K", m{"alg": `"ES256K"`}, fault.JWSAlgNotAllowed},
		{"ES512 in a submission", m{"alg": `"ES512"`}, fault.JWSAlgNotAllowed},
		{"PS384 in a submission", m{"alg": `"PS384"`}, fault.JWSAlgNotAllowed},
		{"PS512 in a submission", m{"alg": `"PS512"`}, fault.JWSAlgNotAllowed},
		{"RS512", m{"alg": `"RS512"`}, fault.JWSAlgNotAllowed},
		{"alg before other faults", m{"alg": `"none"`, "crit": `[]`, "kid": `{}`}, fault.JWSAlgNotAllowed},
		// Rule 7: crit.
		{"crit empty", m{"crit": `[]`}, fault.JWSCritUnsupported},
		{"crit null", m{"crit": `null`}, fault.JWSCritUnsupported},
		{"crit a string", m{"crit": `"b64"`, "b64": `true`}, fault.JWSCritUnsupported},
		{"crit with a number", m{"crit": `[1]`}, fault.JWSCritUnsupported},
		{"crit twice the same", m{"crit": `["b64","b64"]`, "b64": `true`}, fault.JWSCritUnsupported},
		{"crit names what is absent", m{"crit": `["b64"]`}, fault.JWSCritUnsupported},
		{"crit names exp", m{"crit": `["exp"]`, "exp": `1`}, fault.JWSCritUnsupported},
		{"crit names an unknown", m{"crit": `["x"]`, "x": `1`}, fault.JWSCritUnsupported},
		{"crit names alg", m{"crit": `["alg"]`}, fault.JWSCritUnsupported},
		{"crit names kid beside b64", m{"crit": `["b64","kid"]`, "b64": `true`}, fault.JWSCritUnsupported},
		// Rules 7, 9 and 12: what belongs to JAdES.
		{"sigT", m{"sigT": `"2024-01-01T00:00:00Z"`}, fault.JWSCritUnsupported},
		{"sigT in crit", m{"sigT": `"2024-01-01T00:00:00Z"`, "crit": `["sigT"]`}, fault.JWSCritUnsupported},
		{"sigD", m{"sigD": `{}`, "crit": `["sigD"]`}, fault.JWSCritUnsupported},
		{"sigX5ts", m{"sigX5ts": `[]`, "crit": `["sigX5ts"]`}, fault.JWSCritUnsupported},
		{"x5t#o", m{"x5t#o": `{}`, "crit": `["x5t#o"]`}, fault.JWSCritUnsupported},
		{"etsiU in the protected header", m{"etsiU": `[]`}, fault.JWSCritUnsupported},
		// Rule 8: b64.
		{"b64 without crit", m{"b64": `false`}, fault.JWSB64Unsupported},
		{"b64 true without crit", m{"b64": `true`}, fault.JWSB64Unsupported},
		{"b64 a string", m{"b64": `"false"`, "crit": `["b64"]`}, fault.JWSB64Unsupported},
		{"b64 null", m{"b64": `null`, "crit": `["b64"]`}, fault.JWSB64Unsupported},
		{"b64 false with a payload", m{"b64": `false`, "crit": `["b64"]`}, fault.JWSB64Unsupported},
		{"b64 false in a +jwt", m{"b64": `false`, "crit": `["b64"]`, "typ": `"accord-status+jwt"`}, fault.JWSB64Unsupported},
		// Rule 10: kid or x5c.
		{"kid missing", m{"kid": "-"}, fault.JWSKidMissing},
		{"kid empty", m{"kid": `""`}, fault.JWSKidMissing},
		{"kid an operator object", m{"kid": `{"$gt":""}`}, fault.JWSKidMissing},
		{"x5c empty", m{"x5c": `[]`}, fault.JWSHeaderInvalid},
		{"x5c not certificates", m{"x5c": `["AAAA"]`}, fault.JWSHeaderInvalid},
		{"x5c of nine", m{"x5c": `["","","","","","","","",""]`}, fault.JWSHeaderInvalid},
		// Rule 13: typ and cty.
		{"typ of a receipt", m{"typ": `"accord-receipt+jwt"`}, fault.JWSTypMismatch},
		{"typ of a status statement", m{"typ": `"accord-status+jwt"`}, fault.JWSTypMismatch},
		{"typ of a token", m{"typ": `"accord-auth+jwt"`}, fault.JWSTypMismatch},
		{"typ JWT", m{"typ": `"JWT"`}, fault.JWSTypMismatch},
		{"typ not a string", m{"typ": `1`}, fault.JWSTypMismatch},
		{"cty missing", m{"cty": "-"}, fault.JWSTypMismatch},
		{"cty of something else", m{"cty": `"JWT"`}, fault.JWSTypMismatch},
		{"cty of another tree", m{"cty": `"text/vnd.accord.attestation+json"`}, fault.JWSTypMismatch},
		{"cty of something else, untyped", m{"cty": `"JWT"`, "typ": `"jose"`}, fault.JWSTypMismatch},
	}
	s := keys()[signing.ES256]
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			raw := forge(t, s, headerWith(s.Key().KID, c.change), payload)
			_, err := signing.Read([]byte(raw), signing.AttestationProfile())
			wantCode(t, err, c.code)
			_, err = signing.NewVerifier().Read([]byte(raw), signing.AttestationProfile())
			wantCode(t, err, c.code)
		})
	}
}

func TestRead_acceptsHeaders(t *testing.T) {
	t.Parallel()
	type m = map[string]string
	cases := []struct {
		name   string
		change m
	}{
		{"the usual", nil},
		{"XML", m{"cty": `"vnd.accord.attestation+xml"`}},
		{"typ and cty in other case and form", m{"typ": `"Application/ACCORD-attestation+jose"`, "cty": `"application/VND.accord.attestation+json"`}},
		{"typ jose", m{"typ": `"JOSE"`}},
		{"typ jose+json", m{"typ": `"jose+json"`}},
		{"untyped, made elsewhere", m{"typ": "-", "cty": "-"}},
		{"b64 true in crit", m{"b64": `true`, "crit": `["b64"]`}},
		{"unknown members", m{"x": `{"a":[1,2]}`, "exp": `1`}},
		{"iat with a fraction", m{"iat": iatNow + ".5"}},
		{"without iat", m{"iat": "-"}},
		{"white space around the header", m{"x": " \n1\t"}},
	}
	s := keys()[signing.ES256]
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			raw := forge(t, s, headerWith(s.Key().KID, c.change), payload)
			if a := verify(t, raw, trustOf(s.Key())); !a.OK() {
				t.Error(a.Err)
			}
		})
	}
}

func TestRead_refusesCompactForms(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	good := forge(t, s, headerWith(s.Key().KID, nil), payload)
	head, rest, _ := strings.Cut(good, ".")
	body, sig, _ := strings.Cut(rest, ".")
	stray := sig[:len(sig)-1] + string(sig[len(sig)-1]+1) // 512 bits leave four stray bits
	cases := []struct {
		name, raw string
		code      fault.Code
	}{
		{"empty", "", fault.JWSMalformed},
		{"two parts", head + "." + body, fault.JWSMalformed},
		{"four parts", good + "." + sig, fault.JWSMalformed},
		{"five parts: JWE", good + "." + sig + "." + sig, fault.JWSMalformed},
		{"no header", "." + body + "." + sig, fault.JWSHeaderInvalid},
		{"header not an object", b64.EncodeToString([]byte(`["alg"]`)) + "." + body + "." + sig, fault.JWSHeaderInvalid},
		{"data after the header", b64.EncodeToString([]byte(headerWith("k", nil)+"{}")) + "." + body + "." + sig, fault.JWSHeaderInvalid},
		{"header with a BOM", b64.EncodeToString([]byte("\xef\xbb\xbf"+headerWith("k", nil))) + "." + body + "." + sig, fault.JWSHeaderInvalid},
		{"no signature", head + "." + body + ".", fault.JWSNoSignature},
		{"no payload", head + ".." + sig, fault.JWSPayloadInvalid},
		{"padding", head + "." + body + "." + sig + "==", fault.JWSBase64},
		{"line end after it", good + "\n", fault.JWSBase64},
		{"line break inside", head + "." + body[:4] + "\r\n" + body[4:] + "." + sig, fault.JWSBase64},
		{"line break in the header", head[:4] + "\n" + head[4:] + "." + body + "." + sig, fault.JWSBase64},
		{"standard alphabet", head + "." + body + "." + sig[:10] + "+/" + sig[12:], fault.JWSBase64},
		{"stray bits", head + "." + body + "." + stray, fault.JWSBase64},
		{"space before it", " " + good, fault.JWSBase64},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := signing.Read([]byte(c.raw), signing.AttestationProfile())
			wantCode(t, err, c.code)
		})
	}
}

func TestRead_messagesHaveNoCty(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	with := headerWith(s.Key().KID, map[string]string{"typ": `"accord-status+jwt"`, "cty": `"JWT"`})
	_, err := signing.Read([]byte(forge(t, s, with, payload)), signing.MessageProfile(signing.TypStatus))
	wantCode(t, err, fault.JWSTypMismatch)
	without := headerWith(s.Key().KID, map[string]string{"typ": `"accord-status+jwt"`, "cty": "-"})
	if _, err := signing.Read([]byte(forge(t, s, without, payload)), signing.MessageProfile(signing.TypStatus)); err != nil {
		t.Error(err)
	}
	untyped := headerWith(s.Key().KID, map[string]string{"typ": "-", "cty": "-"})
	_, err = signing.Read([]byte(forge(t, s, untyped, payload)), signing.MessageProfile(signing.TypStatus))
	wantCode(t, err, fault.JWSTypMismatch)
}

package signing_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

func rsaJWK(n *big.Int, e string) string {
	return fmt.Sprintf(`{"kty":"RSA","n":"%s","e":"%s"}`, b64.EncodeToString(n.Bytes()), e)
}

// modulus is an odd number of so many bits; strength is judged by its size.
func modulus(bits uint) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return n.Add(n, big.NewInt(1))
}

func TestParseKey_refuses(t *testing.T) {
	t.Parallel()
	ec := string(keys()[signing.ES256].Key().JWK())
	edit := func(old, new string) string {
		if !strings.Contains(ec, old) {
			t.Fatalf("%s has no %s", ec, old)
		}
		return strings.Replace(ec, old, new, 1)
	}
	with := func(member string) string { return edit(`{`, `{`+member+`,`) }
	p521, err := signing.NewKey(newP521(t).Public(), signing.UseDoc)
	wantCode(t, err, fault.KeyRejected)
	if p521 != nil {
		t.Error("P-521 was accepted")
	}
	cases := map[string]string{
		"not JSON":                      `kty=EC`,
		"a list":                        `[]`,
		"a member twice":                with(`"kty":"EC"`),
		"a private key":                 with(`"d":"AAAA"`),
		"a symmetric key":               `{"kty":"oct","k":"AAAA"}`,
		"a symmetric key in disguise":   with(`"k":"AAAA"`),
		"unknown kty":                   edit(`"EC"`, `"XX"`),
		"kty missing":                   edit(`"kty":"EC"`, `"x5u":"EC"`),
		"secp256k1":                     edit(`"P-256"`, `"secp256k1"`),
		"SM2":                           edit(`"P-256"`, `"SM2"`),
		"another curve than its point":  edit(`"P-256"`, `"P-384"`),
		"y missing":                     edit(`"y":"`, `"x5u":"`),
		"a point off the curve":         `{"kty":"EC","crv":"P-256","x":"` + b64.EncodeToString(make([]byte, 32)) + `","y":"` + b64.EncodeToString(make([]byte, 32)) + `"}`,
		"a short coordinate":            `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}`,
		"for encryption":                edit(`"use":"sig"`, `"use":"enc"`),
		"key_ops for signing":           with(`"key_ops":["sign","verify"]`),
		"key_ops empty":                 with(`"key_ops":[]`),
		"alg of another kind":           edit(`"ES256"`, `"EdDSA"`),
		"alg HS256":                     edit(`"ES256"`, `"HS256"`),
		"alg none":                      edit(`"ES256"`, `"none"`),
		"alg for encryption":            edit(`"ES256"`, `"ECDH-ES"`),
		"kid empty":                     edit(`"kid":"`, `"kid":"","x5u":"`),
		"kid a number":                  edit(`"kid":"`, `"kid":1,"x5u":"`),
		"x with padding":                edit(`"x":"`, `"x":"=`),
		"Ed25519 of 31 octets":          `{"kty":"OKP","crv":"Ed25519","x":"` + b64.EncodeToString(make([]byte, 31)) + `"}`,
		"Ed25519 of 33 octets":          `{"kty":"OKP","crv":"Ed25519","x":"` + b64.EncodeToString(make([]byte, 33)) + `"}`,
		"Ed25519 of small order":        `{"kty":"OKP","crv":"Ed25519","x":"` + b64.EncodeToString(make([]byte, 32)) + `"}`,
		"X25519":                        `{"kty":"OKP","crv":"X25519","x":"` + b64.EncodeToString(modulus(256).Bytes()) + `"}`,
		"Ed448":                         `{"kty":"OKP","crv":"Ed448","x":"` + b64.EncodeToString(modulus(456).Bytes()) + `"}`,
		"RSA of 1024 bits":              rsaJWK(modulus(1024), "AQAB"),
		"RSA of 2047 bits":              rsaJWK(modulus(2047), "AQAB"),
		"RSA of 8200 bits":              rsaJWK(modulus(8200), "AQAB"),
		"RSA of 131072 bits":            rsaJWK(modulus(131072), "AQAB"),
		"RSA with an even modulus":      rsaJWK(new(big.Int).Lsh(big.NewInt(1), 2047), "AQAB"),
		"RSA with exponent 1":           rsaJWK(modulus(2048), "AQ"),
		"RSA with an even exponent":     rsaJWK(modulus(2048), "BA"),
		"RSA with a giant exponent":     rsaJWK(modulus(2048), "AQAAAAAAAAAB"),
		"RSA with zeros before":         rsaJWK(modulus(2048), "AAEAAQ"),
		"RSA for bare messages, PS384":  strings.Replace(rsaJWK(modulus(2048), "AQAB"), `{`, `{"alg":"PS384",`, 1),
		"a certificate of another key":  with(`"x5c":` + x5c(newPKI(t, signing.EdDSA).leaf)),
		"a certificate that is nothing": with(`"x5c":["AAAA"]`),
		"P-521":                         `{"kty":"EC","crv":"P-521","x":"` + b64.EncodeToString(newP521(t).X.FillBytes(make([]byte, 66))) + `","y":"AA"}`,
	}
	for name, jwk := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := signing.ParseKey([]byte(jwk))
			wantCode(t, err, fault.KeyRejected)
		})
	}
}

func TestParseKey_readsItsOwnOutput(t *testing.T) {
	t.Parallel()
	for alg, s := range keys() {
		k, err := signing.ParseKey(s.Key().JWK())
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if k.KID != s.Key().KID || k.Alg != alg || k.Thumbprint() != s.Key().Thumbprint() || string(k.JWK()) != string(s.Key().JWK()) {
			t.Errorf("%s: %s came back as %s", alg, s.Key().JWK(), k.JWK())
		}
	}
}

func TestParseKey_readsUseAndAlg(t *testing.T) {
	t.Parallel()
	x := strings.Replace(string(keys()[signing.ES256].Key().JWK()), `"use":"sig"`, `"use":"auth"`, 1)
	k, err := signing.ParseKey([]byte(x))
	if err != nil || k.Use != signing.UseAuth {
		t.Errorf("%+v %v", k, err)
	}
	for alg, want := range map[string]signing.Alg{"": signing.PS256, `"alg":"RS256",`: signing.RS256} {
		k, err := signing.ParseKey([]byte(strings.Replace(rsaJWK(modulus(2048), "AQAB"), "{", "{"+alg, 1)))
		if err != nil || k.Alg != want {
			t.Errorf("%s: %+v %v", alg, k, err)
		}
	}
	p := newPKI(t, signing.ES256)
	with := strings.Replace(string(p.signer.Key().JWK()), "{", `{"x5c":`+x5c(p.leaf)+",", 1)
	if _, err := signing.ParseKey([]byte(with)); err != nil {
		t.Error(err)
	}
}

// TestThumbprint: RFC 7638, section 3.1 and RFC 8037, appendix A.3.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`{"kty":"RSA","e":"AQAB","alg":"RS256","kid":"2011-04-29","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}`: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
	}
	for jwk, want := range cases {
		k, err := signing.ParseKey([]byte(jwk))
		if err != nil || k.Thumbprint() != want {
			t.Errorf("%v, want %s (%v)", k, want, err)
		}
	}
}

func TestParseKeySet_keepsTheGoodKeys(t *testing.T) {
	t.Parallel()
	es, ed := keys()[signing.ES256].Key(), keys()[signing.EdDSA].Key()
	set := fmt.Sprintf(`{"x":1,"keys":[%s,{"kty":"new"},%s,{"kty":"oct","k":"AA"},%s]}`, es.JWK(), ed.JWK(), es.JWK())
	got, refused, err := signing.ParseKeySet([]byte(set))
	if err != nil || len(got) != 2 || got[0].KID != es.KID || got[1].KID != ed.KID {
		t.Fatalf("%v %v", got, err)
	}
	if len(refused) != 2 || refused[0].At != "/keys/1" || refused[1].At != "/keys/3" || refused[0].Code != fault.KeyRejected {
		t.Errorf("%v", refused)
	}
	got, refused, err = signing.ParseKeySet(signing.KeySet(es, ed))
	if err != nil || len(got) != 2 || len(refused) != 0 {
		t.Errorf("%v %v %v", got, refused, err)
	}
}

func TestParseKeySet_refuses(t *testing.T) {
	t.Parallel()
	twin := *keys()[signing.EdDSA].Key()
	twin.KID = keys()[signing.ES256].Key().KID
	for name, set := range map[string]string{
		"one kid, two keys": string(signing.KeySet(keys()[signing.ES256].Key(), &twin)),
		"no keys":           `{}`,
		"keys an object":    `{"keys":{}}`,
		"a list":            `[]`,
		"keys twice":        `{"keys":[],"keys":[]}`,
		"too many":          `{"keys":[` + strings.Repeat("{},", 300) + `{}]}`,
		"trailing data":     `{"keys":[]}x`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := signing.ParseKeySet([]byte(set))
			wantCode(t, err, fault.KeyRejected)
		})
	}
}

// TestNewKey_refusesPointsOfSmallOrder shows why: with such a key a signature
// made of nothing is good for one message in eight, or for all.
func TestNewKey_refusesPointsOfSmallOrder(t *testing.T) {
	t.Parallel()
	weak := []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	}
	nothing := make([]byte, ed25519.SignatureSize)
	nothing[0] = 1 // R is the neutral element, S is zero
	for _, text := range weak {
		pub, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		forged := false
		for i := 0; i < 400 && !forged; i++ {
			forged = ed25519.Verify(pub, fmt.Append(nil, i), nothing)
		}
		if !forged {
			t.Errorf("%s is not weak", text)
		}
		_, err = signing.NewKey(ed25519.PublicKey(pub), signing.UseDoc)
		wantCode(t, err, fault.KeyRejected)
	}
}

func TestNewKey_refusesWeakKeys(t *testing.T) {
	t.Parallel()
	_, err := signing.NewKey(&rsa.PublicKey{N: modulus(1024), E: 65537}, signing.UseDoc)
	wantCode(t, err, fault.KeyRejected)
	_, err = signing.NewKey("a string", signing.UseDoc)
	wantCode(t, err, fault.KeyRejected)
	_, private, _ := ed25519.GenerateKey(rand.Reader)
	_, err = signing.NewKey(private, signing.UseDoc) // not a public key
	wantCode(t, err, fault.KeyRejected)
}

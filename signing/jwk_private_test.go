package signing_test

import (
	"crypto/ed25519"
	"os"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

func TestParseSigner_readsPrivateJWK(t *testing.T) {
	t.Parallel()
	c := readVector(t, "curve25519", "jws.json")
	s, err := signing.ParseSigner(c.Input.Key, signing.UseDoc)
	if err != nil {
		t.Fatal(err)
	}
	if s.Key().KID != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" || s.Key().Alg != signing.EdDSA {
		t.Errorf("%+v", s.Key())
	}
	src, err := os.ReadFile(vectors(t, "jwk", "3_4.rsa_private_key.json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err = signing.ParseSigner(src, signing.UseDoc)
	if err != nil || s.Key().KID != "bilbo.baggins@hobbiton.example" || s.Key().Alg != signing.PS256 {
		t.Errorf("%v", err)
	}
	// Two halves that do not belong together show when the key is loaded.
	other := keys()[signing.EdDSA].Key().Public().(ed25519.PublicKey)
	mixed := strings.Replace(string(c.Input.Key), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", b64.EncodeToString(other), 1)
	_, err = signing.ParseSigner([]byte(mixed), signing.UseDoc)
	wantCode(t, err, fault.KeyRejected)
	_, err = signing.ParseSigner([]byte(strings.Replace(string(src), `"kid"`, `"alg":"RS256","kid"`, 1)), signing.UseDoc)
	wantCode(t, err, fault.KeyRejected)
	p521, err := os.ReadFile(vectors(t, "jwk", "3_2.ec_private_key.json"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = signing.ParseSigner(p521, signing.UseDoc)
	wantCode(t, err, fault.KeyRejected)
}

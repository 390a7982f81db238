package main

import (
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/certs"
	"accord/internal/fault"
	"accord/signing"
)

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestBareKey_takesJWKAndPEM(t *testing.T) {
	t.Parallel()
	for _, alg := range []signing.Alg{signing.ES256, signing.ES384, signing.EdDSA} {
		s, err := signing.GenerateSigner(alg, signing.UseDoc)
		require.NoError(t, err)
		jws, err := s.Sign([]byte("hello"), signing.Header{IssuedAt: time.Now()})
		require.NoError(t, err)
		msg, err := signing.Read(jws, signing.BareProfile())
		require.NoError(t, err)
		pkix, err := x509.MarshalPKIXPublicKey(s.Key().Public())
		require.NoError(t, err)
		ca, err := certs.NewAuthority("test", time.Now())
		require.NoError(t, err)
		leaf, err := ca.IssueSigner("cn-example-cb", s.Key().Public(), time.Now())
		require.NoError(t, err)
		for name, raw := range map[string][]byte{
			"JWK": s.Key().JWK(), "PUBLIC KEY": pemOf("PUBLIC KEY", pkix), "CERTIFICATE": pemOf("CERTIFICATE", leaf.Raw),
		} {
			key, err := bareKey(raw)
			require.NoError(t, err, name)
			assert.NoError(t, signing.VerifyBare(msg, key), "%s %s", alg, name)
		}
		other, err := bareKey(pemOf("CERTIFICATE", ca.Anchor("documents").Certificate.Raw))
		require.NoError(t, err)
		assert.Error(t, signing.VerifyBare(msg, other))
	}
}

func TestBareKey_saysWhatIsWanted(t *testing.T) {
	t.Parallel()
	s, err := signing.GenerateSigner(signing.ES256, signing.UseDoc)
	require.NoError(t, err)
	private, err := s.PEM()
	require.NoError(t, err)
	for name, test := range map[string]struct {
		raw  []byte
		want string
		code fault.Code // "" for a mistake in the call
	}{
		"private PEM":     {private, "this is a private key; the public one is wanted", ""},
		"request":         {pemOf("CERTIFICATE REQUEST", []byte("x")), "this is PEM of a CERTIFICATE REQUEST; wanted is a public key", ""},
		"set of keys":     {[]byte(`{"keys":[` + string(s.Key().JWK()) + `]}`), "this is a set of keys", ""},
		"bad public key":  {pemOf("PUBLIC KEY", []byte("x")), "no public key that can be read", fault.KeyRejected},
		"bad certificate": {pemOf("CERTIFICATE", []byte("x")), "no certificate that can be read", fault.KeyRejected},
		"private JWK":     {[]byte(`{"kty":"EC","crv":"P-256","d":"AA"}`), "private", fault.KeyRejected},
		"words":           {[]byte("key"), "JWK", fault.KeyRejected},
	} {
		_, err := bareKey(test.raw)
		require.ErrorContains(t, err, test.want, name)
		if test.code == "" {
			var usage usageError
			assert.ErrorAs(t, err, &usage, name)
		} else {
			assert.Equal(t, test.code, fault.CodeOf(err), name)
		}
	}
}

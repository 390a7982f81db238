package signing

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// This file is all that Accord knows of jwx: the primitives behind names, and
// the reading of private keys. What it does not check is checked around it
// (signing.md, "What jwx v2 does not do for you").

// newSignFunc returns the signer of an algorithm.
func newSignFunc(alg Alg) (signFunc, error) {
	s, err := jws.NewSigner(jwa.SignatureAlgorithm(alg))
	if err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	return func(data []byte, private crypto.Signer) ([]byte, error) { return s.Sign(data, private) }, nil
}

// verifyWhole checks a signature over an input in one piece. The key has the
// kind of the algorithm and passed checkStrength.
func verifyWhole(alg Alg, pub crypto.PublicKey, data, sig []byte) error {
	v, err := jws.NewVerifier(jwa.SignatureAlgorithm(alg))
	if err != nil {
		return fmt.Errorf("make verifier: %w", err)
	}
	return v.Verify(data, sig, pub)
}

// privateJWK reads a private key that strictjson found to be strict JSON.
func privateJWK(src []byte) (private crypto.Signer, alg, kid string, err error) {
	parsed, err := jwk.ParseKey(src)
	if err != nil {
		return nil, "", "", fmt.Errorf("parse JWK: %w", err)
	}
	var raw any
	if err := parsed.Raw(&raw); err != nil {
		return nil, "", "", fmt.Errorf("take key out of JWK: %w", err)
	}
	private, ok := raw.(crypto.Signer)
	if !ok {
		return nil, "", "", errors.New("not a private key of a kind that signs")
	}
	return private, parsed.Algorithm().String(), parsed.KeyID(), nil
}

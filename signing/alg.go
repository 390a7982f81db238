package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
)

// Alg is a signature algorithm by its JOSE name (RFC 7518, 8037).
type Alg string

// The algorithms of the policy (signing.md, rule 5). ES512, PS384 and PS512 are
// for bare messages only; RS256 needs an opt-in.
const (
	ES256 Alg = "ES256"
	ES384 Alg = "ES384"
	ES512 Alg = "ES512"
	EdDSA Alg = "EdDSA"
	PS256 Alg = "PS256"
	PS384 Alg = "PS384"
	PS512 Alg = "PS512"
	RS256 Alg = "RS256"
)

// kind is a family of keys that the policy tells apart.
type kind string

const (
	kindP256    kind = "P-256"
	kindP384    kind = "P-384"
	kindP521    kind = "P-521"
	kindEd25519 kind = "Ed25519"
	kindRSA     kind = "RSA"
)

// algRule is one row of the policy.
type algRule struct {
	kind  kind
	hash  crypto.Hash // zero where the algorithm hashes by itself
	bare  bool        // only `accord jws verify` takes it
	optIn bool        // only if the partner, or the anchor of the chain, opted in
}

// algRules is the allow-list. What is not in it is refused before any
// cryptography, compared byte for byte: none, HS256 and SM2SM3 too.
var algRules = map[Alg]algRule{
	ES256: {kind: kindP256, hash: crypto.SHA256},
	ES384: {kind: kindP384, hash: crypto.SHA384},
	EdDSA: {kind: kindEd25519},
	PS256: {kind: kindRSA, hash: crypto.SHA256},
	RS256: {kind: kindRSA, hash: crypto.SHA256, optIn: true},
	ES512: {kind: kindP521, hash: crypto.SHA512, bare: true},
	PS384: {kind: kindRSA, hash: crypto.SHA384, bare: true},
	PS512: {kind: kindRSA, hash: crypto.SHA512, bare: true},
}

// parseAlg maps the name in a header to the algorithm. Ed25519 is the name that
// RFC 9864 gives to EdDSA over that curve.
func parseAlg(name string, bare bool) (Alg, bool) {
	a := Alg(name)
	if name == "Ed25519" {
		a = EdDSA
	}
	r, ok := algRules[a]
	return a, ok && (bare || !r.bare)
}

// defaultAlg is the algorithm of a key that states none.
func defaultAlg(k kind) Alg {
	switch k {
	case kindP256:
		return ES256
	case kindP384:
		return ES384
	case kindP521:
		return ES512
	case kindEd25519:
		return EdDSA
	case kindRSA:
		return PS256
	default:
		return ""
	}
}

// kindOf returns the family of a public key, "" for one that no rule names.
func kindOf(pub crypto.PublicKey) kind {
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		switch pub.Curve {
		case elliptic.P256():
			return kindP256
		case elliptic.P384():
			return kindP384
		case elliptic.P521():
			return kindP521
		}
	case ed25519.PublicKey:
		return kindEd25519
	case *rsa.PublicKey:
		return kindRSA
	}
	return ""
}

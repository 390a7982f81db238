package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
)

// Sizes of RSA moduli in bits. Below 2048 a key is weak; above 8192 one
// verification takes long enough to be an attack (signing.md, rule 6).
const (
	MinRSABits = 2048
	MaxRSABits = 8192
)

// CheckRSA says why an RSA public key is not acceptable: its size, or an
// exponent that is even or below 3.
func CheckRSA(pub *rsa.PublicKey) error {
	if bits := pub.N.BitLen(); bits < MinRSABits || bits > MaxRSABits {
		return fmt.Errorf("RSA modulus of %d bits; it must have %d to %d", bits, MinRSABits, MaxRSABits)
	}
	if pub.N.Bit(0) == 0 {
		return errors.New("RSA modulus is even")
	}
	if pub.E < 3 || pub.E%2 == 0 {
		return errors.New("RSA exponent must be odd and at least 3")
	}
	return nil
}

// checkStrength refuses the keys of certificates that no policy of ours
// accepts; NIST P-521 is fine for a CA though no document key may use it.
func checkStrength(pub crypto.PublicKey) error {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return CheckRSA(pub)
	case *ecdsa.PublicKey:
		switch pub.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
		return errors.New("curve is not P-256, P-384 or P-521")
	case ed25519.PublicKey:
		return nil
	default:
		return fmt.Errorf("key type %T is not supported", pub)
	}
}

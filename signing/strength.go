package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"

	"accord/certs"
)

// checkStrength is rule 6: curve and size fit.
func checkStrength(pub crypto.PublicKey) error {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return certs.CheckRSA(pub)
	case *ecdsa.PublicKey:
		if kindOf(pub) == "" {
			return errors.New("curve is not P-256, P-384 or P-521")
		}
		if _, err := pub.Bytes(); err != nil {
			return errors.New("the point is not on the curve")
		}
		return nil
	case ed25519.PublicKey:
		return checkEd25519(pub)
	default:
		return fmt.Errorf("key type %T is not supported", pub)
	}
}

// smallOrder are the encodings of the points of small order, sign bit cleared
// (the last three are not reduced). Under such a key one signature is good for
// many messages, so nobody could be held to it.
var smallOrder = map[string]bool{
	"0000000000000000000000000000000000000000000000000000000000000000": true,
	"0100000000000000000000000000000000000000000000000000000000000000": true,
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05": true,
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a": true,
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": true,
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": true,
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": true,
}

func checkEd25519(pub ed25519.PublicKey) error {
	if len(pub) != ed25519.PublicKeySize {
		return fmt.Errorf("an Ed25519 key of %d octets; it has %d", len(pub), ed25519.PublicKeySize)
	}
	y := [ed25519.PublicKeySize]byte(pub)
	y[31] &= 0x7f
	if smallOrder[hex.EncodeToString(y[:])] {
		return errors.New("the Ed25519 point has small order")
	}
	return nil
}

package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"math/big"

	"accord/internal/fault"
)

// input is what was signed, in the pieces it is at hand in (RFC 7515, section
// 5.1, step 5): joining them would copy the payload.
type input [][]byte

// join returns the input in one piece; a compact message is in one already.
func (in input) join() []byte {
	if len(in) == 1 {
		return in[0]
	}
	n := 0
	for _, p := range in {
		n += len(p)
	}
	out := make([]byte, 0, n)
	for _, p := range in {
		out = append(out, p...)
	}
	return out
}

func (in input) digest(h crypto.Hash) []byte {
	w := h.New()
	for _, p := range in {
		w.Write(p)
	}
	return w.Sum(nil)
}

var errSignature = errors.New("signature does not verify")

// check is the primitive. The key fits the algorithm. Every way to fail gives
// the same answer.
//
// What documents are signed with calls the standard library: the verifiers of
// jwx want the pieces joined and convert and check the key again each time,
// which costs more than the whole policy. PS* calls it because jwx leaves the
// length of the salt free (RFC 7518, section 3.5 fixes it to that of the hash).
func (in input) check(alg Alg, pub crypto.PublicKey, sig []byte) error {
	good := false
	switch alg {
	case ES256, ES384:
		good = checkECDSA(pub, in.digest(algRules[alg].hash), sig)
	case PS256, PS384, PS512:
		hash := algRules[alg].hash
		key, ok := pub.(*rsa.PublicKey)
		opts := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
		good = ok && rsa.VerifyPSS(key, hash, in.digest(hash), sig, opts) == nil
	case EdDSA:
		key, ok := pub.(ed25519.PublicKey)
		good = ok && ed25519.Verify(key, in.join(), sig)
	case ES512, RS256:
		good = verifyWhole(alg, pub, in.join(), sig) == nil
	}
	if !good {
		return fault.Wrap(errSignature, fault.JWSSignatureInvalid, "the signature does not verify with the key of the signer")
	}
	return nil
}

// checkECDSA takes r and s in the full size of the curve, one after the other
// (RFC 7518, section 3.4); DER is refused by its length.
func checkECDSA(pub crypto.PublicKey, digest, sig []byte) bool {
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return false
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	if len(sig) != 2*size {
		return false
	}
	r, s := new(big.Int).SetBytes(sig[:size]), new(big.Int).SetBytes(sig[size:])
	return ecdsa.Verify(key, digest, r, s)
}

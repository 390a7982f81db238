//go:build !jwx

package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"errors"
	"math/big"
)

// Until the module lists what jwx needs, the standard library stands in.

func newSignFunc(alg Alg) (signFunc, error) {
	hash := algRules[alg].hash
	return func(data []byte, private crypto.Signer) ([]byte, error) {
		if hash == 0 {
			return private.Sign(rand.Reader, data, crypto.Hash(0))
		}
		w := hash.New()
		w.Write(data)
		var opts crypto.SignerOpts = hash
		if alg == PS256 {
			opts = &rsa.PSSOptions{Hash: hash, SaltLength: rsa.PSSSaltLengthEqualsHash}
		}
		sig, err := private.Sign(rand.Reader, w.Sum(nil), opts)
		pub, ok := private.Public().(*ecdsa.PublicKey)
		if err != nil || !ok {
			return sig, err
		}
		var rs struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(sig, &rs); err != nil {
			return nil, err
		}
		size := (pub.Curve.Params().BitSize + 7) / 8
		out := make([]byte, 2*size)
		rs.R.FillBytes(out[:size])
		rs.S.FillBytes(out[size:])
		return out, nil
	}, nil
}

func verifyWhole(alg Alg, pub crypto.PublicKey, data, sig []byte) error {
	good := false
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		sum := sha512.Sum512(data)
		good = checkECDSA(k, sum[:], sig)
	case *rsa.PublicKey:
		sum := sha256.Sum256(data)
		good = rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], sig) == nil
	}
	if !good {
		return errSignature
	}
	return nil
}

func privateJWK([]byte) (private crypto.Signer, alg, kid string, err error) {
	return nil, "", "", errors.New("private keys as JWK are not read in this build")
}

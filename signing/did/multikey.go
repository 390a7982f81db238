package did

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"math/big"
	"strings"

	"accord/internal/fault"
)

// maxMultikey is longer than any key that is read; base 58 costs its square.
const maxMultikey = 128

// multikey reads publicKeyMultibase: base 58 of a multicodec prefix and the key
// (Controlled Identifiers v1.0, sections 2.2.2 and 2.4).
func multikey(s string) (crypto.PublicKey, error) {
	refuse := func(detail string) (crypto.PublicKey, error) { return nil, fault.New(fault.KeyRejected, detail) }
	text, ok := strings.CutPrefix(s, "z")
	if !ok || len(s) > maxMultikey {
		return refuse("publicKeyMultibase is not base 58")
	}
	b, ok := base58(text)
	if !ok || len(b) < 2 {
		return refuse("publicKeyMultibase is not base 58")
	}
	switch key := b[2:]; [2]byte(b[:2]) {
	case [2]byte{0xED, 0x01}:
		return ed25519.PublicKey(key), nil
	case [2]byte{0x80, 0x24}:
		return compressed(elliptic.P256(), key)
	case [2]byte{0x81, 0x24}:
		return compressed(elliptic.P384(), key)
	default:
		return refuse("publicKeyMultibase is not a key of Ed25519, P-256 or P-384")
	}
}

func compressed(curve elliptic.Curve, key []byte) (crypto.PublicKey, error) {
	x, y := elliptic.UnmarshalCompressed(curve, key)
	if x == nil {
		return nil, fault.New(fault.KeyRejected, "publicKeyMultibase is no compressed point of the curve")
	}
	size := (curve.Params().BitSize + 7) / 8
	point := append([]byte{4}, x.FillBytes(make([]byte, size))...)
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, append(point, y.FillBytes(make([]byte, size))...))
	if err != nil {
		return nil, fault.New(fault.KeyRejected, "the point is not on the curve")
	}
	return pub, nil
}

const alphabet58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 decodes the alphabet of Bitcoin; each leading 1 is an octet of zero.
func base58(s string) ([]byte, bool) {
	n := new(big.Int)
	zeros := 0
	for i, c := range []byte(s) {
		digit := strings.IndexByte(alphabet58, c)
		if digit < 0 {
			return nil, false
		}
		if digit == 0 && zeros == i {
			zeros++
		}
		n.Mul(n, big.NewInt(58)).Add(n, big.NewInt(int64(digit)))
	}
	return append(make([]byte, zeros), n.Bytes()...), true
}

package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"math/big"

	"accord/internal/strictjson"
)

// pair is a member whose value is a string.
type pair struct{ name, value string }

// pairs is an object of strings with its names in order, as RFC 8785 and RFC
// 7638 both want them.
type pairs []pair

func (ps pairs) json() []byte {
	out := []byte{'{'}
	for i, p := range ps {
		if i > 0 {
			out = append(out, ',')
		}
		out = strictjson.AppendString(out, p.name)
		out = append(out, ':')
		out = strictjson.AppendString(out, p.value)
	}
	return append(out, '}')
}

// publicMembers are the members a thumbprint is made of (RFC 7638, section 3.2;
// RFC 8037, section 2). The key has passed checkStrength.
func publicMembers(pub crypto.PublicKey) pairs {
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		point, err := pub.Bytes()
		if err != nil {
			panic("signing: a key that was not checked: " + err.Error())
		}
		half := len(point) / 2
		return pairs{
			{"crv", pub.Curve.Params().Name},
			{"kty", "EC"},
			{"x", strictURL.EncodeToString(point[1 : 1+half])},
			{"y", strictURL.EncodeToString(point[1+half:])},
		}
	case ed25519.PublicKey:
		return pairs{{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", strictURL.EncodeToString(pub)}}
	case *rsa.PublicKey:
		return pairs{
			{"e", strictURL.EncodeToString(big.NewInt(int64(pub.E)).Bytes())},
			{"kty", "RSA"},
			{"n", strictURL.EncodeToString(pub.N.Bytes())},
		}
	default:
		return nil
	}
}

// JWK returns the public key as a JWK in RFC 8785 form: the key's own members
// and alg, kid and use "sig" (RFC 7517). Our own use and the window stand
// beside it where it is published.
func (k *Key) JWK() []byte {
	ps := pairs{{"alg", string(k.Alg)}}
	own := publicMembers(k.pub)
	for _, p := range own {
		if p.name < "kid" {
			ps = append(ps, p)
		}
	}
	ps = append(ps, pair{"kid", k.KID})
	for _, p := range own {
		if p.name > "kid" && p.name < "use" {
			ps = append(ps, p)
		}
	}
	ps = append(ps, pair{"use", "sig"})
	for _, p := range own {
		if p.name > "use" {
			ps = append(ps, p)
		}
	}
	return ps.json()
}

// KeySet writes a JWKS (RFC 7517, section 5) in the order given.
func KeySet(keys ...*Key) []byte {
	out := []byte(`{"keys":[`)
	for i, k := range keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, k.JWK()...)
	}
	return append(out, "]}"...)
}

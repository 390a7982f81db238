package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"math"
	"math/big"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// maxJWK bounds one JWK: the largest RSA key with a chain has about 16 KiB.
const maxJWK = 64 << 10

// ParseKey reads a JWK (RFC 7517) as it may be registered: a public key that
// meets the policy, with alg, use and key_ops that agree with it. An absent kid
// becomes the thumbprint, an absent alg that of the kind of key; a use of ours
// is taken over. Its errors have the code key.rejected.
func ParseKey(jwk []byte) (*Key, error) { return parseKey(jwk, false) }

// ParseBareKey is ParseKey for `accord jws verify`: it also takes P-521 and the
// algorithms PS384 and PS512, and a key without alg verifies every algorithm of
// its kind, for whoever names a key by hand has chosen it.
func ParseBareKey(jwk []byte) (*Key, error) { return parseKey(jwk, true) }

func parseKey(src []byte, bare bool) (*Key, error) {
	ms, err := readJWK(src)
	if err != nil {
		return nil, err
	}
	pub, err := publicKey(ms)
	if err != nil {
		return nil, err
	}
	k, err := newKey(pub)
	if err != nil {
		return nil, err
	}
	if err := k.readAlg(ms, bare); err != nil {
		return nil, err
	}
	if err := k.readUse(ms); err != nil {
		return nil, err
	}
	if m, ok := ms.get("kid"); ok {
		if m.kind != strictjson.String || m.text == "" {
			return nil, rejected("kid must be a non-empty string")
		}
		k.KID = m.text
	}
	return k, checkCertificate(ms, pub)
}

// rejected is a fault about a key.
func rejected(detail string) error { return fault.New(fault.KeyRejected, detail) }

// privateMembers are those of RFC 7518, sections 6.2.2, 6.3.2 and 6.4.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

func readJWK(src []byte) (members, error) {
	if len(src) > maxJWK {
		return nil, rejected("the JWK is too long")
	}
	ms, err := readMembers(src)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the JWK is not a strict JSON object")
	}
	for _, name := range privateMembers {
		if _, ok := ms.get(name); ok {
			return nil, rejected("the JWK holds a private or symmetric key; only the public key belongs here")
		}
	}
	return ms, nil
}

func publicKey(ms members) (crypto.PublicKey, error) {
	kty, _ := ms.get("kty")
	switch kty.text {
	case "EC":
		return ecKey(ms)
	case "OKP":
		return okpKey(ms)
	case "RSA":
		return rsaKey(ms)
	default:
		return nil, rejected("kty is not EC, OKP or RSA")
	}
}

// ecKey: RFC 7518, section 6.2.1: coordinates have the full size of the curve.
func ecKey(ms members) (crypto.PublicKey, error) {
	crv, _ := ms.get("crv")
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	curve, ok := curves[crv.text]
	if !ok {
		return nil, rejected("crv is not P-256, P-384 or P-521")
	}
	size := (curve.Params().BitSize + 7) / 8
	point := []byte{4} // SEC 1, section 2.3.3: uncompressed
	for _, name := range []string{"x", "y"} {
		c, err := bytesMember(ms, name)
		if err != nil {
			return nil, err
		}
		if len(c) != size {
			return nil, rejected(name + " has not the size of the curve")
		}
		point = append(point, c...)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, rejected("the point is not on the curve")
	}
	return pub, nil
}

// okpKey: RFC 8037, section 2.
func okpKey(ms members) (crypto.PublicKey, error) {
	if crv, _ := ms.get("crv"); crv.text != "Ed25519" {
		return nil, rejected("crv is not Ed25519")
	}
	x, err := bytesMember(ms, "x")
	if err != nil {
		return nil, err
	}
	return ed25519.PublicKey(x), nil
}

// rsaKey: RFC 7518, section 6.3.1: numbers without leading zeros.
func rsaKey(ms members) (crypto.PublicKey, error) {
	n, err := bytesMember(ms, "n")
	if err != nil {
		return nil, err
	}
	e, err := bytesMember(ms, "e")
	if err != nil {
		return nil, err
	}
	if len(n) == 0 || n[0] == 0 || len(e) == 0 || e[0] == 0 {
		return nil, rejected("n and e must be numbers without leading zeros")
	}
	exp := new(big.Int).SetBytes(e)
	if !exp.IsInt64() || exp.Int64() > math.MaxInt32 {
		return nil, rejected("the RSA exponent is too large")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exp.Int64())}, nil
}

func bytesMember(ms members, name string) ([]byte, error) {
	m, ok := ms.get(name)
	if !ok || m.kind != strictjson.String {
		return nil, rejected(name + " is missing or not a string")
	}
	b, ok := decodeStrict(strictURL, octets(m.text))
	if !ok {
		return nil, rejected(name + " is not base64url without padding")
	}
	return b, nil
}

func (k *Key) readAlg(ms members, bare bool) error {
	m, ok := ms.get("alg")
	if !ok {
		k.anyAlg = bare
		if algRules[k.Alg].bare && !bare {
			return rejected("keys of this curve are not accepted")
		}
		return nil
	}
	alg, ok := parseAlg(m.text, bare)
	if !ok || m.kind != strictjson.String || algRules[alg].kind != kindOf(k.pub) {
		return rejected("alg is not allowed or does not fit the key")
	}
	k.Alg = alg
	return nil
}

// readUse: a key that is for encryption only is no signature key (RFC 7517,
// sections 4.2 and 4.3).
func (k *Key) readUse(ms members) error {
	if m, ok := ms.get("use"); ok {
		switch u := Use(m.text); u {
		case UseDoc, UseAuth, UseOperator, UseLog:
			k.Use = u
		case "sig":
		default:
			return rejected("use is not sig")
		}
	}
	if m, ok := ms.get("key_ops"); ok {
		ops, ok := stringList(m)
		if !ok || len(ops) != 1 || ops[0] != "verify" {
			return rejected("key_ops must be [\"verify\"]")
		}
	}
	return nil
}

// checkCertificate: RFC 7517, section 4.7: the first certificate of x5c must
// have the key of the JWK.
func checkCertificate(ms members, pub crypto.PublicKey) error {
	m, ok := ms.get("x5c")
	if !ok {
		return nil
	}
	c, err := parseChain(m)
	if err != nil {
		return fault.Wrap(err, fault.KeyRejected, "x5c cannot be read")
	}
	if !sameKey(c.certs[0], pub) {
		return rejected("the certificate in x5c has another key")
	}
	return nil
}

func sameKey(c *x509.Certificate, pub crypto.PublicKey) bool {
	k, ok := pub.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(c.PublicKey)
}

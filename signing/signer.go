package signing

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"

	"accord/certs"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Signer is a private key and its public half. It is safe for concurrent use.
type Signer struct {
	key     *Key
	private crypto.Signer
	sign    signFunc
}

// signFunc makes the octets of a signature over an input in one piece.
type signFunc func(data []byte, private crypto.Signer) ([]byte, error)

// rsaBits is the size of RSA keys we make: 128-bit strength is 3072 (NIST SP
// 800-57 part 1, table 2).
const rsaBits = 3072

// GenerateSigner makes a new key for ES256, ES384, EdDSA or PS256.
func GenerateSigner(alg Alg, use Use) (*Signer, error) {
	private, err := generate(alg)
	if err != nil {
		return nil, err
	}
	return NewSigner(private, use)
}

func generate(alg Alg) (crypto.Signer, error) {
	switch alg {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ES384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case PS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return nil, fmt.Errorf("generate key: algorithm %q is not one we sign with", alg)
	}
}

// NewSigner wraps a private key. It signs once and verifies that, so that a
// damaged key or a mismatch of its halves shows when it is loaded.
func NewSigner(private crypto.Signer, use Use) (*Signer, error) {
	key, err := NewKey(private.Public(), use)
	if err != nil {
		return nil, err
	}
	sign, err := newSignFunc(key.Alg)
	if err != nil {
		return nil, err
	}
	s := &Signer{key: key, private: private, sign: sign}
	probe := input{[]byte("accord: does this key sign?")}
	value, err := s.value(probe)
	if err == nil {
		err = probe.check(key.Alg, key.pub, value)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the private key does not sign for its public half")
	}
	return s, nil
}

// ParseSigner reads a private key: PKCS#8 PEM, or a JWK whose alg and kid, where
// given, are kept.
func ParseSigner(pemOrJWK []byte, use Use) (*Signer, error) {
	if text := bytes.TrimLeft(pemOrJWK, " \t\r\n"); len(text) > 0 && text[0] == '{' {
		return parseSignerJWK(text, use)
	}
	private, err := certs.ParseKeyPEM(pemOrJWK)
	if err != nil {
		return nil, err
	}
	return NewSigner(private, use)
}

func parseSignerJWK(src []byte, use Use) (*Signer, error) {
	if err := strictjson.Check(src, strictjson.DefaultLimits()); err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the JWK is not strict JSON")
	}
	private, alg, kid, err := privateJWK(src)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the JWK holds no private key that signs")
	}
	s, err := NewSigner(private, use)
	if err != nil {
		return nil, err
	}
	if a, ok := parseAlg(alg, false); alg != "" && (!ok || a != s.key.Alg) {
		return nil, rejected("alg of the JWK is not one we sign with")
	}
	if kid != "" {
		s.key.KID = kid
	}
	return s, nil
}

// PEM returns the private key as PKCS#8 PEM.
func (s *Signer) PEM() ([]byte, error) { return certs.EncodeKeyPEM(s.private) }

// Key returns the public half.
func (s *Signer) Key() *Key { return s.key }

// Private returns the private key, for the certificate requests and TLS
// configurations made with it.
func (s *Signer) Private() crypto.Signer { return s.private }

var errNoTime = errors.New("sign: the header needs the time of signing")

// value makes the bare signature.
func (s *Signer) value(in input) ([]byte, error) {
	out, err := s.sign(in.join(), s.private)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", s.key.Alg, err)
	}
	return out, nil
}

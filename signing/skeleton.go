package signing

import (
	"crypto"
	"crypto/x509"
	"errors"
	"time"

	"accord/internal/fault"
)

var errSoon = errors.New("not yet")

type header struct{}

// ParseKey reads a JWK (RFC 7517) as it may be registered: a public key that
// meets the policy. Its errors have the code key.rejected.
func ParseKey(jwk []byte) (*Key, error) { return nil, errSoon }

// ParseBareKey is ParseKey for `accord jws verify`.
func ParseBareKey(jwk []byte) (*Key, error) { return nil, errSoon }

// ParseKeySet reads a JWKS.
func ParseKeySet(jwks []byte) (keys []*Key, rejected fault.List, err error) {
	return nil, nil, errSoon
}

// KeySet writes a JWKS.
func KeySet(keys ...*Key) []byte { return nil }

// NewKey makes a key of a public key, kid its thumbprint.
func NewKey(pub crypto.PublicKey, use Use) (*Key, error) { return nil, errSoon }

// JWK returns the public key as a JWK in RFC 8785 form.
func (k *Key) JWK() []byte { return nil }

// GoodAt says whether the window and the revocation of the key allow a
// signature proven to exist at t: nil, or jws.key_expired or jws.key_revoked.
func (k *Key) GoodAt(t time.Time) error { return errSoon }

// Header is what a signer puts in the protected header beside alg and kid.
type Header struct {
	Typ, Cty string
	KID      string // zero: the key's
	IssuedAt time.Time
	Chain    []*x509.Certificate // x5c and x5t#S256; leaf first, without the anchor
}

// Signer is a private key and its public half.
type Signer struct{}

// GenerateSigner makes a new key.
func GenerateSigner(alg Alg, use Use) (*Signer, error) { return nil, errSoon }

// NewSigner wraps a private key.
func NewSigner(key crypto.Signer, use Use) (*Signer, error) { return nil, errSoon }

// ParseSigner reads a private key: PKCS#8 PEM or a JWK.
func ParseSigner(pemOrJWK []byte, use Use) (*Signer, error) { return nil, errSoon }

// PEM returns the private key as PKCS#8 PEM.
func (s *Signer) PEM() ([]byte, error) { return nil, errSoon }

// Key returns the public half.
func (s *Signer) Key() *Key { return nil }

// Sign returns a compact JWS.
func (s *Signer) Sign(payload []byte, h Header) ([]byte, error) { return nil, errSoon }

// SignDetached returns the value of the JWS-Signature field.
func (s *Signer) SignDetached(body []byte, h Header) (string, error) { return "", errSoon }

// SignFlattened returns a flattened JWS.
func (s *Signer) SignFlattened(payload []byte, h Header) ([]byte, error) { return nil, errSoon }

// SignGeneral returns a general JWS with one signature of each signer.
func SignGeneral(payload []byte, h Header, signers ...*Signer) ([]byte, error) { return nil, errSoon }

// Read reads a JWS in any serialization.
func Read(raw []byte, p Profile) (*Message, error) { return nil, errSoon }

// ReadDetached reads the JWS-Signature field of a body.
func ReadDetached(field string, body []byte, p Profile) (*Message, error) { return nil, errSoon }

// Verifier verifies messages; safe for concurrent use.
type Verifier struct{}

// NewVerifier makes a verifier with empty caches.
func NewVerifier() *Verifier { return &Verifier{} }

// Read is the function Read with remembered headers.
func (v *Verifier) Read(raw []byte, p Profile) (*Message, error) { return nil, errSoon }

// ReadDetached is the function ReadDetached with remembered headers.
func (v *Verifier) ReadDetached(field string, body []byte, p Profile) (*Message, error) {
	return nil, errSoon
}

// Verify says whether the partner signed the message.
func (v *Verifier) Verify(m *Message, t *Trust, use Use, proven time.Time) Verification {
	return Verification{}
}

// VerifyQuorum demands signatures of at least n distinct keys of t.
func (v *Verifier) VerifyQuorum(m *Message, t *Trust, use Use, proven time.Time, n int) Verification {
	return Verification{}
}

// VerifyBare checks the one signature of a bare message with a key.
func VerifyBare(m *Message, key *Key) error { return errSoon }

// VerifyCompact reads a message of one typ and checks its signature with the
// key that its kid names. The window of the key is the caller's business
// ([Key.GoodAt]).
func VerifyCompact(raw []byte, typ string, keys []*Key) (*Message, *Key, error) {
	return nil, nil, errSoon
}

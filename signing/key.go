package signing

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"time"

	"accord/internal/fault"
)

// Use is what a key is for; a key has exactly one (wire.md).
type Use string

// The uses of keys.
const (
	UseDoc      Use = "doc"      // documents and messages
	UseAuth     Use = "auth"     // tokens and requests
	UseOperator Use = "operator" // registry changes and operators' tokens
	UseLog      Use = "log"      // checkpoints; never in a JWKS
)

// Key is a registered public key. The fields are set when the key is loaded
// and not changed while it is in use; the key itself cannot be.
type Key struct {
	KID       string
	Alg       Alg
	Use       Use
	NotBefore time.Time   // zero: no beginning
	Expires   time.Time   // the first instant at which it no longer counts; zero: no end
	Revoked   *Revocation // nil: not revoked

	pub        crypto.PublicKey
	thumbprint string
	anyAlg     bool // a bare key that states no alg: any of its kind will do
}

// Revocation says when and why a key was revoked.
type Revocation struct {
	At               time.Time
	Reason           string    // as in RFC 5280: keyCompromise, superseded, ...
	CompromisedSince time.Time // zero: unknown, At is taken
}

// NewKey makes a registered key of a public key: alg is that of its kind
// (PS256 for RSA), kid its thumbprint. Its errors have the code key.rejected.
func NewKey(pub crypto.PublicKey, use Use) (*Key, error) {
	k, err := newKey(pub)
	if err != nil {
		return nil, err
	}
	if algRules[k.Alg].bare {
		return nil, fault.Newf(fault.KeyRejected, "keys for %s are not accepted", k.Alg)
	}
	k.Use = use
	return k, nil
}

// newKey checks the strength of a key of any kind we know.
func newKey(pub crypto.PublicKey) (*Key, error) {
	if err := checkStrength(pub); err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the key is not acceptable: "+err.Error())
	}
	sum := sha256.Sum256(publicMembers(pub).json())
	thumbprint := strictURL.EncodeToString(sum[:])
	return &Key{KID: thumbprint, Alg: defaultAlg(kindOf(pub)), pub: pub, thumbprint: thumbprint}, nil
}

// Public returns the public key: *ecdsa.PublicKey, ed25519.PublicKey or
// *rsa.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.pub }

// Thumbprint returns the RFC 7638 thumbprint with SHA-256, base64url.
func (k *Key) Thumbprint() string { return k.thumbprint }

// takes says whether the key verifies an algorithm: one key, one algorithm.
func (k *Key) takes(alg Alg) bool {
	if k.anyAlg {
		return algRules[alg].kind == kindOf(k.pub)
	}
	return k.Alg == alg
}

// GoodAt says whether the window and the revocation of the key allow a
// signature that is proven to exist at t: nil, or a fault with the code
// jws.key_expired or jws.key_revoked.
func (k *Key) GoodAt(t time.Time) error {
	if !k.NotBefore.IsZero() && t.Before(k.NotBefore) {
		return fault.Newf(fault.JWSKeyExpired, "the key counts from %s", stamp(k.NotBefore))
	}
	if !k.Expires.IsZero() && !t.Before(k.Expires) {
		return fault.Newf(fault.JWSKeyExpired, "the key counted until %s", stamp(k.Expires))
	}
	if k.Revoked != nil && !t.Before(k.Revoked.badSince()) {
		return fault.Newf(fault.JWSKeyRevoked, "the key was revoked (%s)", k.Revoked)
	}
	return nil
}

// badSince is the instant from which a signature no longer counts. A
// compromise reaches back to when it began; a key that was merely replaced was
// good until it was revoked (signing.md, "Trust").
func (r *Revocation) badSince() time.Time {
	switch r.Reason {
	case "", "unspecified", "keyCompromise", "cACompromise", "aACompromise":
		if !r.CompromisedSince.IsZero() {
			return r.CompromisedSince
		}
	}
	return r.At
}

// String says when and why, for findings and evidence.
func (r *Revocation) String() string {
	reason := r.Reason
	if reason == "" {
		reason = "unspecified"
	}
	s := fmt.Sprintf("%s: %s", stamp(r.At), reason)
	if !r.CompromisedSince.IsZero() {
		s += ", compromised since " + stamp(r.CompromisedSince)
	}
	return s
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

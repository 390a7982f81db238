package signing

import (
	"crypto"
	"time"
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
	Expires   time.Time   // zero: no end
	Revoked   *Revocation // nil: not revoked

	pub        crypto.PublicKey
	thumbprint string
	anyAlg     bool // a bare key that states no alg: any of its kind will do
}

// Revocation says when and why a key was revoked.
type Revocation struct {
	At               time.Time
	Reason           string    // keyCompromise, superseded, ...; empty counts as a compromise
	CompromisedSince time.Time // zero: unknown, At is taken
}

// Public returns the public key: *ecdsa.PublicKey, ed25519.PublicKey or
// *rsa.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.pub }

// Thumbprint returns the RFC 7638 thumbprint with SHA-256, base64url.
func (k *Key) Thumbprint() string { return k.thumbprint }

package certs

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// Anchor is a certificate pinned for a partner. It is a value and is not
// changed once it is used.
type Anchor struct {
	Certificate *x509.Certificate
	SHA256      string    // "sha-256:" and 64 hexadecimal digits over the DER
	Role        string    // what the partner record calls it
	Algorithms  []string  // opted in for keys under this anchor, e.g. RS256
	From, Until time.Time // half-open period in which it is pinned; zero is open
	Exclusive   bool      // pinned for this one partner: leaves need not name it
}

// ParseAnchor reads the DER of a CA certificate and compares it with the
// fingerprint it was pinned by. Its errors have the code key.rejected.
func ParseAnchor(der []byte, fingerprint string) (Anchor, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Anchor{}, fault.Wrap(err, fault.KeyRejected, "der is not an X.509 certificate")
	}
	if got := Fingerprint(cert); got != fingerprint {
		return Anchor{}, fault.Newf(fault.KeyRejected, "sha256 does not match the certificate, which has %s", got)
	}
	if !cert.BasicConstraintsValid || !cert.IsCA {
		return Anchor{}, fault.New(fault.KeyRejected, "an anchor must be a CA certificate (basicConstraints CA:TRUE)")
	}
	// RFC 5280, section 4.2.1.3: a CA that asserts keyUsage must assert keyCertSign.
	if cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return Anchor{}, fault.New(fault.KeyRejected, "the key usage of an anchor must allow certificate signing")
	}
	if err := checkStrength(cert.PublicKey); err != nil {
		return Anchor{}, fault.Wrap(err, fault.KeyRejected, "the key of the anchor is not acceptable")
	}
	return Anchor{Certificate: cert, SHA256: fingerprint}, nil
}

// PinnedAt says whether the anchor counts at t.
func (a Anchor) PinnedAt(t time.Time) bool {
	return (a.From.IsZero() || !t.Before(a.From)) && (a.Until.IsZero() || t.Before(a.Until))
}

// Allows says whether the anchor opted in to an algorithm.
func (a Anchor) Allows(alg string) bool { return slices.Contains(a.Algorithms, alg) }

// Fingerprint returns "sha-256:" and the hexadecimal SHA-256 of the DER of c.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return "sha-256:" + hex.EncodeToString(sum[:])
}

// PartnerURI returns the name a leaf certificate carries as a URI SAN to say
// which partner it belongs to (wire.md).
func PartnerURI(id attestation.PartnerID) string { return partnerPrefix + string(id) }

const partnerPrefix = "urn:accord:partner:"

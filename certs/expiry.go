package certs

import (
	"cmp"
	"crypto/x509"
	"slices"
	"time"
)

// Expiry says when a certificate ends.
type Expiry struct {
	Subject string
	SHA256  string
	At      time.Time
	Left    time.Duration // negative once it has ended
}

// Expiring lists the certificates that end within the given time from now, the
// first to end first. Ended ones are listed too: they are the most urgent.
func Expiring(certificates []*x509.Certificate, now time.Time, within time.Duration) []Expiry {
	var out []Expiry
	for _, c := range certificates {
		if left := c.NotAfter.Sub(now); left <= within {
			out = append(out, Expiry{
				Subject: c.Subject.String(), SHA256: Fingerprint(c), At: c.NotAfter, Left: left,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b Expiry) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.SHA256, b.SHA256))
	})
	return out
}

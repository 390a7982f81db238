package certs

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// MaxChain is the number of certificates a chain may carry. Real ones have two
// to four; each costs a parse and up to a signature check per candidate issuer.
const MaxChain = 8

// Path is a chain that was found good.
type Path struct {
	Chain  []*x509.Certificate // leaf first, the anchor last
	Anchor Anchor
	// From and Until bound the half-open period in which the whole path holds:
	// the windows of all its certificates and the period of the pin.
	From, Until time.Time
}

// Holds says whether the path is good at t without looking at it again.
func (p *Path) Holds(t time.Time) bool { return !t.Before(p.From) && t.Before(p.Until) }

// VerifyChain checks that a chain (leaf first) ends at the time at in one of
// the anchors and that the leaf belongs to the partner. It returns the path,
// anchor last. The faults are jws.chain_expired, jws.chain_untrusted and
// issuer.mismatch.
func VerifyChain(chain []*x509.Certificate, anchors []Anchor, partner attestation.PartnerID, at time.Time) ([]*x509.Certificate, error) {
	p, err := FindPath(chain, anchors, partner, at)
	if err != nil {
		return nil, err
	}
	return p.Chain, nil
}

// FindPath is VerifyChain with the anchor it found and the period in which the
// answer stays the same.
func FindPath(chain []*x509.Certificate, anchors []Anchor, partner attestation.PartnerID, at time.Time) (*Path, error) {
	if len(chain) == 0 {
		return nil, fault.New(fault.JWSChainUntrusted, "the chain is empty")
	}
	if len(chain) > MaxChain {
		return nil, fault.Newf(fault.JWSChainUntrusted, "the chain has %d certificates; %d are allowed", len(chain), MaxChain)
	}
	paths, err := build(chain, anchors, at)
	if err != nil {
		return nil, err
	}
	if err := checkLeaf(chain[0]); err != nil {
		return nil, err
	}
	// The best of several paths decides: one that ends in an exclusive anchor
	// frees the leaf from naming the partner.
	var last error
	for _, p := range paths {
		if last = checkPath(p, partner); last == nil {
			return p, nil
		}
	}
	return nil, last
}

// build lets crypto/x509 find every path at the given time. Extended key usages
// are not its business here: KeyUsages is Any and the leaf is checked by
// checkLeaf (signing.md, "Trust").
func build(chain []*x509.Certificate, anchors []Anchor, at time.Time) ([]*Path, error) {
	opts := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	pinned := 0
	for _, a := range anchors {
		if a.PinnedAt(at) {
			opts.Roots.AddCert(a.Certificate)
			pinned++
		}
	}
	if pinned == 0 {
		return nil, fault.New(fault.JWSChainUntrusted, "no anchor is pinned for this partner at that time")
	}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	found, err := chain[0].Verify(opts)
	if err != nil {
		return nil, classify(err)
	}
	var out []*Path
	for _, certs := range found {
		for _, a := range anchors {
			if a.PinnedAt(at) && bytes.Equal(a.Certificate.Raw, certs[len(certs)-1].Raw) {
				out = append(out, newPath(certs, a))
			}
		}
	}
	return out, nil
}

func newPath(chain []*x509.Certificate, a Anchor) *Path {
	p := &Path{Chain: chain, Anchor: a, From: a.From, Until: a.Until}
	for _, c := range chain {
		if c.NotBefore.After(p.From) {
			p.From = c.NotBefore
		}
		// A certificate is good to the end of the second of NotAfter (RFC 5280,
		// section 4.1.2.5: inclusive).
		if end := c.NotAfter.Add(time.Second); p.Until.IsZero() || end.Before(p.Until) {
			p.Until = end
		}
	}
	return p
}

// checkPath holds the rules that crypto/x509 leaves to its caller.
func checkPath(p *Path, partner attestation.PartnerID) error {
	if len(p.Chain) < 2 {
		return fault.New(fault.JWSChainUntrusted, "an anchor does not sign by itself: a leaf certificate is needed")
	}
	if root := p.Anchor.Certificate; !root.BasicConstraintsValid || !root.IsCA {
		return fault.New(fault.JWSChainUntrusted, "the pinned certificate is not a CA")
	}
	for _, c := range p.Chain {
		if err := checkStrength(c.PublicKey); err != nil {
			return fault.Wrap(err, fault.JWSChainUntrusted, "a certificate of the chain has a key that is not acceptable")
		}
	}
	return checkName(p.Chain[0], p.Anchor.Exclusive, partner)
}

// checkName ties the leaf to the partner. A leaf under an exclusive anchor may
// name nobody, but never somebody else.
func checkName(leaf *x509.Certificate, exclusive bool, partner attestation.PartnerID) error {
	var named []string
	for _, u := range leaf.URIs {
		if s := u.String(); strings.HasPrefix(s, partnerPrefix) {
			named = append(named, s)
		}
	}
	switch {
	case len(named) == 0 && exclusive:
		return nil
	case len(named) == 0:
		return fault.Newf(fault.IssuerMismatch, "the leaf certificate does not name its partner; expected the URI %s", PartnerURI(partner))
	case slices.Equal(named, []string{PartnerURI(partner)}):
		return nil
	default:
		return fault.Newf(fault.IssuerMismatch, "the leaf certificate belongs to another partner; expected the URI %s", PartnerURI(partner))
	}
}

// checkLeaf demands a certificate made for signatures: not a CA, and with
// digitalSignature or nonRepudiation where it has a key usage at all (RFC 5280,
// section 4.2.1.3).
func checkLeaf(leaf *x509.Certificate) error {
	if leaf.IsCA {
		return fault.New(fault.JWSChainUntrusted, "the leaf is a CA certificate")
	}
	const signs = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if leaf.KeyUsage != 0 && leaf.KeyUsage&signs == 0 {
		return fault.New(fault.JWSChainUntrusted, "the key usage of the leaf allows neither digitalSignature nor nonRepudiation")
	}
	return nil
}

// classify turns an error of crypto/x509 into one of ours.
func classify(err error) error {
	if inv, ok := errors.AsType[x509.CertificateInvalidError](err); ok && inv.Reason == x509.Expired {
		return fault.Wrap(err, fault.JWSChainExpired, "a certificate of the chain is outside its validity period at the proven time")
	}
	return fault.Wrap(err, fault.JWSChainUntrusted, "the chain does not end in an anchor pinned for this partner")
}

package partners

import (
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// Owner returns the partner to which the identifiers resolve at t. One that
// belongs to another partner is issuer.mismatch, and so are identifiers of which
// none is registered; one that belongs to nobody says nothing (domain.md,
// section 3). They match exactly, never by prefix.
func (s *Snapshot) Owner(ids []attestation.Identifier, t time.Time) (attestation.PartnerID, error) {
	c := s.at(t)
	var owner attestation.PartnerID
	for _, id := range ids {
		o, ok := c.owners[id]
		if !ok {
			continue
		}
		if owner != "" && o != owner {
			return "", fault.At(fault.IssuerMismatch, "/issuer/identifiers", "the identifiers of the issuer belong to more than one partner")
		}
		owner = o
	}
	if owner == "" {
		return "", fault.At(fault.IssuerMismatch, "/issuer/identifiers", "no identifier of the issuer is registered for a partner")
	}
	return owner, nil
}

// PartnerByIssuerURL returns the partner whose gateway has the given issuer.
func (s *Snapshot) PartnerByIssuerURL(issuer string, t time.Time) (attestation.PartnerID, bool) {
	id, ok := s.at(t).gateways[issuer]
	return id, ok
}

func errNotIssuer() error {
	return fault.At(fault.IssuerMismatch, "/issuer", "the sender is not the issuer, does not act for it, and is no relay")
}

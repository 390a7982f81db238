package partners

import (
	"slices"
	"time"

	"accord/attestation"
)

// An arrangement may take the place of others (successorOf): the members of the
// one before are members of the new one by a record of their own, but what names
// the one before, an instrument that adopts it or a scope that asks for an
// accreditation under it, means the new one too.

// Successors returns the agreements at t that took the place of one, directly or
// by others, whatever their state, by id; never the agreement itself.
func (s *Snapshot) Successors(id attestation.AgreementID, t time.Time) []*Agreement {
	return s.at(t).successors(id)
}

// Predecessors returns the agreements at t whose place one has taken, directly
// or by others, by id; never the agreement itself. One that is not in the
// directory is left out.
func (s *Snapshot) Predecessors(id attestation.AgreementID, t time.Time) []*Agreement {
	c := s.at(t)
	return c.closure(id, func(a attestation.AgreementID) []attestation.AgreementID {
		if held, ok := c.agreements[a]; ok {
			return held.SuccessorOf
		}
		return nil
	})
}

func (c *slice) successors(id attestation.AgreementID) []*Agreement {
	return c.closure(id, func(a attestation.AgreementID) (next []attestation.AgreementID) {
		for _, later := range c.agreementList {
			if slices.Contains(later.SuccessorOf, a) {
				next = append(next, later.ID)
			}
		}
		return next
	})
}

// closure follows a relation from an agreement. Records may name each other in a
// circle; each is visited once.
func (c *slice) closure(id attestation.AgreementID, next func(attestation.AgreementID) []attestation.AgreementID) []*Agreement {
	seen := map[attestation.AgreementID]bool{id: true}
	var out []*Agreement
	for open := []attestation.AgreementID{id}; len(open) > 0; open = open[1:] {
		for _, other := range next(open[0]) {
			if seen[other] {
				continue
			}
			seen[other] = true
			open = append(open, other)
			if a, ok := c.agreements[other]; ok {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, byAgreementID)
	return out
}

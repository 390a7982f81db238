package partners

import (
	"slices"
	"time"

	"accord/attestation"
)

// AudienceQuestion asks who may see a document (domain.md, section 6.2).
// Products do not count.
type AudienceQuestion struct {
	Issuer, Sender attestation.PartnerID
	Kind           attestation.Kind
	PersonalData   bool // the document names or reaches a person
	At             time.Time
}

// Audience returns, sorted, every partner that may see the document: its
// sender, its issuer, and the active partners that an agreement in force with
// exchange covers. The list must not be changed.
func (s *Snapshot) Audience(q AudienceQuestion) []attestation.PartnerID {
	c := s.at(q.At)
	key := audienceKey{q.Issuer, q.Sender, q.Kind, q.PersonalData}
	if list, ok := c.audiences.get(key); ok {
		return list
	}
	reached := s.reached(q)
	list := make([]attestation.PartnerID, 0, len(reached)+2)
	list = append(list, reached...)
	for _, own := range []attestation.PartnerID{q.Issuer, q.Sender} {
		if own != "" {
			list = append(list, own)
		}
	}
	slices.Sort(list)
	list = slices.Clip(slices.Compact(list))
	if _, known := c.partners[q.Sender]; known {
		c.audiences.put(key, list)
	}
	return list
}

// reached returns the partners that agreements cover, sorted.
func (s *Snapshot) reached(q AudienceQuestion) []attestation.PartnerID {
	c := s.at(q.At)
	held, ok := c.partners[q.Issuer]
	if !ok {
		return nil
	}
	key := audienceKey{issuer: q.Issuer, kind: q.Kind, personal: q.PersonalData}
	if list, ok := c.audiences.get(key); ok {
		return list
	}
	var list []attestation.PartnerID
	for _, a := range gather(c.places.from, held.names()) {
		if a.closed(q) != "" {
			continue
		}
		for _, scope := range a.scopesOrWhole() {
			x := crossing{slice: c, agreement: a, scope: scope, issuer: held.Partner, kind: q.Kind, at: q.At}
			if x.opens() == "" {
				x.each(func(p *Partner) { list = append(list, p.ID) })
			}
		}
	}
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(id attestation.PartnerID) bool { return id == q.Issuer })
	list = slices.Clip(list) // shared: an append of the caller must not reach it
	c.audiences.put(key, list)
	return list
}

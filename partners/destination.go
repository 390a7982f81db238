package partners

import (
	"slices"
	"strings"

	"accord/attestation"
	"accord/internal/fault"
)

// CheckDestinations says whether an agreement covers each named destination, an
// economy or a partner id. For one that is not covered every candidate agreement
// is a fault scope.out_of_agreement with its id, clause and reason; the place
// is /destination/N. Issuer and sender may see the document anyway.
func (s *Snapshot) CheckDestinations(q AudienceQuestion, destinations []string) error {
	var l fault.List
	c := s.at(q.At)
	reached := s.reached(q)
	for i, d := range destinations {
		covered := slices.ContainsFunc(reached, func(id attestation.PartnerID) bool { return c.partners[id].is(d) })
		if !covered && d != string(q.Issuer) && d != string(q.Sender) {
			l = append(l, c.uncovered(q, d, idx("/destination", i))...)
		}
	}
	return l.ErrorOrNil()
}

// uncovered says of each candidate agreement why it does not cover.
func (c *slice) uncovered(q AudienceQuestion, destination, at string) fault.List {
	if !attestation.PartnerID(destination).Valid() && !attestation.Economy(destination).ValidParty() {
		return fault.List{fault.At(fault.ScopeOutOfAgreement, at, "a destination is the id of a partner or the two letters of an economy")}
	}
	issuer, ok := c.partners[q.Issuer]
	if !ok {
		return fault.List{fault.At(fault.ScopeOutOfAgreement, at, "the issuer is not a partner of this gateway")}
	}
	var dests []*Partner
	names := []string{destination}
	for _, p := range c.partnerList {
		if p.is(destination) && p.ID != q.Issuer {
			dests = append(dests, p)
			names = append(names, p.names()...)
		}
	}
	var l fault.List
	for _, a := range c.candidates(issuer.Partner, names) {
		for _, reason := range c.refusals(a, issuer.Partner, dests, destination, q) {
			l = append(l, fault.At(fault.ScopeOutOfAgreement, at, destination+": agreement "+string(a.ID)+reason))
		}
	}
	if len(l) == 0 {
		l = append(l, fault.At(fault.ScopeOutOfAgreement, at, "no agreement stands between "+string(q.Issuer)+" and "+destination))
	}
	return l
}

// refusals returns why an agreement does not cover a destination: one reason for
// the whole of it, or one for each scope with its clause.
func (c *slice) refusals(a *Agreement, issuer *Partner, dests []*Partner, destination string, q AudienceQuestion) []string {
	if reason := a.closed(q); reason != "" {
		return []string{": " + reason}
	}
	var out []string
	for _, scope := range a.scopesOrWhole() {
		x := crossing{slice: c, agreement: a, scope: scope, issuer: issuer, kind: q.Kind, at: q.At}
		reason := x.opens()
		if reason == "" {
			reason = x.missed(dests, destination)
		}
		if scope != nil {
			reason = "scope " + scope.ID + ", clause " + scope.Clause + ": " + reason
		}
		out = append(out, ": "+reason)
	}
	return out
}

// missed says why the open scope reaches none of the partners.
func (x *crossing) missed(dests []*Partner, destination string) string {
	var reasons []string
	for _, p := range dests {
		reason := x.reaches(p)
		if reason == "" {
			reason = "partner " + string(p.ID) + " is not active at the time"
		}
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) == 0 {
		return "no partner of " + destination + " is in the directory"
	}
	return strings.Join(reasons[:min(3, len(reasons))], "; ")
}

package recognition

import (
	"cmp"
	"slices"

	"accord/attestation"
	"accord/partners"
)

// gather takes from the directory what one question needs.
func gather(s *partners.Snapshot, q *Question) *brief {
	b := &brief{q: q}
	b.agreement = func(id attestation.AgreementID) *partners.Agreement {
		a, _ := s.Agreement(id, q.At)
		return a
	}
	b.successors = func(id attestation.AgreementID) []*partners.Agreement { return s.Successors(id, q.At) }
	b.predecessors = func(id attestation.AgreementID) []*partners.Agreement { return s.Predecessors(id, q.At) }
	b.partner = func(id attestation.PartnerID) *partners.Partner {
		p, _ := s.Partner(id, q.At)
		return p
	}
	b.owner = func(ids []attestation.Identifier) *partners.Partner {
		id, err := s.Owner(ids, q.At)
		if err != nil {
			return nil // nobody's, or more than one's: nothing is known of it
		}
		return b.partner(id)
	}
	b.issuer = b.partner(q.Issuer)
	b.asker = whoAsks(q.Partner, b.partner)
	if q.Document == nil || b.issuer == nil {
		return b
	}
	b.act = q.Document.ActDate()
	for _, d := range s.Designations(q.At) {
		if d.Body == q.Issuer {
			b.designations = append(b.designations, d)
		}
	}
	b.sanctions = s.Sanctions(q.At)
	b.candidates = b.findCandidates(s)
	return b
}

// whoAsks reads P, a partner id or an economy; the two forms have no value in
// common, because ids have no capitals.
func whoAsks(name string, partner func(attestation.PartnerID) *partners.Partner) asker {
	if p := partner(attestation.PartnerID(name)); p != nil {
		return asker{partner: p, economies: p.Economies}
	}
	return asker{economies: []attestation.Economy{attestation.Economy(name)}}
}

// findCandidates looks by the parties of both sides. On the issuer's side stand
// the issuer and its economy, whoever accredited it and whoever designated it;
// an instrument of P's own needs no party there.
func (b *brief) findCandidates(s *partners.Snapshot) []*partners.Agreement {
	var out []*partners.Agreement
	from := []*partners.Partner{b.issuer}
	for _, acc := range b.accreditors() {
		from = append(from, b.partner(acc.By))
	}
	for _, d := range b.designations {
		from = append(from, b.partner(d.DesignatedBy))
	}
	for _, p := range from {
		if p != nil {
			out = append(out, s.Candidates(p, b.q.Partner, b.q.At)...)
		}
	}
	self := b.asker.partner
	if self == nil {
		self = &partners.Partner{Economies: b.asker.economies}
	}
	for _, a := range s.Candidates(self, b.q.Partner, b.q.At) {
		if a.Kind == kindUnilateral && b.reachesIssuer(a) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(x, y *partners.Agreement) int { return cmp.Compare(x.ID, y.ID) })
	return slices.Compact(out)
}

// reachesIssuer says whether an instrument of P's own speaks of results of the
// issuer's side, by itself or through an arrangement it adopts.
func (b *brief) reachesIssuer(a *partners.Agreement) bool {
	if len(a.Adopts) > 0 {
		return true
	}
	return slices.ContainsFunc(a.Scopes, func(s partners.Scope) bool {
		return overlap(s.Direction.From, b.issuerSide())
	})
}

// frames lists what is to be examined: each scope of each candidate. Where P's
// instrument adopts an arrangement, each scope of the arrangement is examined in
// the name of the instrument, narrowed by each of its own scopes; so is each
// arrangement that took its place.
func (b *brief) frames() []*frame {
	var out []*frame
	for _, a := range b.candidates {
		if len(a.Adopts) == 0 || a.Kind != kindUnilateral {
			for _, s := range scopesOf(a) {
				out = append(out, &frame{brief: b, agreement: a, scopes: s})
			}
			continue
		}
		for _, id := range a.Adopts {
			out = append(out, b.adopted(a, id)...)
			for _, later := range b.successors(id) {
				if !slices.Contains(a.Adopts, later.ID) {
					out = append(out, b.adopted(a, later.ID)...)
				}
			}
		}
	}
	return out
}

func (b *brief) adopted(adopter *partners.Agreement, id attestation.AgreementID) []*frame {
	a := b.agreement(id)
	if a == nil {
		// The result is to show why the adoption does not help.
		return []*frame{{brief: b, agreement: &partners.Agreement{ID: id, State: "not in the directory"}, adopter: adopter}}
	}
	var out []*frame
	for _, s := range scopesOf(a) {
		for _, own := range scopesOf(adopter) {
			out = append(out, &frame{brief: b, agreement: a, adopter: adopter, scopes: slices.Concat(s, own)})
		}
	}
	return out
}

// scopesOf lists the scopes one by one; an agreement without scopes has one
// empty list, so that it is examined all the same.
func scopesOf(a *partners.Agreement) [][]*partners.Scope {
	if len(a.Scopes) == 0 {
		return [][]*partners.Scope{nil}
	}
	out := make([][]*partners.Scope, len(a.Scopes))
	for i := range a.Scopes {
		out[i] = []*partners.Scope{&a.Scopes[i]}
	}
	return out
}

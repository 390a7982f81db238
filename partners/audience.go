package partners

import (
	"slices"
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// AudienceQuestion asks who may see a document (domain.md, section 6.2).
// Products do not count.
type AudienceQuestion struct {
	Issuer, Sender attestation.PartnerID
	Kind           attestation.Kind
	At             time.Time
}

type audienceKey struct {
	issuer attestation.PartnerID
	kind   attestation.Kind
}

// Audience returns, sorted, every partner that may see the document: its
// sender, its issuer, and the active partners that an agreement in force with
// exchange covers.
func (s *Snapshot) Audience(q AudienceQuestion) []attestation.PartnerID {
	out := slices.Clone(s.reached(q))
	out = append(out, q.Issuer, q.Sender)
	slices.Sort(out)
	return slices.Compact(out)
}

// reached returns the partners that agreements cover; it is made once for an
// issuer and a kind while nothing begins or ends.
func (s *Snapshot) reached(q AudienceQuestion) []attestation.PartnerID {
	c := s.at(q.At)
	key := audienceKey{q.Issuer, q.Kind}
	if v, ok := c.audiences.Load(key); ok {
		return v.([]attestation.PartnerID)
	}
	var out []attestation.PartnerID
	if v, ok := c.partners[q.Issuer]; ok {
		issuer := v.change.value.(*Partner)
		agreements := c.agreementsOf(issuer)
		for _, p := range c.partnerList {
			if p.ID != q.Issuer && p.ActiveAt(q.At) && slices.ContainsFunc(agreements, func(a *Agreement) bool {
				return a.whyNot(issuer, p, q.Kind, q.At) == nil
			}) {
				out = append(out, p.ID)
			}
		}
	}
	c.audiences.Store(key, out)
	return out
}

// CheckDestinations says whether each named destination, an economy or a
// partner id, is reached. One that is not is scope.out_of_agreement, with
// agreement, clause and reason of each candidate.
func (s *Snapshot) CheckDestinations(q AudienceQuestion, destinations []string) error {
	var l fault.List
	c := s.at(q.At)
	reached := s.reached(q)
	for _, d := range destinations {
		if slices.ContainsFunc(reached, func(id attestation.PartnerID) bool {
			return c.partners[id].change.value.(*Partner).is(d)
		}) {
			continue
		}
		l = append(l, s.reasons(q, d)...)
	}
	return l.ErrorOrNil()
}

// is says whether a name of a destination, an economy or an id, means p.
func (p *Partner) is(name string) bool {
	return string(p.ID) == name || slices.Contains(p.Economies, attestation.Economy(name))
}

// reasons says of each candidate agreement why it does not cover.
func (s *Snapshot) reasons(q AudienceQuestion, destination string) fault.List {
	var l fault.List
	add := func(detail string) {
		l = append(l, fault.At(fault.ScopeOutOfAgreement, "/destination/"+destination, detail))
	}
	issuer, ok := s.Partner(q.Issuer, q.At)
	if !ok {
		add("the issuer is not a partner of this gateway")
		return l
	}
	seen := map[string]bool{}
	for _, p := range s.Partners(q.At) {
		if !p.is(destination) || p.ID == q.Issuer {
			continue
		}
		for _, a := range s.Candidates(issuer, string(p.ID), q.At) {
			reasons := a.whyNot(issuer, p, q.Kind, q.At)
			if !p.ActiveAt(q.At) {
				reasons = append(reasons, "partner "+string(p.ID)+" is not active")
			}
			for _, r := range reasons {
				if text := "agreement " + string(a.ID) + ": " + r; !seen[text] {
					seen[text] = true
					add(text)
				}
			}
		}
	}
	if len(l) == 0 {
		add("no agreement stands between the issuer and " + destination)
	}
	return l
}

// whyNot returns nil if the agreement lets the partner see documents of the
// kind from the issuer, and otherwise each reason, with its clause.
func (a *Agreement) whyNot(issuer, partner *Partner, kind attestation.Kind, t time.Time) []string {
	switch {
	case !a.InForceAt(t):
		return []string{"it is not in force, or suspended, at the time"}
	case !a.Exchange:
		return []string{"it does not provide for the exchange of documents"}
	}
	from, to := a.partiesOf(issuer, t), a.partiesOf(partner, t)
	if len(from) == 0 {
		return []string{"the issuer's side is not party at the time"}
	}
	if len(to) == 0 {
		return []string{"the side of " + string(partner.ID) + " is not party at the time"}
	}
	if !a.crosses(from, to, t) {
		return []string{"the two sides are one party, or have not activated it between them"}
	}
	if len(a.Scopes) == 0 {
		return nil
	}
	var reasons []string
	for i := range a.Scopes {
		r := a.Scopes[i].whyNot(a, issuer, partner, from, to, kind, t)
		if r == "" {
			return nil
		}
		reasons = append(reasons, "clause "+a.Scopes[i].Clause+" (scope "+a.Scopes[i].ID+"): "+r)
	}
	return reasons
}

// whyNot returns "" if the scope covers the direction and the kind.
func (s *Scope) whyNot(a *Agreement, issuer, partner *Partner, from, to []*AgreementParty, kind attestation.Kind, t time.Time) string {
	hasScope := func(p *AgreementParty) bool { return len(p.ScopeIDs) == 0 || slices.Contains(p.ScopeIDs, s.ID) }
	suspended := slices.ContainsFunc(a.Suspensions, func(x Suspension) bool {
		return x.Target == "scope" && x.ID == s.ID && (Span{From: x.From, Until: x.Until}).Contains(t)
	})
	switch {
	case suspended || !in(s.Periods, t):
		return "the scope does not stand at the time"
	case len(s.Kinds) > 0 && !slices.Contains(s.Kinds, kind):
		return "documents of kind " + string(kind) + " are not covered"
	case !slices.ContainsFunc(from, hasScope) || !slices.ContainsFunc(to, hasScope):
		return "one of the sides does not take part in the scope"
	case !s.Direction.Mutual() && (!slices.ContainsFunc(s.Direction.From, issuer.is) || !slices.ContainsFunc(s.Direction.To, partner.is)):
		return "the direction does not match"
	}
	return ""
}

// partiesOf returns the party entries that stand for a partner at t.
func (a *Agreement) partiesOf(p *Partner, t time.Time) []*AgreementParty {
	var out []*AgreementParty
	for i := range a.Parties {
		x := &a.Parties[i]
		if (x.Partner == p.ID && x.Partner != "" || slices.Contains(p.Economies, x.Economy)) && in(x.Periods, t) && !a.partySuspended(x, t) {
			out = append(out, x)
		}
	}
	return out
}

func (a *Agreement) partySuspended(p *AgreementParty, t time.Time) bool {
	return slices.ContainsFunc(a.Suspensions, func(s Suspension) bool {
		return s.Target == "party" && s.ID == p.name() && (Span{From: s.From, Until: s.Until}).Contains(t)
	})
}

func (p *AgreementParty) name() string {
	if p.Partner != "" {
		return string(p.Partner)
	}
	return string(p.Economy)
}

// crosses says whether two different parties stand on the two sides and, where
// the agreement is activated pair by pair, have activated it.
func (a *Agreement) crosses(from, to []*AgreementParty, t time.Time) bool {
	for _, f := range from {
		for _, p := range to {
			if f == p {
				continue
			}
			if len(a.Activations) == 0 || slices.ContainsFunc(a.Activations, func(x Activation) bool {
				return x.From == f.name() && x.To == p.name() && in(x.Periods, t)
			}) {
				return true
			}
		}
	}
	return false
}

package recognition

import (
	"slices"
	"time"

	"accord/partners"
)

// agreementRules is family G: the agreement and its parties.
func agreementRules() []rule {
	return []rule{
		{"G01", "agreement inForce at t, not suspended", agreementInForce},
		{"G02", "P (or, in an agreement between governments, its economy) party at t, no reservation hitting", askerIsParty},
		{"G03", "issuer's side party at t; pair activated (phase)", issuerIsParty},
		{"G04", "direction covers issuer economy to P economy", directionCovers},
		{"G05", "legalForce is not none", hasLegalForce},
	}
}

func agreementInForce(f *frame) verdict {
	v := f.inForce(f.agreement)
	if f.adopter != nil {
		v = worst(v, f.inForce(f.adopter))
	}
	return worst(v, f.scopesInForce())
}

func (f *frame) inForce(a *partners.Agreement) verdict {
	t := f.q.At
	start := a.Period.InForce
	if p := a.Period.Provisional; !p.IsZero() && (start.IsZero() || p.Before(start)) {
		start = p // applied provisionally before it entered into force
	}
	switch {
	case a.State != "inForce":
		return failed("%s is not in force: it is %s", a.ID, a.State)
	case t.Before(start):
		return failed("%s enters into force only on %s", a.ID, day(start))
	case !a.Period.Terminated.IsZero() && !t.Before(a.Period.Terminated):
		return failed("%s ended on %s", a.ID, day(a.Period.Terminated))
	}
	if s := f.suspended(a, "agreement", string(a.ID)); s != nil {
		return failed("%s is suspended since %s", a.ID, day(s.From))
	}
	return passed("%s is in force", a.ID).with(a.ID.URN())
}

// scopesInForce looks at the periods and suspensions of the scopes themselves.
func (f *frame) scopesInForce() verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		for _, a := range []*partners.Agreement{f.agreement, f.instrument()} {
			if sus := f.suspended(a, "scope", s.ID); sus != nil {
				return failed("scope %s is suspended since %s", s.ID, day(sus.From))
			}
		}
		if !within(s.Periods, f.q.At) {
			return failed("scope %s does not apply on %s", s.ID, day(f.q.At))
		}
		return notApplicable("")
	})
}

// suspended returns the suspension of a target in force at t, nil when there is
// none. Results from before it stay good where the suspension says keep.
func (f *frame) suspended(a *partners.Agreement, target, id string) *partners.Suspension {
	for i := range a.Suspensions {
		s := &a.Suspensions[i]
		hit := s.Target == target && s.ID == id && (partners.Span{From: s.From, Until: s.Until}).Contains(f.q.At)
		if hit && !f.kept(s.EarlierResults, a.Rules.EarlierResults, s.From) {
			return s
		}
	}
	return nil
}

// kept says whether the document stems from before a measure that lets earlier
// results stand. The measure's own word comes before that of the agreement; a
// document whose act date cannot be read stems from nowhere.
func (b *brief) kept(own, general string, from time.Time) bool {
	fate := own
	if fate == "" {
		fate = general
	}
	return fate == keep && !b.act.IsZero() && b.act.Before(from)
}

func askerIsParty(f *frame) verdict {
	parties := f.askerParties(f.instrument())
	if len(parties) == 0 {
		if governmental(f.instrument()) {
			return failed("%s is not a party of %s", f.q.Partner, f.instrument().ID)
		}
		return failed("%s binds its members only, and %s is not one", f.agreement.ID, f.q.Partner)
	}
	vs := make([]verdict, 0, len(parties))
	for _, p := range parties {
		vs = append(vs, f.partyHolds(f.instrument(), p))
	}
	return best(vs...)
}

// partyHolds says whether a party stands at t and takes part in the scope.
func (f *frame) partyHolds(a *partners.Agreement, p *partners.AgreementParty) verdict {
	name := partyName(p)
	if !within(p.Periods, f.q.At) {
		return failed("%s is not a party of %s on %s", name, a.ID, day(f.q.At))
	}
	if s := f.suspended(a, "party", name); s != nil {
		return failed("the party %s of %s is suspended since %s", name, a.ID, day(s.From))
	}
	for _, s := range f.scopesOf(a) {
		if !holds(p, s.ID) {
			return failed("%s does not take part in scope %s of %s", name, s.ID, a.ID)
		}
	}
	for _, r := range p.Reservations {
		if r.ScopeID == "" || slices.ContainsFunc(f.scopesOf(a), func(s *partners.Scope) bool { return s.ID == r.ScopeID }) {
			return failed("%s made a reservation to %s", name, a.ID).with(clauses(f.scopes)...)
		}
	}
	return passed("%s is a party of %s", name, a.ID)
}

// scopesOf are those scopes of the frame that belong to a.
func (f *frame) scopesOf(a *partners.Agreement) []*partners.Scope {
	var out []*partners.Scope
	for _, s := range f.scopes {
		for i := range a.Scopes {
			if s == &a.Scopes[i] {
				out = append(out, s)
			}
		}
	}
	return out
}

func issuerIsParty(f *frame) verdict {
	if f.agreement.Kind == kindUnilateral {
		return notApplicable("the instrument is P's own; its direction names the issuer's side")
	}
	if f.agreement.Kind == kindMLA && len(f.accreditors()) == 0 {
		return unknown("no accreditation of the issuer is known, so no member of the arrangement can speak for it")
	}
	from, to := f.issuerParties(f.agreement), f.askerParties(f.agreement)
	if len(from) == 0 {
		return failed("nobody on the side of %s is a party of %s", f.q.Issuer, f.agreement.ID)
	}
	if len(from) == 1 && len(to) == 1 && from[0] == to[0] {
		return failed("both sides are the party %s: %s is about results of others", partyName(from[0]), f.agreement.ID)
	}
	vs := make([]verdict, len(from))
	for i, p := range from {
		vs[i] = f.partyHolds(f.agreement, p)
	}
	v := best(vs...)
	if v.result == CheckPass {
		v = worst(v, f.activated())
	}
	return v
}

// activated looks for an exchange of letters between the two sides (APEC TEL
// MRA). Whoever adopts an arrangement from outside exchanges none.
func (f *frame) activated() verdict {
	if len(f.agreement.Activations) == 0 || f.adopter != nil {
		return notApplicable("")
	}
	from, to := names(f.issuerParties(f.agreement)), names(f.askerParties(f.agreement))
	for _, a := range f.agreement.Activations {
		pair := slices.Contains(from, a.From) && slices.Contains(to, a.To) && within(a.Periods, f.q.At)
		if pair && (a.Phase == "" || a.Phase == f.scopeID()) {
			return passed("activated from %s to %s", a.From, a.To)
		}
	}
	return failed("the pair is not activated for scope %s", f.scopeID())
}

func names(ps []*partners.AgreementParty) []string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = partyName(p)
	}
	return out
}

func directionCovers(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		d := s.Direction
		if d.Mutual() {
			if f.agreement.Kind == kindUnilateral {
				return failed("scope %s names no direction, and an instrument of one side cannot be mutual", s.ID)
			}
			return passed("the scope is mutual")
		}
		if !overlap(d.From, f.issuerSide()) {
			return failed("the scope covers results from %s, not from %s", list(d.From), list(f.issuerSide()))
		}
		// P stands outside an arrangement that it adopts: who may rely on it is
		// for the adopting instrument's own scopes.
		adopted := f.adopter != nil && slices.Contains(f.scopesOf(f.agreement), s)
		if !adopted && !overlap(d.To, f.askerSide()) {
			return failed("the scope covers results for %s, not for %s", list(d.To), f.q.Partner)
		}
		return passed("the scope runs from %s to %s", list(d.From), list(d.To))
	})
}

func hasLegalForce(f *frame) verdict {
	if f.agreement.LegalForce == forceNone || f.instrument().LegalForce == forceNone {
		return failed("%s has no legal force: it can exchange documents but recognise none", f.instrument().ID)
	}
	return passed("legal force is %s", f.instrument().LegalForce)
}

// best takes the best of verdicts of which one is enough.
func best(vs ...verdict) verdict {
	return slices.MinFunc(vs, func(a, b verdict) int { return a.result.severity() - b.result.severity() })
}

func clauses(scopes []*partners.Scope) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = clauseOf(s)
	}
	return out
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

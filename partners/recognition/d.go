package recognition

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/partners"
)

// bodyRules is family D: the body that issued the document.
func bodyRules() []rule {
	return []rule{
		{"D01", "issuer designated for activity and scope at the act date, and at t unless earlierResults: keep; kind scheme: party with role issuing; kind mla: notApplicable", bodyDesignated},
		{"D02", "kind mla: accreditation body signatory at main and sub-scope at the act date; an accreditation of the issuer in the archive covers the scheme and was in force; none known is unknown", bodyAccredited},
		{"D03", "no sanction on body or holder in force (fate of earlier results obeyed)", notSanctioned},
	}
}

func bodyDesignated(f *frame) verdict {
	if s := f.bodySuspension(); s != nil {
		v := failed("%s is suspended under %s since %s", f.q.Issuer, f.instrument().ID, day(s.From))
		v.barred = true
		return v
	}
	switch f.agreement.Kind {
	case kindMLA:
		return notApplicable("in an arrangement between accreditation bodies accreditation takes the place of designation")
	case kindEquivalence:
		return notApplicable("equivalence asks for no attestation, so nobody is designated to make one")
	case kindScheme:
		return f.issuingMember()
	default:
		return f.designated()
	}
}

// bodySuspension looks in the agreement and in what adopts it.
func (f *frame) bodySuspension() *partners.Suspension {
	for _, a := range []*partners.Agreement{f.agreement, f.instrument()} {
		if s := f.suspended(a, "body", string(f.q.Issuer)); s != nil {
			return s
		}
	}
	return nil
}

// issuingMember: in a scheme the members with role issuing attest, the others
// only recognise (IECEE CB).
func (f *frame) issuingMember() verdict {
	issues := func(t time.Time) bool {
		return slices.ContainsFunc(f.issuerParties(f.agreement), func(p *partners.AgreementParty) bool {
			scopes := f.scopesOf(f.agreement)
			all := !slices.ContainsFunc(scopes, func(s *partners.Scope) bool { return !holds(p, s.ID) })
			return strings.Contains(p.Role, "issuing") && within(p.Periods, t) && all
		})
	}
	switch {
	case f.act.IsZero():
		return unknown("the act date of the document cannot be read")
	case !issues(f.act):
		return failed("%s was no issuing member of %s at the act date %s", f.q.Issuer, f.agreement.ID, day(f.act))
	case !issues(f.q.At) && f.agreement.Rules.EarlierResults != keep:
		return failed("%s is no issuing member of %s any more", f.q.Issuer, f.agreement.ID)
	default:
		return passed("%s is an issuing member of %s", f.q.Issuer, f.agreement.ID)
	}
}

// designated looks for a designation that held at the act date and holds at t,
// or whose earlier results are kept.
func (f *frame) designated() verdict {
	if f.act.IsZero() {
		return unknown("the act date of the document cannot be read")
	}
	v := failed("%s is not designated under %s for this scope", f.q.Issuer, f.agreement.ID)
	for _, d := range f.designations {
		if f.designationApplies(d) {
			v = better(v, f.designationHolds(d))
		}
	}
	return v
}

// better is best, but between failures it prefers the one that says more.
func better(old, v verdict) verdict {
	if v.result.severity() <= old.result.severity() {
		return v
	}
	return old
}

// designationApplies: one that names no agreement counts where whoever
// designated is on the issuer's side of the agreement.
func (f *frame) designationApplies(d *partners.Designation) bool {
	if d.Body != f.q.Issuer {
		return false
	}
	if d.Agreement != "" && d.Agreement != f.agreement.ID && d.Agreement != f.instrument().ID {
		return false
	}
	if d.Agreement == "" && !f.speaksForIssuer(d.DesignatedBy) {
		return false
	}
	if !f.designatedFor(d) {
		return false
	}
	return len(d.ScopeIDs) == 0 || slices.ContainsFunc(f.scopes, func(s *partners.Scope) bool {
		return slices.Contains(d.ScopeIDs, s.ID)
	})
}

// designatedFor compares activities; a route that was asked for without naming
// one is open to each activity of the scope.
func (f *frame) designatedFor(d *partners.Designation) bool {
	if len(d.Activities) == 0 {
		return true
	}
	if !f.anyActivity {
		return slices.Contains(d.Activities, activityOf(f.q.Document.Kind))
	}
	return !slices.ContainsFunc(f.scopes, func(s *partners.Scope) bool {
		return len(s.Activities) > 0 && !overlap(s.Activities, d.Activities)
	})
}

func (f *frame) speaksForIssuer(id attestation.PartnerID) bool {
	if f.isAuthorityOfIssuer(id) {
		return true
	}
	return slices.ContainsFunc(f.issuerParties(f.agreement), func(p *partners.AgreementParty) bool { return p.Partner == id })
}

func (f *frame) designationHolds(d *partners.Designation) verdict {
	evidence := "designation " + d.ID
	switch {
	case !designatedAt(d, f.act):
		return failed("%s was not designated at the act date %s", f.q.Issuer, day(f.act)).with(evidence)
	case designatedAt(d, f.q.At):
		return passed("%s was designated at the act date and is", f.q.Issuer).with(evidence)
	case f.agreement.Rules.EarlierResults == keep:
		return passed("%s was designated at the act date, and earlier results are kept", f.q.Issuer).with(evidence)
	}
	v := failed("%s is not designated any more", f.q.Issuer).with(evidence)
	v.barred = statusAt(d.Periods, f.q.At) == statusSuspended
	return v
}

// The words of a dated status of bodies and designations.
const (
	statusActive    = "active"
	statusSuspended = "suspended"
)

func designatedAt(d *partners.Designation, t time.Time) bool {
	return statusAt(d.Periods, t) == statusActive
}

// statusAt returns the status in force: where periods overlap, the one that is
// not active.
func statusAt(periods []partners.StatusSpan, t time.Time) string {
	out := ""
	for _, p := range periods {
		if p.Contains(t) && (out == "" || out == statusActive) {
			out = p.Status
		}
	}
	return out
}

func bodyAccredited(f *frame) verdict {
	if f.agreement.Kind == kindMLA {
		return f.accreditedUnder(f.agreement, f.scopesOf(f.agreement))
	}
	return f.eachScope(func(s *partners.Scope) verdict {
		id := s.Conditions.AccreditedBy
		if id == "" {
			return notApplicable("the agreement asks for no accreditation")
		}
		under := f.brief.successors(id)
		if a := f.brief.agreement(id); a != nil {
			under = append([]*partners.Agreement{a}, under...)
		}
		if len(under) == 0 {
			return unknown("the arrangement %s under which accreditation is due is not known", id)
		}
		v := f.accreditedUnder(under[0], nil)
		for _, a := range under[1:] {
			v = better(v, f.accreditedUnder(a, nil))
		}
		return v
	})
}

// accreditedUnder takes the best accreditation known: one is enough.
func (f *frame) accreditedUnder(a *partners.Agreement, scopes []*partners.Scope) verdict {
	v := verdict{result: CheckFail}
	accreditors := f.accreditors()
	for _, acc := range accreditors {
		v = better(v, f.accreditation(acc, a, scopes))
	}
	if len(accreditors) == 0 {
		return unknown("no accreditation of %s is known", f.q.Issuer)
	}
	return v
}

func (f *frame) accreditation(acc Accreditation, a *partners.Agreement, scopes []*partners.Scope) verdict {
	evidence := []string{"accreditation body " + string(acc.By), string(acc.ID)}
	switch {
	case f.act.IsZero():
		return unknown("the act date of the document cannot be read").with(evidence...)
	case !f.covered(acc):
		return unknown("no accreditation of %s is known that covers the scheme", f.q.Issuer).with(evidence...)
	case acc.Status == attestation.Unknown || acc.Status == "":
		return unknown("the status of the accreditation by %s at the act date is not known", acc.By).with(evidence...)
	case acc.Status != attestation.Valid:
		return failed("the accreditation by %s was %s at the act date", acc.By, acc.Status).with(evidence...)
	case !f.signatory(a, acc.By, scopes):
		return failed("%s was no signatory of %s for this scope at the act date", acc.By, a.ID).with(evidence...)
	default:
		return passed("accredited by %s, a signatory of %s", acc.By, a.ID).with(evidence...)
	}
}

// covered: the scheme is in the scope of the accreditation; a document without
// scheme is covered where each of its requirements is.
func (f *frame) covered(acc Accreditation) bool {
	doc := f.q.Document
	if scheme := schemeOf(doc); scheme != "" {
		return slices.Contains(acc.Covers, scheme)
	}
	for _, r := range doc.Requirements {
		if !slices.Contains(acc.Covers, r.ID) {
			return false
		}
	}
	return len(doc.Requirements) > 0
}

// signatory: the body must hold the main scope and each sub-scope under it. The
// id of a sub-scope is that of its main scope, a full stop and its own name.
//
// What an arrangement took the place of counts as the arrangement where it was
// in force at the act date: results are of the time before the succession too.
func (f *frame) signatory(a *partners.Agreement, body attestation.PartnerID, scopes []*partners.Scope) bool {
	return slices.ContainsFunc(append([]*partners.Agreement{a}, f.brief.predecessors(a.ID)...), func(a *partners.Agreement) bool {
		return f.signed(a, body, scopes)
	})
}

// signed is signatory of one arrangement.
func (f *frame) signed(a *partners.Agreement, body attestation.PartnerID, scopes []*partners.Scope) bool {
	return slices.ContainsFunc(a.Parties, func(p partners.AgreementParty) bool {
		if p.Partner != body || !within(p.Periods, f.act) {
			return false
		}
		for _, s := range scopes {
			for _, id := range lineage(s.ID) {
				if !holds(&p, id) {
					return false
				}
			}
		}
		return true
	})
}

// lineage lists a scope and all above it: "17065.food.meat" is under
// "17065.food" and "17065".
func lineage(id string) []string {
	out := []string{id}
	for i := len(id) - 1; i > 0; i-- {
		if id[i] == '.' {
			out = append(out, id[:i])
		}
	}
	return out
}

func notSanctioned(f *frame) verdict {
	if s := statusAt(f.issuer.Status, f.q.At); s != statusActive {
		v := failed("%s is not active in the directory: %s", f.q.Issuer, orWord(s, "no partner at the time"))
		v.barred = s == statusSuspended
		return v
	}
	v := passed("no sanction is known on %s or on a party of the document", f.q.Issuer)
	for _, s := range f.sanctions {
		if hit := f.sanctioned(s); hit.result == CheckFail {
			v = worst(v, hit)
		}
	}
	return v
}

func (f *frame) sanctioned(s *partners.Sanction) verdict {
	if !f.concerned(s) {
		return notApplicable("")
	}
	for _, p := range sanctionSpans(s) {
		if p.Contains(f.q.At) && !f.kept(s.EarlierResults, "", p.From) {
			v := failed("%s is sanctioned by %s (%s)", s.Target.ID, s.Authority, s.List).with("sanction " + s.ID)
			v.barred = s.Target.Kind == "body"
			return v
		}
	}
	return notApplicable("")
}

// concerned says whether a sanction speaks of the issuer or of a party of the
// document.
func (b *brief) concerned(s *partners.Sanction) bool {
	if s.Target.Kind == "body" {
		return s.Target.ID == string(b.q.Issuer)
	}
	return b.isParty(s.Target.ID)
}

// sanctionSpans: a sanction without periods is in force for ever.
func sanctionSpans(s *partners.Sanction) []partners.Span {
	if len(s.Periods) == 0 {
		return []partners.Span{{}}
	}
	return s.Periods
}

// isParty says whether a holder ("scheme:value") is a party of the document.
func (b *brief) isParty(holder string) bool {
	return slices.ContainsFunc(b.q.Document.Parties, func(p attestation.Party) bool {
		return slices.ContainsFunc(p.Identifiers, func(id attestation.Identifier) bool {
			return id.Scheme+":"+id.Value == holder
		})
	})
}

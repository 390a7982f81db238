package partners

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
)

// crossing is one way of a document: from an issuer under one scope of an
// agreement. The rule of domain.md, section 6.2 ("Who may see a document"),
// stands in its three questions: is the agreement open, does the scope open it
// to the issuer, does it reach the partner? Each is answered "" or with the
// reason why not.
type crossing struct {
	*slice
	agreement *Agreement
	scope     *Scope // nil: the agreement has no scopes and counts as a whole
	issuer    *Partner
	kind      attestation.Kind
	at        time.Time

	from []*AgreementParty // on the issuer's side, once the scope is open
}

// closed says why an agreement lets nobody see anything.
func (a *Agreement) closed(q AudienceQuestion) string {
	switch {
	case a.State != "inForce":
		return "it is not in force but " + a.State
	case !a.InForceAt(q.At):
		return "it is not in force, or suspended, at the time"
	case !a.Exchange:
		return "it does not provide for the exchange of documents"
	case q.PersonalData && a.Rules.PersonalData == refusePersonal:
		return "it refuses documents that name or reach a person (personalData: refuse)"
	default:
		return ""
	}
}

// refusePersonal is the rule of an agreement that lets no personal data leave.
const refusePersonal = "refuse"

// scopesOrWhole lists the scopes of an agreement; one that has none counts as a
// whole.
func (a *Agreement) scopesOrWhole() []*Scope {
	if len(a.Scopes) == 0 {
		return []*Scope{nil}
	}
	out := make([]*Scope, len(a.Scopes))
	for i := range a.Scopes {
		out[i] = &a.Scopes[i]
	}
	return out
}

// opens says why the scope lets nobody see the documents of the issuer.
func (x *crossing) opens() string {
	a, s := x.agreement, x.scope
	if s != nil {
		switch {
		case !in(s.Periods, x.at) || a.suspends("scope", s.ID, x.at):
			return "the scope does not apply, or is suspended, at the time"
		case len(s.Kinds) > 0 && !slices.Contains(s.Kinds, x.kind):
			return "it covers the kinds " + join(s.Kinds) + ", not " + string(x.kind)
		case !s.Direction.Mutual() && !slices.ContainsFunc(s.Direction.From, x.issuer.is):
			return "it covers documents from " + join(s.Direction.From) + ", not from " + join(x.issuer.names())
		}
	}
	if a.unilateral() {
		if s == nil || s.Direction.Mutual() {
			return "it is the instrument of one side and names no direction"
		}
		return ""
	}
	x.from = x.from[:0]
	for i := range a.Parties {
		if p := &a.Parties[i]; x.onIssuersSide(p) && x.stands(p) {
			x.from = append(x.from, p)
		}
	}
	if len(x.from) == 0 {
		return "nobody on the side of " + string(x.issuer.ID) + " takes part in it at the time"
	}
	return ""
}

// reaches says why the open scope does not let a partner see the documents.
func (x *crossing) reaches(p *Partner) string {
	if x.scope != nil && !x.scope.Direction.Mutual() && !slices.ContainsFunc(x.scope.Direction.To, p.is) {
		return "it covers documents for " + join(x.scope.Direction.To) + ", not for " + join(p.names())
	}
	party, taking := false, false
	for i := range x.agreement.Parties {
		to := &x.agreement.Parties[i]
		if !x.onSideOf(to, p) {
			continue
		}
		party = true
		if x.stands(to) {
			taking = true
			if x.linked(to) {
				return ""
			}
		}
	}
	switch {
	case !party:
		return string(p.ID) + " is not party to it"
	case !taking:
		return "the side of " + string(p.ID) + " does not take part in it at the time"
	default:
		return "both are of one side, or the two sides have not activated it between them"
	}
}

// each calls yield with every active partner that the open scope reaches; one
// may come several times.
func (x *crossing) each(yield func(*Partner)) {
	for i := range x.agreement.Parties {
		to := &x.agreement.Parties[i]
		if to.Economy != "" && !x.agreement.governmental() || !x.stands(to) || !x.linked(to) {
			continue
		}
		for _, p := range x.active[to.name()] {
			if x.scope == nil || x.scope.Direction.Mutual() || slices.ContainsFunc(x.scope.Direction.To, p.is) {
				yield(p)
			}
		}
	}
}

// onSideOf says whether a partner is the party, or of the economy that is party
// to an agreement between governments.
func (x *crossing) onSideOf(party *AgreementParty, p *Partner) bool {
	if party.Partner != "" {
		return party.Partner == p.ID
	}
	return x.agreement.governmental() && slices.Contains(p.Economies, party.Economy)
}

// onIssuersSide also takes an authority of the issuer's economy that is party to
// an agreement between governments.
func (x *crossing) onIssuersSide(party *AgreementParty) bool {
	if x.onSideOf(party, x.issuer) {
		return true
	}
	held, ok := x.partners[party.Partner]
	return ok && x.agreement.governmental() && held.authority() &&
		slices.ContainsFunc(held.Economies, func(e attestation.Economy) bool { return slices.Contains(x.issuer.Economies, e) })
}

// stands says whether a party takes part in the scope at the time: it is in its
// period, not suspended, takes the scope and made no reservation to it.
func (x *crossing) stands(p *AgreementParty) bool {
	if !in(p.Periods, x.at) || x.agreement.suspends("party", p.name(), x.at) {
		return false
	}
	if x.scope != nil && len(p.ScopeIDs) > 0 && !slices.Contains(p.ScopeIDs, x.scope.ID) {
		return false
	}
	return !slices.ContainsFunc(p.Reservations, func(r Reservation) bool {
		return r.ScopeID == "" || x.scope != nil && r.ScopeID == x.scope.ID
	})
}

// linked says whether a party is another than one of the issuer's side and, in
// an agreement that is activated pair by pair, activated with it.
func (x *crossing) linked(to *AgreementParty) bool {
	if x.agreement.unilateral() {
		return true
	}
	return slices.ContainsFunc(x.from, func(from *AgreementParty) bool {
		return from != to && from.name() != to.name() && x.activated(from.name(), to.name())
	})
}

// activated looks for the exchange of letters; its phase is the id of a scope.
func (x *crossing) activated(from, to string) bool {
	if len(x.agreement.Activations) == 0 {
		return true
	}
	return slices.ContainsFunc(x.agreement.Activations, func(a Activation) bool {
		phase := a.Phase == "" || x.scope == nil || a.Phase == x.scope.ID
		return a.From == from && a.To == to && phase && in(a.Periods, x.at)
	})
}

// suspends says whether the agreement suspends a target at t.
func (a *Agreement) suspends(target, id string, t time.Time) bool {
	return slices.ContainsFunc(a.Suspensions, func(s Suspension) bool {
		return s.Target == target && s.ID == id && (Span{From: s.From, Until: s.Until}).Contains(t)
	})
}

// name is what directions and activations call a party.
func (p *AgreementParty) name() string {
	if p.Partner != "" {
		return string(p.Partner)
	}
	return string(p.Economy)
}

func join[T ~string](names []T) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	return b.String()
}

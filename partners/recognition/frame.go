package recognition

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/partners"
)

// brief is everything that one question needs from the directory, gathered once.
type brief struct {
	q            *Question
	issuer       *partners.Partner
	asker        asker
	candidates   []*partners.Agreement // sorted by id
	agreement    func(attestation.AgreementID) *partners.Agreement
	successors   func(attestation.AgreementID) []*partners.Agreement // of an arrangement
	predecessors func(attestation.AgreementID) []*partners.Agreement
	partner      func(attestation.PartnerID) *partners.Partner
	owner        func([]attestation.Identifier) *partners.Partner
	designations []*partners.Designation // of the issuer
	sanctions    []*partners.Sanction    // all
	act          time.Time               // act date of the document; zero: cannot be read
	anyActivity  bool                    // a route was asked for without naming an activity
}

// asker is P: a partner, or an economy.
type asker struct {
	partner   *partners.Partner // nil: P is an economy
	economies []attestation.Economy
}

// frame is one scope of one candidate under examination.
type frame struct {
	*brief
	agreement *partners.Agreement // whose scope and parties are examined
	adopter   *partners.Agreement // P's unilateral instrument that adopts it; nil: none
	scopes    []*partners.Scope   // none, the scope, or the scope and the adopter's that narrows it
}

// instrument is what speaks for P: the agreement, or what adopts it.
func (f *frame) instrument() *partners.Agreement {
	if f.adopter != nil {
		return f.adopter
	}
	return f.agreement
}

// effect is that of the narrowest scope.
func (f *frame) effect() string {
	if len(f.scopes) == 0 {
		return ""
	}
	return f.scopes[len(f.scopes)-1].Effect
}

// scopeID names the scope in the result: P's own where it has one.
func (f *frame) scopeID() string {
	if len(f.scopes) == 0 {
		return ""
	}
	return f.scopes[len(f.scopes)-1].ID
}

// rules are those of the agreement and of what adopts it; all are obeyed.
func (f *frame) rules() []*partners.Rules {
	if f.adopter != nil {
		return []*partners.Rules{&f.agreement.Rules, &f.adopter.Rules}
	}
	return []*partners.Rules{&f.agreement.Rules}
}

// eachScope runs a check on every scope that has to agree and joins them.
func (f *frame) eachScope(check func(*partners.Scope) verdict) verdict {
	if len(f.scopes) == 0 {
		return notApplicable("the agreement has no scope")
	}
	vs := make([]verdict, len(f.scopes))
	for i, s := range f.scopes {
		vs[i] = check(s).with(clauseOf(s))
	}
	return worst(vs...)
}

func clauseOf(s *partners.Scope) string {
	if s.Clause == "" {
		return "scope " + s.ID
	}
	return "scope " + s.ID + ", " + s.Clause
}

// governmental says whether an economy may be the party: then the partners of
// that economy stand under it. Arrangements between accreditation bodies and
// schemes bind their members only (section 6.3, cap 2).
func governmental(a *partners.Agreement) bool {
	return a.Kind != kindMLA && a.Kind != kindScheme
}

// The kinds of agreement, its legal forces and effects (section 6.2).
const (
	kindMLA         = "mla"
	kindScheme      = "scheme"
	kindUnilateral  = "unilateral"
	kindEquivalence = "equivalence"

	forceBinding = "binding"
	forceNone    = "none"

	effectAcceptResult      = "acceptResult"
	effectAcceptCertificate = "acceptCertificate"
	effectIssueOwnOnBasis   = "issueOwnOnBasis"

	keep = "keep"
)

// askerParties are the parties of a that stand for P. An economy that asks is a
// party only where the agreement names the economy.
func (b *brief) askerParties(a *partners.Agreement) []*partners.AgreementParty {
	var out []*partners.AgreementParty
	for i := range a.Parties {
		p := &a.Parties[i]
		named := b.asker.partner != nil && p.Partner == b.asker.partner.ID
		economy := p.Economy != "" && slices.Contains(b.asker.economies, p.Economy) &&
			(b.asker.partner == nil || governmental(a))
		if named || economy {
			out = append(out, p)
		}
	}
	return out
}

// issuerParties are the parties of a on the issuer's side: the issuer itself, in
// an arrangement between accreditation bodies those that accredited it, in one
// between governments its economy or an authority of its economy.
func (b *brief) issuerParties(a *partners.Agreement) []*partners.AgreementParty {
	var out []*partners.AgreementParty
	for i := range a.Parties {
		if p := &a.Parties[i]; b.onIssuersSide(a, p) {
			out = append(out, p)
		}
	}
	return out
}

func (b *brief) onIssuersSide(a *partners.Agreement, p *partners.AgreementParty) bool {
	if b.issuer == nil {
		return false
	}
	if p.Partner != "" && p.Partner == b.issuer.ID {
		return true
	}
	switch a.Kind {
	case kindScheme:
		return false
	case kindMLA:
		return slices.ContainsFunc(b.accreditors(), func(acc Accreditation) bool { return acc.By == p.Partner })
	default:
		return slices.Contains(b.issuer.Economies, p.Economy) || b.isAuthorityOfIssuer(p.Partner)
	}
}

// isAuthorityOfIssuer says whether a party is a government body of the issuer's
// economy, which then is the issuer's side.
func (b *brief) isAuthorityOfIssuer(id attestation.PartnerID) bool {
	p := b.partner(id)
	if p == nil || p.Kind != partners.Regulator && p.Kind != partners.DesignatingAuthority {
		return false
	}
	return slices.ContainsFunc(p.Economies, func(e attestation.Economy) bool {
		return slices.Contains(b.issuer.Economies, e)
	})
}

// accreditors are the known accreditations of the issuer. The issuer of an
// accreditation is its own accreditor: the arrangement binds it directly.
func (b *brief) accreditors() []Accreditation {
	if b.q.Document.Kind == attestation.AccreditationKind {
		return []Accreditation{AccreditationOf(b.q.Document, b.q.Issuer, b.q.Subject.ID, attestation.Valid)}
	}
	return b.q.Known.Accreditations
}

// partyName is what an activation calls a party.
func partyName(p *partners.AgreementParty) string {
	if p.Partner != "" {
		return string(p.Partner)
	}
	return string(p.Economy)
}

// side lists the partner id and economies of a side, as a direction names them.
func side(id attestation.PartnerID, economies []attestation.Economy) []string {
	out := make([]string, 0, 1+len(economies))
	if id != "" {
		out = append(out, string(id))
	}
	for _, e := range economies {
		out = append(out, string(e))
	}
	return out
}

func (b *brief) issuerSide() []string {
	if b.issuer == nil {
		return nil
	}
	return side(b.issuer.ID, b.issuer.Economies)
}

func (b *brief) askerSide() []string {
	if b.asker.partner == nil {
		return side("", b.asker.economies)
	}
	return side(b.asker.partner.ID, b.asker.economies)
}

func orWord(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// within says whether t lies in one of the spans; no span is no limit.
func within(spans []partners.Span, t time.Time) bool {
	if len(spans) == 0 {
		return true
	}
	return slices.ContainsFunc(spans, func(s partners.Span) bool { return s.Contains(t) })
}

// holds says whether a party takes part in a scope.
func holds(p *partners.AgreementParty, scope string) bool {
	return len(p.ScopeIDs) == 0 || slices.Contains(p.ScopeIDs, scope)
}

// list joins names for a sentence.
func list[T ~string](xs []T) string {
	if len(xs) == 0 {
		return "nothing"
	}
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return strings.Join(out, ", ")
}

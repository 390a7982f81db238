package partners

import (
	"strings"

	"accord/attestation"
	"accord/internal/fault"
)

// The closed lists of an agreement (domain.md, section 6.2).
var (
	agreementKinds  = []string{"mla", "mraGovernment", "scheme", "unilateral", "equivalence", "mou"}
	arities         = []string{"unilateral", "bilateral", "multilateral"}
	legalForces     = []string{"binding", "voluntary", "none"}
	agreementStates = []string{"negotiating", "signed", "inForce", "ended"}
	suspendable     = []string{"agreement", "party", "scope", "body"}
	fates           = []string{"keep", "void"}
	personalData    = []string{"warn", "refuse"}
)

func (a *Agreement) validate(f *findings, target string) {
	f.own(string(a.ID), target)
	f.text("/title", a.Title)
	f.word("/kind", a.Kind, agreementKinds)
	f.word("/arity", a.Arity, arities)
	f.word("/legalForce", a.LegalForce, legalForces)
	f.word("/state", a.State, agreementStates)
	f.agreements("/successorOf", a.SuccessorOf, a.ID)
	f.agreements("/adopts", a.Adopts, a.ID)
	if a.Text != nil {
		f.url("/text/url", a.Text.URL)
	}
	a.validatePeriod(f)
	scopes := a.scopeIDs(f)
	a.validateParties(f, scopes)
	for i, x := range a.Activations {
		at := idx("/activations", i)
		a.partyName(f, at+"/from", x.From)
		a.partyName(f, at+"/to", x.To)
		f.spans(at+"/periods", x.Periods)
		f.optLine(at+"/phase", x.Phase)
	}
	for i := range a.Scopes {
		a.Scopes[i].validate(f, idx("/scopes", i))
	}
	for i := range a.Suspensions {
		a.validateSuspension(f, idx("/suspensions", i), &a.Suspensions[i], scopes)
	}
	a.Rules.validate(f, "/rules")
}

// agreements checks references to other agreements.
func (f *findings) agreements(at string, ids []attestation.AgreementID, self attestation.AgreementID) {
	for i, id := range ids {
		f.id(idx(at, i), string(id))
		if id == self && id != "" {
			f.format(idx(at, i), "an agreement does not refer to itself")
		}
	}
}

func (a *Agreement) validatePeriod(f *findings) {
	p := &a.Period
	if a.State == "inForce" && p.InForce.IsZero() && p.Provisional.IsZero() {
		f.missing("/period/inForce", "an agreement in force says since when")
	}
	f.span("/period", Span{From: p.InForce, Until: p.Terminated})
	if !p.Terminated.IsZero() && p.Signed.After(p.Terminated) {
		f.add(fault.DocDateOrder, "/period/terminated", "an agreement ends after it was signed")
	}
}

// scopeIDs collects the ids of the scopes; each is used once.
func (a *Agreement) scopeIDs(f *findings) map[string]bool {
	ids := make(map[string]bool, len(a.Scopes))
	for i := range a.Scopes {
		id := a.Scopes[i].ID
		if ids[id] {
			f.format(idx("/scopes", i)+"/id", "stands for another scope already")
		}
		ids[id] = true
	}
	return ids
}

func (a *Agreement) validateParties(f *findings, scopes map[string]bool) {
	switch n := len(a.Parties); {
	case n == 0:
		f.missing("/parties", "an agreement has parties")
	case n < 2 && a.Arity != "unilateral" && a.Kind != "unilateral":
		f.add(fault.SchemaLength, "/parties", "an agreement between several sides has at least two parties")
	}
	for i := range a.Parties {
		p, at := &a.Parties[i], idx("/parties", i)
		switch {
		case (p.Partner == "") == (p.Economy == ""):
			f.format(at, "a party is a partner or an economy, one of the two")
		case p.Partner != "":
			f.id(at+"/partner", string(p.Partner))
		default:
			f.economy(at+"/economy", p.Economy)
		}
		f.line(at+"/role", p.Role)
		knownScopes(f, at+"/scopeIds", p.ScopeIDs, scopes)
		f.spans(at+"/periods", p.Periods)
		for j, r := range p.Reservations {
			at := idx(at+"/reservations", j)
			if r.ScopeID != "" && !scopes[r.ScopeID] {
				f.format(at+"/scopeId", "the agreement has no such scope")
			}
			f.text(at+"/text", r.Text)
		}
	}
}

// knownScopes: a party of an arrangement in levels may hold the main scope
// alone, which then need not be a scope by itself but must have sub-scopes.
func knownScopes(f *findings, at string, ids []string, scopes map[string]bool) {
	for i, id := range ids {
		if scopes[id] {
			continue
		}
		main := false
		for scope := range scopes {
			main = main || id != "" && strings.HasPrefix(scope, id+".")
		}
		if !main {
			f.format(idx(at, i), "the agreement has no such scope")
		}
	}
}

// partyName checks that a name is that of a party.
func (a *Agreement) partyName(f *findings, at, name string) {
	for i := range a.Parties {
		if name != "" && a.Parties[i].name() == name {
			return
		}
	}
	f.format(at, "want a party of the agreement, by partner id or economy")
}

func (a *Agreement) validateSuspension(f *findings, at string, s *Suspension, scopes map[string]bool) {
	f.word(at+"/target", s.Target, suspendable)
	switch s.Target {
	case "agreement":
		if s.ID != string(a.ID) {
			f.format(at+"/id", "is not the id of this agreement")
		}
	case "party":
		a.partyName(f, at+"/id", s.ID)
	case "scope":
		if !scopes[s.ID] {
			f.format(at+"/id", "the agreement has no such scope")
		}
	case "body":
		f.id(at+"/id", s.ID)
	}
	if s.From.IsZero() {
		f.missing(at+"/from", "a suspension says since when")
	}
	f.span(at, Span{From: s.From, Until: s.Until})
	f.optText(at+"/reason", s.Reason)
	f.optWord(at+"/earlierResults", s.EarlierResults, fates)
}

func (r *Rules) validate(f *findings, at string) {
	f.optWord(at+"/earlierResults", r.EarlierResults, fates)
	f.duration(at+"/maxDocumentAge", r.MaxDocumentAge)
	f.duration(at+"/maxStatusAge", r.MaxStatusAge)
	words(f, at+"/requireCompanions", r.RequireCompanions, attestation.EnumPurpose.Words())
	f.duration(at+"/ackWithin", r.AckWithin)
	f.optWord(at+"/maxLossSeverity", r.MaxLossSeverity, lossSeverities)
	f.duration(at+"/revocationGrace", r.RevocationGrace)
	f.lines(at+"/cryptoProfiles", r.CryptoProfiles)
	f.optWord(at+"/personalData", r.PersonalData, personalData)
}

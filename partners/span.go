package partners

import (
	"time"

	"accord/attestation"
)

// Contains says whether t lies in [From, Until).
func (s Span) Contains(t time.Time) bool {
	return (s.From.IsZero() || !t.Before(s.From)) && (s.Until.IsZero() || t.Before(s.Until))
}

// in says whether t lies in one of the spans; none means always.
func in(spans []Span, t time.Time) bool {
	for _, s := range spans {
		if s.Contains(t) {
			return true
		}
	}
	return len(spans) == 0
}

// StatusAt returns the status of the partner at t; outside every period it is
// not a partner yet, or no more: "".
func (p *Partner) StatusAt(t time.Time) string {
	for _, s := range p.Status {
		if s.Contains(t) {
			return s.Status
		}
	}
	return ""
}

// ActiveAt says whether the partner may act at t.
func (p *Partner) ActiveAt(t time.Time) bool { return p.StatusAt(t) == "active" }

// ActsForAt says whether the partner may hand in documents of another issuer
// at t.
func (p *Partner) ActsForAt(issuer attestation.PartnerID, t time.Time) bool {
	for _, a := range p.ActsFor {
		if a.Issuer == issuer && in(a.Periods, t) {
			return true
		}
	}
	return false
}

// InForceAt says whether the agreement is in force at t and not suspended as
// a whole.
func (a *Agreement) InForceAt(t time.Time) bool {
	if a.State != "inForce" {
		return false
	}
	from := a.Period.InForce
	if !a.Period.Provisional.IsZero() && (from.IsZero() || a.Period.Provisional.Before(from)) {
		from = a.Period.Provisional
	}
	if from.IsZero() || !(Span{From: from, Until: a.Period.Terminated}).Contains(t) {
		return false
	}
	for _, s := range a.Suspensions {
		if s.Target == "agreement" && (Span{From: s.From, Until: s.Until}).Contains(t) {
			return false
		}
	}
	return true
}

// boundaries calls f with every instant at which something of the value begins
// or ends.
func boundaries(v any, f func(time.Time)) {
	spans := func(list []Span) {
		for _, s := range list {
			f(s.From)
			f(s.Until)
		}
	}
	statuses := func(list []StatusSpan) {
		for _, s := range list {
			f(s.From)
			f(s.Until)
		}
	}
	switch v := v.(type) {
	case *Partner:
		statuses(v.Status)
		for _, a := range v.ActsFor {
			spans(a.Periods)
		}
		for _, a := range v.Trust.Anchors {
			f(a.From)
			f(a.Until)
		}
		for _, k := range v.Trust.Keys {
			f(k.NotBefore)
			f(k.Expires)
			if k.Revoked != nil {
				f(k.Revoked.At)
			}
		}
	case *Agreement:
		f(v.Period.InForce)
		f(v.Period.Provisional)
		f(v.Period.Terminated)
		for _, p := range v.Parties {
			spans(p.Periods)
		}
		for _, a := range v.Activations {
			spans(a.Periods)
		}
		for _, s := range v.Scopes {
			spans(s.Periods)
		}
		for _, s := range v.Suspensions {
			f(s.From)
			f(s.Until)
		}
	case *Designation:
		statuses(v.Periods)
	case *Sanction:
		spans(v.Periods)
	}
}

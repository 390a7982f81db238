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

// The statuses of a partner (domain.md, section 6.2).
const (
	StatusActive     = "active"
	StatusSuspended  = "suspended"
	StatusTerminated = "terminated"
)

// statusAt returns the status at t, "" outside every period. Where periods
// overlap, the first that is not active counts: a suspension is written beside
// the period it interrupts.
func statusAt(periods []StatusSpan, t time.Time) string {
	status := ""
	for _, s := range periods {
		if s.Contains(t) && (status == "" || status == StatusActive) {
			status = s.Status
		}
	}
	return status
}

// StatusAt returns the status of the partner at t; outside every period it is
// not a partner yet, or no more: "".
func (p *Partner) StatusAt(t time.Time) string { return statusAt(p.Status, t) }

// ActiveAt says whether the partner may act at t.
func (p *Partner) ActiveAt(t time.Time) bool { return p.StatusAt(t) == StatusActive }

// StatusAt returns the status of the designation at t, "" for none.
func (d *Designation) StatusAt(t time.Time) string { return statusAt(d.Periods, t) }

// InForceAt says whether the sanction is in force at t.
func (s *Sanction) InForceAt(t time.Time) bool { return in(s.Periods, t) }

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
	return !a.suspends("agreement", string(a.ID), t)
}

package recognition

import (
	"time"

	"accord/partners"
)

// validUntil is the first instant at which what carries the result is known to
// end: expiry or a suspension already told, the end of agreement, party, scope or
// designation, the freshness of the status and the age of the
// document, a measure already dated. Zero: no end is known.
func (f *frame) validUntil() time.Time {
	e := ends{after: f.q.At}
	e.add(f.q.Known.Status.Next)
	if d := f.q.Document.Dates.Expires; d != nil {
		e.add(d.EndInstant())
	}
	f.agreementEnds(&e, f.agreement)
	if f.adopter != nil {
		f.agreementEnds(&e, f.adopter)
	}
	for _, s := range f.scopes {
		e.spans(s.Periods)
	}
	for _, p := range f.issuerParties(f.agreement) {
		e.spans(p.Periods)
	}
	for _, p := range f.askerParties(f.instrument()) {
		e.spans(p.Periods)
	}
	f.bodyEnds(&e)
	f.ageEnds(&e)
	return e.first
}

func (f *frame) agreementEnds(e *ends, a *partners.Agreement) {
	e.add(a.Period.Terminated)
	for _, s := range a.Suspensions {
		if f.concerns(a, &s) && !f.kept(s.EarlierResults, a.Rules.EarlierResults, s.From) {
			e.add(s.From)
		}
	}
	for _, act := range a.Activations {
		e.spans(act.Periods)
	}
}

// concerns says whether a suspension would hit this frame.
func (f *frame) concerns(a *partners.Agreement, s *partners.Suspension) bool {
	switch s.Target {
	case "agreement":
		return s.ID == string(a.ID)
	case "body":
		return s.ID == string(f.q.Issuer)
	case "scope":
		for _, scope := range f.scopes {
			if scope.ID == s.ID {
				return true
			}
		}
		return false
	default: // party
		for _, p := range append(f.issuerParties(a), f.askerParties(a)...) {
			if partyName(p) == s.ID {
				return true
			}
		}
		return false
	}
}

func (f *frame) bodyEnds(e *ends) {
	if governmental(f.agreement) && f.agreement.Rules.EarlierResults != keep {
		for _, d := range f.designations {
			if f.designationApplies(d) && designatedAt(d, f.q.At) {
				e.statuses(d.Periods)
			}
		}
	}
	for _, s := range f.sanctions {
		for _, p := range sanctionSpans(s) {
			if f.concerned(s) && !f.kept(s.EarlierResults, "", p.From) {
				e.add(p.From)
			}
		}
	}
	if f.issuer != nil {
		e.statuses(f.issuer.Status)
	}
}

func (f *frame) ageEnds(e *ends) {
	for _, r := range f.rules() {
		if d, err := time.ParseDuration(r.MaxStatusAge); err == nil && !f.q.Known.Fresh.Mastered && !f.q.Known.Fresh.Learned.IsZero() {
			e.add(f.q.Known.Fresh.Learned.Add(d))
		}
		if d, err := time.ParseDuration(r.MaxDocumentAge); err == nil {
			e.add(f.q.Document.Dates.Issued.Instant().Add(d))
		}
	}
}

// ends keeps the earliest instant after a time.
type ends struct {
	after, first time.Time
}

func (e *ends) add(t time.Time) {
	if t.After(e.after) && (e.first.IsZero() || t.Before(e.first)) {
		e.first = t.UTC()
	}
}

// spans adds the ends of those spans that hold now.
func (e *ends) spans(spans []partners.Span) {
	for _, s := range spans {
		if s.Contains(e.after) {
			e.add(s.Until)
		}
	}
}

// statuses adds the end of an active status and the beginning of another one.
func (e *ends) statuses(spans []partners.StatusSpan) {
	for _, s := range spans {
		if s.Status == statusActive {
			e.spans([]partners.Span{s.Span})
		} else {
			e.add(s.From)
		}
	}
}

package recognition

import (
	"cmp"
	"slices"

	"accord/partners"
)

// Recognise decides whether q.Partner recognises the document. Every candidate
// agreement runs every check, so that the answer to "why not" is complete; the
// headline is the best result under the caps of domain.md, section 6.3. It has
// no effect and no clock: the same snapshot and question give the same decision.
func Recognise(s *partners.Snapshot, q Question) Decision {
	b := gather(s, &q)
	d := Decision{
		Subject:    q.Subject,
		Partner:    q.Partner,
		Purpose:    q.Purpose,
		Facts:      q.Facts,
		T:          q.At.UTC(),
		KnownAt:    q.KnownAt,
		Outcome:    NotRecognised, // no candidate agreement
		Results:    []Result{},
		Conditions: []Condition{},
	}
	var xs []examined
	for _, f := range b.frames() {
		xs = append(xs, examine(f))
	}
	slices.SortStableFunc(xs, func(x, y examined) int { return bySource(&x, &y) })
	for i := range xs {
		d.Results = append(d.Results, xs[i].result)
	}
	if best := headline(xs); best != nil {
		d.Outcome = capBarred(xs, best.result.Outcome)
		if d.Outcome == Conditional {
			d.Conditions = best.conditions
		}
		if d.Outcome == Conditional || d.Outcome == Recognised {
			d.ValidUntil = best.frame.validUntil()
		}
	}
	d.Inputs = b.inputs(s)
	return d
}

// bySource orders results by what speaks, so that a decision does not depend on
// the order in which agreements were found.
func bySource(x, y *examined) int {
	return cmp.Or(
		cmp.Compare(x.result.Agreement, y.result.Agreement),
		cmp.Compare(x.result.Scope, y.result.Scope),
		cmp.Compare(x.frame.agreement.ID, y.frame.agreement.ID),
	)
}

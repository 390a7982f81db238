package recognition

import (
	"slices"

	"accord/partners"
)

// examined is a result and what the combination has to know of it.
type examined struct {
	frame      *frame
	result     Result
	conditions []Condition
	barred     bool // the body is suspended or sanctioned under it (cap 3)
}

// examine runs every check on a frame, without short cut, and combines them.
func examine(f *frame) examined {
	x := examined{frame: f}
	x.result = Result{Agreement: f.instrument().ID, Scope: f.scopeID(), Effect: f.effect()}
	ties := map[string]bool{}
	for _, family := range [][]rule{documentRules(), agreementRules(), scopeRules(), bodyRules(), conditionRules()} {
		for _, r := range family {
			v := r.run(f)
			code := r.code + v.letter
			x.result.Checks = append(x.result.Checks, Check{Code: code, Result: v.result, Detail: v.detail, Evidence: v.evidence})
			for _, c := range v.conditions {
				x.conditions = append(x.conditions, f.locate(c, code))
			}
			x.barred = x.barred || v.barred
			ties[r.code] = v.result == CheckPass || v.result == CheckNotApplicable
		}
	}
	// Cap 3 speaks of a binding agreement between the same sides: one in force
	// that both are parties of, in this direction.
	x.barred = x.barred && f.instrument().LegalForce == forceBinding &&
		ties["G01"] && ties["G02"] && ties["G03"] && ties["G04"]
	x.result.Outcome = combine(x.result.Checks)
	x.capEffect()
	return x
}

// locate says where a condition comes from.
func (f *frame) locate(c Condition, check string) Condition {
	c.Check, c.Agreement, c.Scope = check, f.instrument().ID, f.scopeID()
	if n := len(f.scopes); n > 0 {
		c.Clause = f.scopes[n-1].Clause
	}
	return c
}

// combine is the rule within one agreement: any fail, else any unknown, else
// any conditional, else recognised.
func combine(checks []Check) Outcome {
	severity := 0
	for _, c := range checks {
		severity = max(severity, c.Result.severity())
	}
	switch severity {
	case CheckFail.severity():
		return NotRecognised
	case CheckUnknown.severity():
		return OutcomeIndeterminate
	case CheckConditional.severity():
		return Conditional
	default:
		return Recognised
	}
}

// capEffect is cap 1: what goods need on a market, only a binding agreement or
// an instrument of P itself can give, and only as far as its effect goes.
func (x *examined) capEffect() {
	if !x.frame.q.Purpose.regulated() {
		return
	}
	switch x.result.Effect {
	case effectAcceptResult, effectAcceptCertificate:
		if x.frame.adopter == nil && x.frame.agreement.LegalForce != forceBinding {
			x.lower(BindingAcceptanceRequired, "the arrangement is not binding: whoever is responsible for the market has to accept the result")
		}
	case effectIssueOwnOnBasis:
		x.lower(NationalCertificateRequired, "a national certificate has to be issued on the basis of this one")
	default: // noAction, and an effect that nobody stated
		x.result.Outcome = NotRecognised
	}
}

// lower takes recognised down to conditional and adds what is missing.
func (x *examined) lower(code ConditionCode, detail string) {
	if x.result.Outcome == Recognised {
		x.result.Outcome = Conditional
	}
	x.conditions = append(x.conditions, x.frame.locate(Condition{Code: code, Detail: detail}, ""))
}

// headline is the best result: by outcome, then binding before voluntary, then
// by agreement and scope. nil when there is no candidate.
func headline(xs []examined) *examined {
	var out *examined
	for i := range xs {
		if out == nil || compare(&xs[i], out) < 0 {
			out = &xs[i]
		}
	}
	return out
}

// compare orders better results first.
func compare(a, b *examined) int {
	if d := b.result.Outcome.rank() - a.result.Outcome.rank(); d != 0 {
		return d
	}
	if d := forceRank(a.frame.instrument()) - forceRank(b.frame.instrument()); d != 0 {
		return d
	}
	return bySource(a, b)
}

func forceRank(a *partners.Agreement) int {
	if a.LegalForce == forceBinding {
		return 0
	}
	return 1
}

// capBarred is cap 3: a body suspended or sanctioned under a binding agreement
// between the same sides is not recognised, whatever a voluntary scheme says.
func capBarred(xs []examined, best Outcome) Outcome {
	if slices.ContainsFunc(xs, func(x examined) bool { return x.barred }) {
		return NotRecognised
	}
	return best
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"accord/evidence"
	"accord/partners/recognition"
)

// shipment are the facts of the consignment that the document cannot know.
func shipment() map[string]any {
	return map[string]any{"model": "JL-R20", "origin": "CN", "shippedDirect": true}
}

// ask puts the question of import to the New Zealand gateway.
func (s *story) ask(ctx context.Context, name, id string, facts map[string]any, knownAt uint64) (*evidence.Decision, error) {
	question := map[string]any{"attestation": map[string]string{"id": id}, "partner": "NZ", "purpose": "import"}
	if facts != nil {
		question["facts"] = facts
	}
	if knownAt > 0 {
		question["knownAt"] = knownAt
	}
	raw, err := s.nz.operator.Evaluate(ctx, question, true)
	if err != nil {
		return nil, err
	}
	d, err := evidence.OpenDecision(raw, s.nz.log.Keys, s.env.now())
	if err != nil {
		return nil, err
	}
	return d, s.save("decisions/"+name+".jws", raw)
}

// decide states the outcome, and asks.
func (s *story) decide(ctx context.Context) error {
	s.say.step("New Zealand asks: is it recognised for import?")
	s.say.fact("expected", "without facts of the shipment: indeterminate; with them: conditional,\nand the one condition is requirementGap: deviation nz-supply of the agreement's standards")
	d, err := s.ask(ctx, "1-without-facts", s.first.ID, nil, 0)
	if err != nil {
		return err
	}
	s.say.fact("no facts", "%s; open: %s", d.Outcome, strings.Join(codes(d, recognition.CheckUnknown, recognition.CheckConditional), ", "))
	if err := want("outcome without facts", d.Outcome, recognition.OutcomeIndeterminate); err != nil {
		return err
	}
	if d, err = s.ask(ctx, "2-with-facts", s.first.ID, shipment(), 0); err != nil {
		return err
	}
	s.tellDecision("with facts", d)
	return wantSupplyGap(d)
}

// wantSupplyGap holds a decision against what was stated: conditional, on the
// supply of New Zealand and nothing else.
func wantSupplyGap(d *evidence.Decision) error {
	if err := want("outcome", d.Outcome, recognition.Conditional); err != nil {
		return err
	}
	if err := want("number of conditions", len(d.Conditions), 1); err != nil {
		return err
	}
	c := d.Conditions[0]
	if err := want("condition", c.Code, recognition.RequirementGap); err != nil {
		return err
	}
	return want("gap", strings.Join(c.Values, ", "), "deviation nz-supply")
}

// tellDecision tells outcome and conditions, and what the scope in question
// says.
func (s *story) tellDecision(name string, d *evidence.Decision) {
	s.say.fact(name, "%s at ledger size %d, with %d inputs from the ledger", d.Outcome, d.KnownAt, len(d.Inputs))
	others := 0
	for _, r := range d.Results {
		if r.Scope != demoScope {
			others++
			continue
		}
		s.say.fact("agreement", "%s, scope %s: %s, effect %s\n%d checks, failed: %s", r.Agreement, r.Scope, r.Outcome, r.Effect, len(r.Checks), none(checksOf(r, recognition.CheckFail)))
	}
	s.say.fact("besides", "%d other scopes of the agreement, each with every check, in the signed decision", others)
	for _, c := range d.Conditions {
		s.say.fact("condition", "%s (%s): %s\n%s", c.Code, c.Check, c.Detail, c.Clause)
	}
}

func none(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// codes lists the checks with one of the results under the scope of
// certification.
func codes(d *evidence.Decision, results ...recognition.CheckResult) []string {
	for _, r := range d.Results {
		if r.Scope == demoScope {
			return checksOf(r, results...)
		}
	}
	return nil
}

func checksOf(r recognition.Result, results ...recognition.CheckResult) []string {
	var out []string
	for _, c := range r.Checks {
		if slices.Contains(results, c.Result) {
			out = append(out, c.Code)
		}
	}
	return out
}

// checkNamed returns the failed check with a code under the scope of
// certification.
func checkNamed(d *evidence.Decision, code string) (recognition.Check, error) {
	for _, r := range d.Results {
		for _, c := range r.Checks {
			if r.Scope == demoScope && c.Code == code && c.Result == recognition.CheckFail {
				return c, nil
			}
		}
	}
	return recognition.Check{}, fmt.Errorf("check %s did not fail; failed: %s", code, none(codes(d, recognition.CheckFail)))
}

// outside is a product that no list of the agreement has: it is delivered, for
// products do not decide who may see a document, and it is not recognised.
func (s *story) outside(ctx context.Context) error {
	s.say.step("A certificate for a loudspeaker crosses too, but its product is not on the list")
	s.say.fact("expected", "delivered; notRecognised, because check S02 (products) fails")
	sub, err := document("ccc-loudspeaker")
	if err != nil {
		return err
	}
	jws, err := s.signDocument("ccc-loudspeaker", sub)
	if err != nil {
		return err
	}
	acc, err := s.body.Submit(ctx, jws, "application/jose", "", "NZ")
	if err != nil {
		return err
	}
	if err := s.cross(ctx, "ccc-loudspeaker", acc.ID); err != nil {
		return err
	}
	facts := shipment()
	delete(facts, "model")
	d, err := s.ask(ctx, "3-loudspeaker", acc.ID, facts, 0)
	if err != nil {
		return err
	}
	s.tellDecision("decision", d)
	if err := want("outcome", d.Outcome, recognition.NotRecognised); err != nil {
		return err
	}
	c, err := checkNamed(d, "S02")
	if err != nil {
		return err
	}
	s.say.fact("S02", "%s\n%s", c.Detail, strings.Join(c.Evidence, "; "))
	return nil
}

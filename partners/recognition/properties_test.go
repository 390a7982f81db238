package recognition_test

import (
	"encoding/json"
	"slices"
	"testing"

	"accord/attestation"
	"accord/internal/strictjson"
	"accord/partners"
	"accord/partners/recognition"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func rank(o recognition.Outcome) int {
	return slices.Index([]recognition.Outcome{recognition.NotRecognised, recognition.OutcomeIndeterminate, recognition.Conditional, recognition.Recognised}, o)
}

// rows are the changes of all tables by the result that they lead to.
func rows(result recognition.CheckResult) []row {
	var out []row
	for _, family := range [][]row{documentRows(), agreementRows(), scopeRows(), bodyRows(), conditionRows()} {
		for _, r := range family {
			if r.want == result {
				out = append(out, r)
			}
		}
	}
	return out
}

// mixed draws a scenario made of several changes, so that many checks speak at
// once.
func mixed(t *rapid.T) (*scenario, []row) {
	var all []row
	for _, result := range []recognition.CheckResult{pass, fail, unk, cond, never} {
		all = append(all, rows(result)...)
	}
	drawn := rapid.SliceOfN(rapid.SampledFrom(all), 0, 4).Draw(t, "changes")
	s := basic()
	for _, r := range drawn {
		applies(s, r.change)
	}
	return s, drawn
}

// applies makes a change where earlier ones have left something to change: some
// take away the list that others edit.
func applies(s *scenario, change func(*scenario)) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	change(s)
	return true
}

// Within one agreement: a fail is never better than notRecognised, an unknown
// never better than indeterminate, a condition never recognised.
func TestProperty_outcomeIsBoundedByTheWorstCheck(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s, _ := mixed(rt)
		d := decideOrSkip(rt, t, s)
		best := 0
		for _, r := range d.Results {
			for _, c := range r.Checks {
				limit := map[recognition.CheckResult]recognition.Outcome{
					fail: recognition.NotRecognised, unk: recognition.OutcomeIndeterminate, cond: recognition.Conditional,
					pass: recognition.Recognised, never: recognition.Recognised,
				}[c.Result]
				if rank(r.Outcome) > rank(limit) {
					rt.Fatalf("%s with %s %s: %s", r.Outcome, c.Code, c.Result, c.Detail)
				}
			}
			best = max(best, rank(r.Outcome))
		}
		if rank(d.Outcome) > best {
			rt.Fatalf("the headline %s is better than every result", d.Outcome)
		}
		if (d.Outcome == recognition.Conditional) != (len(d.Conditions) > 0) {
			rt.Fatalf("%s with %d conditions", d.Outcome, len(d.Conditions))
		}
	})
}

// Taking knowledge away never makes recognised out of what was not.
func TestProperty_unknownNeverBecomesRecognised(t *testing.T) {
	t.Parallel()
	forget := []func(*scenario){
		func(s *scenario) { s.Known.Proof = recognition.Proof{} },
		func(s *scenario) { s.Known.Content = recognition.Content{} },
		func(s *scenario) { s.Known.Head = attestation.Unset },
		func(s *scenario) { s.Known.Status = attestation.StatusFacts{} },
		func(s *scenario) { s.Known = recognition.Known{} },
	}
	rapid.Check(t, func(rt *rapid.T) {
		s, _ := mixed(rt)
		rapid.SampledFrom(forget).Draw(rt, "forget")(s)
		if d := decideOrSkip(rt, t, s); rank(d.Outcome) > rank(recognition.OutcomeIndeterminate) {
			rt.Fatalf("%s without knowing", d.Outcome)
		}
	})
}

// Adding a change that makes a check fail never improves the headline.
func TestProperty_oneMoreFailNeverImproves(t *testing.T) {
	t.Parallel()
	failing := rows(fail)
	rapid.Check(t, func(rt *rapid.T) {
		s, _ := mixed(rt)
		before := decideOrSkip(rt, t, s)
		r := rapid.SampledFrom(failing).Draw(rt, "failing")
		if !applies(s, r.change) {
			rt.Skip("nothing left to change")
		}
		after := decideOrSkip(rt, t, s)
		if len(after.Results) > 0 && !slices.ContainsFunc(after.Results[0].Checks, func(c recognition.Check) bool { return c.Code == r.code && c.Result == fail }) {
			rt.Skip("another change keeps it from failing")
		}
		if rank(after.Outcome) > rank(before.Outcome) {
			rt.Fatalf("%s %q took %s to %s", r.code, r.name, before.Outcome, after.Outcome)
		}
	})
}

// The order in which agreements are registered does not matter.
func TestProperty_orderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s, _ := mixed(rt)
		for _, id := range []attestation.AgreementID{"aa", "zz"} {
			extra := *basic().agreements[0]
			extra.ID = id
			extra.LegalForce = rapid.SampledFrom([]string{"binding", "voluntary", "none"}).Draw(rt, "force")
			extra.Scopes = slices.Clone(extra.Scopes)
			extra.Scopes[0].Effect = rapid.SampledFrom([]string{"acceptResult", "issueOwnOnBasis", "noAction"}).Draw(rt, "effect")
			s.agreements = append(s.agreements, &extra)
			s.designations = append(s.designations, designation("d-"+string(id), "cn-cb", "cn-da", string(id)))
		}
		one := decideOrSkip(rt, t, s)
		s.agreements = rapid.Permutation(s.agreements).Draw(rt, "order")
		two := decideOrSkip(rt, t, s)
		one.Inputs, two.Inputs = nil, nil
		if diff := gocmp.Diff(one, two); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// decideOrSkip leaves out mixtures that no operator could register.
func decideOrSkip(rt *rapid.T, t *testing.T, s *scenario) recognition.Decision {
	t.Helper()
	for _, a := range s.agreements {
		raw, err := strictjson.CanonicalOf(a)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := partners.ParseAgreement(raw); err != nil {
			rt.Skip("not a valid agreement")
		}
	}
	for _, x := range s.designations {
		if _, err := partners.NewChange("urn:accord:partner:operator", partners.Target{Kind: partners.TargetDesignation, ID: x.ID}, x, date("1990-01-01"), nil); err != nil {
			rt.Skip("not a valid designation")
		}
	}
	return recognition.Recognise(s.snapshot(t), s.Question)
}

// A decision survives its own JSON, and says the same when asked again.
func TestDecision_isJSONAndRepeatable(t *testing.T) {
	t.Parallel()
	s := story(t)
	snapshot := s.snapshot(t)
	d := recognition.Recognise(snapshot, s.Question)
	raw, err := strictjson.CanonicalOf(d)
	if err != nil {
		t.Fatal(err)
	}
	var back recognition.Decision
	if err := strictjson.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(d, back); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
	again, err := strictjson.CanonicalOf(recognition.Recognise(snapshot, s.Question))
	if err != nil || string(again) != string(raw) {
		t.Errorf("asked again it says something else (%v)", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"subject", "partner", "purpose", "facts", "t", "knownAt", "outcome", "results", "conditions", "validUntil", "inputs"} {
		if _, ok := members[name]; !ok {
			t.Errorf("no member %s", name)
		}
	}
}

// The inputs name every ledger entry that spoke.
func TestDecision_namesItsInputs(t *testing.T) {
	t.Parallel()
	s := basic()
	sanction("body", "cn-cb", "")(s)
	s.Inputs = []recognition.Input{{Kind: "attestation", ID: "att_x", Index: 77, Digest: reportDigest}}
	var got []string
	for _, in := range s.decide(t).Inputs {
		got = append(got, in.Kind+" "+in.ID)
		if !in.Digest.Valid() {
			t.Errorf("%s %s has no digest", in.Kind, in.ID)
		}
	}
	want := []string{"partner cn-cb", "partner nz-regulator", "agreement cn-nz", "designation cn-cb-1", "sanction sanction-1", "attestation att_x"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

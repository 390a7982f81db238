package recognition_test

import (
	"strings"
	"testing"

	"accord/attestation"
	"accord/configs/agreements"
	"accord/partners"
	"accord/partners/recognition"

	"github.com/google/go-cmp/cmp"
)

// story is the demonstration: a body that China designated under the EEEMRA
// certified a robot vacuum cleaner (class 0708, GB 4706.1-2005 and
// GB 4706.7-2014), and New Zealand asks whether it may be imported. The terms
// are those of the seed files.
func story(t testing.TB) *scenario {
	t.Helper()
	s := &scenario{}
	s.partners = []*partners.Partner{
		partner("cn-cb", partners.CertificationBody, "CN"),
		partner("cn-authority", partners.DesignatingAuthority, "CN"),
		partner("nz-regulator", partners.Regulator, "NZ"),
	}
	s.agreements = []*partners.Agreement{seed(t, "cn-nz-eeemra-2008"), seed(t, "belt-road-memorandum")}
	s.designations = []*partners.Designation{designation("cn-cb-eeemra", "cn-cb", "cn-authority", "cn-nz-eeemra-2008", "certification")}
	doc := vacuum()
	doc.Scheme.ID = "https://www.cnca.gov.cn/ccc"
	doc.Objects[0].Classifications = append(doc.Objects[0].Classifications, attestation.Code{System: "wco.hs/2022", Code: "850811"})
	doc.Requirements = append(doc.Requirements, attestation.Requirement{Type: "standard", ID: "GB 4706.7", Edition: "2014"})
	doc.Assessments, doc.Marking, doc.Evidence = nil, nil, nil
	direct := true
	s.Question = recognition.Question{
		Subject: recognition.Subject{Content: doc.Digest()}, Document: doc,
		Issuer: "cn-cb", Partner: "nz-regulator", Purpose: recognition.Import, At: now,
		Facts: recognition.Facts{Origin: "CN", ShippedDirect: &direct},
		Known: recognition.Known{
			Proof:   recognition.Proof{Result: recognition.Passed, Signer: "cn-cb"},
			Content: recognition.Content{Result: recognition.Passed},
			Head:    attestation.True,
			Status:  doc.Status(now),
			Fresh:   recognition.Freshness{Learned: now},
		},
	}
	return s
}

func seed(t testing.TB, name string) *partners.Agreement {
	t.Helper()
	file, err := agreements.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	a, err := partners.ParseAgreement(file.Agreement)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// resultOf returns the result of one scope of one agreement.
func resultOf(t testing.TB, d recognition.Decision, agreement, scope string) recognition.Result {
	t.Helper()
	for _, r := range d.Results {
		if string(r.Agreement) == agreement && r.Scope == scope {
			return r
		}
	}
	t.Fatalf("no result of %s %s", agreement, scope)
	return recognition.Result{}
}

// TestStory_vacuumCleanerFromChinaToNewZealand states the outcome of the
// demonstration: with origin CN and direct shipment the certificate is recognised
// for import on one condition, the deviation that schedule A.1 makes for
// GB 4706.1: the supply of New Zealand (230 V, its plug) is to be shown besides.
func TestStory_vacuumCleanerFromChinaToNewZealand(t *testing.T) {
	t.Parallel()
	d := story(t).decide(t)
	if d.Outcome != recognition.Conditional {
		t.Fatalf("outcome %s", d.Outcome)
	}
	if len(d.Conditions) != 1 {
		t.Fatalf("conditions %+v, want one", d.Conditions)
	}
	c := d.Conditions[0]
	if c.Code != recognition.RequirementGap || c.Check != "S03" || c.Agreement != "cn-nz-eeemra-2008" ||
		c.Scope != "cn-to-nz-certification" || !cmp.Equal(c.Values, []string{"deviation nz-supply"}) || !strings.Contains(c.Clause, "A.1") {
		t.Errorf("condition %+v", c)
	}
	if got := codesOf(resultOf(t, d, "cn-nz-eeemra-2008", "cn-to-nz-certification")); !cmp.Equal(got, []string{"S03 conditional"}) {
		t.Errorf("open checks %v", got)
	}
	// Status freshness (168 h) ends before the certificate does.
	if want := now.AddDate(0, 0, 7); !d.ValidUntil.Equal(want) {
		t.Errorf("valid until %s, want %s", d.ValidUntil, want)
	}
}

func TestStory_theDeviationIsMetByAReportedResult(t *testing.T) {
	t.Parallel()
	s := story(t)
	s.Document.Results = []attestation.Result{{Qty: attestation.Qty{Name: "nz-supply"}, Text: english("230 V, plug of AS/NZS 3112")}}
	if d := s.decide(t); d.Outcome != recognition.Recognised || len(d.Conditions) != 0 {
		t.Errorf("outcome %s, conditions %v", d.Outcome, d.Conditions)
	}
}

// Without facts nobody knows where the goods come from: indeterminate, not
// conditional.
func TestStory_withoutShipmentFactsItIsIndeterminate(t *testing.T) {
	t.Parallel()
	s := story(t)
	s.Facts = recognition.Facts{}
	d := s.decide(t)
	want := []string{"C01 unknown", "C02 conditional", "S03 conditional"}
	if got := codesOf(resultOf(t, d, "cn-nz-eeemra-2008", "cn-to-nz-certification")); d.Outcome != recognition.OutcomeIndeterminate || !cmp.Equal(got, want) {
		t.Errorf("outcome %s, open checks %v", d.Outcome, got)
	}
}

func TestStory_productOutsideTheListIsNotRecognisedAndNamesTheClause(t *testing.T) {
	t.Parallel()
	s := story(t)
	s.Document.Objects[0].Classifications[0].Code = "2202" // a toy
	d := s.decide(t)
	if d.Outcome != recognition.NotRecognised {
		t.Fatalf("outcome %s", d.Outcome)
	}
	c := findIn(t, resultOf(t, d, "cn-nz-eeemra-2008", "cn-to-nz-certification"), "S02")
	if c.Result != fail || !strings.Contains(strings.Join(c.Evidence, " "), "Schedule A.1") {
		t.Errorf("S02 %s, evidence %v", c.Result, c.Evidence)
	}
}

func TestStory_suspendedIsNotRecognisedByA03a(t *testing.T) {
	t.Parallel()
	s := story(t)
	s.event(attestation.StatusEvent{Event: attestation.EventSuspend, Effective: attestation.DateV{Value: "2025-05-01", Zone: "+08:00"}, Reason: english("surveillance overdue")})
	d := s.decide(t)
	c := findIn(t, resultOf(t, d, "cn-nz-eeemra-2008", "cn-to-nz-certification"), "A03a")
	if d.Outcome != recognition.NotRecognised || c.Result != fail {
		t.Errorf("outcome %s, A03a %s", d.Outcome, c.Result)
	}
}

func TestStory_memorandumNeverRecognises(t *testing.T) {
	t.Parallel()
	for _, p := range []recognition.Purpose{recognition.Import, recognition.PlaceOnMarket, recognition.ContinuedSale, recognition.Tender, recognition.Information} {
		s := story(t)
		s.Purpose = p
		s.agreements = s.agreements[1:] // the memorandum alone
		s.designations[0].Agreement = ""
		d := s.decide(t)
		r := resultOf(t, d, "belt-road-memorandum", "information")
		if d.Outcome != recognition.NotRecognised || findIn(t, r, "G05").Result != fail {
			t.Errorf("%s: outcome %s, open checks %v", p, d.Outcome, codesOf(r))
		}
	}
}

// The other direction is another scope: a Chinese certificate is no answer to
// schedule A.2.
func TestStory_everyScopeSaysWhyNot(t *testing.T) {
	t.Parallel()
	d := story(t).decide(t)
	if len(d.Results) != 5 {
		t.Fatalf("%d results, want four scopes and the memorandum's", len(d.Results))
	}
	for _, scope := range []string{"nz-to-cn-certification", "nz-to-cn-testing"} {
		if c := findIn(t, resultOf(t, d, "cn-nz-eeemra-2008", scope), "G04"); c.Result != fail {
			t.Errorf("%s: G04 %s", scope, c.Result)
		}
	}
}

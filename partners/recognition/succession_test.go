package recognition_test

import (
	"slices"
	"testing"

	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"
)

// succeeded ends the arrangement of an MLA scenario before the question and puts
// another in its place, of which the accreditation body is a signatory since.
func succeeded(s *scenario) *partners.Agreement {
	old := s.agreements[0]
	later := *old
	later.ID, later.Title, later.SuccessorOf = "new-mla", english("the one after"), []attestation.AgreementID{old.ID}
	later.Period = partners.AgreementPeriod{InForce: date("2026-01-01")}
	later.Parties = slices.Clone(old.Parties)
	for i := range later.Parties {
		later.Parties[i].Periods = []partners.Span{{From: date("2026-01-01")}}
	}
	old.State = "ended"
	old.Period.Terminated = date("2026-01-01")
	s.agreements = append(s.agreements, &later)
	return &later
}

// An accreditation under an arrangement that has a successor is one under the
// successor: the act date lies before the succession.
func TestSuccession_resultsOfTheTimeBeforeCount(t *testing.T) {
	t.Parallel()
	s := basic()
	asMLA(s)
	s.Purpose, s.At = recognition.Information, date("2026-06-01")
	s.agreements[0].Scopes[0].Purposes = nil
	later := succeeded(s)
	d := s.decide(t)
	i := slices.IndexFunc(d.Results, func(r recognition.Result) bool { return r.Agreement == later.ID })
	if i < 0 {
		t.Fatalf("the successor was not examined: %+v", d.Results)
	}
	if c := findIn(t, d.Results[i], "D02"); c.Result != recognition.CheckPass {
		t.Errorf("D02 %s: %s", c.Result, c.Detail)
	}
	// Without the succession the body was no signatory at the time.
	later.SuccessorOf = nil
	d = s.decide(t)
	i = slices.IndexFunc(d.Results, func(r recognition.Result) bool { return r.Agreement == later.ID })
	if c := findIn(t, d.Results[i], "D02"); c.Result != recognition.CheckFail {
		t.Errorf("D02 without the succession: %s: %s", c.Result, c.Detail)
	}
}

// What an instrument adopts, it adopts under its new name too, also over two
// steps and where the records name each other in a circle.
func TestSuccession_adoptionReachesTheSuccessor(t *testing.T) {
	t.Parallel()
	s := basic()
	asScheme(s)
	s.agreements[0].Parties[1] = partners.AgreementParty{Partner: "cn-ab", Role: "recognising"}
	adoption(s, "first")
	if d := s.decide(t); d.Outcome != recognition.NotRecognised {
		t.Fatalf("adopted something else: %s", d.Outcome)
	}
	s.agreements[0].SuccessorOf = []attestation.AgreementID{"second"}
	members := []partners.AgreementParty{{Partner: "cn-ab", Role: "recognising"}, {Partner: "vn-lab", Role: "recognising"}}
	s.agreements = append(s.agreements,
		&partners.Agreement{ID: "second", Title: english("2"), Kind: "scheme", Arity: "multilateral", LegalForce: "voluntary", State: "ended", Parties: members, SuccessorOf: []attestation.AgreementID{"first", "cn-nz"}},
		&partners.Agreement{ID: "first", Title: english("1"), Kind: "scheme", Arity: "multilateral", LegalForce: "voluntary", State: "ended", Parties: members},
	)
	d := s.decide(t)
	if d.Outcome != recognition.Recognised {
		t.Fatalf("outcome %s: %+v", d.Outcome, d.Results)
	}
	var inputs []string
	for _, in := range d.Inputs {
		inputs = append(inputs, in.ID)
	}
	for _, id := range []string{"first", "second", "cn-nz", "nz-adopts"} {
		if !slices.Contains(inputs, id) {
			t.Errorf("the decision does not name %s among %v", id, inputs)
		}
	}
}

// A condition that names an arrangement is met under the one that followed it.
func TestSuccession_requiredAccreditation(t *testing.T) {
	t.Parallel()
	s := basic()
	s.agreements[0].Scopes[0].Conditions.AccreditedBy = "old-mla"
	s.Known.Accreditations = []recognition.Accreditation{{By: "cn-ab", Covers: []string{"ccc"}, Status: attestation.Valid}}
	mla := &partners.Agreement{
		ID: "new-mla", Title: english("MLA"), Kind: "mla", Arity: "multilateral", LegalForce: "voluntary", State: "inForce",
		Period: partners.AgreementPeriod{InForce: date("2000-01-01")}, Parties: []partners.AgreementParty{{Partner: "cn-ab", Role: "signatory"}, {Partner: "vn-lab", Role: "signatory"}},
	}
	s.agreements = append(s.agreements, mla)
	if c := find(t, s.decide(t), "D02"); c.Result != recognition.CheckUnknown {
		t.Errorf("of an arrangement that nobody knows: %s", c.Result)
	}
	mla.SuccessorOf = []attestation.AgreementID{"old-mla"}
	if c := find(t, s.decide(t), "D02"); c.Result != recognition.CheckPass {
		t.Errorf("D02 %s: %s", c.Result, c.Detail)
	}
}

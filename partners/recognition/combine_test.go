package recognition_test

import (
	"slices"
	"testing"

	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"

	"github.com/google/go-cmp/cmp"
)

func TestRecognise_everythingPasses(t *testing.T) {
	t.Parallel()
	s := basic()
	d := s.decide(t)
	if d.Outcome != recognition.Recognised || len(d.Conditions) != 0 {
		t.Fatalf("outcome %s, conditions %v, open checks %v", d.Outcome, d.Conditions, codesOf(d.Results[0]))
	}
	codes := []string{}
	for _, c := range d.Results[0].Checks {
		codes = append(codes, c.Code)
	}
	want := []string{
		"A01", "A02", "A03", "A04", "G01", "G02", "G03", "G04", "G05", "S01", "S02", "S03", "S04", "S05", "S06",
		"D01", "D02", "D03", "C01", "C02", "C03", "C04", "C05", "C06", "C07",
	}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	if r := d.Results[0]; r.Agreement != "cn-nz" || r.Scope != "appliances" || r.Effect != "acceptCertificate" {
		t.Errorf("result names %s %s %s", r.Agreement, r.Scope, r.Effect)
	}
}

func TestRecognise_withoutCandidateIsNotRecognised(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*scenario){
		"no agreement":                  func(s *scenario) { s.agreements = nil },
		"partner of another economy":    func(s *scenario) { s.Partner = "AU" },
		"partner nobody knows":          func(s *scenario) { s.Partner = "nobody" },
		"issuer nobody knows":           func(s *scenario) { s.Issuer = "nobody" },
		"issuer that does not resolve":  func(s *scenario) { s.Issuer = "" },
		"no document":                   func(s *scenario) { s.Document = nil },
		"own instrument of another one": func(s *scenario) { asUnilateral(s); s.Partner = "VN" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := basic()
			change(s)
			d := s.decide(t)
			if d.Outcome != recognition.NotRecognised || len(d.Results) != 0 {
				t.Errorf("outcome %s with %d results", d.Outcome, len(d.Results))
			}
			if d.Results == nil || d.Conditions == nil || d.Inputs == nil {
				t.Error("lists are written as [], never null")
			}
		})
	}
}

func TestRecognise_failBeatsUnknownBeatsConditional(t *testing.T) {
	t.Parallel()
	conditional := func(s *scenario) { s.Document.Marking = nil }
	unknown := func(s *scenario) { s.Facts.Origin = "" }
	failing := func(s *scenario) { s.Purpose = recognition.PlaceOnMarket }
	for _, c := range []struct {
		want    recognition.Outcome
		changes []func(*scenario)
	}{
		{recognition.Conditional, []func(*scenario){conditional}},
		{recognition.OutcomeIndeterminate, []func(*scenario){conditional, unknown}},
		{recognition.NotRecognised, []func(*scenario){conditional, unknown, failing}},
	} {
		s := basic()
		for _, change := range c.changes {
			change(s)
		}
		if d := s.decide(t); d.Outcome != c.want {
			t.Errorf("outcome %s, want %s: %v", d.Outcome, c.want, codesOf(d.Results[0]))
		}
	}
}

func TestRecognise_conditionSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	s := basic()
	s.Facts.Companions = nil
	d := s.decide(t)
	want := []recognition.Condition{{
		Code: recognition.CompanionRequired, Check: "C03", Agreement: "cn-nz", Scope: "appliances", Clause: "schedule A.1",
		Detail: "present the typeTestReport with digest " + string(reportDigest), Values: []string{string(reportDigest)},
	}}
	if diff := cmp.Diff(want, d.Conditions); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}

// Cap 1, by purpose, effect and legal force.
func TestCap1_effectAndForceByPurpose(t *testing.T) {
	t.Parallel()
	market := []recognition.Purpose{recognition.Import, recognition.PlaceOnMarket, recognition.ContinuedSale}
	other := []recognition.Purpose{recognition.Tender, recognition.Information}
	for _, c := range []struct {
		effect, force string
		purposes      []recognition.Purpose
		want          recognition.Outcome
		conditions    []recognition.ConditionCode
	}{
		{"acceptCertificate", "binding", market, recognition.Recognised, nil},
		{"acceptResult", "binding", market, recognition.Recognised, nil},
		{"issueOwnOnBasis", "binding", market, recognition.Conditional, []recognition.ConditionCode{recognition.NationalCertificateRequired}},
		{"noAction", "binding", market, recognition.NotRecognised, nil},
		{"acceptCertificate", "voluntary", market, recognition.Conditional, []recognition.ConditionCode{recognition.BindingAcceptanceRequired}},
		{"acceptResult", "voluntary", market, recognition.Conditional, []recognition.ConditionCode{recognition.BindingAcceptanceRequired}},
		{"acceptCertificate", "none", market, recognition.NotRecognised, nil},
		{"acceptCertificate", "binding", other, recognition.Recognised, nil},
		{"issueOwnOnBasis", "binding", other, recognition.Recognised, nil},
		{"noAction", "binding", other, recognition.Recognised, nil},
		{"acceptResult", "voluntary", other, recognition.Recognised, nil},
		{"acceptResult", "none", other, recognition.NotRecognised, nil},
	} {
		for _, p := range c.purposes {
			s := basic()
			s.Purpose, s.scope().Purposes = p, nil
			s.scope().Effect, s.agreements[0].LegalForce = c.effect, c.force
			d := s.decide(t)
			if d.Outcome != c.want || !slices.Equal(conditionsOf(d), c.conditions) {
				t.Errorf("%s, %s, %s: %s %v, want %s %v", c.effect, c.force, p, d.Outcome, conditionsOf(d), c.want, c.conditions)
			}
		}
	}
}

// adoption adds an instrument of New Zealand that adopts the arrangement.
func adoption(s *scenario, adopts attestation.AgreementID) *partners.Agreement {
	a := &partners.Agreement{
		ID: "nz-adopts", Title: english("regulations"), Kind: "unilateral", Arity: "unilateral", LegalForce: "binding", State: "inForce",
		Period:  partners.AgreementPeriod{InForce: date("2010-01-01")},
		Parties: []partners.AgreementParty{{Economy: "NZ", Role: "party"}},
		Adopts:  []attestation.AgreementID{adopts},
	}
	s.agreements = append(s.agreements, a)
	return a
}

// A voluntary scheme does for import what the regulator's own instrument lets it
// do (cap 1), although the regulator is no member of it (cap 2).
func TestCap1_adoptionByAnInstrumentOfPItself(t *testing.T) {
	t.Parallel()
	scheme := func() *scenario {
		s := basic()
		asScheme(s)
		s.agreements[0].Parties[1] = partners.AgreementParty{Partner: "cn-ab", Role: "recognising"}
		return s
	}
	for _, c := range []struct {
		name   string
		change func(*scenario)
		want   recognition.Outcome
		fails  []string
	}{
		{"adopted", func(s *scenario) { adoption(s, "cn-nz") }, recognition.Recognised, nil},
		{"adopted, the economy asks", func(s *scenario) { adoption(s, "cn-nz"); s.Partner = "NZ" }, recognition.Recognised, nil},
		{"narrowed to other products", func(s *scenario) {
			adoption(s, "cn-nz").Scopes = []partners.Scope{{ID: "toys", Clause: "r. 1", Effect: "acceptResult", Direction: partners.Direction{From: []string{"CN"}, To: []string{"NZ"}}, Products: []partners.Products{{System: catalogue, Include: []string{"22"}}}}}
		}, recognition.NotRecognised, []string{"S02 fail"}},
		{"narrowed in effect", func(s *scenario) {
			adoption(s, "cn-nz").Scopes = []partners.Scope{{ID: "all", Clause: "r. 1", Effect: "issueOwnOnBasis", Direction: partners.Direction{From: []string{"CN"}, To: []string{"NZ"}}}}
		}, recognition.Conditional, nil},
		{"for another economy", func(s *scenario) {
			adoption(s, "cn-nz").Scopes = []partners.Scope{{ID: "all", Clause: "r. 1", Effect: "acceptResult", Direction: partners.Direction{From: []string{"DE"}, To: []string{"NZ"}}}}
		}, recognition.NotRecognised, []string{"G04 fail"}},
		{"ended", func(s *scenario) { adoption(s, "cn-nz").State = "ended" }, recognition.NotRecognised, []string{"G01 fail"}},
		{"adopts what nobody knows", func(s *scenario) { adoption(s, "nowhere") }, recognition.NotRecognised, []string{"D01 fail", "G01 fail", "G03 fail", "S01 fail"}},
		{"not adopted", func(*scenario) {}, recognition.NotRecognised, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := scheme()
			c.change(s)
			d := s.decide(t)
			if d.Outcome != c.want {
				t.Fatalf("outcome %s, want %s: %+v", d.Outcome, c.want, d.Results)
			}
			if c.fails != nil {
				if diff := cmp.Diff(c.fails, codesOf(d.Results[0])); diff != "" {
					t.Errorf("open checks (-want +got):\n%s", diff)
				}
			}
			if len(d.Results) > 0 && d.Results[0].Agreement != "nz-adopts" {
				t.Errorf("the result is in the name of %s", d.Results[0].Agreement)
			}
		})
	}
}

// Cap 2: an arrangement between accreditation bodies names an authority's
// economy, and still does not speak for the authority.
func TestCap2_arrangementsBindTheirMembersOnly(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(*scenario){"mla": asMLA, "scheme": asScheme} {
		s := basic()
		arrange(s)
		s.Purpose, s.scope().Purposes = recognition.Information, nil
		if d := s.decide(t); d.Outcome != recognition.Recognised {
			t.Errorf("%s: a member asks: %s %v", name, d.Outcome, codesOf(d.Results[0]))
		}
		s.agreements[0].Parties[1] = partners.AgreementParty{Economy: "NZ", Role: "member economy"}
		d := s.decide(t)
		if d.Outcome != recognition.NotRecognised || find(t, d, "G02").Result != fail {
			t.Errorf("%s: a regulator that did not sign asks: %s", name, d.Outcome)
		}
	}
}

// Cap 3: who is suspended or sanctioned under the binding agreement gets nothing
// from the voluntary one.
func TestCap3_barredBodyIsNotRecognisedAnywhere(t *testing.T) {
	t.Parallel()
	voluntary := func(s *scenario) {
		v := *s.agreements[0]
		v.ID, v.LegalForce, v.Suspensions = "voluntary", "voluntary", nil
		s.agreements = append(s.agreements, &v)
		s.designations = append(s.designations, designation("cn-cb-2", "cn-cb", "cn-da", "voluntary"))
		s.Purpose, s.agreements[0].Scopes[0].Purposes = recognition.Information, nil
	}
	suspendedDesignation := func(s *scenario) {
		s.designations[0].Periods = []partners.StatusSpan{
			{Span: partners.Span{From: date("2010-01-01"), Until: date("2025-01-01")}, Status: "active"},
			{Span: partners.Span{From: date("2025-01-01")}, Status: "suspended"},
		}
	}
	withdrawnDesignation := func(s *scenario) {
		s.designations[0].Periods[0].Until = date("2025-01-01")
	}
	for _, c := range []struct {
		name   string
		change func(*scenario)
		want   recognition.Outcome
	}{
		{"nothing", nothing, recognition.Recognised},
		{"body suspended under the binding agreement", suspension("body", "cn-cb", ""), recognition.NotRecognised},
		{"suspended, earlier results kept", suspension("body", "cn-cb", "keep"), recognition.Recognised},
		{"designation suspended", suspendedDesignation, recognition.NotRecognised},
		{"designation ended", withdrawnDesignation, recognition.Recognised},
		{"body sanctioned", sanction("body", "cn-cb", ""), recognition.NotRecognised},
		{"somebody else suspended", suspension("body", "cn-da", ""), recognition.Recognised},
		{"suspended under an agreement that has ended", func(s *scenario) {
			suspension("body", "cn-cb", "")(s)
			s.agreements[0].Period.Terminated = date("2025-02-01")
		}, recognition.Recognised},
		{"suspended under a voluntary agreement", func(s *scenario) {
			suspension("body", "cn-cb", "")(s)
			s.agreements[0].LegalForce = "voluntary"
		}, recognition.Recognised},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := basic()
			voluntary(s)
			c.change(s)
			if d := s.decide(t); d.Outcome != c.want {
				t.Errorf("outcome %s, want %s", d.Outcome, c.want)
			}
		})
	}
}

// Ties: binding before voluntary, then the agreement's id. What stands in the
// conditions shows which result made the headline.
func TestRecognise_breaksTies(t *testing.T) {
	t.Parallel()
	s := basic()
	s.Document.Marking = nil
	for _, id := range []attestation.AgreementID{"aa-voluntary", "bb-binding"} {
		a := *s.agreements[0]
		a.ID = id
		if id == "aa-voluntary" {
			a.LegalForce = "voluntary"
		}
		s.agreements = append(s.agreements, &a)
		s.designations = append(s.designations, designation("for-"+string(id), "cn-cb", "cn-da", string(id)))
	}
	d := s.decide(t)
	if d.Outcome != recognition.Conditional || d.Conditions[0].Agreement != "bb-binding" {
		t.Errorf("%s by %v, want bb-binding", d.Outcome, d.Conditions)
	}
	var order []attestation.AgreementID
	for _, r := range d.Results {
		order = append(order, r.Agreement)
	}
	if diff := cmp.Diff([]attestation.AgreementID{"aa-voluntary", "bb-binding", "cn-nz"}, order); diff != "" {
		t.Errorf("order of results (-want +got):\n%s", diff)
	}
}

func TestD02_mainScopeIsNeededForTheSubScope(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		held []string
		want recognition.CheckResult
	}{
		{[]string{"17065", "17065.appliances"}, pass},
		{[]string{"17065.appliances"}, fail},
		{[]string{"17065"}, fail},
		{nil, pass}, // all scopes
	} {
		s := basic()
		asMLA(s)
		main, sub := *s.scope(), *s.scope()
		main.ID, sub.ID = "17065", "17065.appliances"
		s.agreements[0].Scopes = []partners.Scope{main, sub}
		s.agreements[0].Parties[0].ScopeIDs = c.held
		d := s.decide(t)
		if got := findIn(t, d.Results[1], "D02"); d.Results[1].Scope != "17065.appliances" || got.Result != c.want {
			t.Errorf("signatory of %v: %s, want %s: %s", c.held, got.Result, c.want, got.Detail)
		}
	}
}

// An accreditation body is itself bound by the arrangement: its accreditations
// need no other accreditation.
func TestD02_accreditationIsItsOwnEvidence(t *testing.T) {
	t.Parallel()
	s := basic()
	asMLA(s)
	s.Known.Accreditations = nil
	s.Issuer, s.Known.Proof.Signer, s.Document.Kind = "cn-ab", "cn-ab", attestation.AccreditationKind
	s.scope().Kinds, s.scope().Activities = []attestation.Kind{attestation.AccreditationKind}, []string{"accreditation"}
	s.Purpose, s.scope().Purposes = recognition.Information, nil
	if d := s.decide(t); d.Outcome != recognition.Recognised {
		t.Errorf("outcome %s: %v", d.Outcome, codesOf(d.Results[0]))
	}
}

func TestAccreditationOf_coversSchemeStandardsAndCodes(t *testing.T) {
	t.Parallel()
	doc := &attestation.Submission{
		Scheme:       &attestation.Scheme{ID: "ISO/IEC 17065"},
		Requirements: []attestation.Requirement{{ID: "ccc"}},
		ScopeCodes:   []attestation.Code{{System: "iaf", Code: "19"}},
	}
	got := recognition.AccreditationOf(doc, "cn-ab", "att_x", attestation.Expired)
	want := recognition.Accreditation{By: "cn-ab", ID: "att_x", Covers: []string{"ISO/IEC 17065", "ccc", "19"}, Status: attestation.Expired}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A document without scheme is accredited where each of its standards is.
func TestD02_withoutSchemeEveryStandardCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		covers []string
		want   recognition.CheckResult
	}{{[]string{"GB 4706.1", "GB 4706.7"}, pass}, {[]string{"GB 4706.7"}, unk}} {
		s := basic()
		asMLA(s)
		s.Document.Scheme = nil
		s.Known.Accreditations[0].Covers = c.covers
		if got := find(t, s.decide(t), "D02"); got.Result != c.want {
			t.Errorf("%v: %s, want %s", c.covers, got.Result, c.want)
		}
	}
}

func TestS03_comparesDesignationsByTheirParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list, document string
		want           recognition.CheckResult
	}{
		{"GB 4706.1", "GB  4706.1", pass},
		{"GB 4706.1", "GB 4706.11", fail},
		{"GB 4706.1", "GB/T 4706.1", fail},
		{"Regulation (NZ) 2010/36", "regulation (nz)  2010/36", pass},
		{"Regulation (NZ) 2010/36", "Regulation (NZ) 2010/37", fail},
	} {
		s := basic()
		s.scope().Requirements[0].From = partners.Editions{ID: c.list}
		s.Document.Requirements[0] = attestation.Requirement{Type: "standard", ID: c.document}
		if got := find(t, s.decide(t), "S03"); got.Result != c.want {
			t.Errorf("%q for %q: %s, want %s", c.document, c.list, got.Result, c.want)
		}
	}
}

func TestPurpose_Valid(t *testing.T) {
	t.Parallel()
	for _, p := range []recognition.Purpose{"import", "placeOnMarket", "continuedSale", "tender", "information"} {
		if !p.Valid() {
			t.Errorf("%s is a purpose", p)
		}
	}
	for _, p := range []recognition.Purpose{"", "Import", "export"} {
		if p.Valid() {
			t.Errorf("%q is no purpose", p)
		}
	}
}

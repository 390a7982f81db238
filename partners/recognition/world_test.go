package recognition_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"
)

// catalogue is the product system of most tests.
const catalogue = "cn.cnca.catalogue/SAMR-2020-18"

// now is the t of most tests: the certificate is of September 2024.
var now = date("2025-06-01")

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err) // a programmer's error in a test
	}
	return t
}

// world is what a directory is made of.
type world struct {
	partners     []*partners.Partner
	agreements   []*partners.Agreement
	designations []*partners.Designation
	sanctions    []*partners.Sanction
}

// snapshot makes the directory through signed changes' payloads, so that every
// value is validated as in production.
func (w *world) snapshot(t testing.TB) *partners.Snapshot {
	t.Helper()
	d := partners.NewDirectory()
	index := uint64(0)
	apply := func(kind partners.TargetKind, id string, value any) {
		c, err := partners.NewChange("urn:accord:partner:operator", partners.Target{Kind: kind, ID: id}, value, date("1990-01-01"), nil)
		if err != nil {
			t.Fatalf("%s %s: %v", kind, id, err)
		}
		if err := d.Latest().Check(c); err != nil {
			t.Fatalf("%s %s: %v", kind, id, err)
		}
		d.Apply(index, date("1990-01-01"), c)
		index++
	}
	for _, p := range w.partners {
		apply(partners.TargetPartner, string(p.ID), p)
	}
	for _, a := range w.agreements {
		apply(partners.TargetAgreement, string(a.ID), a)
	}
	for _, x := range w.designations {
		apply(partners.TargetDesignation, x.ID, x)
	}
	for _, x := range w.sanctions {
		apply(partners.TargetSanction, x.ID, x)
	}
	return d.Latest()
}

func english(s string) attestation.LText { return attestation.LText{{Lang: "en", Value: s}} }

func partner(id string, kind partners.PartnerKind, economies ...attestation.Economy) *partners.Partner {
	return &partners.Partner{
		ID: attestation.PartnerID(id), Name: english(id), Kind: kind, Economies: economies,
		Identifiers: []attestation.Identifier{{Scheme: "test", Value: id}},
		Status:      []partners.StatusSpan{{Span: partners.Span{From: date("1990-01-01")}, Status: "active"}},
	}
}

func designation(id, body, by, agreement string, activities ...string) *partners.Designation {
	return &partners.Designation{
		ID: id, Body: attestation.PartnerID(body), Agreement: attestation.AgreementID(agreement), Activities: activities,
		Basis: "designation", DesignatedBy: attestation.PartnerID(by),
		Periods: []partners.StatusSpan{{Span: partners.Span{From: date("2010-01-01")}, Status: "active"}},
	}
}

// scenario is a world with one question. In the basic one a Chinese body
// certified a vacuum cleaner, and the New Zealand regulator asks; every check
// passes.
type scenario struct {
	world
	recognition.Question
}

func basic() *scenario {
	s := &scenario{}
	s.partners = []*partners.Partner{
		partner("cn-cb", partners.CertificationBody, "CN"),
		partner("cn-da", partners.DesignatingAuthority, "CN"),
		partner("nz-regulator", partners.Regulator, "NZ"),
		partner("cn-ab", partners.AccreditationBody, "CN"),
		partner("vn-lab", partners.Lab, "VN"),
	}
	s.agreements = []*partners.Agreement{{
		ID: "cn-nz", Title: english("CN-NZ"), Kind: "mraGovernment", Arity: "bilateral", LegalForce: "binding", State: "inForce", Exchange: true,
		Period:  partners.AgreementPeriod{InForce: date("2008-10-01")},
		Parties: []partners.AgreementParty{{Economy: "CN", Role: "party"}, {Economy: "NZ", Role: "party"}},
		Scopes: []partners.Scope{{
			ID: "appliances", Clause: "schedule A.1",
			Direction:  partners.Direction{From: []string{"CN"}, To: []string{"NZ"}},
			Activities: []string{"certification", "testing"}, Kinds: []attestation.Kind{attestation.Certification, attestation.TestReport},
			Regimes: []attestation.Regime{"compulsory"}, Schemes: []string{"ccc"}, ObjectTypes: []string{"product"},
			Products: []partners.Products{{System: catalogue, Include: []string{"0701..0718"}, Exclude: []string{"0717"}}},
			Requirements: []partners.RequirementPair{{
				From: partners.Editions{ID: "GB 4706.1", Editions: []string{"2005"}},
				To:   partners.Editions{ID: "AS/NZS 60335.1", Editions: []string{"2011"}},
			}},
			Conditions: partners.Conditions{Origin: []attestation.Economy{"CN", "NZ"}, DirectShipment: true, Language: "en", Mark: "CCC"},
			Effect:     "acceptCertificate", Purposes: []string{"import", "continuedSale"},
		}},
		Rules: partners.Rules{MaxDocumentAge: "26280h", MaxStatusAge: "24h", RequireCompanions: []string{"typeTestReport"}},
	}}
	s.designations = []*partners.Designation{designation("cn-cb-1", "cn-cb", "cn-da", "cn-nz", "certification")}
	direct := true
	doc := vacuum()
	s.Question = recognition.Question{
		Subject:  recognition.Subject{ID: doc.SeriesOf("cn-cb"), Revision: 1, Content: doc.Digest()},
		Document: doc, Issuer: "cn-cb", Partner: "nz-regulator", Purpose: recognition.Import, At: now, KnownAt: 100,
		Facts: recognition.Facts{Origin: "CN", ShippedDirect: &direct, Companions: []attestation.Digest{reportDigest}},
		Known: recognition.Known{
			Proof:   recognition.Proof{Result: recognition.Passed, Signer: "cn-cb"},
			Content: recognition.Content{Result: recognition.Passed},
			Head:    attestation.True,
			Status:  doc.Status(now),
			Fresh:   recognition.Freshness{Learned: now.Add(-time.Hour)},
		},
	}
	return s
}

var reportDigest = attestation.DigestOf([]byte("type test report"))

// vacuum is the document of the basic scenario.
func vacuum() *attestation.Submission {
	day := func(s string) attestation.DateV { return attestation.DateV{Value: s, Zone: "+08:00"} }
	expires := day("2029-09-25")
	return &attestation.Submission{
		ModelVersion: "1.0", Kind: attestation.Certification, Party: "third", Regime: "compulsory",
		Identifiers: []attestation.Identifier{{Scheme: "cn.cnca.ccc", Value: "2024990708000002"}},
		Scheme:      &attestation.Scheme{ID: "ccc", Name: english("CCC")},
		Issuer:      attestation.Party{Role: "certificationBody", Name: english("Body"), Country: "CN", Identifiers: []attestation.Identifier{{Scheme: "test", Value: "cn-cb"}}},
		Parties: []attestation.Party{{
			Role: "client", Name: english("Maker"), Country: "CN",
			Identifiers: []attestation.Identifier{{Scheme: "cn.uscc", Value: "91440300MA5DEM012D"}},
		}},
		Objects: []attestation.Object{{
			Type: "product", Name: english("Vacuum cleaner"),
			Classifications: []attestation.Code{{System: catalogue, Code: "0708"}},
			Models:          []attestation.Model{{Model: "RX1"}, {Model: "RX2"}}, ModelsComplete: attestation.True,
		}},
		Requirements: []attestation.Requirement{{Type: "standard", ID: "GB 4706.1", Edition: "2005"}},
		Assessments:  []attestation.Assessment{{Activity: "testing", Outcome: "pass", Body: &attestation.Party{Name: english("Lab"), Country: "CN"}}},
		Marking:      []string{"CCC"},
		Dates:        attestation.Dates{Issued: day("2024-09-26"), Expires: &expires},
		StatusEvents: []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: day("2024-09-26")}},
		Evidence: []attestation.Evidence{{
			Link:    attestation.Link{URL: "https://example.cn/report", Digests: []attestation.LinkDigest{{Alg: "sha-256", Value: string(reportDigest[len("sha-256:"):])}}},
			Purpose: "typeTestReport",
		}},
	}
}

func (s *scenario) scope() *partners.Scope { return &s.agreements[0].Scopes[0] }

func (s *scenario) decide(t testing.TB) recognition.Decision {
	t.Helper()
	return recognition.Recognise(s.snapshot(t), s.Question)
}

// event adds a status event and takes the status from the document again.
func (s *scenario) event(e attestation.StatusEvent) {
	e.Seq = len(s.Document.StatusEvents) + 1
	s.Document.StatusEvents = append(s.Document.StatusEvents, e)
	s.Known.Status = s.Document.Status(s.At)
}

// find returns the check of a code in the only result.
func find(t testing.TB, d recognition.Decision, code string) recognition.Check {
	t.Helper()
	if len(d.Results) != 1 {
		t.Fatalf("%d results, want 1: %+v", len(d.Results), d.Results)
	}
	return findIn(t, d.Results[0], code)
}

func findIn(t testing.TB, r recognition.Result, code string) recognition.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Code == code {
			return c
		}
	}
	t.Fatalf("no check %s in %+v", code, r.Checks)
	return recognition.Check{}
}

// codesOf lists the checks of a result that did not pass, with their results.
func codesOf(r recognition.Result) []string {
	var out []string
	for _, c := range r.Checks {
		if c.Result != recognition.CheckPass && c.Result != recognition.CheckNotApplicable {
			out = append(out, c.Code+" "+string(c.Result))
		}
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// conditionsOf lists the conditions of a decision.
func conditionsOf(d recognition.Decision) []recognition.ConditionCode {
	out := []recognition.ConditionCode{}
	for _, c := range d.Conditions {
		out = append(out, c.Code)
	}
	return out
}

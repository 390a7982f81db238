package recognition_test

import (
	"testing"
	"time"

	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"

	gocmp "github.com/google/go-cmp/cmp"
)

// row changes the basic scenario, in which every check passes or does not
// apply, and says what one check then finds.
type row struct {
	code   string
	want   recognition.CheckResult
	name   string
	change func(*scenario)
}

func nothing(*scenario) {}

func statusEvent(e attestation.Event, sell *attestation.SellThrough) func(*scenario) {
	return func(s *scenario) {
		s.Purpose = recognition.ContinuedSale
		s.event(attestation.StatusEvent{
			Event: e, Effective: attestation.DateV{Value: "2025-01-01", Zone: "+08:00"}, Reason: english("reason"),
			SupersededBy: &attestation.Target{Digest: reportDigest}, SellThrough: sell,
		})
	}
}

// asMLA turns the agreement into an arrangement between accreditation bodies.
func asMLA(s *scenario) {
	a := s.agreements[0]
	a.Kind, a.LegalForce, a.Arity = "mla", "voluntary", "multilateral"
	a.Parties = []partners.AgreementParty{{Partner: "cn-ab", Role: "signatory"}, {Partner: "nz-regulator", Role: "signatory"}}
	a.Scopes[0].Direction = partners.Direction{}
	s.Known.Accreditations = []recognition.Accreditation{{By: "cn-ab", Covers: []string{"ccc"}, Status: attestation.Valid}}
}

func asScheme(s *scenario) {
	a := s.agreements[0]
	a.Kind, a.LegalForce, a.Arity = "scheme", "voluntary", "multilateral"
	a.Parties = []partners.AgreementParty{{Partner: "cn-cb", Role: "issuing"}, {Partner: "nz-regulator", Role: "recognising"}}
	a.Scopes[0].Direction = partners.Direction{}
}

// asUnilateral makes the agreement P's own.
func asUnilateral(s *scenario) {
	a := s.agreements[0]
	a.Kind, a.Arity = "unilateral", "unilateral"
	a.Parties = []partners.AgreementParty{{Economy: "NZ", Role: "party"}}
}

func suspension(target, id, fate string) func(*scenario) {
	return func(s *scenario) {
		s.agreements[0].Suspensions = []partners.Suspension{{Target: target, ID: id, From: date("2025-01-01"), EarlierResults: fate}}
	}
}

func sanction(kind, id, fate string) func(*scenario) {
	return func(s *scenario) {
		s.sanctions = []*partners.Sanction{{
			ID: "sanction-1", Target: partners.SanctionTarget{Kind: kind, ID: id}, List: "list", Authority: "nz-regulator",
			Reason: english("reason"), Periods: []partners.Span{{From: date("2025-01-01")}}, EarlierResults: fate,
		}}
	}
}

const (
	pass  = recognition.CheckPass
	fail  = recognition.CheckFail
	unk   = recognition.CheckUnknown
	cond  = recognition.CheckConditional
	never = recognition.CheckNotApplicable
)

func documentRows() []row {
	return []row{
		{"A01", pass, "signed by the issuer", nothing},
		{"A01", fail, "signature does not verify", func(s *scenario) { s.Known.Proof.Result = recognition.Failed }},
		{"A01", fail, "signed by another partner", func(s *scenario) { s.Known.Proof.Signer = "cn-da" }},
		{"A01", fail, "register not accepted", func(s *scenario) {
			s.Known.Proof = recognition.Proof{Result: recognition.Passed, Signer: "cn-da", Register: true}
		}},
		{"A01", pass, "register accepted", func(s *scenario) {
			s.Known.Proof = recognition.Proof{Result: recognition.Passed, Signer: "cn-da", Register: true}
			s.agreements[0].Rules.AcceptRegisterStatements = true
		}},
		{"A01", unk, "verification indeterminate", func(s *scenario) { s.Known.Proof.Result = recognition.Indeterminate }},
		{"A01", unk, "never verified", func(s *scenario) { s.Known.Proof = recognition.Proof{} }},

		{"A02", pass, "valid and head", nothing},
		{"A02", fail, "content invalid", func(s *scenario) { s.Known.Content.Result = recognition.Failed }},
		{"A02", fail, "not the head", func(s *scenario) { s.Known.Head = attestation.False }},
		{"A02", unk, "content not examined", func(s *scenario) { s.Known.Content = recognition.Content{} }},
		{"A02", unk, "head not known", func(s *scenario) { s.Known.Head = attestation.Unset }},

		{"A03", pass, "valid", nothing},
		{"A03a", fail, "suspended", statusEvent(attestation.EventSuspend, nil)},
		{"A03a", cond, "suspended with sell-through", statusEvent(attestation.EventSuspend, &attestation.SellThrough{})},
		{"A03b", fail, "withdrawn", statusEvent(attestation.EventWithdraw, nil)},
		{"A03b", cond, "withdrawn with sell-through", statusEvent(attestation.EventWithdraw, &attestation.SellThrough{})},
		{"A03c", fail, "cancelled", statusEvent(attestation.EventCancel, nil)},
		{"A03c", cond, "cancelled with sell-through", statusEvent(attestation.EventCancel, &attestation.SellThrough{})},
		{"A03c", fail, "sell-through is over", statusEvent(attestation.EventCancel, &attestation.SellThrough{Until: &attestation.DateV{Value: "2025-05-01", Zone: "+08:00"}})},
		{"A03c", fail, "sell-through does not open the border", func(s *scenario) {
			statusEvent(attestation.EventCancel, &attestation.SellThrough{})(s)
			s.Purpose = recognition.Import
		}},
		{"A03d", fail, "expired", func(s *scenario) { s.Known.Status = s.Document.Status(date("2031-01-01")) }},
		{"A03e", fail, "superseded", statusEvent(attestation.EventSupersede, nil)},
		{"A03e", cond, "superseded with sell-through", statusEvent(attestation.EventSupersede, &attestation.SellThrough{})},
		{"A03f", fail, "pending", func(s *scenario) { s.Known.Status = s.Document.Status(date("2024-01-01")) }},
		{"A03g", unk, "history cannot be read", func(s *scenario) {
			twice := []attestation.StatusEvent{s.Document.StatusEvents[0], s.Document.StatusEvents[0]}
			s.Known.Status = attestation.StatusAt(twice, &s.Document.Dates, now)
		}},
		{"A03f", fail, "no event yet", func(s *scenario) { s.Known.Status = attestation.StatusAt(nil, &s.Document.Dates, now) }},
		{"A03g", unk, "status never determined", func(s *scenario) { s.Known.Status = attestation.StatusFacts{} }},

		{"A04", pass, "known an hour ago", nothing},
		{"A04", pass, "our own ledger is the master", func(s *scenario) { s.Known.Fresh = recognition.Freshness{Mastered: true} }},
		{"A04", pass, "the agreement sets no age", func(s *scenario) {
			s.agreements[0].Rules.MaxStatusAge = ""
			s.Known.Fresh = recognition.Freshness{}
		}},
		{"A04", unk, "known too long ago", func(s *scenario) { s.Known.Fresh.Learned = now.Add(-25 * time.Hour) }},
		{"A04", unk, "never asked for", func(s *scenario) { s.Known.Fresh = recognition.Freshness{} }},
		{"A04", unk, "register not looked up", func(s *scenario) { s.agreements[0].Rules.RequireRegisterCheck = true }},
		{"A04", pass, "register looked up", func(s *scenario) {
			s.agreements[0].Rules.RequireRegisterCheck = true
			s.Known.Fresh.Register = true
		}},
	}
}

func agreementRows() []row {
	return []row{
		{"G01", pass, "in force", nothing},
		{"G01", pass, "applied provisionally", func(s *scenario) {
			s.agreements[0].Period = partners.AgreementPeriod{Provisional: date("2025-01-01"), InForce: date("2026-01-01")}
		}},
		{"G01", fail, "only signed", func(s *scenario) { s.agreements[0].State = "signed" }},
		{"G01", fail, "not yet in force", func(s *scenario) { s.agreements[0].Period.InForce = date("2026-01-01") }},
		{"G01", fail, "terminated", func(s *scenario) { s.agreements[0].Period.Terminated = now }},
		{"G01", fail, "suspended", suspension("agreement", "cn-nz", "")},
		{"G01", pass, "suspended, earlier results kept", suspension("agreement", "cn-nz", "keep")},
		{"G01", fail, "scope suspended", suspension("scope", "appliances", "void")},
		{"G01", fail, "scope over", func(s *scenario) { s.scope().Periods = []partners.Span{{Until: date("2025-01-01")}} }},

		{"G02", pass, "the regulator stands under its economy", nothing},
		{"G02", pass, "the economy asks", func(s *scenario) { s.Partner = "NZ" }},
		{"G02", fail, "no party any more", func(s *scenario) {
			s.agreements[0].Parties[1].Periods = []partners.Span{{Until: date("2025-01-01")}}
		}},
		{"G02", fail, "reservation", func(s *scenario) {
			s.agreements[0].Parties[1].Reservations = []partners.Reservation{{ScopeID: "appliances", Text: english("not this")}}
		}},
		{"G02", fail, "reservation to everything", func(s *scenario) {
			s.agreements[0].Parties[1].Reservations = []partners.Reservation{{Text: english("nothing")}}
		}},
		{"G02", fail, "party suspended", suspension("party", "NZ", "")},
		{"G02", fail, "not a member of the arrangement", func(s *scenario) {
			asMLA(s)
			s.agreements[0].Parties[1] = partners.AgreementParty{Economy: "NZ", Role: "observer"}
		}},

		{"G03", pass, "the issuer's economy is party", nothing},
		{"G03", fail, "issuer's economy left", func(s *scenario) {
			s.agreements[0].Parties[0].Periods = []partners.Span{{Until: date("2025-01-01")}}
		}},
		{"G03", fail, "party of another scope only", func(s *scenario) {
			other := *s.scope()
			other.ID = "other"
			s.agreements[0].Scopes = append(s.agreements[0].Scopes, other)
			s.agreements[0].Parties[0].ScopeIDs = []string{"other"}
		}},
		{"G03", fail, "pair not activated", func(s *scenario) {
			s.agreements[0].Activations = []partners.Activation{{From: "NZ", To: "CN"}}
		}},
		{"G03", fail, "pair activated for another phase", func(s *scenario) {
			s.agreements[0].Activations = []partners.Activation{{From: "CN", To: "NZ", Phase: "phase-2"}}
		}},
		{"G03", pass, "pair activated", func(s *scenario) {
			s.agreements[0].Activations = []partners.Activation{{From: "CN", To: "NZ", Phase: "appliances"}}
		}},
		{"G03", pass, "an authority of the issuer's economy is party", func(s *scenario) {
			s.agreements[0].Parties[0] = partners.AgreementParty{Partner: "cn-da", Role: "party"}
		}},
		{"G03", fail, "both sides are one party", func(s *scenario) { s.Partner, s.agreements[0].Scopes[0].Direction = "CN", partners.Direction{} }},
		{"G03", never, "P's own instrument", asUnilateral},
		{"G03", fail, "the accreditor is no party", func(s *scenario) {
			asMLA(s)
			s.agreements[0].Parties[0].Periods = []partners.Span{{Until: date("2025-01-01")}}
		}},

		{"G04", pass, "from CN to NZ", nothing},
		{"G04", pass, "mutual", func(s *scenario) { s.scope().Direction = partners.Direction{} }},
		{"G04", fail, "the other way round", func(s *scenario) {
			s.scope().Direction = partners.Direction{From: []string{"NZ"}, To: []string{"CN"}}
		}},
		{"G04", fail, "for another economy", func(s *scenario) { s.scope().Direction.To = []string{"AU"} }},
		{"G04", never, "no scope", func(s *scenario) { s.agreements[0].Scopes = nil }},

		{"G05", pass, "binding", nothing},
		{"G05", pass, "voluntary", func(s *scenario) { s.agreements[0].LegalForce = "voluntary" }},
		{"G05", fail, "without legal force", func(s *scenario) { s.agreements[0].LegalForce = "none" }},
	}
}

// TestChecks finds, for every check, every result it can have.
func TestChecks(t *testing.T) {
	t.Parallel()
	for _, family := range [][]row{documentRows(), agreementRows(), scopeRows(), bodyRows(), conditionRows()} {
		for _, r := range family {
			t.Run(r.code+" "+r.name, func(t *testing.T) {
				t.Parallel()
				s := basic()
				r.change(s)
				d := s.decide(t)
				if len(d.Results) == 0 {
					t.Fatal("no candidate")
				}
				got := findIn(t, d.Results[0], r.code)
				if got.Result != r.want {
					t.Errorf("%s is %s, want %s: %s", r.code, got.Result, r.want, got.Detail)
				}
				if got.Detail == "" {
					t.Errorf("%s has no detail", r.code)
				}
				if r.want == cond && d.Outcome == recognition.Recognised {
					t.Error("a condition stands, and the outcome is recognised")
				}
			})
		}
	}
}

// TestChecks_coverEveryResult keeps the tables complete: every result that the
// table of domain.md, section 6.3, allows a check has a row.
func TestChecks_coverEveryResult(t *testing.T) {
	t.Parallel()
	want := map[string][]recognition.CheckResult{
		"A01": {pass, fail, unk}, "A02": {pass, fail, unk}, "A03": {pass},
		"A03a": {fail, cond}, "A03b": {fail, cond}, "A03c": {fail, cond}, "A03d": {fail}, "A03e": {fail, cond}, "A03f": {fail}, "A03g": {unk},
		"A04": {pass, unk},
		"G01": {pass, fail}, "G02": {pass, fail}, "G03": {pass, fail, unk, never}, "G04": {pass, fail, never}, "G05": {pass, fail},
		"S01": {pass, fail, unk}, "S02": {pass, fail, unk, never}, "S03": {pass, fail, unk, cond, never},
		"S04": {pass, fail, unk, cond, never}, "S05": {pass, fail, never}, "S06": {pass, fail, never},
		"D01": {pass, fail, unk, never}, "D02": {pass, fail, unk, never}, "D03": {pass, fail},
		"C01": {pass, fail, unk, never}, "C02": {pass, cond, never}, "C03": {pass, fail, cond, never},
		"C04": {pass, fail, never}, "C05": {pass, cond, never}, "C06": {pass, cond, never}, "C07": {pass, fail, unk, never},
	}
	type key struct {
		code   string
		result recognition.CheckResult
	}
	wanted, have := map[key]bool{}, map[key]bool{}
	for code, results := range want {
		for _, r := range results {
			wanted[key{code, r}] = true
		}
	}
	for _, family := range [][]row{documentRows(), agreementRows(), scopeRows(), bodyRows(), conditionRows()} {
		for _, r := range family {
			have[key{r.code, r.want}] = true
		}
	}
	if d := gocmp.Diff(wanted, have, gocmp.AllowUnexported(key{})); d != "" {
		t.Errorf("results with rows (+) and due (-):\n%s", d)
	}
}

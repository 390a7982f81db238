package recognition_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"

	gocmp "github.com/google/go-cmp/cmp"
)

// traits are what a generated agreement is made of, and all that the oracle of
// this test looks at: it shares no code with the checks.
type traits struct {
	id       string
	kind     string // mraGovernment, scheme, mla
	members  []attestation.Economy
	force    string
	effect   string
	inForce  bool
	products string // inside, outside, otherEdition, none
	purposes []recognition.Purpose
	origin   bool // goods of the issuer's economy only
	direct   bool // direct shipment
	bodies   bool // bodies are designated, issuing members or accredited
	barred   bool // every body is suspended under it
}

var economies = []attestation.Economy{"AR", "AU", "BR", "CA", "CH", "CL", "CN", "EG", "GB", "ID", "IN", "JP", "KR", "MX", "NZ", "TR", "ZA"}

// manyTraits draws 123 bilateral and 14 multilateral agreements, always the same.
func manyTraits() []traits {
	rng := rand.New(rand.NewPCG(2008, 10))
	var out []traits
	for i, a := range economies {
		for _, b := range economies[i+1:] {
			if len(out) < 123 {
				out = append(out, draw(rng, fmt.Sprintf("bilateral-%03d", len(out)), "mraGovernment", []attestation.Economy{a, b}))
			}
		}
	}
	for i := range 14 {
		kind := []string{"mraGovernment", "scheme", "mla"}[i%3]
		members := slices.Clone(economies)
		rng.Shuffle(len(members), func(x, y int) { members[x], members[y] = members[y], members[x] })
		members = members[:5+rng.IntN(10)]
		slices.Sort(members)
		out = append(out, draw(rng, fmt.Sprintf("multilateral-%02d", i), kind, members))
	}
	return out
}

func draw(rng *rand.Rand, id, kind string, members []attestation.Economy) traits {
	pick := func(xs ...string) string { return xs[rng.IntN(len(xs))] }
	often := func() bool { return rng.IntN(5) > 0 }
	t := traits{
		id: id, kind: kind, members: members,
		force:    pick("binding", "binding", "voluntary", "none"),
		effect:   pick("acceptCertificate", "acceptCertificate", "acceptResult", "issueOwnOnBasis", "noAction"),
		inForce:  often(),
		products: pick("inside", "inside", "inside", "none", "outside", "otherEdition"),
		origin:   rng.IntN(2) == 0, direct: rng.IntN(2) == 0,
		bodies: often(), barred: rng.IntN(12) == 0,
	}
	if rng.IntN(3) == 0 {
		t.purposes = []recognition.Purpose{recognition.Import, recognition.Information}
	}
	return t
}

// body, authority, regulator and accreditor are the partners of an economy. The
// regulator is member of schemes and arrangements.
func body(e attestation.Economy) string       { return "body-" + lower(e) }
func authority(e attestation.Economy) string  { return "authority-" + lower(e) }
func regulator(e attestation.Economy) string  { return "regulator-" + lower(e) }
func accreditor(e attestation.Economy) string { return "accreditor-" + lower(e) }

func lower(e attestation.Economy) string { return string([]byte{e[0] | 0x20, e[1] | 0x20}) }

func (tr traits) agreement() *partners.Agreement {
	a := &partners.Agreement{
		ID: attestation.AgreementID(tr.id), Title: english(tr.id), Kind: tr.kind, Arity: "bilateral", LegalForce: tr.force, State: "signed",
		Rules: partners.Rules{ThirdCountryResults: true},
	}
	if len(tr.members) > 2 {
		a.Arity = "multilateral"
	}
	if tr.inForce {
		a.State, a.Period.InForce = "inForce", date("2000-01-01")
	}
	scope := partners.Scope{ID: "scope", Clause: "annex", Effect: tr.effect}
	switch tr.products {
	case "inside":
		scope.Products = []partners.Products{{System: catalogue, Include: []string{"07"}}}
	case "outside":
		scope.Products = []partners.Products{{System: catalogue, Include: []string{"2201..2204"}}}
	case "otherEdition":
		scope.Products = []partners.Products{{System: "cn.cnca.catalogue/SAMR-2023-36", Include: []string{"07"}}}
	}
	for _, p := range tr.purposes {
		scope.Purposes = append(scope.Purposes, string(p))
	}
	if tr.origin {
		scope.Conditions.Origin = tr.members
	}
	scope.Conditions.DirectShipment = tr.direct
	a.Scopes = []partners.Scope{scope}
	for _, e := range tr.members {
		switch tr.kind {
		case "scheme":
			role := "recognising"
			if tr.bodies {
				role = "issuing"
			}
			a.Parties = append(a.Parties, partners.AgreementParty{Partner: attestation.PartnerID(body(e)), Role: role},
				partners.AgreementParty{Partner: attestation.PartnerID(regulator(e)), Role: "recognising"})
		case "mla":
			if tr.bodies {
				a.Parties = append(a.Parties, partners.AgreementParty{Partner: attestation.PartnerID(accreditor(e)), Role: "signatory"})
			}
			a.Parties = append(a.Parties, partners.AgreementParty{Partner: attestation.PartnerID(regulator(e)), Role: "signatory"})
		default:
			a.Parties = append(a.Parties, partners.AgreementParty{Economy: e, Role: "party"})
		}
		if tr.barred {
			a.Suspensions = append(a.Suspensions, partners.Suspension{Target: "body", ID: body(e), From: date("2025-01-01")})
		}
	}
	return a
}

func manyWorld(all []traits) *world {
	w := &world{}
	for _, e := range economies {
		w.partners = append(w.partners,
			partner(body(e), partners.CertificationBody, e), partner(authority(e), partners.DesignatingAuthority, e),
			partner(regulator(e), partners.Regulator, e), partner(accreditor(e), partners.AccreditationBody, e))
	}
	for _, tr := range all {
		w.agreements = append(w.agreements, tr.agreement())
		if tr.kind != "mraGovernment" || !tr.bodies {
			continue
		}
		for _, e := range tr.members {
			w.designations = append(w.designations, designation(tr.id+"-"+lower(e), body(e), authority(e), tr.id))
		}
	}
	return w
}

// asked is one question in the terms of the oracle.
type asked struct {
	from, to attestation.Economy
	byBody   bool // a partner of the economy asks, else the economy itself
	purpose  recognition.Purpose
	origin   attestation.Economy
	direct   *bool
}

// candidate is found by the parties: an economy stands for the partners of its
// economy, a partner for itself; an accreditor for those it accredited.
func (tr traits) candidate(q asked) bool {
	if !slices.Contains(tr.members, q.from) || !slices.Contains(tr.members, q.to) {
		return false
	}
	switch tr.kind {
	case "scheme":
		return q.byBody
	case "mla":
		return q.byBody && tr.bodies
	default:
		return true
	}
}

// outcome is domain.md, section 6.3, read once more, plainly.
func (tr traits) outcome(q asked) (recognition.Outcome, []recognition.ConditionCode) {
	market := q.purpose == recognition.Import || q.purpose == recognition.PlaceOnMarket || q.purpose == recognition.ContinuedSale
	fails := !tr.inForce || tr.force == "none" || tr.products == "outside" || !tr.bodies || tr.barred ||
		(tr.purposes != nil && !slices.Contains(tr.purposes, q.purpose)) ||
		(tr.origin && q.origin != "" && !slices.Contains(tr.members, q.origin)) ||
		(market && tr.effect == "noAction")
	unknown := tr.products == "otherEdition" || (tr.origin && q.origin == "")
	var conditions []recognition.ConditionCode
	if tr.direct && (q.direct == nil || !*q.direct) {
		conditions = append(conditions, recognition.DirectShipmentRequired)
	}
	if market && tr.effect == "issueOwnOnBasis" {
		conditions = append(conditions, recognition.NationalCertificateRequired)
	} else if market && tr.force == "voluntary" {
		conditions = append(conditions, recognition.BindingAcceptanceRequired)
	}
	switch {
	case fails:
		return recognition.NotRecognised, nil
	case unknown:
		return recognition.OutcomeIndeterminate, nil
	case len(conditions) > 0:
		return recognition.Conditional, conditions
	default:
		return recognition.Recognised, nil
	}
}

// headlineOf takes the best over agreements under the third cap.
func headlineOf(all []traits, q asked) (recognition.Outcome, []recognition.ConditionCode, []string) {
	order := []recognition.Outcome{recognition.Recognised, recognition.Conditional, recognition.OutcomeIndeterminate, recognition.NotRecognised}
	var found []traits
	var ids []string
	barred := false
	for _, tr := range all {
		if tr.candidate(q) {
			found, ids = append(found, tr), append(ids, tr.id)
			barred = barred || (tr.barred && tr.inForce && tr.force == "binding")
		}
	}
	slices.Sort(ids)
	if len(found) == 0 || barred {
		return recognition.NotRecognised, nil, ids
	}
	slices.SortFunc(found, func(x, y traits) int {
		ox, _ := x.outcome(q)
		oy, _ := y.outcome(q)
		binding := func(tr traits) int { return map[bool]int{true: 0, false: 1}[tr.force == "binding"] }
		return cmp.Or(slices.Index(order, ox)-slices.Index(order, oy), binding(x)-binding(y), cmp.Compare(x.id, y.id))
	})
	outcome, conditions := found[0].outcome(q)
	return outcome, conditions, ids
}

func (q asked) question() recognition.Question {
	doc := vacuum()
	issuer := attestation.PartnerID(body(q.from))
	to := string(q.to)
	if q.byBody {
		to = regulator(q.to)
	}
	return recognition.Question{
		Subject: recognition.Subject{Content: reportDigest}, Document: doc, Issuer: issuer, Partner: to, Purpose: q.purpose, At: now,
		Facts: recognition.Facts{Origin: q.origin, ShippedDirect: q.direct},
		Known: recognition.Known{
			Proof:          recognition.Proof{Result: recognition.Passed, Signer: issuer},
			Content:        recognition.Content{Result: recognition.Passed},
			Head:           attestation.True,
			Status:         doc.Status(now),
			Fresh:          recognition.Freshness{Mastered: true},
			Accreditations: []recognition.Accreditation{{By: attestation.PartnerID(accreditor(q.from)), Covers: []string{"ccc"}, Status: attestation.Valid}},
		},
	}
}

// TestRecognise_over137Agreements asks every ordered pair of economies for every
// purpose, with several sets of facts, and compares with the oracle.
func TestRecognise_over137Agreements(t *testing.T) {
	t.Parallel()
	all := manyTraits()
	if len(all) != 137 {
		t.Fatalf("%d agreements", len(all))
	}
	snapshot := manyWorld(all).snapshot(t)
	yes, no := true, false
	facts := []asked{{origin: "CN", direct: &yes}, {}, {origin: "VN", direct: &no}}
	purposes := []recognition.Purpose{recognition.Import, recognition.PlaceOnMarket, recognition.ContinuedSale, recognition.Tender, recognition.Information}
	seen := map[recognition.Outcome]int{}
	n := 0
	for _, from := range economies {
		for _, to := range economies {
			if from == to {
				continue
			}
			for i, p := range purposes {
				q := facts[(n+i)%len(facts)]
				q.from, q.to, q.purpose, q.byBody = from, to, p, n%2 == 0
				if q.origin == "CN" {
					q.origin = from
				}
				want, conditions, candidates := headlineOf(all, q)
				d := recognition.Recognise(snapshot, q.question())
				var got []string
				for _, r := range d.Results {
					got = append(got, string(r.Agreement))
				}
				if d.Outcome != want || !slices.Equal(conditionsOf(d), conditions) || !slices.Equal(got, candidates) {
					t.Fatalf("%s for %s (%s, partner %v): %s %v by %v, want %s %v by %v", from, to, p, q.byBody, d.Outcome, conditionsOf(d), got, want, conditions, candidates)
				}
				seen[d.Outcome]++
				n++
			}
		}
	}
	if len(seen) != 4 {
		t.Errorf("the questions reach %v, want all four outcomes", seen)
	}
}

// What one agreement finds does not depend on which others there are, nor on
// the order in which they were registered.
func TestRecognise_orderOfAgreementsDoesNotMatter(t *testing.T) {
	t.Parallel()
	all := manyTraits()
	yes := true
	q := asked{from: "CN", to: "NZ", purpose: recognition.Import, byBody: true, origin: "CN", direct: &yes}
	want := recognition.Recognise(manyWorld(all).snapshot(t), q.question())
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		got := recognition.Recognise(manyWorld(all).snapshot(t), q.question())
		got.Inputs, want.Inputs = nil, nil // these name ledger positions
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("another order, another decision:\n%s", diff)
		}
	}
}

func BenchmarkRecognise(b *testing.B) {
	snapshot := manyWorld(manyTraits()).snapshot(b)
	yes := true
	q := asked{from: "CN", to: "NZ", purpose: recognition.Import, byBody: true, origin: "CN", direct: &yes}.question()
	b.ReportAllocs()
	for b.Loop() {
		recognition.Recognise(snapshot, q)
	}
}

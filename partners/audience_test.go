package partners_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/partners"
)

// sides are the partners of the audience tests: the issuer cn-cb and who may
// see its documents.
func sides() []*partners.Partner {
	asleep := body("nz-asleep", partners.Lab, "NZ")
	asleep.Status[0].Status = "suspended"
	return []*partners.Partner{
		cnBody(), body("cn-regulator", partners.Regulator, "CN"), body("cn-lab", partners.Lab, "CN"),
		body("nz-regulator", partners.Regulator, "NZ"), body("nz-cb", partners.CertificationBody, "NZ"), asleep,
		body("au-regulator", partners.Regulator, "AU"),
	}
}

// The rule of domain.md, section 6.2, row by row: an edit of the agreement
// between CN and NZ, the audience of a certificate of cn-cb without itself, and
// why nz-regulator does not see it.
func TestSnapshot_Audience(t *testing.T) {
	t.Parallel()
	type A = *partners.Agreement
	const everybody = "nz-cb nz-regulator"
	named := func(a A, ids ...attestation.PartnerID) {
		a.Parties = nil
		for _, id := range ids {
			a.Parties = append(a.Parties, partners.AgreementParty{Partner: id, Role: "member"})
		}
	}
	for name, row := range map[string]struct {
		edit func(A)
		want string
		why  string // part of the reason; "" when nz-regulator sees it
	}{
		"as it stands":            {func(a A) {}, everybody, ""},
		"not exchanging":          {func(a A) { a.Exchange = false }, "", "exchange of documents"},
		"a memorandum":            {func(a A) { a.Kind, a.LegalForce = "mou", "none" }, everybody, ""},
		"negotiating":             {func(a A) { a.State = "negotiating" }, "", "but negotiating"},
		"not yet in force":        {func(a A) { a.Period.InForce = at.Add(1) }, "", "not in force"},
		"provisionally":           {func(a A) { a.Period.InForce, a.Period.Provisional = at.Add(1), at }, everybody, ""},
		"terminated":              {func(a A) { a.Period.Terminated = at }, "", "not in force"},
		"suspended":               {func(a A) { a.Suspensions = suspend("agreement", "cn-nz") }, "", "not in force, or suspended"},
		"party suspended":         {func(a A) { a.Suspensions = suspend("party", "NZ") }, "", "the side of nz-regulator does not take part"},
		"issuer's side suspended": {func(a A) { a.Suspensions = suspend("party", "CN") }, "", "nobody on the side of cn-cb"},
		"scope suspended":         {func(a A) { a.Suspensions = suspend("scope", "goods") }, "", "clause article 5: the scope does not apply, or is suspended"},
		"body suspended":          {func(a A) { a.Suspensions = suspend("body", "cn-cb") }, everybody, ""},
		"no scopes":               {func(a A) { a.Scopes = nil }, everybody, ""},
		"every kind":              {func(a A) { a.Scopes[0].Kinds = nil }, everybody, ""},
		"other kinds":             {func(a A) { a.Scopes[0].Kinds = []attestation.Kind{"testReport", "declaration"} }, "", "clause article 5: it covers the kinds testReport, declaration, not certification"},
		"scope not yet":           {func(a A) { a.Scopes[0].Periods = []partners.Span{{From: at.Add(1)}} }, "", "the scope does not apply"},
		"this direction":          {func(a A) { a.Scopes[0].Direction = partners.Direction{From: []string{"CN"}, To: []string{"NZ"}} }, everybody, ""},
		"direction by id":         {func(a A) { a.Scopes[0].Direction = partners.Direction{From: []string{"cn-cb"}, To: []string{"nz-cb"}} }, "nz-cb", "documents for nz-cb, not for nz-regulator, NZ"},
		"other direction":         {func(a A) { a.Scopes[0].Direction = partners.Direction{From: []string{"NZ"}, To: []string{"CN"}} }, "", "documents from NZ, not from cn-cb, CN"},
		"one scope of two": {func(a A) {
			a.Scopes = append(a.Scopes, a.Scopes[0])
			a.Scopes[0].ID, a.Scopes[0].Kinds = "other", []attestation.Kind{"validation"}
		}, everybody, ""},
		"NZ without the scope": {func(a A) {
			a.Scopes = append(a.Scopes, a.Scopes[0])
			a.Scopes[1].ID, a.Scopes[1].Kinds = "other", []attestation.Kind{"validation"}
			a.Parties[1].ScopeIDs = []string{"other"}
		}, "", "clause article 5: the side of nz-regulator does not take part"},
		"reservation": {func(a A) {
			a.Parties[1].Reservations = []partners.Reservation{{ScopeID: "goods", Text: english("r")}}
		}, "", "does not take part"},
		"reservation to all": {func(a A) { a.Parties[0].Reservations = []partners.Reservation{{Text: english("r")}} }, "", "nobody on the side of cn-cb"},
		"party left":         {func(a A) { a.Parties[1].Periods = []partners.Span{{Until: at}} }, "", "does not take part"},
		"activated":          {func(a A) { a.Activations = []partners.Activation{{From: "CN", To: "NZ"}} }, everybody, ""},
		"activated phase":    {func(a A) { a.Activations = []partners.Activation{{From: "CN", To: "NZ", Phase: "goods"}} }, everybody, ""},
		"other phase":        {func(a A) { a.Activations = []partners.Activation{{From: "CN", To: "NZ", Phase: "two"}} }, "", "have not activated"},
		"other way":          {func(a A) { a.Activations = []partners.Activation{{From: "NZ", To: "CN"}} }, "", "have not activated"},
		"no longer activated": {func(a A) {
			a.Activations = []partners.Activation{{From: "CN", To: "NZ", Periods: []partners.Span{{Until: at}}}}
		}, "", "have not activated"},
		"third party":                 {func(a A) { a.Parties = append(a.Parties, partners.AgreementParty{Economy: "AU", Role: "party"}) }, "au-regulator " + everybody, ""},
		"parties by name":             {func(a A) { named(a, "cn-cb", "nz-regulator") }, "nz-regulator", ""},
		"the issuer's authority":      {func(a A) { named(a, "cn-regulator", "nz-regulator") }, "nz-regulator", ""},
		"a lab of the economy":        {func(a A) { named(a, "cn-lab", "nz-regulator") }, "", ""},
		"scheme":                      {func(a A) { a.Kind = "scheme"; named(a, "cn-cb", "nz-cb") }, "nz-cb", "no agreement stands"},
		"scheme binds members only":   {func(a A) { a.Kind = "scheme" }, "", "nobody on the side of cn-cb"},
		"scheme, issuer not in it":    {func(a A) { a.Kind = "scheme"; named(a, "cn-regulator", "nz-cb") }, "", ""},
		"unilateral":                  {unilateral, "nz-cb nz-regulator", ""},
		"unilateral of a third":       {func(a A) { unilateral(a); a.Parties[0].Economy = "AU" }, "", ""},
		"unilateral cannot be mutual": {func(a A) { unilateral(a); a.Scopes[0].Direction = partners.Direction{} }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := treaty("cn-nz", "CN", "NZ")
			row.edit(a)
			r := newRegister(t)
			for _, p := range sides() {
				r.put(p, "2000-01-01")
			}
			r.put(a, "2000-01-01")
			s := r.Latest()
			q := partners.AudienceQuestion{Issuer: "cn-cb", Sender: "cn-cb", Kind: attestation.Certification, At: at}
			got := s.Audience(q)
			want := append([]attestation.PartnerID{"cn-cb"}, ids(row.want)...)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("audience %v, want %v", got, want)
			}
			err := s.CheckDestinations(q, []string{"nz-regulator"})
			if seen := slices.Contains(got, "nz-regulator"); seen != (err == nil) {
				t.Fatalf("in the audience: %v, but %v", seen, err)
			}
			if err != nil && !strings.Contains(err.Error(), row.why) {
				t.Errorf("%v does not say %q", err, row.why)
			}
		})
	}
}

func suspend(target, id string) []partners.Suspension {
	return []partners.Suspension{{Target: target, ID: id, From: day("2026-01-01")}}
}

// unilateral makes the agreement New Zealand's own word about China.
func unilateral(a *partners.Agreement) {
	a.Kind, a.Arity, a.Parties = "unilateral", "unilateral", []partners.AgreementParty{{Economy: "NZ", Role: "party"}}
	a.Scopes[0].Direction = partners.Direction{From: []string{"CN"}, To: []string{"NZ"}}
}

func ids(list string) []attestation.PartnerID {
	var out []attestation.PartnerID
	for _, s := range strings.Fields(list) {
		out = append(out, attestation.PartnerID(s))
	}
	return out
}

func TestSnapshot_AudienceHasSenderAndIssuer(t *testing.T) {
	t.Parallel()
	s := newRegister(t, cnBody(), body("cn-agent", partners.Lab, "CN"), body("nz-cb", partners.Lab, "NZ"), treaty("cn-nz", "CN", "NZ")).Latest()
	for _, row := range []struct{ issuer, sender, want string }{
		{"cn-cb", "cn-cb", "cn-cb nz-cb"},
		{"cn-cb", "cn-agent", "cn-agent cn-cb nz-cb"},
		{"cn-cb", "nz-cb", "cn-cb nz-cb"},
		{"unknown", "cn-agent", "cn-agent unknown"},
	} {
		q := partners.AudienceQuestion{Issuer: attestation.PartnerID(row.issuer), Sender: attestation.PartnerID(row.sender), Kind: attestation.Certification, At: at}
		for range 2 { // the second answer is remembered
			if got := s.Audience(q); !slices.Equal(got, ids(row.want)) {
				t.Errorf("%s from %s: %v, want %s", row.issuer, row.sender, got, row.want)
			}
		}
		q.Kind = attestation.Declaration
		if got := s.Audience(q); slices.Contains(got, "nz-cb") && row.sender != "nz-cb" {
			t.Errorf("a declaration reaches %v", got)
		}
	}
}

// What is remembered holds until something begins or ends.
func TestSnapshot_AudienceChangesAtABoundary(t *testing.T) {
	t.Parallel()
	a := treaty("cn-nz", "CN", "NZ")
	a.Period.Terminated = at
	s := newRegister(t, cnBody(), body("nz-cb", partners.Lab, "NZ"), a).Latest()
	q := partners.AudienceQuestion{Issuer: "cn-cb", Sender: "cn-cb", Kind: attestation.Certification}
	for range 3 {
		for when, want := range map[time.Time]int{at.Add(-time.Nanosecond): 2, at: 1, a.Period.InForce: 2, a.Period.InForce.Add(-1): 1} {
			q.At = when
			if got := s.Audience(q); len(got) != want {
				t.Errorf("at %v: %v", when, got)
			}
		}
	}
}

// TestSnapshot_Audience_personalData: an agreement with personalData "refuse"
// lets nobody see a document that names a person, and the others that it does
// not concern.
func TestSnapshot_Audience_personalData(t *testing.T) {
	t.Parallel()
	strict := treaty("cn-nz", "CN", "NZ")
	strict.Rules.PersonalData = "refuse"
	warns := treaty("cn-ch", "CN", "CH")
	warns.Rules.PersonalData = "warn"
	r := newRegister(t, strict, warns)
	for _, p := range append(sides(), body("ch-regulator", partners.Regulator, "CH")) {
		r.put(p, "2000-01-01")
	}
	s := r.Latest()
	q := partners.AudienceQuestion{Issuer: "cn-cb", Sender: "cn-cb", Kind: attestation.Certification, At: at}
	if got := s.Audience(q); !slices.Contains(got, "nz-regulator") || !slices.Contains(got, "ch-regulator") {
		t.Errorf("without personal data: %v", got)
	}
	q.PersonalData = true
	if got := s.Audience(q); slices.Contains(got, "nz-regulator") || !slices.Contains(got, "ch-regulator") {
		t.Errorf("with personal data: %v", got)
	}
	err := s.CheckDestinations(q, []string{"NZ"})
	if fault.CodeOf(err) != fault.ScopeOutOfAgreement || !strings.Contains(err.Error(), "personalData: refuse") {
		t.Errorf("named destination: %v", err)
	}
}

func TestSnapshot_CheckDestinations(t *testing.T) {
	t.Parallel()
	second := treaty("cn-nz-tests", "CN", "NZ")
	second.Scopes[0].Kinds = []attestation.Kind{attestation.TestReport}
	second.Scopes = append(second.Scopes, second.Scopes[0])
	second.Scopes[1].ID, second.Scopes[1].Clause = "more", "annex 2"
	r := newRegister(t, treaty("cn-nz", "CN", "NZ"), second, treaty("cn-ch", "CN", "CH"))
	for _, p := range sides() {
		r.put(p, "2000-01-01")
	}
	s := r.Latest()
	certificate := partners.AudienceQuestion{Issuer: "cn-cb", Sender: "cn-lab", Kind: attestation.Certification, At: at}
	for _, good := range [][]string{nil, {"NZ"}, {"nz-regulator", "nz-cb", "NZ"}, {"cn-cb"}, {"cn-lab"}} {
		if err := s.CheckDestinations(certificate, good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	declaration := certificate
	declaration.Kind = attestation.Declaration
	for name, row := range map[string]struct {
		q            partners.AudienceQuestion
		destinations []string
		want         []string
	}{
		"kind, each clause": {declaration, []string{"NZ"}, []string{
			"/destination/0 NZ: agreement cn-nz: scope goods, clause article 5: it covers the kinds certification, not declaration",
			"/destination/0 NZ: agreement cn-nz-tests: scope goods, clause article 5: it covers the kinds testReport, not declaration",
			"/destination/0 NZ: agreement cn-nz-tests: scope more, clause annex 2: it covers the kinds testReport, not declaration",
		}},
		"no agreement":      {certificate, []string{"NZ", "AU"}, []string{"/destination/1 no agreement stands between cn-cb and AU"}},
		"nobody there":      {certificate, []string{"CH"}, []string{"/destination/0 CH: agreement cn-ch: scope goods, clause article 5: no partner of CH is in the directory"}},
		"prefix of an id":   {certificate, []string{"nz-regulato"}, []string{"/destination/0 no agreement stands between cn-cb and nz-regulato"}},
		"markup":            {certificate, []string{"<b>"}, []string{"/destination/0 a destination is the id of a partner or the two letters of an economy"}},
		"the issuer's own":  {certificate, []string{"cn-regulator"}, []string{"/destination/0 cn-regulator: agreement cn-ch: scope goods, clause article 5: both are of one side, or the two sides have not activated it between them"}},
		"suspended partner": {certificate, []string{"nz-asleep"}, []string{"/destination/0 nz-asleep: agreement cn-nz: scope goods, clause article 5: partner nz-asleep is not active at the time"}},
		"unknown issuer":    {partners.AudienceQuestion{Issuer: "x-y", At: at}, []string{"NZ"}, []string{"/destination/0 the issuer is not a partner of this gateway"}},
	} {
		err := s.CheckDestinations(row.q, row.destinations)
		var got []string
		for _, f := range fault.All(err) {
			if f.Code != fault.ScopeOutOfAgreement {
				t.Errorf("%s: %v", name, f)
			}
			got = append(got, f.At+" "+f.Detail)
		}
		if len(got) < len(row.want) || !slices.Equal(got[:len(row.want)], row.want) {
			t.Errorf("%s:\n%s", name, strings.Join(got, "\n"))
		}
	}
	if _, ok := errors.AsType[fault.List](s.CheckDestinations(certificate, []string{"AU", "US"})); !ok {
		t.Error("two destinations are not two faults")
	}
}

func TestSnapshot_Candidates(t *testing.T) {
	t.Parallel()
	named := treaty("scheme", "CN", "NZ")
	named.Kind = "scheme"
	named.Parties = []partners.AgreementParty{{Partner: "cn-cb", Role: "issuing"}, {Partner: "nz-cb", Role: "recognising"}}
	own := treaty("nz-own", "CN", "NZ")
	unilateral(own)
	mou := treaty("regulators", "CN", "NZ")
	mou.State = "negotiating"
	mou.Parties = []partners.AgreementParty{{Partner: "cn-regulator", Role: "party"}, {Partner: "nz-regulator", Role: "party"}}
	adopting := treaty("nz-adopts", "CN", "NZ")
	unilateral(adopting)
	adopting.Scopes, adopting.Adopts = nil, []attestation.AgreementID{"scheme"}
	r := newRegister(t, treaty("cn-nz", "CN", "NZ"), treaty("cn-au", "CN", "AU"), treaty("au-nz", "AU", "NZ"), named, own, mou, adopting)
	for _, p := range sides() {
		r.put(p, "2000-01-01")
	}
	s := r.Latest()
	issuer, _ := s.Partner("cn-cb", at)
	lab, _ := s.Partner("cn-lab", at)
	for _, row := range []struct {
		issuer *partners.Partner
		asker  string
		want   string
	}{
		{issuer, "nz-regulator", "cn-nz nz-adopts nz-own regulators"},
		{issuer, "nz-cb", "cn-nz nz-adopts nz-own scheme"},
		{issuer, "NZ", "cn-nz nz-adopts nz-own"},
		{issuer, "AU", "cn-au"},
		{issuer, "au-regulator", "cn-au"},
		{lab, "nz-cb", "cn-nz nz-own"},
		{issuer, "US", ""},
	} {
		var got []string
		for _, a := range s.Candidates(row.issuer, row.asker, at) {
			got = append(got, string(a.ID))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s to %s: %v, want %s", row.issuer.ID, row.asker, got, row.want)
		}
	}
}

package partners_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/strictjson"
	"accord/partners"
	"accord/signing"
)

// validator is a value of a registry change.
type validator interface{ Validate() error }

// wrong is one row of a validation table: an edit of a good value and what is
// found then.
type wrong[T validator] struct {
	name string
	edit func(T)
	want string
}

func checkRows[T validator](t *testing.T, good func() T, rows []wrong[T]) {
	t.Helper()
	if err := good().Validate(); err != nil {
		t.Fatalf("the good value: %v", err)
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			v := good()
			row.edit(v)
			wantError(t, v.Validate(), row.want)
		})
	}
}

// fullPartner has every member.
func fullPartner(t testing.TB) func() *partners.Partner {
	doc, _ := newKey(t, signing.UseDoc)
	auth, _ := newKey(t, signing.UseAuth)
	ca, err := certs.NewAuthority("Test CA", day("2020-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	anchor := ca.Anchor("signing")
	return func() *partners.Partner {
		p := body("cn-cb", partners.CertificationBody, "CN", "HK")
		p.Identifiers = append(p.Identifiers, id("cn.cnca.approval", "CNCA-R-2002-999"))
		p.Trust = partners.Trust{
			Keys: []partners.Key{doc, auth},
			Anchors: []partners.Anchor{{
				DER: anchor.Certificate.Raw, SHA256: anchor.SHA256, Role: "signing",
				Span: partners.Span{From: day("2020-01-01")},
			}},
			Issuer: "https://gw.example.cn", JWKSURL: "https://gw.example.cn/jwks.json",
			DIDs: []string{"did:web:cb.example.cn"}, Algorithms: []string{"ES256", "RS256"}, ClaimWindow: "48h",
		}
		p.ActsFor = []partners.ActsFor{{Issuer: "cn-lab", Periods: []partners.Span{{From: day("2020-01-01"), Until: day("2021-01-01")}}}}
		p.Endpoints = []partners.Endpoint{{URL: "https://cb.example.cn/hook", Protocol: "webhook", Formats: []string{"native+json"}}}
		p.Languages = []string{"zh-CN", "en"}
		return p
	}
}

func TestPartner_validation(t *testing.T) {
	t.Parallel()
	other, _ := newKey(t, signing.UseDoc)
	until := func(s string) partners.Span { return partners.Span{From: day("2020-01-01"), Until: day(s)} }
	checkRows(t, fullPartner(t), []wrong[*partners.Partner]{
		{"no id", func(p *partners.Partner) { p.ID = "" }, "schema.missing_field /id"},
		{"id with capitals", func(p *partners.Partner) { p.ID = "CN" }, "schema.format /id"},
		{"no name", func(p *partners.Partner) { p.Name = nil }, "schema.missing_field /name"},
		{"language", func(p *partners.Partner) { p.Name[0].Lang = "EN" }, "schema.format /name/0/lang"},
		{"empty text", func(p *partners.Partner) { p.Name[0].Value = "" }, "schema.missing_field /name/0/value"},
		{"control character", func(p *partners.Partner) { p.Name[0].Value = "a\x07b" }, "schema.forbidden_char /name/0/value"},
		{"kind", func(p *partners.Partner) { p.Kind = "body" }, "schema.format /kind"},
		{"no economy", func(p *partners.Partner) { p.Economies = nil }, "schema.missing_field /economies"},
		{"economy", func(p *partners.Partner) { p.Economies[1] = "XX" }, "schema.format /economies/1"},
		{"numeric economy", func(p *partners.Partner) { p.Economies[0] = "156" }, "schema.format /economies/0"},
		{"empty scheme", func(p *partners.Partner) { p.Identifiers[0].Scheme = "" }, "schema.missing_field /identifiers/0/scheme"},
		{"check digit", func(p *partners.Partner) { p.Identifiers[0] = id("cn.uscc", "91310115MA1G4L1WXK") }, "schema.format /identifiers/0/value"},
		{"identifier twice", func(p *partners.Partner) { p.Identifiers = append(p.Identifiers, p.Identifiers[0]) }, "schema.format /identifiers/2"},
		{"no status", func(p *partners.Partner) { p.Status = nil }, "schema.missing_field /status"},
		{"unknown status", func(p *partners.Partner) { p.Status[0].Status = "revoked" }, "schema.format /status/0/status"},
		{"empty period", func(p *partners.Partner) { p.Status[0].Until = p.Status[0].From }, "doc.date_order /status/0"},
		{"acts for", func(p *partners.Partner) { p.ActsFor[0].Issuer = "" }, "schema.missing_field /actsFor/0/issuer"},
		{"acts for period", func(p *partners.Partner) { p.ActsFor[0].Periods[0] = until("2019-01-01") }, "doc.date_order /actsFor/0/periods/0"},
		{"endpoint", func(p *partners.Partner) { p.Endpoints[0].URL = "/hook" }, "schema.format /endpoints/0/url"},
		{"endpoint with a user", func(p *partners.Partner) { p.Endpoints[0].URL = "https://u:p@cb.example.cn/" }, "schema.format /endpoints/0/url"},
		{"protocol", func(p *partners.Partner) { p.Endpoints[0].Protocol = "" }, "schema.missing_field /endpoints/0/protocol"},
		{"languages", func(p *partners.Partner) { p.Languages[0] = "zh_CN" }, "schema.format /languages/0"},
		{"issuer", func(p *partners.Partner) { p.Trust.Issuer = "ftp://x" }, "schema.format /trust/issuer"},
		{"JWKS", func(p *partners.Partner) { p.Trust.JWKSURL = "jwks" }, "schema.format /trust/jwksUrl"},
		{"DID", func(p *partners.Partner) { p.Trust.DIDs[0] = "did:web:a#b" }, "schema.format /trust/dids/0"},
		{"vkey", func(p *partners.Partner) { p.Trust.VKeys = []string{"log"} }, "key.rejected /trust/vkeys/0"},
		{"algorithm", func(p *partners.Partner) { p.Trust.Algorithms[0] = "HS256" }, "schema.format /trust/algorithms/0"},
		{"claim window", func(p *partners.Partner) { p.Trust.ClaimWindow = "3 days" }, "schema.format /trust/claimWindow"},
		{"claim window of nothing", func(p *partners.Partner) { p.Trust.ClaimWindow = "0s" }, "schema.format /trust/claimWindow"},
		{"anchor of another digest", func(p *partners.Partner) { p.Trust.Anchors[0].SHA256 = string(attestation.DigestOf(nil)) }, "key.rejected /trust/anchors/0"},
		{"anchor is no certificate", func(p *partners.Partner) { p.Trust.Anchors[0].DER = []byte{1} }, "key.rejected /trust/anchors/0"},
		{"anchor twice", func(p *partners.Partner) { p.Trust.Anchors = append(p.Trust.Anchors, p.Trust.Anchors[0]) }, "key.rejected /trust/anchors/1"},
		{"anchor without role", func(p *partners.Partner) { p.Trust.Anchors[0].Role = "" }, "schema.missing_field /trust/anchors/0/role"},
		{"use", func(p *partners.Partner) { p.Trust.Keys[0].Use = "operator" }, "schema.format /trust/keys/0/use"},
		{"key of two uses", func(p *partners.Partner) { p.Trust.Keys[1].JWK = p.Trust.Keys[0].JWK }, "key.rejected /trust/keys/1"},
		{"kid of two keys", func(p *partners.Partner) {
			other.JWK["kid"] = p.Trust.Keys[0].JWK["kid"]
			p.Trust.Keys[1].JWK = other.JWK
		}, "key.rejected /trust/keys/1"},
		{"symmetric key", func(p *partners.Partner) { p.Trust.Keys[0].JWK = map[string]any{"kty": "oct", "k": "AAAA"} }, "key.rejected /trust/keys/0/jwk"},
		{"no key", func(p *partners.Partner) { p.Trust.Keys[0].JWK = nil }, "key.rejected /trust/keys/0/jwk"},
		{"key window", func(p *partners.Partner) { p.Trust.Keys[0].NotBefore, p.Trust.Keys[0].Expires = at, at }, "doc.date_order /trust/keys/0/exp"},
		{"revocation", func(p *partners.Partner) { p.Trust.Keys[0].Revoked = &partners.Revoked{} },
			"schema.missing_field /trust/keys/0/revoked/revokedAt; schema.missing_field /trust/keys/0/revoked/reason"},
		{"compromised later", func(p *partners.Partner) {
			p.Trust.Keys[0].Revoked = &partners.Revoked{At: at, Reason: "keyCompromise", CompromisedSince: at.Add(time.Hour)}
		}, "doc.date_order /trust/keys/0/revoked/compromisedSince"},
		{"all at once", func(p *partners.Partner) { p.Name, p.Kind, p.Status = nil, "", nil },
			"schema.missing_field /name; schema.missing_field /kind; schema.missing_field /status"},
	})
}

func TestParsePartner_refusesAPrivateKey(t *testing.T) {
	t.Parallel()
	p := fullPartner(t)()
	p.Trust.Keys[0].JWK["d"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	src, err := strictjson.CanonicalOf(p)
	if err != nil {
		t.Fatal(err)
	}
	_, err = partners.ParsePartner(src)
	wantError(t, err, "key.rejected /trust/keys/0/jwk")
}

// fullAgreement has every member that a rule speaks of.
func fullAgreement() *partners.Agreement {
	a := treaty("cn-nz", "CN", "NZ")
	a.Parties[0].ScopeIDs = []string{"goods"}
	a.Parties[1].Periods = []partners.Span{{From: day("2008-10-01")}}
	a.Parties[1].Reservations = []partners.Reservation{{ScopeID: "goods", Text: english("not for gas")}}
	a.Activations = []partners.Activation{{From: "CN", To: "NZ", Phase: "goods", Periods: []partners.Span{{From: day("2009-01-01")}}}}
	a.Suspensions = []partners.Suspension{
		{Target: "agreement", ID: "cn-nz", From: day("2010-01-01"), Until: day("2010-02-01"), Reason: english("review")},
		{Target: "party", ID: "NZ", From: day("2010-01-01"), EarlierResults: "keep"},
		{Target: "scope", ID: "goods", From: day("2010-01-01")},
		{Target: "body", ID: "cn-cb", From: day("2010-01-01")},
	}
	s := &a.Scopes[0]
	s.Direction = partners.Direction{From: []string{"CN", "cn-cb"}, To: []string{"NZ"}}
	s.Products = []partners.Products{{System: "hs/2022", Include: []string{"8508", "0701..0718"}, Exclude: []string{"850811"}}}
	s.Requirements = []partners.RequirementPair{{
		From: partners.Editions{ID: "GB 4706.1", Editions: []string{"2005"}}, To: partners.Editions{ID: "AS/NZS 60335.1"},
		Deviations: []partners.Deviation{{ID: "d1", Text: english("voltage")}},
	}}
	s.Conditions = partners.Conditions{Origin: []attestation.Economy{"CN"}, Language: "en", AccreditedBy: "ilac-mra"}
	s.Activities, s.Purposes = []string{"certification"}, []string{"import"}
	a.Rules = partners.Rules{MaxDocumentAge: "8760h", RequireCompanions: []string{"typeTestReport"}, EarlierResults: "keep", PersonalData: "warn"}
	return a
}

func TestAgreement_validation(t *testing.T) {
	t.Parallel()
	type A = *partners.Agreement
	checkRows(t, fullAgreement, []wrong[A]{
		{"id", func(a A) { a.ID = "" }, "schema.missing_field /id; schema.format /suspensions/0/id"},
		{"title", func(a A) { a.Title = nil }, "schema.missing_field /title"},
		{"kind", func(a A) { a.Kind = "treaty" }, "schema.format /kind"},
		{"arity", func(a A) { a.Arity = "" }, "schema.missing_field /arity"},
		{"legal force", func(a A) { a.LegalForce = "soft" }, "schema.format /legalForce"},
		{"state", func(a A) { a.State = "active" }, "schema.format /state"},
		{"in force since nobody knows", func(a A) { a.Period.InForce = time.Time{} }, "schema.missing_field /period/inForce"},
		{"ends before it begins", func(a A) { a.Period.Terminated = day("2001-01-01") }, "doc.date_order /period"},
		{"ends before it is signed", func(a A) { a.Period.Signed, a.Period.Terminated = day("2020-01-01"), day("2019-01-01") }, "doc.date_order /period/terminated"},
		{"succeeds itself", func(a A) { a.SuccessorOf = []attestation.AgreementID{"cn-nz"} }, "schema.format /successorOf/0"},
		{"adopts", func(a A) { a.Adopts = []attestation.AgreementID{"CB"} }, "schema.format /adopts/0"},
		{"text", func(a A) { a.Text = &attestation.Link{URL: "treaty.pdf"} }, "schema.format /text/url"},
		{"one party", func(a A) { a.Parties, a.Activations, a.Suspensions = a.Parties[:1], nil, nil }, "schema.length /parties"},
		{"no role", func(a A) { a.Parties[0].Role = "" }, "schema.missing_field /parties/0/role"},
		{"party of two kinds", func(a A) { a.Parties[0].Partner = "cn-cb"; a.Activations = nil }, "schema.format /parties/0"},
		{"party economy", func(a A) { a.Parties[0].Economy = "ZZ"; a.Activations = nil }, "schema.format /parties/0/economy"},
		{"party scope", func(a A) { a.Parties[0].ScopeIDs[0] = "services" }, "schema.format /parties/0/scopeIds/0"},
		{"reservation", func(a A) { a.Parties[1].Reservations[0] = partners.Reservation{ScopeID: "x"} },
			"schema.format /parties/1/reservations/0/scopeId; schema.missing_field /parties/1/reservations/0/text"},
		{"activation", func(a A) { a.Activations[0].To = "AU" }, "schema.format /activations/0/to"},
		{"scope twice", func(a A) { a.Scopes = append(a.Scopes, a.Scopes[0]) }, "schema.format /scopes/1/id"},
		{"clause", func(a A) { a.Scopes[0].Clause = "" }, "schema.missing_field /scopes/0/clause"},
		{"one-sided direction", func(a A) { a.Scopes[0].Direction.To = nil }, "schema.missing_field /scopes/0/direction/to"},
		{"direction", func(a A) { a.Scopes[0].Direction.To[0] = "Nz" }, "schema.format /scopes/0/direction/to/0"},
		{"activity", func(a A) { a.Scopes[0].Activities[0] = "audit" }, "schema.format /scopes/0/activities/0"},
		{"kind of document", func(a A) { a.Scopes[0].Kinds[0] = "certificate" }, "schema.format /scopes/0/kinds/0"},
		{"regime", func(a A) { a.Scopes[0].Regimes = []attestation.Regime{"x"} }, "schema.format /scopes/0/regimes/0"},
		{"object type", func(a A) { a.Scopes[0].ObjectTypes = []string{"product", "product"} }, "schema.format /scopes/0/objectTypes/1"},
		{"product system", func(a A) { a.Scopes[0].Products[0].System = "" }, "schema.missing_field /scopes/0/products/0/system"},
		{"products of nothing", func(a A) { a.Scopes[0].Products[0].Include = nil }, "schema.missing_field /scopes/0/products/0/include"},
		{"range backwards", func(a A) { a.Scopes[0].Products[0].Include[1] = "0718..0701" }, "schema.format /scopes/0/products/0/include/1"},
		{"requirement", func(a A) { a.Scopes[0].Requirements[0].To.ID = "" }, "schema.missing_field /scopes/0/requirements/0/to/id"},
		{"deviation", func(a A) { a.Scopes[0].Requirements[0].Deviations[0].Text = nil }, "schema.missing_field /scopes/0/requirements/0/deviations/0/text"},
		{"origin EU", func(a A) { a.Scopes[0].Conditions.Origin[0] = "EU" }, "schema.format /scopes/0/conditions/origin/0"},
		{"language", func(a A) { a.Scopes[0].Conditions.Language = "english" }, "schema.format /scopes/0/conditions/language"},
		{"accredited by", func(a A) { a.Scopes[0].Conditions.AccreditedBy = "ILAC" }, "schema.format /scopes/0/conditions/accreditedBy"},
		{"effect", func(a A) { a.Scopes[0].Effect = "" }, "schema.missing_field /scopes/0/effect"},
		{"purpose", func(a A) { a.Scopes[0].Purposes[0] = "export" }, "schema.format /scopes/0/purposes/0"},
		{"scope period", func(a A) { a.Scopes[0].Periods = []partners.Span{{From: at, Until: at}} }, "doc.date_order /scopes/0/periods/0"},
		{"suspension target", func(a A) { a.Suspensions[0].Target = "all" }, "schema.format /suspensions/0/target"},
		{"suspension of another", func(a A) { a.Suspensions[0].ID = "au-nz" }, "schema.format /suspensions/0/id"},
		{"suspended party", func(a A) { a.Suspensions[1].ID = "AU" }, "schema.format /suspensions/1/id"},
		{"suspended scope", func(a A) { a.Suspensions[2].ID = "x" }, "schema.format /suspensions/2/id"},
		{"suspended body", func(a A) { a.Suspensions[3].ID = "" }, "schema.missing_field /suspensions/3/id"},
		{"suspended since", func(a A) { a.Suspensions[2].From = time.Time{} }, "schema.missing_field /suspensions/2/from"},
		{"fate", func(a A) { a.Suspensions[1].EarlierResults = "forget" }, "schema.format /suspensions/1/earlierResults"},
		{"age", func(a A) { a.Rules.MaxDocumentAge = "1y" }, "schema.format /rules/maxDocumentAge"},
		{"companions", func(a A) { a.Rules.RequireCompanions[0] = "report" }, "schema.format /rules/requireCompanions/0"},
		{"personal data", func(a A) { a.Rules.PersonalData = "allow" }, "schema.format /rules/personalData"},
	})
}

// A signatory of an arrangement in levels may hold a main scope that is listed
// by its sub-scopes only.
func TestAgreement_partyMayHoldAMainScope(t *testing.T) {
	t.Parallel()
	a := fullAgreement()
	a.Scopes = append(a.Scopes, a.Scopes[0])
	a.Scopes[1].ID = "17065.food"
	a.Parties[0].ScopeIDs = []string{"goods", "17065"}
	if err := a.Validate(); err != nil {
		t.Error(err)
	}
}

func TestDesignation_validation(t *testing.T) {
	t.Parallel()
	type D = *partners.Designation
	checkRows(t, func() D {
		return &partners.Designation{
			ID: "cn-cb-1", Body: "cn-cb", Agreement: "cn-nz", ScopeIDs: []string{"goods"}, Activities: []string{"testing"},
			Basis: "designation", DesignatedBy: "cn-da",
			Periods: []partners.StatusSpan{{Span: partners.Span{From: day("2010-01-01")}, Status: "active"}},
		}
	}, []wrong[D]{
		{"id", func(d D) { d.ID = "1" }, "schema.format /id"},
		{"body", func(d D) { d.Body = "" }, "schema.missing_field /body"},
		{"agreement", func(d D) { d.Agreement = "CN-NZ" }, "schema.format /agreement"},
		{"activity", func(d D) { d.Activities[0] = "" }, "schema.missing_field /activities/0"},
		{"basis", func(d D) { d.Basis = "" }, "schema.missing_field /basis"},
		{"by nobody", func(d D) { d.DesignatedBy = "" }, "schema.missing_field /designatedBy"},
		{"accepted by", func(d D) { d.AcceptedBy = "NZ" }, "schema.format /acceptedBy"},
		{"no period", func(d D) { d.Periods = nil }, "schema.missing_field /periods"},
		{"status", func(d D) { d.Periods[0].Status = "ok" }, "schema.format /periods/0/status"},
	})
}

func TestSanction_validation(t *testing.T) {
	t.Parallel()
	type S = *partners.Sanction
	checkRows(t, func() S {
		return &partners.Sanction{
			ID: "s-1", Target: partners.SanctionTarget{Kind: "holder", ID: "test:maker"}, List: "entity list", Authority: "nz-regulator",
			Reason: english("false reports"), Periods: []partners.Span{{From: day("2020-01-01")}}, EarlierResults: "void",
		}
	}, []wrong[S]{
		{"kind", func(s S) { s.Target.Kind = "partner" }, "schema.format /target/kind"},
		{"holder without scheme", func(s S) { s.Target.ID = "maker" }, "schema.format /target/id"},
		{"holder with a wrong check digit", func(s S) { s.Target.ID = "cn.uscc:91310115MA1G4L1WXK" }, "schema.format /target/id"},
		{"body", func(s S) { s.Target = partners.SanctionTarget{Kind: "body", ID: "a:b"} }, "schema.format /target/id"},
		{"list", func(s S) { s.List = "" }, "schema.missing_field /list"},
		{"authority", func(s S) { s.Authority = "" }, "schema.missing_field /authority"},
		{"reason", func(s S) { s.Reason = nil }, "schema.missing_field /reason"},
		{"no period", func(s S) { s.Periods = nil }, "schema.missing_field /periods"},
		{"fate", func(s S) { s.EarlierResults = "x" }, "schema.format /earlierResults"},
	})
}

// What a record says comes back from its JSON.
func TestParse_roundTrips(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"partner": fullPartner(t)(), "agreement": fullAgreement()} {
		src, err := strictjson.CanonicalOf(v)
		if err != nil {
			t.Fatal(err)
		}
		var back any
		if name == "partner" {
			back, err = partners.ParsePartner(src)
		} else {
			back, err = partners.ParseAgreement(src)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := strictjson.CanonicalOf(back)
		if err != nil || string(again) != string(src) {
			t.Errorf("%s came back as %s (%v), was %s", name, again, err, src)
		}
	}
}

func TestParse_limitsFindings(t *testing.T) {
	t.Parallel()
	p := body("cn-cb", partners.Lab, "CN")
	p.Languages = strings.Split(strings.Repeat("!,", 3000), ",")
	src, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	_, err = partners.ParsePartner(src)
	if n := strings.Count(summary(err), ";") + 1; n != attestation.MaxFindings {
		t.Errorf("%d findings", n)
	}
}

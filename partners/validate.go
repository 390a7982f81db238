package partners

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/fault"
	"accord/signing"
)

// findings collects everything that is wrong with a value.
type findings struct{ list fault.List }

func (f *findings) add(code fault.Code, at, detail string) {
	f.list = append(f.list, fault.At(code, at, detail))
}

func (f *findings) oneOf(at, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		f.add(fault.SchemaFormat, at, fmt.Sprintf("one of %q is expected", allowed))
	}
}

func (f *findings) id(at, value, want string) {
	if _, err := attestation.ParsePartnerID(value); err != nil {
		f.add(fault.SchemaFormat, at, "an id has 2 to 63 of a-z, 0-9 and -")
	} else if want != "" && value != want {
		f.add(fault.SchemaFormat, at, "the id is not that of the target")
	}
}

func (f *findings) text(at string, t attestation.LText) {
	if len(t) == 0 {
		f.add(fault.SchemaMissingField, at, "a text in at least one language is needed")
	}
	for i, v := range t {
		if v.Value == "" || (v.Lang != "und" && !attestation.ValidLanguage(v.Lang)) {
			f.add(fault.SchemaFormat, at+"/"+strconv.Itoa(i), "a text has a BCP 47 language and a value")
		}
	}
}

func (f *findings) span(at string, s Span) {
	if !s.From.IsZero() && !s.Until.IsZero() && !s.From.Before(s.Until) {
		f.add(fault.DocDateOrder, at, "a period ends after it begins")
	}
}

func (f *findings) duration(at, v string) {
	if v == "" {
		return
	}
	if d, err := time.ParseDuration(v); err != nil || d <= 0 {
		f.add(fault.SchemaFormat, at, "a duration is written as 72h or 30m")
	}
}

func (f *findings) url(at, v string) {
	if u, err := url.Parse(v); err != nil || !u.IsAbs() || u.Host == "" {
		f.add(fault.SchemaFormat, at, "an absolute URL is expected")
	}
}

func idx(at string, i int) string { return at + "/" + strconv.Itoa(i) }

func (p *Partner) validate(id string) fault.List {
	f := &findings{}
	f.id("/id", string(p.ID), id)
	f.text("/name", p.Name)
	f.oneOf("/kind", string(p.Kind), string(AccreditationBody), string(CertificationBody), string(Regulator), string(SchemeOwner), string(DesignatingAuthority), string(Lab))
	if len(p.Economies) == 0 {
		f.add(fault.SchemaMissingField, "/economies", "a partner belongs to at least one economy")
	}
	for i, e := range p.Economies {
		if _, err := attestation.ParseEconomy(string(e)); err != nil {
			f.add(fault.SchemaFormat, idx("/economies", i), "an economy is an ISO 3166-1 alpha-2 code")
		}
	}
	for i, x := range p.Identifiers {
		if x.Scheme == "" || x.Value == "" {
			f.add(fault.SchemaMissingField, idx("/identifiers", i), "an identifier has scheme and value")
		}
		if slices.Contains(p.Identifiers[:i], x) {
			f.add(fault.SchemaDuplicateField, idx("/identifiers", i), "the identifier stands here twice")
		}
	}
	if len(p.Status) == 0 {
		f.add(fault.SchemaMissingField, "/status", "at least one period with a status is needed")
	}
	for i, s := range p.Status {
		f.span(idx("/status", i), s.Span)
		f.oneOf(idx("/status", i)+"/status", s.Status, "active", "suspended", "terminated")
	}
	for i, a := range p.ActsFor {
		f.id(idx("/actsFor", i)+"/issuer", string(a.Issuer), "")
		for j, s := range a.Periods {
			f.span(idx(idx("/actsFor", i)+"/periods", j), s)
		}
	}
	for i, e := range p.Endpoints {
		f.url(idx("/endpoints", i)+"/url", e.URL)
	}
	p.Trust.validate(f)
	return f.list
}

func (t *Trust) validate(f *findings) {
	if t.Issuer != "" {
		f.url("/trust/issuer", t.Issuer)
	}
	f.duration("/trust/claimWindow", t.ClaimWindow)
	for i, a := range t.Anchors {
		at := idx("/trust/anchors", i)
		f.span(at, a.Span)
		if _, err := certs.ParseAnchor(a.DER, a.SHA256); err != nil {
			f.add(fault.KeyRejected, at, "the anchor is not a CA certificate with that SHA-256: "+fault.All(err)[0].Detail)
		}
	}
	seen := map[string]bool{}
	for i, k := range t.Keys {
		at := idx("/trust/keys", i)
		if !k.NotBefore.IsZero() && !k.Expires.IsZero() && !k.NotBefore.Before(k.Expires) {
			f.add(fault.DocDateOrder, at, "exp lies after nbf")
		}
		key, err := k.parse()
		if err != nil {
			f.add(fault.KeyRejected, at, fault.All(err)[0].Detail)
			continue
		}
		if k.Use != string(signing.UseDoc) && k.Use != string(signing.UseAuth) {
			f.add(fault.SchemaFormat, at+"/use", "use is doc or auth")
		}
		if id := key.KID + " " + k.Use; seen[id] {
			f.add(fault.SchemaDuplicateField, at, "the key stands here twice")
		} else {
			seen[id] = true
		}
	}
	for i, a := range t.Algorithms {
		f.oneOf(idx("/trust/algorithms", i), a, "ES256", "ES384", "EdDSA", "PS256", "RS256")
	}
}

// parse reads the JWK of a registered key.
func (k *Key) parse() (*signing.Key, error) {
	raw, err := json.Marshal(k.JWK)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the JWK cannot be written")
	}
	key, err := signing.ParseKey(raw)
	if err != nil {
		return nil, err
	}
	key.Use, key.NotBefore, key.Expires = signing.Use(k.Use), k.NotBefore, k.Expires
	if k.Revoked != nil {
		key.Revoked = &signing.Revocation{At: k.Revoked.At, Reason: k.Revoked.Reason, CompromisedSince: k.Revoked.CompromisedSince}
	}
	return key, nil
}

func (a *Agreement) validate(id string) fault.List {
	f := &findings{}
	f.id("/id", string(a.ID), id)
	f.text("/title", a.Title)
	f.oneOf("/kind", a.Kind, "mla", "mraGovernment", "scheme", "unilateral", "equivalence", "mou")
	f.oneOf("/arity", a.Arity, "unilateral", "bilateral", "multilateral")
	f.oneOf("/legalForce", a.LegalForce, "binding", "voluntary", "none")
	f.oneOf("/state", a.State, "negotiating", "signed", "inForce", "ended")
	if a.State == "inForce" && a.Period.InForce.IsZero() && a.Period.Provisional.IsZero() {
		f.add(fault.SchemaMissingField, "/period/inForce", "an agreement in force says since when")
	}
	f.span("/period", Span{From: a.Period.InForce, Until: a.Period.Terminated})
	if len(a.Parties) == 0 {
		f.add(fault.SchemaMissingField, "/parties", "an agreement has parties")
	}
	scopes := map[string]bool{}
	for i := range a.Scopes {
		a.Scopes[i].validate(f, idx("/scopes", i))
		if scopes[a.Scopes[i].ID] {
			f.add(fault.SchemaDuplicateField, idx("/scopes", i)+"/id", "the scope id stands here twice")
		}
		scopes[a.Scopes[i].ID] = true
	}
	known := func(at, id string) {
		if !scopes[id] {
			f.add(fault.SchemaFormat, at, "the agreement has no such scope")
		}
	}
	for i, p := range a.Parties {
		at := idx("/parties", i)
		if (p.Partner == "") == (p.Economy == "") {
			f.add(fault.SchemaFormat, at, "a party is a partner or an economy, one of the two")
		}
		for j, s := range p.Periods {
			f.span(idx(at+"/periods", j), s)
		}
		for j, s := range p.ScopeIDs {
			known(idx(at+"/scopeIds", j), s)
		}
		for j, r := range p.Reservations {
			if r.ScopeID != "" {
				known(idx(at+"/reservations", j)+"/scopeId", r.ScopeID)
			}
		}
	}
	for i, s := range a.Suspensions {
		at := idx("/suspensions", i)
		f.oneOf(at+"/target", s.Target, "agreement", "party", "scope", "body")
		f.oneOf(at+"/earlierResults", s.EarlierResults, "", "keep", "void")
		f.span(at, Span{From: s.From, Until: s.Until})
	}
	for at, d := range map[string]string{"maxDocumentAge": a.Rules.MaxDocumentAge, "maxStatusAge": a.Rules.MaxStatusAge, "ackWithin": a.Rules.AckWithin, "revocationGrace": a.Rules.RevocationGrace} {
		f.duration("/rules/"+at, d)
	}
	f.oneOf("/rules/earlierResults", a.Rules.EarlierResults, "", "keep", "void")
	f.oneOf("/rules/personalData", a.Rules.PersonalData, "", "warn", "refuse")
	slices.SortFunc(f.list, func(x, y *fault.Error) int { return compareAt(x, y) })
	return f.list
}

func compareAt(x, y *fault.Error) int {
	switch {
	case x.At < y.At:
		return -1
	case x.At > y.At:
		return 1
	default:
		return 0
	}
}

func (s *Scope) validate(f *findings, at string) {
	if s.ID == "" {
		f.add(fault.SchemaMissingField, at+"/id", "a scope has an id")
	}
	if s.Clause == "" {
		f.add(fault.SchemaMissingField, at+"/clause", "a scope names its clause")
	}
	f.oneOf(at+"/effect", s.Effect, "acceptResult", "acceptCertificate", "issueOwnOnBasis", "noAction")
	for i, p := range s.Purposes {
		f.oneOf(idx(at+"/purposes", i), p, "import", "placeOnMarket", "continuedSale", "tender", "information")
	}
	for i, a := range s.Activities {
		f.oneOf(idx(at+"/activities", i), a, "testing", "inspection", "certification", "calibration", "validation", "verification", "accreditation")
	}
	for i, p := range s.Products {
		if p.System == "" || len(p.Include) == 0 {
			f.add(fault.SchemaMissingField, idx(at+"/products", i), "products name a system and what they include")
		}
	}
	for i, p := range s.Periods {
		f.span(idx(at+"/periods", i), p)
	}
}

func (d *Designation) validate(id string) fault.List {
	f := &findings{}
	f.id("/id", d.ID, id)
	f.id("/body", string(d.Body), "")
	f.id("/designatedBy", string(d.DesignatedBy), "")
	f.oneOf("/basis", d.Basis, "designation", "approval", "notificationCommitment")
	if len(d.Periods) == 0 {
		f.add(fault.SchemaMissingField, "/periods", "a designation has periods")
	}
	for i, s := range d.Periods {
		f.span(idx("/periods", i), s.Span)
		if s.Status == "" {
			f.add(fault.SchemaMissingField, idx("/periods", i)+"/status", "a period has a status")
		}
	}
	return f.list
}

func (s *Sanction) validate(id string) fault.List {
	f := &findings{}
	f.id("/id", s.ID, id)
	f.id("/authority", string(s.Authority), "")
	f.oneOf("/target/kind", s.Target.Kind, "body", "holder")
	f.text("/reason", s.Reason)
	if s.Target.ID == "" {
		f.add(fault.SchemaMissingField, "/target/id", "a sanction names its target")
	}
	if s.List == "" {
		f.add(fault.SchemaMissingField, "/list", "a sanction names its list")
	}
	if len(s.Periods) == 0 {
		f.add(fault.SchemaMissingField, "/periods", "a sanction has periods")
	}
	for i, p := range s.Periods {
		f.span(idx("/periods", i), p)
	}
	f.oneOf("/earlierResults", s.EarlierResults, "", "keep", "void")
	return f.list
}

package untp

import (
	"encoding/base64"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/strictjson"
)

func base64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// begin is the date that a credential is valid from.
func begin(d *attestation.Dates) attestation.DateV {
	if d.ValidFrom != nil {
		return *d.ValidFrom
	}
	return d.Issued
}

// fragments of the URI of the attestation for what has none of its own.
const (
	fragmentWhole  = "#a1"     // what the document says as a whole, as an assessment
	fragmentClient = "#client" // the party it was issued to
)

// noScheme stands for the scheme of a document that names none; 0.7.0 demands one.
const noScheme = "urn:accord:scheme:unspecified"

func (e *encoder) attestation(typ, title string) {
	s, old := e.s, e.v.old()
	if old {
		e.raw(`,"credentialSubject":{"type":["ConformityAttestation","Attestation"],"id":"`)
	} else {
		e.raw(`,"credentialSubject":{"type":["ConformityAttestation"],"id":"`)
	}
	e.raw(e.subject)
	e.raw(`"`)
	if !old || len(s.Title) > 0 {
		e.str(`"name":`, title)
	}
	e.optStr(`"description":`, e.pick("description", s.Description))
	level, _, _ := toTheirs(levels, string(s.Party), old)
	e.str(`"assessorLevel":`, level)
	e.str(`"assessmentLevel":`, e.endorsedBy())
	e.str(`"attestationType":`, typ)
	client := clientOf(s)
	e.key(`"issuedToParty":`)
	e.issuedTo(client)
	e.authorisations()
	e.scheme()
	certificate := e.links()
	e.trustmark()
	e.assessments(certificate)
	e.extension(client)
	e.raw("}")
}

// endorsedBy is the assessmentLevel that the document justifies.
func (e *encoder) endorsedBy() string {
	s, old := e.s, e.v.old()
	choose := func(v07, v06 string) string {
		if old {
			return v06
		}
		return v07
	}
	switch {
	case s.Party == attestation.FirstParty:
		return choose("scheme-self", "Unspecified")
	case len(s.Authorisation) > 0 || s.Regime == attestation.Compulsory:
		return choose("authority-mandate", "GovtApproval")
	case len(s.Accreditation) > 0:
		return choose("authority-globalmra", "Accredited")
	default:
		return choose("no-endorsement", "Unspecified")
	}
}

// clientOf returns the index of the party that the attestation was issued to.
func clientOf(s *attestation.Submission) int {
	for _, role := range []string{"client", "holder"} {
		for i := range s.Parties {
			if s.Parties[i].Role == role && s.Parties[i].Ref == "" {
				return i
			}
		}
	}
	for i := range s.Parties {
		if s.Parties[i].Ref == "" {
			return i
		}
	}
	return 0
}

func (e *encoder) issuedTo(i int) {
	e.in("parties")
	e.item(i)
	p := &e.s.Parties[i]
	e.party(p, fragmentClient)
	if p.Role != "client" || p.Ref != "" {
		e.lose(dialect.Warning, dialect.Narrowed, "role")
	}
	e.out()
	e.out()
}

// authorisations writes designations and accreditations as endorsements.
func (e *encoder) authorisations() {
	s := e.s
	if len(s.Authorisation)+len(s.Accreditation) == 0 {
		return
	}
	e.raw(`,"authorisation":[`)
	for i := range s.Authorisation {
		a := &s.Authorisation[i]
		e.in("authorisation")
		e.item(i)
		e.endorsement(a.Basis, &a.Authority, "authority", nil, "#e"+strconv.Itoa(i+1))
		if a.Number != "" {
			e.lose(dialect.Error, dialect.Dropped, "number")
		}
		if a.Until != nil {
			e.lose(dialect.Error, dialect.Dropped, "until")
		}
		e.out()
		e.out()
	}
	for i := range s.Accreditation {
		a := &s.Accreditation[i]
		e.in("accreditation")
		e.item(i)
		e.endorsement(strings.TrimSpace("Accreditation "+a.Number), &a.Body, "body", a.Evidence, "#e"+strconv.Itoa(len(s.Authorisation)+i+1))
		e.lose(dialect.Warning, dialect.Moved, "")
		e.out()
		e.out()
	}
	e.raw("]")
}

func (e *encoder) endorsement(name string, by *attestation.Party, leaf string, evidence *attestation.Link, fragment string) {
	e.comma()
	e.raw("{")
	if e.v.old() {
		e.raw(`"type":["Endorsement"]`)
		e.str(`"id":`, e.subject+fragment)
	}
	e.str(`"name":`, name)
	e.key(`"issuingAuthority":`)
	e.in(leaf)
	e.party(by, fragment)
	if by.Role != "" {
		e.lose(dialect.Info, dialect.Dropped, "role")
	}
	e.out()
	if evidence != nil {
		e.key(`"endorsementEvidence":`)
		e.in("evidence")
		e.link(evidence)
		e.out()
	}
	e.raw("}")
}

// scheme writes the scheme and the rule or profile of it.
func (e *encoder) scheme() {
	sc := e.s.Scheme
	old := e.v.old()
	if sc == nil {
		if !old {
			e.raw(`,"referenceScheme":{"type":["ConformityScheme"],"id":"` + noScheme + `","name":"unspecified"}`)
		}
		return
	}
	e.in("scheme")
	defer e.out()
	if old {
		e.raw(`,"scope":{"type":["ConformityAssessmentScheme","Standard"]`)
	} else {
		e.raw(`,"referenceScheme":{"type":["ConformityScheme"]`)
	}
	e.str(`"id":`, namedURI("scheme", sc.ID))
	e.str(`"name":`, e.pick("name", sc.Name))
	if old {
		e.key(`"issuingParty":`)
		e.in("owner")
		e.owner(sc.Owner)
		e.out()
	}
	e.raw("}")
	if sc.Owner != nil && !old {
		e.lose(dialect.Error, dialect.Dropped, "owner")
	}
	if sc.Code != nil {
		e.lose(dialect.Error, dialect.Dropped, "code")
	}
	if sc.Edition != "" {
		e.lose(dialect.Error, dialect.Dropped, "edition")
	}
	if old {
		if sc.Profile != "" {
			e.lose(dialect.Error, dialect.Dropped, "profile")
		}
		if sc.Rule != nil { // a criterion of the whole document, if that is written
			e.lose(dialect.Warning, dialect.Moved, "rule")
		}
		return
	}
	switch {
	case sc.Rule != nil:
		e.profile(ruleURI(sc.Rule.ID), sc.Rule.ID)
		if sc.Profile != "" {
			e.lose(dialect.Error, dialect.Dropped, "profile")
		}
	case sc.Profile != "":
		e.profile(namedURI("profile", sc.Profile), sc.Profile)
	}
}

func (e *encoder) profile(uri, name string) {
	e.raw(`,"referenceProfile":{"type":["ConformityProfile"]`)
	e.str(`"id":`, uri)
	e.str(`"name":`, name)
	e.raw("}")
}

// owner writes the party that 0.6 demands beside each scheme and standard.
func (e *encoder) owner(p *attestation.Party) {
	if p == nil {
		e.raw(`{"id":"urn:accord:party:unspecified","name":"unspecified"}`)
		return
	}
	e.party(p, "#owner")
	if p.Role != "" {
		e.lose(dialect.Info, dialect.Dropped, "role")
	}
}

// namedURI returns an id that is a URI, or a URN of ours for it.
func namedURI(scheme, id string) string {
	if isURI(id) && !strings.HasPrefix(id, urnID) {
		return id
	}
	return string(appendEscaped([]byte(urnID+scheme+":"), id, false))
}

// ruleURI is the URN of an implementation rule.
func ruleURI(id string) string {
	scheme := "rule"
	if strings.HasPrefix(id, "CNCA-") {
		scheme = "cn.cnca.rule"
	}
	return string(appendEscaped([]byte(urnID+scheme+":"), id, false))
}

// links writes the certificate and the auditable evidence, of each the first. A
// converted credential links the original as its certificate. It returns the
// index of the evidence that was written as certificate, -1 if none was, and the
// others follow in the assessment of the whole.
func (e *encoder) links() (written [2]int) {
	written = [2]int{-1, -1}
	if e.o.Original.Digest != "" || e.o.Original.URL != "" {
		e.original()
	} else {
		written[0] = e.linkOf("certificate", `"conformityCertificate":`)
	}
	written[1] = e.linkOf("auditable", `"auditableEvidence":`)
	first := 0
	for _, i := range written { // they are read back before the others
		if i >= 0 && i != first {
			e.lose(dialect.Info, dialect.Moved, "evidence")
			break
		}
		if i >= 0 {
			first++
		}
	}
	return written
}

func (e *encoder) linkOf(purpose, key string) int {
	for i := range e.s.Evidence {
		if e.s.Evidence[i].Purpose == purpose {
			e.key(key)
			e.in("evidence")
			e.item(i)
			e.secureLink(&e.s.Evidence[i].Link)
			e.out()
			e.out()
			return i
		}
	}
	return -1
}

// original links the document that was converted, by its digest.
func (e *encoder) original() {
	o := &e.o.Original
	hex := strings.TrimPrefix(o.Digest, "sha-256:")
	e.raw(`,"conformityCertificate":{`)
	if e.v.old() {
		e.raw(`"type":["SecureLink","Link"]`)
	}
	e.str(`"linkURL":`, cmpOr(o.URL, "urn:accord:digest:"+o.Digest))
	e.raw(`,"linkName":"The document that was converted"`)
	if e.v.old() {
		e.optStr(`"hashDigest":`, hex)
		if hex != "" {
			e.raw(`,"hashMethod":"SHA-256"`)
		}
	} else {
		if digest, ok := digestMultibase(hex); ok {
			e.str(`"digestMultibase":`, digest)
		}
		e.optStr(`"mediaType":`, o.MediaType)
	}
	e.raw("}")
}

// link writes a link without digests where 0.6 has no room for them.
func (e *encoder) link(l *attestation.Link) { e.linkAs(l, `["Link"]`, false) }

// secureLink writes a link that has room for a digest in both versions.
func (e *encoder) secureLink(l *attestation.Link) { e.linkAs(l, `["SecureLink","Link"]`, true) }

func (e *encoder) linkAs(l *attestation.Link, types06 string, secure bool) {
	old := e.v.old()
	e.raw("{")
	if old {
		e.raw(`"type":` + types06)
	}
	e.str(`"linkURL":`, l.URL)
	name := e.pick("name", l.Name)
	if name == "" && !old {
		name = l.URL // 0.7.0 demands a name; one that is the URL is none
	}
	e.optStr(`"linkName":`, name)
	said := -1
	if old && secure {
		said = e.hash06(l)
	} else if !old {
		said = e.digest07(l)
		e.optStr(`"mediaType":`, l.MediaType)
	}
	e.raw("}")
	for i := range l.Digests {
		if i != said {
			e.losses.Add(dialect.Error, dialect.Dropped, pointerAt(e.pointer("digests"), i))
		}
	}
	if old && l.MediaType != "" {
		e.lose(dialect.Error, dialect.Dropped, "mediaType")
	}
	if l.Encrypted != attestation.Unset {
		e.lose(dialect.Error, dialect.Dropped, "encrypted")
	}
}

// algMultibase is the alg of a digest that was read as it stands.
const algMultibase = "multibase"

func (e *encoder) digest07(l *attestation.Link) int {
	for i := range l.Digests {
		d := &l.Digests[i]
		text, ok := digestMultibase(d.Value)
		if d.Alg == algMultibase {
			text, ok = d.Value, true
		}
		if ok && (d.Alg == algMultibase || d.Alg == "sha-256") {
			e.str(`"digestMultibase":`, text)
			return i
		}
	}
	return -1
}

func (e *encoder) hash06(l *attestation.Link) int {
	for i := range l.Digests {
		method := map[string]string{"sha-256": "SHA-256", "sha-1": "SHA-1"}[l.Digests[i].Alg]
		if method != "" {
			e.str(`"hashDigest":`, l.Digests[i].Value)
			e.str(`"hashMethod":`, method)
			return i
		}
	}
	return -1
}

// trustmark writes the one mark that 0.7.0 has room for: an image.
func (e *encoder) trustmark() {
	written := -1
	e.in("trustmarks")
	for i := range e.s.Trustmarks {
		t := &e.s.Trustmarks[i]
		if written >= 0 || t.Data == "" || e.v.old() {
			e.losses.Add(dialect.Error, dialect.Cardinality, pointerAt("/trustmarks", i))
			continue
		}
		written = i
		e.item(i)
		e.raw(`,"trustmark":{`)
		e.str(`"name":`, e.pick("name", t.Name))
		e.optStr(`"description":`, e.pick("description", t.Description))
		e.key(`"imageData":`)
		e.b = strictjson.AppendString(e.b, t.Data)
		e.str(`"mediaType":`, t.MediaType)
		e.raw("}")
		e.out()
	}
	e.out()
}

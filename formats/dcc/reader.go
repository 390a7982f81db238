package dcc

import (
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/internal/fault"
)

// reader takes what fields there are for out of a certificate.
type reader struct {
	*carry.Reader
	mandatory []string // languages that every text must have
	neutral   bool     // a text was taken that says no language, or lacks a mandatory one
	outcome   *carry.Node
}

func (r *reader) need(n *carry.Node, local string) *carry.Node { return r.Need(n, nsDCC, local) }
func (r *reader) one(n *carry.Node, local string) *carry.Node {
	if n == nil {
		return nil
	}
	return r.One(n, nsDCC, local)
}

func (r *reader) certificate() {
	s := r.Submission
	s.Kind, s.Party, s.Regime = attestation.CalibrationCertificate, attestation.UnspecifiedParty, attestation.UnspecifiedRegime
	for _, n := range r.Root.All(nsDS, "Signature") {
		n.Label = kindSignature
		r.Lose(dialect.Warning, dialect.Proof, n)
	}
	admin := r.need(r.Root, "administrativeData")
	core := r.need(admin, "coreData")
	r.languages(core)
	r.core(core)
	r.laboratory(r.need(admin, "calibrationLaboratory"))
	if customer := r.need(admin, "customer"); customer != nil {
		r.party(customer, "client", true)
	}
	r.items(r.need(admin, "items"))
	r.statements(r.one(admin, "statements"))
	r.results(r.need(r.Root, "measurementResults"))
	r.binaries()
	r.check()
	r.settleLanguages(core)
}

// languages takes the languages used. The mandatory ones wait until all texts
// are known.
func (r *reader) languages(core *carry.Node) {
	if core == nil {
		return
	}
	r.need2(core, "usedLangCodeISO639_1")
	r.need2(core, "mandatoryLangCodeISO639_1")
	langs := &attestation.Languages{}
	for _, n := range core.All(nsDCC, "usedLangCodeISO639_1") {
		if v := r.langCode(n, "/languages/used/"+strconv.Itoa(len(langs.Used))); v != "" {
			langs.Used = append(langs.Used, v)
		}
	}
	for _, n := range core.All(nsDCC, "mandatoryLangCodeISO639_1") {
		text, _, _ := n.Value()
		r.mandatory = append(r.mandatory, text)
		used := false
		for _, u := range langs.Used {
			used = used || u == text
		}
		if !used {
			r.Fail(fault.SchemaFormat, n, "a language is mandatory that is not among those used")
		}
	}
	r.Submission.Languages = langs
}

// need2 demands a child element that may stand several times.
func (r *reader) need2(n *carry.Node, local string) {
	if n.Child(nsDCC, local) == nil {
		r.need(n, local)
	}
}

func (r *reader) langCode(n *carry.Node, pointer string) string {
	v := r.Line(n, pointer)
	if len(v) != 2 || !attestation.ValidLanguage(v) {
		r.Fail(fault.SchemaFormat, n, "want a language of two letters (ISO 639-1)")
		return ""
	}
	return v
}

// settleLanguages takes the mandatory languages if the texts that were taken have
// them all. A text without language is one for all languages in a DCC, which our
// documents cannot say.
func (r *reader) settleLanguages(core *carry.Node) {
	langs := r.Submission.Languages
	if langs == nil || r.Failed() {
		return
	}
	for i, n := range core.All(nsDCC, "mandatoryLangCodeISO639_1") {
		if r.neutral {
			r.Lose(dialect.Warning, dialect.Residual, n)
			continue
		}
		langs.Mandatory = append(langs.Mandatory, r.langCode(n, "/languages/mandatory/"+strconv.Itoa(i)))
	}
}

// texts takes the contents of a text.
func (r *reader) texts(n *carry.Node, pointer string, line bool) attestation.LText {
	if n == nil {
		return nil
	}
	texts := r.Texts(n.All(nsDCC, "content"), "lang", pointer, line)
	for _, want := range r.mandatory {
		has := false
		for _, t := range texts {
			has = has || t.Lang == want
		}
		r.neutral = r.neutral || !has && len(texts) > 0
	}
	return texts
}

// needTexts is texts of an element that must have one.
func (r *reader) needTexts(n *carry.Node, pointer string) attestation.LText {
	texts := r.texts(n, pointer, true)
	if n != nil && len(texts) == 0 {
		r.Fail(fault.SchemaMissingField, n, "the text is empty")
	}
	return texts
}

// core reads the core data.
func (r *reader) core(core *carry.Node) {
	if core == nil {
		return
	}
	s := r.Submission
	number := r.need(core, "uniqueIdentifier")
	s.Identifiers = r.Number(number, "ptb.dcc")
	if len(s.Identifiers) > 0 { // else it is a finding already
		s.Identifiers = r.identifications(core, s.Identifiers, "/identifiers/")
	}
	s.Dates.Received = r.date(core, "receiptDate", "/dates/received", false)
	s.Dates.PerformedFrom = r.date(core, "beginPerformanceDate", "/dates/performedFrom", true)
	s.Dates.PerformedTo = r.date(core, "endPerformanceDate", "/dates/performedTo", true)
	if issued := r.date(core, "issueDate", "/dates/issued", false); issued != nil {
		s.Dates.Issued = *issued
	} else if s.Dates.PerformedTo != nil {
		// Versions before 3.2 have no date of issue: it is not before the end.
		s.Dates.Issued = *s.Dates.PerformedTo
		r.Lose(dialect.Warning, dialect.Assumed, core.Child(nsDCC, "endPerformanceDate"))
	}
	s.StatusEvents = []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: s.Dates.Issued}}
	if place := r.Line(r.one(core, "performanceLocation"), "/sites/0/name/0/value"); place != "" {
		s.Sites = []attestation.Site{{Name: attestation.LText{{Lang: "und", Value: place}}}}
		r.neutral = true
	}
	r.replaced(r.one(core, "reportAmendedSubstituted"))
}

func (r *reader) date(core *carry.Node, local, pointer string, required bool) *attestation.DateV {
	n := r.one(core, local)
	if n == nil && required {
		n = r.need(core, local)
	}
	if n == nil {
		return nil
	}
	return r.Date(n, pointer)
}

// identifications takes what an object or the certificate is identified by, and
// by whom.
func (r *reader) identifications(n *carry.Node, ids []attestation.Identifier, pointer string) []attestation.Identifier {
	for _, id := range r.one(n, "identifications").All(nsDCC, "identification") {
		issuer, ok := r.Raw(id.Child(nsDCC, "issuer"))
		if !ok || !carry.IsToken(issuer) {
			r.Fail(fault.SchemaFormat, id, "an identification says who issued it")
			continue
		}
		at := pointer + strconv.Itoa(len(ids))
		if v := r.Line(r.need(id, "value"), at+"/value"); v != "" {
			ids = append(ids, attestation.Identifier{Scheme: schemePrefix + strings.Clone(issuer), Value: v})
		}
	}
	return ids
}

// schemePrefix begins the scheme of an identification; its issuer follows.
const schemePrefix = "ptb.dcc."

// replaced reads what the certificate amends or replaces (from version 3.2).
func (r *reader) replaced(n *carry.Node) {
	if n == nil {
		return
	}
	kind, _ := r.Raw(n.Child(nsDCC, "typeOfAmendment"))
	word := map[string]string{"amended": "amends", "substituted": "supersedes"}[kind]
	id := n.Child(nsDCC, "replacedUniqueIdentifier")
	text, ok := r.Raw(id)
	if !ok || word == "" || !carry.IsNumber(text) {
		r.Lose(dialect.Warning, dialect.Residual, n)
		return
	}
	// Whoever issued this one issued that one; the name comes with the laboratory.
	r.Submission.Relations = []attestation.Relation{{Type: word, Target: attestation.Target{
		Scheme: "ptb.dcc", Number: r.Line(id, "/relations/0/target/number"),
	}}}
}

// laboratory reads the issuer.
func (r *reader) laboratory(n *carry.Node) {
	if n == nil {
		return
	}
	s := r.Submission
	code := r.Line(r.one(n, "calibrationLaboratoryCode"), "/issuer/identifiers/0/value")
	r.contact(&s.Issuer, r.need(n, "contact"), "/issuer", true)
	s.Issuer.Role = "calibrationLaboratory"
	if code != "" {
		s.Issuer.Identifiers = []attestation.Identifier{{Scheme: schemePrefix + "calibrationLaboratoryCode", Value: code}}
	}
	if len(s.Relations) > 0 && len(s.Issuer.Name) > 0 {
		s.Relations[0].Target.Issuer = s.Issuer.Name[0].Value
	}
}

// party adds a contact as a party; without a name it is none.
func (r *reader) party(n *carry.Node, role string, required bool) {
	s := r.Submission
	p := attestation.Party{}
	r.contact(&p, n, "/parties/"+strconv.Itoa(len(s.Parties)), required)
	p.Role = role
	if len(p.Name) > 0 {
		s.Parties = append(s.Parties, p)
	}
}

// contact reads a contact into a party.
func (r *reader) contact(p *attestation.Party, n *carry.Node, at string, required bool) {
	if n == nil {
		return
	}
	name := r.one(n, "name")
	if required && name == nil {
		name = r.need(n, "name")
	}
	if required {
		p.Name = r.needTexts(name, at+"/name")
	} else {
		p.Name = r.texts(name, at+"/name", true)
	}
	if len(p.Name) == 0 {
		return
	}
	r.Note(n, at)
	var c attestation.Contact
	if mail := r.one(n, "eMail"); mail != nil {
		if text, ok := r.Raw(mail); ok && carry.IsEmail(text) {
			c.Email = r.Line(mail, at+"/contacts/0/email")
		}
	}
	c.Phone = r.Line(r.one(n, "phone"), at+"/contacts/0/phone")
	if c.Email != "" || c.Phone != "" {
		p.Contacts = []attestation.Contact{c}
	}
	r.location(p, r.one(n, "location"), at)
}

// location reads a place. Its parts may stand in any order; what is the address
// in words is put together of them.
func (r *reader) location(p *attestation.Party, n *carry.Node, at string) {
	if n == nil {
		return
	}
	if c := r.one(n, "countryCode"); c != nil {
		if text, ok := r.Raw(c); ok && attestation.Economy(text).ValidParty() {
			p.Country = attestation.Economy(r.Line(c, at+"/country"))
		} else if ok {
			r.Lose(dialect.Warning, dialect.Residual, c)
		}
	}
	p.Postcode = r.Line(r.one(n, "postCode"), at+"/postcode")
	part := func(names ...string) string {
		var words []string
		for _, local := range names {
			for _, c := range n.All(nsDCC, local) {
				if text, ok := r.Raw(c); ok {
					words = append(words, strings.Fields(text)...)
				}
			}
		}
		return strings.Join(words, " ")
	}
	var lines []string
	for _, line := range []string{part("street", "streetNo"), part("postOfficeBox"), part("city"), part("state")} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if address := carry.Fit(strings.Join(lines, ", "), false); address != "" {
		r.Note(n, at+"/address")
		p.Address = attestation.LText{{Lang: "und", Value: address}}
		r.neutral = true
	}
}

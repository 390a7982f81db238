package attestation

import (
	"strings"
	"time"

	"accord/internal/fault"
)

// ModelVersion is the version of the model that this package knows.
const ModelVersion = "1.0"

// Validate holds the document against every rule of domain.md, sections 3 and 7,
// that it can be held against alone, and returns everything found at once, each
// with a JSON Pointer. now is the present; it bounds the years of numbers. What
// needs the directory (who the issuer is, whether a body code is registered)
// or the archive (the series) is for the gateway.
func (s *Submission) Validate(now time.Time) (findings, warnings []Finding) {
	c := checker{now: now, doc: s}
	c.head(s)
	c.bodies(s)
	c.content(s)
	c.dates(&s.Dates)
	c.events(s)
	c.appendix(s)
	return c.errors, c.warnings
}

// head checks what names the document and says what it is.
func (c *checker) head(s *Submission) {
	switch s.ModelVersion {
	case "":
		c.missing("modelVersion")
	case ModelVersion:
	default:
		c.format("modelVersion", "want "+ModelVersion)
	}
	c.word("kind", string(s.Kind), EnumKind)
	c.word("party", string(s.Party), EnumParty)
	c.word("regime", string(s.Regime), EnumRegime)
	c.issueNumber(s.IssueNumber)
	c.digest("replaces", s.Replaces)
	sub(c, "languages", s.Languages, (*checker).languages)
	c.some("identifiers", len(s.Identifiers))
	each(c, "identifiers", s.Identifiers, (*checker).identifier)
	c.numbers(s)
	c.text("title", s.Title, oneLine)
	c.text("description", s.Description, freeText)
	sub(c, "scheme", s.Scheme, (*checker).scheme)
}

// numbers: the first identifier is the number as printed; a CCC number names a
// year that has come and is not after the first issue.
func (c *checker) numbers(s *Submission) {
	c.in("identifiers")
	defer c.out()
	for i := range s.Identifiers {
		id := &s.Identifiers[i]
		c.item(i)
		if i == 0 && id.Value != "" && !validNumber(id.Value) && scan(id.Value, true) == fine {
			c.format("value", "want a number as printed: 2 to 64 letters, digits and . / ( ) - or space, a letter or digit first")
		}
		if id.Scheme == "cn.cnca.ccc" {
			c.cccYear(s, id.Value)
		}
		c.out()
	}
}

func (c *checker) cccYear(s *Submission, value string) {
	n, ok := ParseCCC(value)
	if !ok {
		return
	}
	first := s.Dates.FirstIssued
	if first == nil {
		first = &s.Dates.Issued
	}
	_, dated := readDate(first.Value)
	switch {
	case n.Year > c.now.UTC().Add(8*time.Hour).Year(): // the year in China
		c.format("value", "the year of the number lies in the future")
	case dated && strings.Compare(value[:4], first.Value[:4]) > 0:
		c.format("value", "the year of the number is after that of the first issue")
	}
}

// languages: what is mandatory is used. From here on every text is held against
// the mandatory ones.
func (c *checker) languages(v *Languages) {
	c.languageList("used", v.Used)
	c.languageList("mandatory", v.Mandatory)
	if len(v.Used) > MaxLanguages || len(v.Mandatory) > MaxLanguages {
		return
	}
	for _, want := range v.Mandatory {
		used := false
		for _, u := range v.Used {
			used = used || covers(u, want)
		}
		if !used {
			c.format("mandatory", "names a language that used does not have")
			break
		}
	}
	c.mandatory = v.Mandatory
}

func (c *checker) languageList(name string, v []string) {
	c.many(name, len(v), MaxLanguages)
	c.in(name)
	for i := range v {
		c.item(i)
		c.language("", v[i])
		c.out()
	}
	c.out()
}

func (c *checker) scheme(v *Scheme) {
	c.needLine("id", v.ID)
	c.needText("name", v.Name, oneLine)
	sub(c, "owner", v.Owner, (*checker).party)
	sub(c, "code", v.Code, (*checker).code)
	c.line("edition", v.Edition)
	if v.Rule != nil {
		c.in("rule")
		c.needLine("id", v.Rule.ID)
		c.out()
	}
	c.text("mode", v.Mode, freeText)
	c.line("profile", v.Profile)
}

// bodies checks the parties of every sort.
func (c *checker) bodies(s *Submission) {
	sub(c, "issuer", &s.Issuer, (*checker).rolled)
	each(c, "accreditation", s.Accreditation, (*checker).accreditation)
	each(c, "authorisation", s.Authorisation, (*checker).authorisation)
	c.some("parties", len(s.Parties))
	each(c, "parties", s.Parties, (*checker).rolled)
	each(c, "sites", s.Sites, (*checker).site)
}

// content checks what is attested of what.
func (c *checker) content(s *Submission) {
	c.some("objects", len(s.Objects))
	each(c, "objects", s.Objects, (*checker).object)
	c.text("scope", s.Scope, freeText)
	each(c, "scopeCodes", s.ScopeCodes, (*checker).code)
	each(c, "requirements", s.Requirements, (*checker).requirement)
	each(c, "assessments", s.Assessments, (*checker).assessment)
	each(c, "results", s.Results, (*checker).result)
	each(c, "conditions", s.Conditions, (*checker).condition)
	c.lines("marking", s.Marking)
}

// dates checks each date and their order.
func (c *checker) dates(d *Dates) {
	c.in("dates")
	defer c.out()
	c.date("issued", &d.Issued)
	for _, f := range [...]struct {
		name string
		date *DateV
	}{
		{"firstIssued", d.FirstIssued}, {"decided", d.Decided}, {"validFrom", d.ValidFrom},
		{"expires", d.Expires}, {"changed", d.Changed}, {"reported", d.Reported}, {"received", d.Received},
		{"performedFrom", d.PerformedFrom}, {"performedTo", d.PerformedTo},
	} {
		c.optDate(f.name, f.date)
	}
	c.ordered("issued", d.FirstIssued, &d.Issued, "lies before the first issue")
	c.ordered("expires", &d.Issued, d.Expires, "lies before the issue")
	c.ordered("expires", d.ValidFrom, d.Expires, "lies before the beginning of the validity")
	c.ordered("performedTo", d.PerformedFrom, d.PerformedTo, "ends before it begins")
}

// appendix checks what stands around the attestation.
func (c *checker) appendix(s *Submission) {
	if s.Cycle != nil {
		c.in("cycle")
		c.count("surveillanceCount", s.Cycle.SurveillanceCount)
		c.count("recertificationCount", s.Cycle.RecertificationCount)
		c.count("employees", s.Cycle.Employees)
		c.out()
	}
	each(c, "relations", s.Relations, (*checker).relation)
	each(c, "evidence", s.Evidence, (*checker).evidence)
	each(c, "trustmarks", s.Trustmarks, (*checker).trustmark)
	each(c, "recognitionClaims", s.RecognitionClaims, (*checker).recognitionClaim)
	if s.Route != nil && !s.aboutConsignment() {
		c.format("route", "stands in consignment documents only")
	}
	sub(c, "route", s.Route, (*checker).route)
	c.extensions(s.Extensions)
	each(c, "residual", s.Residual, (*checker).residual)
}

// maxCount keeps counts in the range that every JSON reader holds exactly.
const maxCount = 1 << 31

func (c *checker) count(leaf string, v *int) {
	if v != nil && (*v < 0 || *v >= maxCount) {
		c.format(leaf, "want a number from 0")
	}
}

func (s *Submission) aboutConsignment() bool {
	if s.Kind == SanitaryCertificate {
		return true
	}
	for i := range s.Objects {
		if s.Objects[i].Type == "consignment" {
			return true
		}
	}
	return false
}

// extensions are named by URIs, each once; their values are JSON without numbers.
func (c *checker) extensions(v []Extension) {
	c.many("extensions", len(v), MaxItems)
	c.in("extensions")
	defer c.out()
	for i := range v {
		if !validURI(v[i].URI) || scan(v[i].URI, true) != fine || longer(v[i].URI, MaxURL) {
			c.format(v[i].URI, "the name of an extension is an absolute URI")
		}
		switch extensionFlaw(v[i].Value) {
		case "":
		case fault.SchemaForbiddenChar:
			c.fail(fault.SchemaForbiddenChar, v[i].URI, "has a control character, or one that XML 1.0 cannot carry")
		default:
			c.fail(fault.SchemaType, v[i].URI, "an extension is JSON without numbers; write them as strings")
		}
	}
	if len(v) < 2 {
		return
	}
	seen := make(map[string]bool, len(v))
	for i := range v {
		if seen[v[i].URI] {
			c.fail(fault.SchemaDuplicateField, v[i].URI, "the extension stands twice")
		}
		seen[v[i].URI] = true
	}
}

// extensionFlaw reads the RFC 8785 form of an extension as far as it must: no
// number outside strings, no character inside them that is refused elsewhere. A
// control character is always an escape in that form.
func extensionFlaw(b []byte) fault.Code {
	if len(b) == 0 {
		return fault.SchemaType
	}
	inString := false
	for i := 0; i < len(b); i++ {
		switch ch := b[i]; {
		case ch == '"':
			inString = !inString
		case !inString && (isDigit(ch) || ch == '-'):
			return fault.SchemaType
		case inString && ch == '\\':
			i++
			if i < len(b) && strings.IndexByte("bfu", b[i]) >= 0 {
				return fault.SchemaForbiddenChar
			}
		case ch < ' ':
			return fault.SchemaForbiddenChar
		}
	}
	if scan(string(b), false) != fine {
		return fault.SchemaForbiddenChar
	}
	return ""
}

// Validate holds a statement against the rules that it can be held against alone:
// wire.md, "Status statement", and the fields of its event.
func (st *StatusStatement) Validate() (findings, warnings []Finding) {
	var c checker
	if st.Ver != 1 {
		c.format("ver", "want 1")
	}
	c.uri("iss", st.Iss)
	c.token("jti", st.JTI)
	c.in("subject")
	if !st.Subject.Issuer.Valid() {
		c.format("issuer", "want the id of a partner")
	}
	c.token("scheme", st.Subject.Scheme)
	c.number("number", st.Subject.Number)
	c.issueNumber(st.Subject.IssueNumber)
	c.needDigest("content", st.Subject.Content)
	c.out()
	c.needDigest("prev", st.Prev)
	if st.Seq < 2 {
		c.format("seq", "want a number from 2; 1 is the issue")
	}
	if st.By != nil {
		c.fail(fault.SchemaUnknownField, "by", "who makes a statement is said by iss")
	}
	if st.StatusEvent.Evidence != nil {
		c.fail(fault.SchemaUnknownField, "evidence", "a statement has no evidence")
	}
	c.event(&st.StatusEvent)
	return c.errors, c.warnings
}

func (c *checker) needDigest(leaf string, v Digest) {
	if v == "" {
		c.missing(leaf)
		return
	}
	c.digest(leaf, v)
}

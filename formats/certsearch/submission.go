package certsearch

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"accord/attestation"
	"accord/internal/fault"
)

// Options say what records do not hold.
type Options struct {
	// Lang is the language of the texts, BCP 47; empty means und.
	Lang string
	// Zone is the offset of the dates, as "+08:00"; empty means +00:00.
	Zone string
	// AsOf is the date of the extract, YYYY-MM-DD: the status of a record that
	// does not say since when takes effect then. Empty refuses such a record.
	AsOf string
	// NumberScheme is the scheme of certificate numbers; empty means
	// DefaultNumberScheme.
	NumberScheme string
	// BodyScheme is the scheme of certification_body_identity_number; empty means
	// DefaultBodyScheme.
	BodyScheme string
	// Body is the body of records that name none.
	Body *attestation.Party
}

// The schemes of identifiers.
const (
	DefaultNumberScheme = "org.iafcertsearch.certificate"
	DefaultBodyScheme   = "org.iafcertsearch.cb"
	identityScheme      = "org.iafcertsearch.identity"
	entityScheme        = "org.iafcertsearch.entity"
	accreditorScheme    = "org.iaf.ab"
	sectorSystem        = "org.iaf.sector"
)

func (o Options) orDefault() Options {
	set := func(v *string, to string) {
		if *v == "" {
			*v = to
		}
	}
	set(&o.Lang, "und")
	set(&o.Zone, "+00:00")
	set(&o.NumberScheme, DefaultNumberScheme)
	set(&o.BodyScheme, DefaultBodyScheme)
	return o
}

// mapper makes one submission.
type mapper struct {
	rec   *Record
	opt   Options
	s     *attestation.Submission
	found fault.List
}

// Submission makes the submission of a record. The error is a fault.List with
// every finding, each with the column; the submission validates if it is nil.
// The same record and options give the same submission.
func (r *Record) Submission(o Options, now time.Time) (*attestation.Submission, error) {
	if len(r.findings) > 0 {
		return nil, r.findings
	}
	m := mapper{rec: r, opt: o.orDefault(), s: &attestation.Submission{
		ModelVersion: attestation.ModelVersion, Kind: attestation.Certification,
		Party: attestation.ThirdParty, Regime: attestation.Voluntary,
	}}
	m.lengths()
	m.markup()
	m.identity()
	m.issuer()
	m.accreditation()
	m.holder()
	m.subject()
	m.sites()
	m.dates()
	m.status()
	if err := m.found.ErrorOrNil(); err != nil {
		return nil, err
	}
	found, _ := m.s.Validate(now)
	for _, f := range found {
		m.fail(f.Code, m.column(f.At), f.Detail)
	}
	if err := m.found.ErrorOrNil(); err != nil {
		return nil, err
	}
	return m.s, nil
}

func (m *mapper) fail(code fault.Code, at, detail string) {
	if len(m.found) < maxFindings {
		m.found = append(m.found, fault.At(code, at, detail))
	}
}

func (m *mapper) value(f field) string { return m.rec.values[f] }

func (m *mapper) at(f field) string { return columns[f].Name }

// lengths: what is required is there, and nothing is longer than published.
func (m *mapper) lengths() {
	for f := range columns {
		v := m.rec.values[f]
		c := &columns[f]
		if c.Required && strings.TrimSpace(v) == "" {
			m.fail(fault.SchemaMissingField, c.Name, "the value is required")
		}
		if c.Max > 0 && utf8.RuneCountInString(v) > c.Max {
			m.fail(fault.SchemaLength, c.Name, "want at most "+strconv.Itoa(c.Max)+" characters")
		}
	}
}

// markup refuses HTML in values: a register shows its texts in pages, and what
// was escaped or cut there must not be signed.
func (m *mapper) markup() {
	const detail = "markup does not belong into a value"
	for f := range columns {
		if hasMarkup(m.rec.values[f]) {
			m.fail(fault.SchemaForbiddenChar, columns[f].Name, detail)
		}
	}
	for i := range m.rec.sites {
		for p, v := range m.rec.sites[i] {
			if hasMarkup(v) {
				m.fail(fault.SchemaForbiddenChar, sitePlace(i, p), detail)
			}
		}
	}
}

// hasMarkup reports whether a tag, comment or declaration begins in a text.
func hasMarkup(s string) bool {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+1 == len(s) {
			return false
		}
		s = s[i+1:]
		if c := s[0] | 0x20; c >= 'a' && c <= 'z' || s[0] == '/' || s[0] == '!' || s[0] == '?' {
			return true
		}
	}
}

func sitePlace(i, part int) string {
	return "site_" + strconv.Itoa(i+1) + "_" + siteColumns[part]
}

func (m *mapper) ltext(v string) attestation.LText {
	if v == "" {
		return nil
	}
	return attestation.LText{{Lang: m.opt.Lang, Value: v}}
}

func (m *mapper) text(f field) attestation.LText { return m.ltext(m.value(f)) }

func (m *mapper) identity() {
	m.s.Identifiers = []attestation.Identifier{
		{Scheme: m.opt.NumberScheme, Value: m.value(fNumber)},
		{Scheme: identityScheme, Value: m.value(fIdentity)},
	}
}

// issuer is the body that certified, never the register that sends.
func (m *mapper) issuer() {
	m.s.Issuer = attestation.Party{Role: "issuer"}
	if b := m.opt.Body; b != nil {
		m.s.Issuer.Name, m.s.Issuer.Identifiers, m.s.Issuer.Country = b.Name, b.Identifiers, b.Country
	}
	if id := m.value(fBodyID); id != "" {
		m.s.Issuer = attestation.Party{Role: "issuer", Identifiers: []attestation.Identifier{{Scheme: m.opt.BodyScheme, Value: id}}}
	}
	if name := m.text(fBodyName); name != nil {
		m.s.Issuer.Name = name
	}
	if len(m.s.Issuer.Identifiers) == 0 {
		m.fail(fault.SchemaMissingField, m.at(fBodyID), "the record names no certification body, nor does the call")
	}
	if len(m.s.Issuer.Name) == 0 && len(m.s.Issuer.Identifiers) > 0 {
		m.s.Issuer.Name = m.ltext(m.s.Issuer.Identifiers[0].Value) // a body must have a name
	}
}

func (m *mapper) accreditation() {
	named := m.value(fAccreditor) != "" || m.value(fAccreditorAcronym) != ""
	switch word := m.value(fAccreditation); {
	case word == "":
	case strings.EqualFold(word, "Accredited"):
		a := attestation.Accreditation{Status: word, Body: attestation.Party{Name: m.text(fAccreditor)}}
		if v := m.value(fAccreditorAcronym); v != "" {
			a.Body.Identifiers = []attestation.Identifier{{Scheme: accreditorScheme, Value: v}}
		}
		if len(a.Body.Name) == 0 {
			m.fail(fault.SchemaMissingField, m.at(fAccreditor), "what is accredited names its accreditation body")
		}
		m.s.Accreditation = []attestation.Accreditation{a}
	case strings.EqualFold(word, "Unaccredited"):
		if named {
			m.fail(fault.SchemaFormat, m.at(fAccreditor), "what is unaccredited names no accreditation body")
		}
	default:
		m.fail(fault.SchemaFormat, m.at(fAccreditation), "want Accredited or Unaccredited")
	}
}

// holder is the certified entity.
func (m *mapper) holder() {
	p := attestation.Party{Role: "holder", Name: m.text(fEntityName), Postcode: m.value(fEntityPostcode)}
	if v := m.value(fEntityEnglish); v != "" {
		p.Name = append(p.Name, attestation.Text{Lang: "en", Value: v})
	}
	if v := m.value(fEntityCountry); v != "" {
		country, err := attestation.ParseEconomy(v)
		if err != nil {
			m.fail(fault.SchemaFormat, m.at(fEntityCountry), "want a code of ISO 3166-1: two letters, three letters or three digits")
		}
		p.Country = country
	}
	for _, id := range [...]struct {
		f      field
		scheme string
	}{{fEntityID, entityScheme}, {fEntityUSCC, "cn.uscc"}, {fEntityLEI, "lei"}} {
		if v := m.value(id.f); v != "" {
			p.Identifiers = append(p.Identifiers, attestation.Identifier{Scheme: id.scheme, Value: v})
		}
	}
	p.Address = m.ltext(joined(m.value(fEntityStreet), m.value(fEntityCity), m.value(fEntityState)))
	for _, f := range [...]field{fEntityTrading, fEntityStreet, fEntityCity, fEntityState, fEntityWebsite} {
		if v := m.value(f); v != "" {
			p.Attributes = append(p.Attributes, attestation.Attribute{Name: columns[f].Name, Value: v})
		}
	}
	m.s.Parties = []attestation.Party{p}
}

// joined puts an address on one line.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// subject is what is certified, against what.
func (m *mapper) subject() {
	const system = "management system"
	name := m.value(fType)
	if name != "" && !strings.HasPrefix(strings.ToLower(name), system) {
		m.fail(fault.SchemaFormat, m.at(fType), "want Management System: other certifications are not of this sort of record")
	}
	m.s.Objects = []attestation.Object{{Type: "managementSystem", Name: m.ltext(name)}}
	m.s.Scope = m.text(fScope)
	for i, name := range m.rec.schemes {
		switch {
		case name == "":
		case i == 0:
			m.s.Scheme = &attestation.Scheme{ID: name, Name: m.ltext(name)}
		default:
			m.s.Requirements = append(m.s.Requirements, attestation.Requirement{Type: "criterion", ID: name})
		}
	}
	for _, name := range m.rec.standards {
		if name == "" {
			m.fail(fault.SchemaMissingField, m.at(fStandards), "a standard has no name")
			continue
		}
		m.s.Requirements = append(m.s.Requirements, m.standard(name))
	}
	m.sectors()
}

// standard takes the edition off a designation; what is more than number and
// edition stays as its title.
func (m *mapper) standard(name string) attestation.Requirement {
	r := attestation.Requirement{Type: "standard", ID: name}
	std, ok := attestation.ParseStandard(name)
	if !ok {
		return r
	}
	r.ID, r.Edition = std.ID(), std.Edition()
	if name != r.ID && name != r.ID+":"+r.Edition {
		r.Title = m.ltext(name)
	}
	return r
}

func (m *mapper) sectors() {
	codes, names := m.rec.codes, m.rec.names
	if len(names) > 0 && len(names) != len(codes) {
		m.fail(fault.SchemaLength, m.at(fSectorName), "want as many names as codes: "+strconv.Itoa(len(codes)))
		return
	}
	for i, code := range codes {
		if code == "" {
			m.fail(fault.SchemaMissingField, m.at(fSectorCode), "a sector has no code")
			continue
		}
		c := attestation.Code{System: sectorSystem, Code: code}
		if i < len(names) {
			c.Label = m.ltext(names[i])
		}
		m.s.ScopeCodes = append(m.s.ScopeCodes, c)
	}
}

// sites have no names of their own: their addresses name them.
func (m *mapper) sites() {
	for i, site := range m.rec.sites {
		address := joined(site[sStreet], site[sCity], site[sState], site[sPostcode], site[sCountry])
		if address == "" {
			m.fail(fault.SchemaMissingField, sitePlace(i, sStreet), "a site has no address")
			continue
		}
		if v := site[sCountry]; v != "" {
			if _, err := attestation.ParseEconomy(v); err != nil {
				m.fail(fault.SchemaFormat, sitePlace(i, sCountry), "want a code of ISO 3166-1: two letters, three letters or three digits")
			}
		}
		m.s.Sites = append(m.s.Sites, attestation.Site{Name: m.ltext(address), Address: m.ltext(address), Scope: m.ltext(site[sScope])})
	}
}

func (m *mapper) dates() {
	m.s.Dates.FirstIssued = m.date(fFirstIssued, false)
	if d := m.date(fIssued, false); d != nil {
		m.s.Dates.Issued = *d
	}
	m.s.Dates.Expires = m.date(fExpires, true)
}

// date reads a date; only an expiry may be open.
func (m *mapper) date(f field, mayOpen bool) *attestation.DateV {
	v := m.value(f)
	if v == "" {
		return nil
	}
	d, open, err := attestation.ReadDate(v, m.opt.Zone)
	switch {
	case err != nil:
		m.fail(fault.DocDateInvalid, m.at(f), "want a calendar date as YYYYMMDD or YYYY-MM-DD")
	case open && !mayOpen:
		m.fail(fault.DocDateInvalid, m.at(f), "this date cannot be open")
	case !open:
		return &d
	}
	return nil
}

package cnca

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// zone is that of every date of the register.
const zone = "+08:00"

// The tags of the languages of the register: 主 and 次.
const (
	mainLang   = "zh-CN"
	secondLang = "en"
)

// decoder fills a submission from a record.
type decoder struct {
	s      *attestation.Submission
	r      *record
	name   string // of the field that is read
	left   []bool // fields that the model does not take after all
	status status
	client, manufacturer, factory,
	holder attestation.Party
	eventOf []string // the field that each event came from
	lat, lon,
	schemeName, projectCode string
}

// leave says that the model has no room for the value of the current field.
func (d *decoder) leave() { d.left[d.r.form.index[d.name]] = true }

// fail adds a finding at the current field.
func (d *decoder) fail(code fault.Code, detail string) { d.r.fail(code, d.name, detail) }

// decode makes the submission of a record. It validates if there are no
// findings in r.
func decode(r *record) *attestation.Submission {
	d := &decoder{s: &attestation.Submission{ModelVersion: attestation.ModelVersion}, r: r, left: make([]bool, len(r.cells))}
	for i := range r.cells {
		f := &r.form.fields[i]
		if f.set == nil {
			continue
		}
		if v := strings.TrimSpace(r.cells[i].value); v != "" {
			d.name = f.name
			f.set(d, v)
		}
	}
	r.form.finish(d)
	if len(r.found) == 0 && len(d.s.Identifiers) > 0 {
		d.residual()
		d.validate()
	}
	return d.s
}

// validate holds the submission against the rules of the model, and says each
// finding of the field that it came from.
func (d *decoder) validate() {
	found, _ := d.s.Validate(time.Now())
	for _, f := range found {
		at, detail := d.origin(f.At), f.Detail
		if at == "" {
			detail = strings.TrimPrefix(f.At, "/") + ": " + detail
		}
		d.r.found = append(d.r.found, fault.At(f.Code, at, detail))
	}
}

// origin returns the place of the field that a member came from, "" if none
// did.
func (d *decoder) origin(pointer string) string {
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(steps) > 1 && steps[0] == "statusEvents" {
		if i, err := strconv.Atoi(steps[1]); err == nil && i < len(d.eventOf) {
			return d.r.at(d.eventOf[i])
		}
	}
	if len(steps) > 1 && steps[0] == "residual" {
		if i, err := strconv.Atoi(steps[1]); err == nil && i < len(d.s.Residual) {
			return d.s.Residual[i].Path
		}
	}
	var path strings.Builder
	for i, s := range steps {
		n, err := strconv.Atoi(s)
		switch {
		case err == nil && i == 1 && steps[0] == "parties" && n < len(d.s.Parties):
			path.WriteString("[" + d.s.Parties[n].Role + "]")
		case err == nil:
			path.WriteString("[" + s + "]")
		default:
			if i > 0 {
				path.WriteByte('.')
			}
			path.WriteString(s)
		}
	}
	best, size := "", 0
	for i := range d.r.form.fields {
		f := &d.r.form.fields[i]
		if c := strings.TrimSuffix(f.canonical, "[]"); f.canonical != "" && len(c) > size && strings.HasPrefix(path.String(), c) {
			best, size = f.name, len(c)
		}
	}
	if best == "" {
		return ""
	}
	return d.r.at(best)
}

// The kinds of residual.
const (
	kindLexical = "lexical" // how the fields were written, where otherwise than we would
	kindValue   = "value"   // the value of a field that the model does not have
	kindMember  = "member"  // a member that the form does not have
	kindEmpty   = "empty"   // such a member that is empty
	kindForm    = "form"
)

// residual keeps what writing the submission would not give again.
func (d *decoder) residual() {
	r, s := d.r, d.s
	e := &encoder{s: s}
	e.parties()
	var lexical []byte
	if r.form == row {
		s.Residual = append(s.Residual, attestation.Residual{Format: r.form.name, Path: "/", Kind: kindForm, Fragment: "row"})
	}
	for i := range r.cells {
		c, f := &r.cells[i], &r.form.fields[i]
		own := ""
		if f.get != nil {
			own = f.get(e)
		}
		if (f.set == nil || d.left[i]) && c.value != "" && own == "" {
			s.Residual = append(s.Residual, attestation.Residual{Format: r.form.name, Path: pathOf(f.name), Kind: kindValue, Fragment: c.value})
			if c.shape == text && c.alias == "" {
				continue
			}
		}
		if c.alias == "" && c.value == own && (c.shape == text && !f.optional(own) || c.shape == absent && f.optional(own)) {
			continue
		}
		lexical = appendLexical(lexical, f.name, own, c)
	}
	if len(lexical) > 0 {
		s.Residual = append(s.Residual, attestation.Residual{Format: r.form.name, Path: "/", Kind: kindLexical, Fragment: string(append(lexical, '}'))})
	}
	for i := range r.extras {
		x := &r.extras[i]
		format := r.form.name
		if !x.flat {
			format += "+" + r.syntax
		}
		kind, fragment := kindMember, x.fragment
		if fragment == "" {
			kind, fragment = kindEmpty, `""` // a fragment is never empty
		}
		s.Residual = append(s.Residual, attestation.Residual{Format: format, Path: pathOf(x.name), Kind: kind, Fragment: fragment})
	}
}

// appendLexical adds a member [own, shape, value, alias] to the fragment; value
// and alias are left out where they are not needed.
func appendLexical(b []byte, name, own string, c *cell) []byte {
	if len(b) == 0 {
		b = append(b, '{')
	} else {
		b = append(b, ',')
	}
	b = append(strictjson.AppendString(b, name), ':', '[')
	b = strictjson.AppendString(b, own)
	b = append(b, ',', '"', "atnd"[c.shape], '"', ',')
	b = strictjson.AppendString(b, c.value)
	if c.alias != "" {
		b = strictjson.AppendString(append(b, ','), c.alias)
	}
	return append(b, ']')
}

func pathOf(name string) string { return "/" + escape.Replace(name) }

// escape writes a name as a step of a JSON Pointer (RFC 6901, section 3); hyphens
// is what people write into an organisation code.
var (
	escape  = strings.NewReplacer("~", "~0", "/", "~1")
	hyphens = strings.NewReplacer("-", "", " ", "")
)

// date reads a date of the register into the model; open is one of the words for
// no date.
func (d *decoder) date(v string) *attestation.DateV {
	date, open, err := attestation.ReadDate(v, zone)
	if err != nil {
		d.fail(fault.DocDateInvalid, "want a calendar date as YYYY-MM-DD or YYYYMMDD")
		return nil
	}
	if open {
		return nil
	}
	return &date
}

// country reads alpha-2, alpha-3 or numeric codes.
func (d *decoder) country(v string, p *attestation.Party) {
	e, err := attestation.ParseEconomy(v)
	if err != nil {
		d.fail(fault.SchemaFormat, "want an economy by its ISO 3166-1 code: CN, CHN or 156")
		return
	}
	p.Country = e
}

// organisation reads a unified social credit code, or the code that was before
// it. Parties elsewhere have other numbers.
func organisation(p *attestation.Party, v string) {
	v = hyphens.Replace(v)
	scheme := "cn.uscc"
	switch {
	case p.Country != "" && p.Country != "CN":
		scheme = foreignOrg
	case len(v) == 9:
		scheme = "cn.gb11714"
	}
	p.Identifiers = append(p.Identifiers, attestation.Identifier{Scheme: scheme, Value: v})
}

// foreignOrg is the scheme of what stands as the organisation code of a party
// outside China.
const foreignOrg = "cn.cnca.org"

// fits reports whether a value is one line that an attribute can hold.
func fits(v string) bool {
	return utf8.RuneCountInString(v) <= attestation.MaxLine && !strings.ContainsAny(v, "\r\n\t")
}

// models reads the models of a family; what is in full-width brackets is a note.
func (d *decoder) models(v string) {
	o := d.object()
	o.ModelsComplete = attestation.True
	items := split(v)
	o.Models = make([]attestation.Model, 0, len(items))
	for _, m := range items {
		if strings.Contains(m, "见附页") || strings.Contains(m, "见附件") {
			o.ModelsComplete = attestation.False
			continue
		}
		model := attestation.Model{Model: m}
		if name, note, ok := strings.Cut(m, "（"); ok && strings.HasSuffix(note, "）") && strings.TrimSpace(name) != "" {
			if note = strings.TrimSpace(strings.TrimSuffix(note, "）")); note != "" {
				model = attestation.Model{Model: strings.TrimSpace(name), Note: said(mainLang, note)}
			}
		}
		o.Models = append(o.Models, model)
	}
	if len(o.Models) == 0 {
		o.Models = nil
	}
}

// split takes a list apart that is written in one field. Separators in brackets
// do not count.
func split(v string) []string {
	items := make([]string, 0, 8)
	depth, from := 0, 0
	cut := func(to int) {
		if item := strings.TrimSpace(v[from:to]); item != "" {
			items = append(items, item)
		}
	}
	for i, c := range v {
		switch c {
		case '(', '（':
			depth++
		case ')', '）':
			depth--
		case '、', ';', '；', ',', '，', '\n':
			if depth <= 0 {
				cut(i)
				from = i + utf8.RuneLen(c)
			}
		}
	}
	cut(len(v))
	return items
}

// requirements reads what a certificate is based on: standards by number and
// edition, an implementation rule of the CNCA, and whatever else by its name.
func (d *decoder) requirements(v string) {
	for _, item := range split(v) {
		if isRule(item) && d.scheme().Rule == nil {
			d.scheme().Rule = &attestation.Rule{ID: item}
			continue
		}
		std, ok := attestation.ParseStandard(item)
		if !ok || std.Extra != "" {
			d.s.Requirements = append(d.s.Requirements, attestation.Requirement{Type: "criterion", ID: item})
			continue
		}
		for _, one := range append([]attestation.Standard{std}, std.Same...) {
			d.s.Requirements = append(d.s.Requirements, attestation.Requirement{Type: "standard", ID: one.ID(), Edition: one.Edition()})
		}
	}
}

func isRule(s string) bool {
	return strings.HasPrefix(s, "CNCA-") && strings.Contains(s, ":") && len(s) <= 32
}

// hs reads commodity codes, of the edition of the nomenclature at issue.
func (d *decoder) hs(v string) {
	for _, code := range split(v) {
		d.object().Classifications = append(d.object().Classifications, attestation.Code{System: nomenclature(d.s.Dates.Issued.Value), Code: strings.ReplaceAll(code, ".", "")})
	}
}

// nomenclature is the edition of the Harmonized System in force on a day.
func nomenclature(day string) string {
	for _, year := range []string{"2022", "2017", "2012", "2007"} {
		if day >= year {
			return "wco.hs/" + year
		}
	}
	return "wco.hs/2002"
}

func (d *decoder) object() *attestation.Object {
	if len(d.s.Objects) == 0 {
		d.s.Objects = []attestation.Object{{Type: "product"}}
	}
	return &d.s.Objects[0]
}

func (d *decoder) scheme() *attestation.Scheme {
	if d.s.Scheme == nil {
		d.s.Scheme = &attestation.Scheme{}
	}
	return d.s.Scheme
}

func said(lang, v string) attestation.LText { return attestation.LText{{Lang: lang, Value: v}} }

// assumed notes what the source left open.
func (d *decoder) assumed(severity dialect.Severity, name string) {
	d.r.losses.Add(severity, dialect.Assumed, d.r.at(name))
}

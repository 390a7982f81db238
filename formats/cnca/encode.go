package cnca

import (
	"slices"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// encoder writes the fields of a record from a submission.
type encoder struct {
	s           *attestation.Submission
	client      *attestation.Party
	maker       *attestation.Party
	factory     *attestation.Party
	holder      *attestation.Party
	status      attestation.Status
	statusKnown bool
}

// parties finds the parties of the roles that the register knows; a party that
// stands for another is that one.
func (e *encoder) parties() {
	e.client, e.maker = e.party("client"), e.party("manufacturer")
	e.factory, e.holder = e.party("factory"), e.party("holder")
}

func (e *encoder) party(role string) *attestation.Party {
	for i := range e.s.Parties {
		p := &e.s.Parties[i]
		if p.Role != role {
			continue
		}
		if p.Ref == "" {
			return p
		}
		if e.s.Issuer.Role == p.Ref {
			return &e.s.Issuer
		}
		for j := range e.s.Parties {
			if e.s.Parties[j].Role == p.Ref && e.s.Parties[j].Ref == "" {
				return &e.s.Parties[j]
			}
		}
	}
	return nil
}

// encode writes a submission in a form and a syntax.
func encode(s *attestation.Submission, f *form, syntax string) ([]byte, []dialect.Loss, error) {
	if s.Kind != attestation.Certification && s.Kind != attestation.Declaration || len(s.Identifiers) == 0 {
		return nil, nil, fault.New(fault.HTTPNotAcceptable, "the register has certificates alone")
	}
	if f == report && s.Identifiers[0].Scheme != cccNumber {
		return nil, nil, fault.New(fault.HTTPNotAcceptable, "the certificate report is of compulsory certificates; ask for cnca-lookup")
	}
	losses := dialect.Losses{Source: "native+json", Target: f.name + "+" + syntax}
	r := newRecord(f, syntax)
	e := &encoder{s: s}
	e.parties()
	for i := range f.fields {
		own := ""
		if f.fields[i].get != nil {
			own = f.fields[i].get(e)
		}
		if !f.fields[i].optional(own) {
			r.cells[i] = cell{shape: text, value: own}
		}
	}
	r.restore(s, &losses)
	if err := tell(s, r, &losses); err != nil {
		return nil, nil, err
	}
	if syntax == "json" {
		out, _ := writeJSON(r)
		return out, losses.List, nil
	}
	out, narrowed := writeXML(r)
	for _, i := range narrowed {
		losses.Add(dialect.Info, dialect.Narrowed, "/residual"+pathOf(f.fields[i].name))
	}
	return out, losses.List, nil
}

// tell reports what the record says otherwise than the submission: everything
// that reading it would not give again.
func tell(s *attestation.Submission, r *record, losses *dialect.Losses) error {
	again := newRecord(r.form, r.syntax)
	copy(again.cells, r.cells)
	return carry.Difference(losses, s, decode(again))
}

// restore puts the residual of this form back; another piece is a loss.
func (r *record) restore(s *attestation.Submission, losses *dialect.Losses) {
	for i := range s.Residual {
		p := &s.Residual[i]
		at := "/residual/" + strconv.Itoa(i)
		own := p.Format == r.form.name || p.Format == r.form.name+"+"+r.syntax
		switch {
		case !own && strings.HasPrefix(p.Format, report.name):
			losses.Add(dialect.Error, dialect.Residual, at) // of the other form or syntax
		case !own:
			losses.Add(dialect.Warning, dialect.Residual, at)
		case p.Kind == kindForm:
		case p.Kind == kindLexical:
			if !r.rewrite(p.Fragment) {
				losses.Add(dialect.Warning, dialect.Residual, at)
			}
		case !r.member(p):
			losses.Add(dialect.Error, dialect.Residual, at)
		}
	}
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// member puts the value of a field, or a further member, in its place; it is
// false where the place is taken or the piece is not one of ours.
func (r *record) member(p *attestation.Residual) bool {
	name := unescape.Replace(strings.TrimPrefix(p.Path, "/"))
	i, known := r.form.index[name]
	switch {
	case p.Kind == kindValue && known:
		if r.cells[i].value != "" {
			return false
		}
		r.cells[i] = cell{shape: text, value: p.Fragment}
		return true
	case p.Kind != kindMember && p.Kind != kindEmpty || known || name == "":
		return false
	}
	if slices.ContainsFunc(r.extras, func(x extra) bool { return x.name == name }) {
		return false
	}
	if p.Kind == kindEmpty {
		r.extras = append(r.extras, extra{name, true, ""})
		return true
	}
	flat := p.Format == r.form.name
	if !flat && !wellFormed(p.Fragment, r.syntax) {
		return false
	}
	r.extras = append(r.extras, extra{name, flat, p.Fragment})
	return true
}

// wellFormed guards against a fragment that is more than one piece.
func wellFormed(fragment, syntax string) bool {
	if syntax == "json" {
		_, err := jsondoc.Parse([]byte(fragment))
		return err == nil
	}
	_, err := readXML([]byte("<"+report.root+` xmlns="`+Namespace+`">`+fragment+"</"+report.root+">"), []*form{report})
	return err == nil
}

// rewrite writes fields as the source had them; a field whose value has changed
// since is left, and the answer is false.
func (r *record) rewrite(fragment string) bool {
	all, err := jsondoc.Parse([]byte(fragment))
	if err != nil || all.Kind != strictjson.Object {
		return false
	}
	whole := true
	for i := range all.Members {
		m := &all.Members[i]
		at, known := r.form.index[m.Name]
		parts := m.Value.Elements
		if !known || len(parts) < 3 || len(parts[1].Text) != 1 {
			whole = false
			continue
		}
		c := &r.cells[at]
		kind := shape(max(strings.Index("atnd", parts[1].Text), 0)) //nolint:gosec // 0 to 3
		if c.value != parts[0].Text && c.value != parts[2].Text || kind == number && !isNumber(parts[2].Text) {
			whole = false
			continue
		}
		*c = cell{shape: kind, value: parts[2].Text}
		if len(parts) > 3 {
			if j, ok := r.form.index[parts[3].Text]; ok && j == at {
				c.alias = parts[3].Text
			}
		}
	}
	return whole
}

func isNumber(s string) bool {
	v, err := jsondoc.Parse([]byte(s))
	return err == nil && v.Kind == strictjson.Number
}

// main and second choose the texts of the two languages of the register.
func first(t attestation.LText) string {
	for i := range t {
		if strings.HasPrefix(t[i].Lang, "zh") {
			return t[i].Value
		}
	}
	if len(t) == 0 {
		return ""
	}
	return t[0].Value
}

func second(t attestation.LText) string {
	for i := range t {
		if strings.HasPrefix(t[i].Lang, "en") && t[i].Value != first(t) {
			return t[i].Value
		}
	}
	return ""
}

// dateText writes a date: as it was written where that is one of the register's
// ways.
func dateText(d *attestation.DateV) string {
	switch {
	case d == nil:
		return ""
	case len(d.Lexical) == 8:
		return d.Lexical
	default:
		return d.Value
	}
}

func join(items []string, sep string) string { return strings.Join(items, sep) }

func (e *encoder) object() *attestation.Object {
	if len(e.s.Objects) == 0 {
		return &attestation.Object{}
	}
	return &e.s.Objects[0]
}

func (e *encoder) models() string {
	o := e.object()
	items := make([]string, 0, len(o.Models)+1)
	for i := range o.Models {
		m := o.Models[i].Model
		if n := first(o.Models[i].Note); n != "" {
			m += "（" + n + "）"
		}
		items = append(items, m)
	}
	if o.ModelsComplete == attestation.False {
		items = append(items, "见附页")
	}
	return join(items, "、")
}

func (e *encoder) requirements() string {
	var items []string
	if sc := e.s.Scheme; sc != nil && sc.Rule != nil {
		items = append(items, sc.Rule.ID)
	}
	for i := range e.s.Requirements {
		q := &e.s.Requirements[i]
		id := q.ID
		if q.Edition != "" {
			sep := "-"
			for _, colon := range []string{"ISO", "IEC", "EN ", "CISPR", "ITU"} {
				if strings.Contains(id, colon) {
					sep = ":"
				}
			}
			id += sep + q.Edition
		}
		items = append(items, id)
	}
	return join(items, "；")
}

func (e *encoder) hs() string {
	var items []string
	for _, c := range e.object().Classifications {
		if strings.HasPrefix(c.System, "wco.hs") {
			items = append(items, c.Code)
		}
	}
	return join(items, "、")
}

func identifier(p *attestation.Party, schemes ...string) string {
	if p == nil {
		return ""
	}
	for _, scheme := range schemes {
		for i := range p.Identifiers {
			if p.Identifiers[i].Scheme == scheme {
				return p.Identifiers[i].Value
			}
		}
	}
	return ""
}

func attribute(p *attestation.Party, name string) string {
	for i := range p.Attributes {
		if p.Attributes[i].Name == name {
			return p.Attributes[i].Value
		}
	}
	return ""
}

package untp

import (
	"strconv"

	"accord/attestation"
	"accord/formats/dialect"
)

// extensionKey is the member of the subject in which a credential of ours says
// what UNTP has no member for. It is an absolute IRI with a JSON literal
// (JSON-LD 1.1, section 4.2.2), so that it needs no context of its own and does
// not vanish when the credential is expanded.
const extensionKey = "urn:accord:untp:attestation:1"

// The members of the extension.
const (
	extLang        = "lang" // language of every text that says nothing else
	extRegime      = "regime"
	extIssueNumber = "issueNumber"
	extMode        = "mode"
	extDates       = "dates"
	extParties     = "parties"
	extIssuer      = "issuer" // of the document that was converted
)

// extension writes the extension if there is anything for it.
func (e *encoder) extension(client int) {
	s := e.s
	before := len(e.b)
	e.raw(`,"` + extensionKey + `":{"@type":"@json","@value":{`)
	empty := len(e.b)
	if e.lang != "und" {
		e.str(`"lang":`, e.lang)
	}
	if s.Regime != attestation.UnspecifiedRegime {
		e.str(`"regime":`, string(s.Regime))
		e.lose(dialect.Warning, dialect.Moved, "regime")
	}
	if s.IssueNumber != "" {
		e.str(`"issueNumber":`, s.IssueNumber)
		e.lose(dialect.Warning, dialect.Moved, "issueNumber")
	}
	if s.Scheme != nil && len(s.Scheme.Mode) > 0 {
		e.str(`"mode":`, e.pick("scheme/mode", s.Scheme.Mode))
		e.lose(dialect.Warning, dialect.Moved, "scheme/mode")
	}
	e.furtherDates()
	e.furtherParties(client)
	if e.o.By.ID != "" {
		e.key(`"issuer":{`)
		e.in("issuer")
		e.partyMembers(&s.Issuer, "#issuer")
		e.raw("}")
		e.out()
	}
	if len(e.b) == empty {
		e.b = e.b[:before]
		return
	}
	e.raw("}}")
}

// dateField is a date of the document that stands in the extension.
type dateField struct {
	name string
	get  func(*attestation.Dates) **attestation.DateV
}

var dateFields = []dateField{
	{"firstIssued", func(d *attestation.Dates) **attestation.DateV { return &d.FirstIssued }},
	{"decided", func(d *attestation.Dates) **attestation.DateV { return &d.Decided }},
	{"changed", func(d *attestation.Dates) **attestation.DateV { return &d.Changed }},
	{"reported", func(d *attestation.Dates) **attestation.DateV { return &d.Reported }},
	{"received", func(d *attestation.Dates) **attestation.DateV { return &d.Received }},
	{"performedFrom", func(d *attestation.Dates) **attestation.DateV { return &d.PerformedFrom }},
	{"performedTo", func(d *attestation.Dates) **attestation.DateV { return &d.PerformedTo }},
}

// furtherDates writes the dates that the credential has no member for; the date
// of issue too where the validity begins at another one.
func (e *encoder) furtherDates() {
	d := &e.s.Dates
	open := false
	write := func(name string, v *attestation.DateV) {
		if !open {
			e.key(`"dates":{`)
			open = true
		}
		e.key(`"`)
		e.raw(name)
		e.raw(`":{`)
		e.str(`"value":`, v.Value)
		e.optStr(`"zone":`, v.Zone)
		if v.Inclusive != attestation.Unset {
			e.str(`"inclusive":`, map[attestation.Flag]string{attestation.True: "true", attestation.False: "false"}[v.Inclusive])
		}
		e.optStr(`"lexical":`, v.Lexical)
		e.raw("}")
		e.lose(dialect.Warning, dialect.Moved, "dates/"+name)
	}
	for _, f := range dateFields {
		if v := *f.get(d); v != nil {
			write(f.name, v)
		}
	}
	if d.ValidFrom != nil {
		write("issued", &d.Issued)
	}
	if open {
		e.raw("}")
	}
}

// furtherParties writes the parties beside the one it was issued to.
func (e *encoder) furtherParties(client int) {
	s := e.s
	if len(s.Parties) == 1 {
		return
	}
	if client != 0 {
		e.lose(dialect.Info, dialect.Moved, "parties")
	}
	e.key(`"parties":[`)
	e.in("parties")
	for i := range s.Parties {
		if i == client {
			continue
		}
		p := &s.Parties[i]
		e.item(i)
		e.comma()
		e.raw("{")
		e.partyMembers(p, e.partyFragment(i))
		e.raw("}")
		e.lose(dialect.Warning, dialect.Moved, "")
		e.out()
	}
	e.out()
	e.raw("]")
}

// partyFragment tells a party that has no identifier.
func (e *encoder) partyFragment(i int) string { return "#p" + strconv.Itoa(i+1) }

// partyURI is the URI by which the extension tells a party.
func (e *encoder) partyURI(i int) string {
	if p := &e.s.Parties[i]; len(p.Identifiers) > 0 {
		return uriOf(&p.Identifiers[0])
	}
	return e.subject + e.partyFragment(i)
}

func (e *encoder) partyMembers(p *attestation.Party, fragment string) {
	e.str(`"role":`, p.Role)
	if p.Ref != "" {
		e.str(`"ref":`, p.Ref)
		return
	}
	e.key(`"id":`)
	e.partyID(p, 0, fragment)
	e.str(`"name":`, e.pick("name", p.Name))
	e.unsaidOf(p, 1)
}

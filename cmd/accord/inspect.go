package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"accord/attestation"
	"accord/formats"
	"accord/formats/native"
)

// inspectCmd shows a document to a human.
type inspectCmd struct {
	Lang string  `help:"Language of labels (en, zh, ru) and of texts, where the document has it." default:"en"`
	From dialect `help:"Dialect of the file, where it cannot tell." placeholder:"DIALECT"`
	File string  `arg:"" help:"A document or its JWS; - for standard input."`
}

// Help shows an example.
func (inspectCmd) Help() string {
	return help{
		about:    "Nothing is verified. Any dialect is shown alike: what no field takes is counted at the end, what was read otherwise than it is written is listed. As JSON it is the document itself in our form, native+json.",
		json:     "{modelVersion, …}",
		examples: []string{"accord inspect --lang zh certificate.jws", "accord inspect --lang ru --from untp credential.json"},
	}.String()
}

// Run prints what the document says.
func (c *inspectCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	if err := noReceipt(raw); err != nil {
		return err
	}
	payload, err := unwrapped(raw, string(c.From))
	if err != nil {
		return err
	}
	format, read, err := readAny(payload, string(c.From))
	if err != nil {
		return err
	}
	sub := read.Submission
	if e.format == "json" {
		return e.printJSON(json.RawMessage(native.AppendJSON(nil, sub)))
	}
	p := newSheet(e, c.Lang)
	p.head(sub, format, sub.Status(e.now()))
	p.who(sub)
	p.what(sub)
	p.findings(sub)
	p.when(sub)
	p.rest(sub, read)
	if media := mediaOf(raw); (media == mediaJOSE || media == mediaJOSEJSON || media == mediaVCJWT) && len(payload) != len(raw) {
		p.line("Signature", p.word("present; check it with `accord verify`"))
	}
	return nil
}

// sheet prints lines of a label and a value in one language.
type sheet struct {
	env    *env
	lang   string // of texts
	labels map[string]string
	width  int // of the label column
}

func newSheet(e *env, lang string) *sheet {
	p := &sheet{env: e, lang: lang, labels: labels(lang), width: 14}
	for _, l := range sheetLabels {
		p.width = max(p.width, columns(p.word(l)))
	}
	return p
}

// word translates a label or a word of the model; one without a translation is
// shown as it is.
func (p *sheet) word(s string) string {
	if t, ok := p.labels[s]; ok {
		return t
	}
	return s
}

func (p *sheet) line(label, value string) {
	if value = strings.TrimSpace(value); value == "" {
		return
	}
	label = p.word(label)
	p.env.printf("%s%s %s\n", label, strings.Repeat(" ", max(p.width-columns(label), 0)), printable(value))
}

// printable shows a text on one line: what a document says must not write on
// the terminal as it likes.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '\ufffd'
		}
		return r
	}, s)
}

// columns is how wide a text is in a terminal: letters of East Asia take two.
func columns(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60) {
			n++
		}
	}
	return n
}

// text picks the text in the language, in a variety of it, or the first.
func (p *sheet) text(t attestation.LText) string {
	base, _, _ := strings.Cut(p.lang, "-")
	best := ""
	for i, v := range t {
		is, _, _ := strings.Cut(v.Lang, "-")
		switch {
		case v.Lang == p.lang:
			return v.Value
		case is == base && (best == "" || i == 0), i == 0:
			best = v.Value
		}
	}
	for _, v := range t {
		if is, _, _ := strings.Cut(v.Lang, "-"); is == base {
			return v.Value
		}
	}
	return best
}

func (p *sheet) head(sub *attestation.Submission, format string, facts attestation.StatusFacts) {
	p.line("Document", p.text(sub.Title))
	p.line("Format", format)
	for _, id := range sub.Identifiers {
		p.line("Number", id.Value+"  ("+id.Scheme+")")
	}
	p.line("Issue", sub.IssueNumber)
	p.line("Kind", p.word(string(sub.Kind))+", "+p.word(string(sub.Party)+" party")+", "+p.word(string(sub.Regime)))
	p.line("Status", p.word(string(facts.Effective))+" ("+p.word("as the document tells it, today")+")")
	p.line("Description", p.text(sub.Description))
	if s := sub.Scheme; s != nil {
		p.line("Scheme", strings.TrimSpace(s.ID+"  "+p.text(s.Name)))
	}
}

func (p *sheet) who(sub *attestation.Submission) {
	p.line("Issuer", p.party(&sub.Issuer))
	for i := range sub.Accreditation {
		p.line("Accreditation", p.party(&sub.Accreditation[i].Body)+"  "+sub.Accreditation[i].Number)
	}
	for i := range sub.Authorisation {
		p.line("Authorisation", p.party(&sub.Authorisation[i].Authority)+"  "+sub.Authorisation[i].Number)
	}
	for i := range sub.Parties {
		x := &sub.Parties[i]
		if x.Ref == "" {
			p.line(x.Role, p.party(x))
		} else {
			p.line(x.Role, p.word("as")+" "+p.word(x.Ref))
		}
	}
	for i := range sub.Sites {
		p.line("Site", strings.TrimSpace(p.text(sub.Sites[i].Name)+"  "+p.text(sub.Sites[i].Address)))
	}
}

func (p *sheet) party(x *attestation.Party) string {
	out := p.text(x.Name)
	if x.Country != "" {
		out += ", " + string(x.Country)
	}
	for _, id := range x.Identifiers {
		out += "  " + id.Scheme + " " + id.Value
	}
	return out
}

func (p *sheet) what(sub *attestation.Submission) {
	for i := range sub.Objects {
		o := &sub.Objects[i]
		p.line("Object", p.text(o.Name)+"  ("+p.word(o.Type)+")")
		for _, k := range o.Classifications {
			p.line("  code", k.Code+"  ("+k.System+")")
		}
		for _, m := range o.Models {
			p.line("  model", strings.TrimSpace(m.Model+"  "+p.text(m.Note)))
		}
		for _, id := range o.Identifiers {
			p.line("  identifier", id.Value+"  ("+id.Scheme+")")
		}
		for _, s := range o.Serials {
			p.line("  serial", s)
		}
	}
	p.line("Scope", p.text(sub.Scope))
	for _, r := range sub.Requirements {
		p.line("Requirement", strings.TrimSuffix(r.ID+"-"+r.Edition, "-"))
	}
	if r := sub.Route; r != nil {
		p.line("Route", string(r.ExportCountry)+" → "+string(r.ImportCountry))
	}
}

func (p *sheet) findings(sub *attestation.Submission) {
	for i := range sub.Assessments {
		a := &sub.Assessments[i]
		p.line("Assessment", p.word(a.Activity)+": "+p.word(a.Outcome)+"  "+p.text(a.Name))
		for j := range a.Results {
			p.line("  result", p.result(&a.Results[j]))
		}
	}
	for i := range sub.Results {
		p.line("Result", p.result(&sub.Results[i]))
	}
	for _, c := range sub.Conditions {
		p.line("Condition", p.text(c))
	}
	for _, m := range sub.Marking {
		p.line("Marking", m)
	}
}

func (p *sheet) result(r *attestation.Result) string {
	switch {
	case len(r.Text) > 0:
		return r.Name + ": " + p.text(r.Text)
	case r.Score != "":
		return r.Name + ": " + r.Score
	}
	out := r.Name + ": " + string(r.Value) + " " + r.Unit.Code
	if r.ExpandedUncertainty != "" {
		out += " ± " + string(r.ExpandedUncertainty)
	}
	return out
}

func (p *sheet) when(sub *attestation.Submission) {
	p.line("Issued", sub.Dates.Issued.Value)
	if sub.Dates.ValidFrom != nil {
		p.line("Valid from", sub.Dates.ValidFrom.Value)
	}
	if sub.Dates.Expires != nil {
		p.line("Expires", sub.Dates.Expires.Value)
	}
	for _, ev := range sub.StatusEvents {
		p.line("Event", fmt.Sprintf("%d %s %s %s", ev.Seq, ev.Effective.Value, p.word(string(ev.Event)), p.text(ev.Reason)))
	}
}

func (p *sheet) rest(sub *attestation.Submission, read formats.Reading) {
	for i := range sub.Evidence {
		v := &sub.Evidence[i]
		p.line("Evidence", p.word(v.Purpose)+"  "+p.text(v.Name)+"  "+v.URL)
	}
	for _, b := range read.Blobs {
		p.line("Binary", fmt.Sprintf("%s  %s  %d", b.Digest, b.MediaType, b.Size()))
	}
	if n := len(sub.Residual); n > 0 {
		p.line("Residual", fmt.Sprintf("%d %s", n, p.word("pieces that no field takes, kept as they are")))
	}
	for _, l := range read.Losses {
		p.line("Loss", p.word(string(l.Severity))+" "+l.Code+" "+l.Path)
	}
	p.line("Content", string(sub.Digest()))
}

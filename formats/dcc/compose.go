package dcc

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/xmldoc"
)

// writtenVersion is the version in which certificates of other origin are written.
const writtenVersion = "3.1.2"

// writer writes a certificate. Elements stand in the order of the schema.
type writer struct {
	out       []byte
	s         *attestation.Submission
	mandatory string // the language that every tagged text has
	used      []string
	open      []string
	nested    bool // the element that is open has elements
}

// compose writes a calibration certificate that came in another dialect. Where
// the schema demands what the document does not say, it says that.
func compose(s *attestation.Submission) []byte {
	w := &writer{s: s}
	w.chooseLanguages()
	w.out = append(w.out, `<?xml version="1.0" encoding="UTF-8"?>`...)
	w.start("dcc:"+rootName, "xmlns:dcc", nsDCC, "xmlns:si", nsSI, "schemaVersion", writtenVersion)
	w.in("administrativeData", func() {
		w.software()
		w.core()
		w.items()
		w.in("calibrationLaboratory", func() {
			for _, id := range s.Issuer.Identifiers {
				if id.Scheme == schemePrefix+"calibrationLaboratoryCode" {
					w.leaf("calibrationLaboratoryCode", id.Value)
					break
				}
			}
			w.contact("contact", &s.Issuer, true)
		})
		w.in("respPersons", func() {
			w.in("respPerson", func() { w.in("person", func() { w.text("name", s.Issuer.Name) }) })
		})
		w.contact("customer", w.partyIn("client", "customer", "holder"), true)
		w.statements()
	})
	w.results()
	w.end()
	return append(w.out, '\n')
}

// chooseLanguages finds the languages of the texts and one that is mandatory: of
// the document's own, the one that its issuer's name has.
func (w *writer) chooseLanguages() {
	add := func(tag string) {
		if code := twoLetters(tag); code != "" && !slices.Contains(w.used, code) {
			w.used = append(w.used, code)
		}
	}
	if w.s.Languages != nil {
		for _, tag := range slices.Concat(w.s.Languages.Mandatory, w.s.Languages.Used) {
			add(tag)
		}
	}
	texts := []attestation.LText{w.s.Issuer.Name}
	for i := range w.s.Objects {
		texts = append(texts, w.s.Objects[i].Name)
	}
	for _, text := range texts {
		for _, t := range text {
			add(t.Lang)
		}
	}
	if len(w.used) == 0 {
		w.used = []string{"en"}
	}
	w.mandatory = w.used[0]
}

// twoLetters returns the language of a tag if ISO 639-1 has it.
func twoLetters(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	if len(language) != 2 {
		return ""
	}
	return language
}

func (w *writer) software() {
	w.in("dccSoftware", func() {
		w.in("software", func() {
			w.in("name", func() { w.leaf("content", "Accord") })
			w.leaf("release", attestation.ModelVersion)
		})
	})
}

func (w *writer) core() {
	s := w.s
	w.in("coreData", func() {
		country := string(s.Issuer.Country)
		if country == "" {
			country = "ZZ" // ISO 3166-1: for users; nobody says where
		}
		w.leaf("countryCodeISO3166_1", country)
		for _, code := range w.used {
			w.leaf("usedLangCodeISO639_1", code)
		}
		w.leaf("mandatoryLangCodeISO639_1", w.mandatory)
		number, rest := s.Identifiers[0].Value, s.Identifiers[1:]
		if len(rest) > 0 && rest[0].Scheme == s.Identifiers[0].Scheme+".asWritten" {
			number, rest = rest[0].Value, rest[1:]
		}
		w.leaf("uniqueIdentifier", number)
		w.identifications(rest)
		if s.Dates.Received != nil {
			w.leaf("receiptDate", day(s.Dates.Received))
		}
		begin, end := performed(&s.Dates)
		w.leaf("beginPerformanceDate", begin)
		w.leaf("endPerformanceDate", end)
		w.leaf("performanceLocation", w.place())
	})
}

// performed returns the first and the last day. As days alone they must still be
// in order.
func performed(d *attestation.Dates) (begin, end string) {
	last := &d.Issued
	if d.PerformedTo != nil {
		last = d.PerformedTo
	}
	end = day(last)
	begin = end
	if d.PerformedFrom != nil {
		begin = day(d.PerformedFrom)
	}
	if start(begin).After(start(end)) {
		begin, end = begin[:10], end[:10]
		return min(begin, end), end
	}
	return begin, end
}

// start is when an xs:date begins.
func start(date string) time.Time {
	return attestation.DateV{Value: date[:10], Zone: date[10:]}.Instant()
}

// place is one of the words that the schema has for where it was done.
func (w *writer) place() string {
	if len(w.s.Sites) == 1 && len(w.s.Sites[0].Name) == 1 {
		name := w.s.Sites[0].Name[0].Value
		if slices.Contains([]string{"laboratory", "customer", "laboratoryBranch", "customerBranch"}, name) {
			return name
		}
	}
	return "other"
}

// day is the date as xs:date, which may have a zone; what an instant says more is
// lost.
func day(d *attestation.DateV) string {
	if d.DateOnly() {
		return d.Value + d.Zone
	}
	return d.Value[:min(10, len(d.Value))]
}

// identifications writes identifiers; of a scheme of ours the issuer is known.
func (w *writer) identifications(ids []attestation.Identifier) {
	if len(ids) == 0 {
		return
	}
	w.in("identifications", func() {
		for _, id := range ids {
			issuer, ok := strings.CutPrefix(id.Scheme, schemePrefix)
			if !ok || !slices.Contains([]string{"manufacturer", "calibrationLaboratory", "customer", "owner", "other"}, issuer) {
				issuer = "other"
			}
			w.in("identification", func() {
				w.leaf("issuer", issuer)
				w.leaf("value", id.Value)
			})
		}
	})
}

func (w *writer) items() {
	w.in("items", func() {
		for i := range w.s.Objects {
			o := &w.s.Objects[i]
			w.in("item", func() {
				w.text("name", o.Name)
				if len(o.Classifications) == 1 {
					w.in("equipmentClass", func() {
						w.leaf("reference", o.Classifications[0].System)
						w.leaf("classID", o.Classifications[0].Code)
					})
				}
				w.text("description", o.Description)
				w.manufacturer(i)
				if len(o.Models) > 0 {
					w.leaf("model", o.Models[0].Model)
				}
				ids := slices.Clone(o.Identifiers)
				for _, serial := range o.Serials {
					ids = append(ids, attestation.Identifier{Scheme: schemePrefix + "manufacturer", Value: serial})
				}
				if len(ids) == 0 { // the schema demands one
					ids = []attestation.Identifier{{Value: strconv.Itoa(i + 1)}}
				}
				w.identifications(ids)
			})
		}
	})
}

// manufacturer writes that of the item, as far as the parties say: one for each
// item, or one for all.
func (w *writer) manufacturer(i int) {
	var all []*attestation.Party
	for j := range w.s.Parties {
		if p := &w.s.Parties[j]; p.Role == "manufacturer" {
			all = append(all, w.resolve(p))
		}
	}
	switch {
	case len(all) == len(w.s.Objects):
		w.contact("manufacturer", all[i], false)
	case len(all) == 1 && i == 0:
		w.contact("manufacturer", all[0], false)
	default:
		w.in("manufacturer", func() { w.in("name", func() { w.leaf("content", "") }) })
	}
}

// partyIn returns the first party that has one of the roles, in their order,
// else the first party.
func (w *writer) partyIn(roles ...string) *attestation.Party {
	for _, role := range roles {
		for i := range w.s.Parties {
			if w.s.Parties[i].Role == role {
				return w.resolve(&w.s.Parties[i])
			}
		}
	}
	return w.resolve(&w.s.Parties[0])
}

// resolve returns the party that a reference stands for.
func (w *writer) resolve(p *attestation.Party) *attestation.Party {
	if p.Ref == "" {
		return p
	}
	for i := range w.s.Parties {
		if o := &w.s.Parties[i]; o.Role == p.Ref && o.Ref == "" {
			return o
		}
	}
	return &w.s.Issuer
}

// contact writes a party; strict is the type that must have address and e-mail.
func (w *writer) contact(name string, p *attestation.Party, strict bool) {
	w.in(name, func() {
		w.text("name", p.Name)
		var c attestation.Contact
		if len(p.Contacts) > 0 {
			c = p.Contacts[0]
		}
		if strict || c.Email != "" {
			w.leaf("eMail", c.Email)
		}
		if c.Phone != "" {
			w.leaf("phone", c.Phone)
		}
		if !strict && p.Country == "" && p.Postcode == "" && len(p.Address) == 0 {
			return
		}
		w.in("location", func() {
			if p.Country != "" {
				w.leaf("countryCode", string(p.Country))
			}
			if p.Postcode != "" {
				w.leaf("postCode", p.Postcode)
			}
			switch {
			case len(p.Address) == 1 && p.Address[0].Lang == "und":
				w.leaf("street", p.Address[0].Value)
			case len(p.Address) > 0 || p.Country == "" && p.Postcode == "":
				w.rich("further", p.Address)
			}
		})
	})
}

func (w *writer) statements() {
	if len(w.s.Conditions) == 0 && w.outcome() == "" {
		return
	}
	w.in("statements", func() {
		for _, text := range w.s.Conditions {
			w.in("statement", func() { w.rich("declaration", text) })
		}
		if outcome := w.outcome(); outcome != "" {
			w.in("statement", func() { w.leaf("conformity", outcome) })
		}
	})
}

// outcome is that of the certificate if it has one.
func (w *writer) outcome() string {
	if len(w.s.Assessments) != 1 || w.s.Assessments[0].Outcome == notStated {
		return ""
	}
	return w.s.Assessments[0].Outcome
}

func (w *writer) results() {
	assessments := w.s.Assessments
	if len(assessments) == 0 {
		assessments = []attestation.Assessment{{Results: w.s.Results}}
	}
	w.in("measurementResults", func() {
		for i := range assessments {
			a := &assessments[i]
			w.in("measurementResult", func() {
				w.text("name", orWord(a.Name, "Calibration"))
				w.methods(a)
				w.in("results", func() {
					w.in("result", func() {
						w.text("name", attestation.LText{{Lang: "und", Value: "Results"}})
						w.in("data", func() { w.data(a) })
					})
				})
			})
		}
	})
}

func orWord(text attestation.LText, word string) attestation.LText {
	if len(text) > 0 {
		return text
	}
	return attestation.LText{{Lang: "und", Value: word}}
}

// methods writes the requirements as norms of one method.
func (w *writer) methods(a *attestation.Assessment) {
	if len(a.Requirements) == 0 {
		return
	}
	w.in("usedMethods", func() {
		w.in("usedMethod", func() {
			w.text("name", attestation.LText{{Lang: "und", Value: "Calibration"}})
			for _, q := range a.Requirements {
				id := q.ID
				if q.Edition != "" {
					id += ":" + q.Edition
				}
				w.leaf("norm", id)
			}
		})
	})
}

// data writes the quantities that have a unit of D-SI, and as text what else
// there is; the schema demands something.
func (w *writer) data(a *attestation.Assessment) {
	written := false
	for i := range a.Results {
		q := &a.Results[i]
		switch {
		case q.Unit.System == unitSystem && carry.IsDecimal(string(q.Value)):
			w.quantity(&q.Qty)
		case q.Value != "":
			w.rich("text", attestation.LText{{Lang: "und", Value: q.Name + ": " + string(q.Value) + " " + q.Unit.Code}})
		case q.Score != "":
			w.rich("text", attestation.LText{{Lang: "und", Value: q.Name + ": " + q.Score}})
		default:
			w.rich("text", q.Text)
		}
		written = true
	}
	if !written {
		w.rich("text", attestation.LText{{Lang: "und", Value: "–"}})
	}
}

func (w *writer) quantity(q *attestation.Qty) {
	w.in("quantity", func() {
		w.text("name", attestation.LText{{Lang: "und", Value: q.Name}})
		w.start("si:real")
		w.leafOf("si:value", string(q.Value))
		w.leafOf("si:unit", q.Unit.Code)
		if q.ExpandedUncertainty != "" && q.CoverageFactor != "" && q.CoverageProbability != "" {
			w.start("si:expandedUnc")
			w.leafOf("si:uncertainty", string(q.ExpandedUncertainty))
			w.leafOf("si:coverageFactor", string(q.CoverageFactor))
			w.leafOf("si:coverageProbability", string(q.CoverageProbability))
			w.end()
		}
		w.end()
	})
}

// text writes a text with its languages, if there is one. A text that lacks the
// mandatory language is written without any, as one for all.
func (w *writer) text(name string, text attestation.LText) {
	if len(text) > 0 {
		w.rich(name, text)
	}
}

// rich is text that may be empty.
func (w *writer) rich(name string, text attestation.LText) {
	tagged := slices.ContainsFunc(text, func(t attestation.Text) bool { return twoLetters(t.Lang) == w.mandatory })
	w.in(name, func() {
		for _, t := range text {
			if code := twoLetters(t.Lang); tagged && slices.Contains(w.used, code) {
				w.leaf("content", t.Value, "lang", code)
			} else {
				w.leaf("content", t.Value)
			}
		}
	})
}

// in writes an element and what is inside of it.
func (w *writer) in(name string, inside func()) {
	w.start("dcc:" + name)
	inside()
	w.end()
}

func (w *writer) leaf(name, value string, attrs ...string) { w.leafOf("dcc:"+name, value, attrs...) }

func (w *writer) leafOf(name, value string, attrs ...string) {
	w.start(name, attrs...)
	w.out = xmldoc.AppendText(w.out, value)
	w.end()
}

func (w *writer) start(name string, attrs ...string) {
	w.indent()
	w.out = append(append(w.out, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.out = xmldoc.AppendAttr(w.out, attrs[i], attrs[i+1])
	}
	w.out = append(w.out, '>')
	w.open = append(w.open, name)
	w.nested = false
}

func (w *writer) end() {
	last := len(w.open) - 1
	name := w.open[last]
	w.open = w.open[:last]
	if w.nested {
		w.indent()
	}
	w.out = append(append(append(w.out, "</"...), name...), '>')
	w.nested = true
}

func (w *writer) indent() {
	w.out = append(w.out, '\n')
	for range w.open {
		w.out = append(w.out, ' ', ' ')
	}
}

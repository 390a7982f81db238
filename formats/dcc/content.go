package dcc

import (
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/internal/fault"
)

// items reads the calibrated items, each with its manufacturer.
func (r *reader) items(items *carry.Node) {
	if items == nil {
		return
	}
	r.need2(items, "item")
	s := r.Submission
	for _, n := range items.All(nsDCC, "item") {
		at := "/objects/" + strconv.Itoa(len(s.Objects))
		r.Note(n, at)
		o := attestation.Object{Type: "instrument", Name: r.needTexts(r.need(n, "name"), at+"/name")}
		o.Description = r.texts(r.one(n, "description"), at+"/description", false)
		for _, c := range n.All(nsDCC, "equipmentClass") {
			r.class(&o, c, at)
		}
		if model := r.Line(r.one(n, "model"), at+"/models/0/model"); model != "" {
			o.Models = []attestation.Model{{Model: model}}
		}
		o.Identifiers = r.identifications(n, nil, at+"/identifiers/")
		s.Objects = append(s.Objects, o)
		if m := r.one(n, "manufacturer"); m != nil {
			r.party(m, "manufacturer", false)
		}
	}
}

// class takes the class of an item if the reference can name a system.
func (r *reader) class(o *attestation.Object, n *carry.Node, at string) {
	system, ok := r.Raw(n.Child(nsDCC, "reference"))
	if !ok || !carry.IsToken(system) || strings.HasPrefix(system, "wco.hs") || strings.HasPrefix(system, "cn.cnca.") || system == "unece.rec20" {
		return // stays
	}
	at += "/classifications/" + strconv.Itoa(len(o.Classifications))
	if code := r.Line(n.Child(nsDCC, "classID"), at+"/code"); code != "" {
		o.Classifications = append(o.Classifications, attestation.Code{System: strings.Clone(system), Code: code})
	}
}

// statements reads what the laboratory declares, and the statement of conformity
// if there is one for the whole certificate.
func (r *reader) statements(list *carry.Node) {
	s := r.Submission
	several := false
	for _, n := range list.All(nsDCC, "statement") {
		at := "/conditions/" + strconv.Itoa(len(s.Conditions))
		if text := r.texts(r.one(n, "declaration"), at, false); len(text) > 0 {
			s.Conditions = append(s.Conditions, text)
		}
		if c := r.one(n, "conformity"); c != nil {
			if text, ok := r.Raw(c); ok && !attestation.EnumOutcome.Has(text) || text == notStated {
				r.Fail(fault.SchemaFormat, c, "want pass, fail, conditionalPass, conditionalFail, noPass or noFail")
			}
			several = several || r.outcome != nil
			r.outcome = c
		}
	}
	if several {
		r.outcome = nil
	}
}

const notStated = "notStated"

// results reads the measurement results, one assessment each.
func (r *reader) results(list *carry.Node) {
	if list == nil {
		return
	}
	r.need2(list, "measurementResult")
	s := r.Submission
	all := list.All(nsDCC, "measurementResult")
	for i, n := range all {
		at := "/assessments/" + strconv.Itoa(i)
		r.Note(n, at)
		a := attestation.Assessment{Activity: "calibration", Outcome: notStated}
		if r.outcome != nil && len(all) == 1 {
			a.Outcome = r.Line(r.outcome, at+"/outcome")
		}
		a.Name = r.texts(r.one(n, "name"), at+"/name", true)
		for _, m := range r.one(n, "usedMethods").All(nsDCC, "usedMethod") {
			for _, norm := range m.All(nsDCC, "norm") {
				r.norm(&a, norm, at)
			}
		}
		for _, result := range r.one(n, "results").All(nsDCC, "result") {
			r.data(&a, r.one(result, "data"), at)
		}
		s.Assessments = append(s.Assessments, a)
	}
}

// norm takes the standard of a method, its edition apart.
func (r *reader) norm(a *attestation.Assessment, n *carry.Node, at string) {
	at += "/requirements/" + strconv.Itoa(len(a.Requirements))
	id := r.Line(n, at+"/id")
	if id == "" {
		return
	}
	q := attestation.Requirement{Type: "standard", ID: id}
	if std, ok := attestation.ParseStandard(id); ok && std.Year != 0 && std.Extra == "" && len(std.Same) == 0 && strings.HasPrefix(id, std.ID()) {
		r.Release(n)
		q.ID, q.Edition = std.ID(), std.Edition()
	}
	a.Requirements = append(a.Requirements, q)
}

// maxResults bounds the quantities that are shown; a table of measured values is
// for who reads the certificate itself.
const maxResults = 200

// data takes the single real quantities of a result, and of lists in it.
func (r *reader) data(a *attestation.Assessment, n *carry.Node, at string) {
	if n == nil {
		return
	}
	for _, q := range n.All(nsDCC, "quantity") {
		r.quantity(a, q, at)
	}
	for _, list := range n.All(nsDCC, "list") {
		r.data(a, list, at)
	}
}

// quantity takes a quantity that has a name, a decimal and a unit.
func (r *reader) quantity(a *attestation.Assessment, n *carry.Node, at string) {
	real := n.Child(nsSI, "real")
	if real == nil || len(a.Results) >= maxResults {
		return
	}
	value, unit := real.Child(nsSI, "value"), real.Child(nsSI, "unit")
	text, ok := r.Raw(value)
	name := n.Child(nsDCC, "name").Child(nsDCC, "content")
	if !ok || !carry.IsDecimal(text) || unit == nil || name == nil {
		return
	}
	at += "/results/" + strconv.Itoa(len(a.Results))
	r.Note(n, at)
	q := attestation.Qty{Name: r.Line(name, at+"/name"), Unit: attestation.Code{System: unitSystem, Code: r.Line(unit, at+"/unit/code")}}
	if q.Name == "" || q.Unit.Code == "" {
		r.Release(name)
		r.Release(unit)
		return
	}
	q.Value = attestation.Dec(r.Line(value, at+"/value"))
	if u := real.Child(nsSI, "expandedUnc"); u != nil {
		q.ExpandedUncertainty = r.decimal(u.Child(nsSI, "uncertainty"), at+"/expandedUncertainty")
		q.CoverageFactor = r.decimal(u.Child(nsSI, "coverageFactor"), at+"/coverageFactor")
		q.CoverageProbability = r.decimal(u.Child(nsSI, "coverageProbability"), at+"/coverageProbability")
	}
	a.Results = append(a.Results, attestation.Result{Qty: q})
}

// unitSystem is the system of units of D-SI, as \kelvin.
const unitSystem = "ptb.d-si"

func (r *reader) decimal(n *carry.Node, pointer string) attestation.Dec {
	text, ok := r.Raw(n)
	if !ok || !carry.IsDecimal(text) {
		return ""
	}
	return attestation.Dec(r.Line(n, pointer))
}

// binaries lifts the embedded files out; the document that shows the certificate
// to people is one of them.
func (r *reader) binaries() {
	s := r.Submission
	r.Root.Walk(func(n *carry.Node) {
		if !n.Name.Is(nsDCC, "dataBase64") {
			return
		}
		file := n.Parent
		mediaType, _ := r.Raw(file.Child(nsDCC, "mimeType"))
		b := r.Lift(n, strings.TrimSpace(mediaType))
		if b == nil {
			return
		}
		at := "/evidence/" + strconv.Itoa(len(s.Evidence))
		e := attestation.Evidence{Purpose: "other", Link: r.Link(b, n, at)}
		if file.Parent == r.Root && file.Name.Is(nsDCC, "document") {
			e.Purpose = "certificate"
		}
		e.Name = r.texts(file.Child(nsDCC, "name"), at+"/name", true)
		if len(e.Name) == 0 {
			if name := r.Line(file.Child(nsDCC, "fileName"), at+"/name/0/value"); name != "" {
				e.Name = attestation.LText{{Lang: "und", Value: name}}
				r.neutral = true
			}
		}
		s.Evidence = append(s.Evidence, e)
	})
}

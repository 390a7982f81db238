package untp

import (
	"slices"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/strictjson"
)

// part is what one assessment of the credential is made of: an assessment of the
// document, or the document as a whole.
type part struct {
	id, name     string
	date         string // YYYY-MM-DD
	whole        bool
	objects      []int
	requirements []attestation.Requirement
	results      []attestation.Result
	conditions   []attestation.LText
	topics       []attestation.Code
	evidence     []attestation.Evidence
	outcome      string
}

// assessments writes those of the document, and behind them one for what the
// document says as a whole: standards, products and conditions stand in
// assessments only.
func (e *encoder) assessments(certificate [2]int) {
	s := e.s
	if e.v.old() {
		e.raw(`,"assessment":[`)
	} else {
		e.raw(`,"conformityAssessment":[`)
	}
	w := objectWriter{encoder: e, told: make([]bool, len(s.Objects))}
	e.in("assessments")
	for i := range s.Assessments {
		e.item(i)
		e.assessment(i, &w)
		e.out()
	}
	e.out()
	if e.whole() || slices.ContainsFunc(s.Evidence, func(v attestation.Evidence) bool { return v.Purpose != "certificate" && v.Purpose != "auditable" }) || w.unsaid() {
		p := part{
			id: e.subject + fragmentWhole, name: "Attestation", whole: true, objects: w.left(),
			requirements: s.Requirements, results: s.Results, conditions: s.Conditions, evidence: s.Evidence, outcome: "pass",
		}
		act := s.Dates.Act()
		p.date = dayOf(act.Value)
		e.part(&p, &w, certificate)
	} else {
		e.otherEvidence(certificate)
	}
	e.raw("]")
	if !slices.IsSorted(w.order) {
		e.lose(dialect.Warning, dialect.Moved, "objects")
		for i := range s.Assessments {
			e.losses.Add(dialect.Warning, dialect.Moved, pointerAt("/assessments", i)+"/objectsRef")
		}
	}
}

// whole reports whether the document says anything outside its assessments that
// stands in an assessment of the credential.
func (e *encoder) whole() bool {
	s := e.s
	return len(s.Assessments) == 0 || len(s.Requirements)+len(s.Results)+len(s.Conditions)+len(s.Scope)+len(s.Sites) > 0 ||
		slices.ContainsFunc(s.Parties, isFactory)
}

func isFactory(p attestation.Party) bool { return p.Role == "factory" && p.Ref == "" }

// otherEvidence reports the evidence for which no assessment was written.
func (e *encoder) otherEvidence(certificate [2]int) {
	for i := range e.s.Evidence {
		if i != certificate[0] && i != certificate[1] {
			e.losses.Add(dialect.Error, dialect.Cardinality, pointerAt("/evidence", i))
		}
	}
}

func (e *encoder) assessment(i int, w *objectWriter) {
	a := &e.s.Assessments[i]
	p := part{
		id: a.ID, name: e.pick("name", a.Name), objects: a.ObjectsRef, requirements: a.Requirements,
		results: a.Results, conditions: a.Conditions, topics: a.Topics, evidence: a.Evidence, outcome: a.Outcome,
	}
	if !isURI(a.ID) {
		if a.ID != "" {
			e.lose(dialect.Error, dialect.Dropped, "id")
		}
		p.id = e.subject + "#a" + strconv.Itoa(i+2)
	}
	if p.name == "" && !e.v.old() {
		p.name = a.Activity
		e.lose(dialect.Info, dialect.Assumed, "name")
	}
	if a.Activity != activityOf(readKind(e.s.Kind)) {
		e.lose(dialect.Warning, dialect.Dropped, "activity")
	}
	switch {
	case a.Date != nil:
		p.date = dayOf(a.Date.Value)
		if *a.Date != (attestation.DateV{Value: p.date}) {
			e.lose(dialect.Info, dialect.Precision, "date")
		}
	case !e.v.old():
		act := e.s.Dates.Act()
		p.date = dayOf(act.Value)
		e.lose(dialect.Warning, dialect.Assumed, "date")
	}
	if a.Period != nil {
		e.lose(dialect.Error, dialect.Dropped, "period")
	}
	if len(a.Location) > 0 {
		e.lose(dialect.Error, dialect.Dropped, "location")
	}
	if a.Body != nil {
		e.lose(dialect.Error, dialect.Dropped, "body")
	}
	e.part(&p, w, [2]int{-1, -1})
}

// dayOf cuts an instant down to its day.
func dayOf(date string) string { return date[:min(len(date), len("2006-01-02"))] }

// part writes one assessment of the credential.
func (e *encoder) part(p *part, w *objectWriter, skip [2]int) {
	old := e.v.old()
	e.comma()
	if old {
		e.raw(`{"type":["ConformityAssessment","Declaration"]`)
	} else {
		e.raw(`{"type":["ConformityAssessment"]`)
	}
	e.str(`"id":`, p.id)
	e.optStr(`"name":`, p.name)
	e.criteria(p)
	e.optStr(`"assessmentDate":`, p.date)
	e.performance(p.results)
	w.write(p)
	e.requirementOrder(p)
	e.standards(p, "standard")
	e.standards(p, "regulation")
	e.conditions(p)
	e.furtherEvidence(p, skip)
	e.topics(p)
	e.conformance(p.outcome)
	e.raw("}")
}

// requirementOrder reports requirements that are read back in another order: by
// type, and in 0.6 with less before them.
func (e *encoder) requirementOrder(p *part) {
	rank := func(r attestation.Requirement) int {
		return slices.Index([]string{"standard", "regulation", "criterion"}, r.Type)
	}
	same, seen := true, map[int]bool{}
	for i := range p.requirements {
		own := rank(p.requirements[i])
		same = same && (i == 0 || rank(p.requirements[i-1]) <= own) && (!e.v.old() || own == 2 || !seen[own])
		seen[own] = true
	}
	if !same {
		e.lose(dialect.Info, dialect.Moved, "requirements")
	}
}

// conformance: six outcomes become true, false and absent (domain.md, §4.1).
func (e *encoder) conformance(outcome string) {
	switch outcome {
	case "pass":
		e.raw(`,"conformance":true`)
	case "fail":
		e.raw(`,"conformance":false`)
	case "conditionalPass", "noFail":
		e.raw(`,"conformance":true`)
		e.lose(dialect.Warning, dialect.Narrowed, "outcome")
	case "conditionalFail", "noPass":
		e.raw(`,"conformance":false`)
		e.lose(dialect.Warning, dialect.Narrowed, "outcome")
	default:
		if e.v.old() { // 0.6 demands it: what is not stated is not shown to conform
			e.raw(`,"conformance":false`)
			e.lose(dialect.Warning, dialect.Narrowed, "outcome")
		}
	}
}

// criteria writes the criteria, and for the whole document its rule as well.
func (e *encoder) criteria(p *part) {
	e.raw(`,"assessmentCriteria":[`)
	for i := range p.requirements {
		if r := &p.requirements[i]; r.Type == "criterion" {
			e.in("requirements")
			e.item(i)
			e.comma()
			e.raw(`{"type":["Criterion"]`)
			e.requirement(r)
			e.out()
			e.out()
		}
	}
	if sc := e.s.Scheme; p.whole && sc != nil && sc.Rule != nil {
		e.comma()
		e.raw(`{"type":["Criterion"]`)
		e.str(`"id":`, ruleURI(sc.Rule.ID))
		e.str(`"name":`, sc.Rule.ID)
		e.criterionEnd(sc.Rule.ID)
		e.raw("}")
	}
	e.raw("]")
}

// criterionEnd writes what 0.6 demands of a criterion.
func (e *encoder) criterionEnd(description string) {
	if e.v.old() {
		e.str(`"description":`, description)
		e.raw(`,"conformityTopic":"` + topic06 + `","status":"active"`)
	}
}

// requirement writes id and name behind the type, and closes the object.
func (e *encoder) requirement(r *attestation.Requirement) {
	uri, name := requirementURI(r)
	e.str(`"id":`, uri)
	if isURI(r.ID) && len(r.Title) > 0 {
		name = e.pick("title", r.Title)
	} else if len(r.Title) > 0 {
		e.lose(dialect.Error, dialect.Dropped, "title")
	}
	e.str(`"name":`, name)
	switch {
	case r.Type == "criterion":
		e.criterionEnd(name)
	case e.v.old() && r.Type == "regulation":
		e.raw(`,"administeredBy":{"id":"urn:accord:party:unspecified","name":"unspecified"}`)
	case e.v.old():
		e.raw(`,"issuingParty":{"id":"urn:accord:party:unspecified","name":"unspecified"}`)
	}
	e.raw("}")
	if isURI(r.ID) && r.Edition != "" {
		e.lose(dialect.Error, dialect.Dropped, "edition")
	}
	e.loseAll(dialect.Error, dialect.Dropped, "amendments", 0, len(r.Amendments))
	e.loseAll(dialect.Error, dialect.Dropped, "nationalDifferences", 0, len(r.NationalDifferences))
	if r.Partial != attestation.Unset {
		e.lose(dialect.Error, dialect.Dropped, "partial")
	}
}

// requirementURI returns how a requirement is told: by its own URI, or by a URN
// that ends with the edition and a name that is the designation as printed.
func requirementURI(r *attestation.Requirement) (uri, name string) {
	if isURI(r.ID) {
		return r.ID, r.ID
	}
	b := append(append([]byte(urnID), requirementScheme(r.Type)...), ':')
	b = appendEscaped(b, strings.ReplaceAll(r.ID, " ", "-"), true)
	b = appendEscaped(append(b, ':'), r.Edition, true)
	if r.Edition == "" {
		return string(b), r.ID
	}
	sep := "-"
	if std, ok := attestation.ParseStandard(r.ID + ":" + r.Edition); ok && !strings.HasPrefix(std.Body, "GB") {
		sep = ":"
	}
	return string(b), r.ID + sep + r.Edition
}

// standards writes the requirements of one type: a list, or one in 0.6.
func (e *encoder) standards(p *part, typ string) {
	keys := map[string][2]string{
		"standard":   {`,"referenceStandard":`, `{"type":["Standard"]`},
		"regulation": {`,"referenceRegulation":`, `{"type":["Regulation"]`},
	}[typ]
	n := 0
	e.in("requirements")
	defer e.out()
	for i := range p.requirements {
		r := &p.requirements[i]
		if r.Type != typ {
			continue
		}
		e.item(i)
		switch {
		case n > 0 && e.v.old():
			e.lose(dialect.Error, dialect.Cardinality, "")
			e.out()
			continue
		case n > 0:
			e.raw(",")
		case e.v.old():
			e.raw(keys[0])
		default:
			e.raw(keys[0])
			e.raw("[")
		}
		n++
		e.raw(keys[1])
		e.requirement(r)
		e.out()
	}
	if n > 0 && !e.v.old() {
		e.raw("]")
	}
}

// conditions writes them, and the scope of the attestation in words beside them.
func (e *encoder) conditions(p *part) {
	n := len(p.conditions)
	if p.whole && len(e.s.Scope) > 0 {
		n++
	}
	if e.v.old() {
		for i := range p.conditions {
			e.losses.Add(dialect.Error, dialect.Dropped, pointerAt(e.pointer("conditions"), i))
		}
		if p.whole && len(e.s.Scope) > 0 {
			e.losses.Add(dialect.Error, dialect.Dropped, "/scope")
		}
		return
	}
	if n == 0 {
		return
	}
	e.raw(`,"specifiedCondition":[`)
	e.in("conditions")
	for i := range p.conditions {
		e.comma()
		e.item(i)
		e.b = strictjson.AppendString(e.b, e.pick("", p.conditions[i]))
		e.out()
	}
	e.out()
	if n > len(p.conditions) {
		e.comma()
		e.b = strictjson.AppendString(e.b, e.pick("scope", e.s.Scope))
		e.lose(dialect.Warning, dialect.Moved, "scope")
	}
	e.raw("]")
}

func (e *encoder) furtherEvidence(p *part, skip [2]int) {
	if e.v.old() {
		for i := range p.evidence {
			if i != skip[0] && i != skip[1] {
				e.losses.Add(dialect.Error, dialect.Dropped, pointerAt(e.pointer("evidence"), i))
			}
		}
		return
	}
	open := false
	e.in("evidence")
	for i := range p.evidence {
		if p.whole && (i == skip[0] || i == skip[1]) {
			continue
		}
		if !open {
			e.raw(`,"evidence":[`)
			open = true
		}
		e.comma()
		e.item(i)
		e.link(&p.evidence[i].Link)
		if p.evidence[i].Purpose != "other" {
			e.lose(dialect.Warning, dialect.Dropped, "purpose")
		}
		e.out()
	}
	e.out()
	if open {
		e.raw("]")
	}
}

// topics writes the topics; where there are none, that of the regime, for 0.7.0
// and 0.6 demand one.
func (e *encoder) topics(p *part) {
	if e.v.old() {
		e.topic06(p)
		return
	}
	e.raw(`,"conformityTopic":[`)
	e.in("topics")
	for i := range p.topics {
		t := &p.topics[i]
		e.item(i)
		e.comma()
		e.raw(`{"type":["ConformityTopic"],"id":"`)
		if t.System == topicSystem {
			e.b = appendEscaped(append(e.b, topicSystem+"/"...), t.Code, false)
		} else {
			id := attestation.Identifier{Scheme: t.System, Value: t.Code}
			e.b = appendURI(e.b, &id)
		}
		e.raw(`"`)
		e.str(`"name":`, cmpOr(e.pick("label", t.Label), t.Code))
		e.raw("}")
		e.out()
	}
	e.out()
	if len(p.topics) == 0 {
		t := topicOf(e.s.Regime)
		e.raw(`{"type":["ConformityTopic"],"id":"` + topicSystem + "/")
		e.raw(t.code)
		e.raw(`","name":"`)
		e.raw(t.name)
		e.raw(`"}`)
		if !p.whole {
			e.lose(dialect.Info, dialect.Assumed, "topics")
		}
	}
	e.raw("]")
}

func (e *encoder) topic06(p *part) {
	said := slices.IndexFunc(p.topics, func(t attestation.Code) bool {
		return t.System == topicSystem06 && slices.Contains(topics06.words, t.Code)
	})
	for i := range p.topics {
		if i != said || len(p.topics[i].Label) > 0 {
			e.losses.Add(dialect.Error, dialect.Cardinality, pointerAt(e.pointer("topics"), i))
		}
	}
	if said > 0 {
		e.losses.Add(dialect.Info, dialect.Moved, pointerAt(e.pointer("topics"), said))
	}
	if said >= 0 {
		e.str(`"conformityTopic":`, p.topics[said].Code)
		return
	}
	e.raw(`,"conformityTopic":"` + topic06 + `"`)
	if !p.whole {
		e.lose(dialect.Info, dialect.Assumed, "topics")
	}
}

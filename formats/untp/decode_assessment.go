package untp

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"accord/attestation"
	"accord/formats/jsondoc"
	"accord/internal/strictjson"
)

// assessmentsOf returns the list of assessments, nil if there is none.
func assessmentsOf(subject *jsondoc.Value) *jsondoc.Value {
	if l := subject.Member("conformityAssessment"); l != nil {
		return l
	}
	return subject.Member("assessment")
}

func (d *decoder) assessments(subject *jsondoc.Value) {
	list := assessmentsOf(subject)
	if list == nil {
		return
	}
	at := "/credentialSubject/conformityAssessment"
	if d.v.old() {
		at = "/credentialSubject/assessment"
	}
	d.objects = map[string]int{}
	for i := range list.Elements {
		d.assessment(&list.Elements[i], pointerAt(at, i))
	}
}

func (d *decoder) assessment(v *jsondoc.Value, at string) {
	if text(v, "id") == d.subject+fragmentWhole {
		d.whole(v, at)
		return
	}
	a := attestation.Assessment{Name: d.said(text(v, "name")), Activity: activityOf(d.s.Kind)}
	member := pointerAt("/assessments", len(d.s.Assessments))
	d.from(member, at)
	if id := text(v, "id"); !strings.HasPrefix(id, d.subject+"#a") {
		a.ID = id
	}
	if date := text(v, "assessmentDate"); date != "" {
		a.Date = &attestation.DateV{Value: date}
	}
	a.ObjectsRef = d.assessed(v, at)
	a.Requirements = d.requirements(v, member+"/requirements", at)
	a.Results = d.results(v, member+"/results", at)
	a.Conditions = d.conditionsOf(v, member+"/conditions", at)
	a.Topics = d.topics(v, member+"/topics", at)
	a.Evidence = d.evidence(v, member+"/evidence", at)
	a.Outcome = outcomeOf(v.Member("conformance"))
	d.s.Assessments = append(d.s.Assessments, a)
}

// whole reads back what the document says outside its assessments.
func (d *decoder) whole(v *jsondoc.Value, at string) {
	s := d.s
	d.assessed(v, at)
	s.Requirements = d.requirements(v, "/requirements", at)
	s.Results = d.results(v, "/results", at)
	s.Conditions = d.conditionsOf(v, "/conditions", at)
	s.Evidence = append(s.Evidence, d.evidence(v, "/evidence", at)...)
}

func outcomeOf(v *jsondoc.Value) string {
	switch {
	case v == nil:
		return "notStated"
	case v.Kind == strictjson.True:
		return "pass"
	default:
		return "fail"
	}
}

// assessed reads products, facilities and the organisation as objects. One that
// stands in several assessments is one object.
func (d *decoder) assessed(v *jsondoc.Value, at string) (refs []int) {
	add := func(typ, inner string, entry *jsondoc.Value, where string) {
		i, ok := d.object(typ, entry, entry.Member(inner), where)
		if ok && !slices.Contains(refs, i) {
			refs = append(refs, i)
		}
	}
	if l := v.Member("assessedProduct"); l != nil {
		for i := range l.Elements {
			add("product", "product", &l.Elements[i], pointerAt(at+"/assessedProduct", i))
		}
	}
	if l := v.Member("assessedFacility"); l != nil {
		for i := range l.Elements {
			if !d.places[text(l.Elements[i].Member("facility"), "id")] {
				add("facility", "facility", &l.Elements[i], pointerAt(at+"/assessedFacility", i))
			}
		}
	}
	if o := v.Member("assessedOrganisation"); o != nil {
		if i, ok := d.object("organisation", o, o, at+"/assessedOrganisation"); ok {
			refs = append(refs, i)
		}
	}
	return refs
}

// object reads one entry; a further model of the object before it is part of it.
func (d *decoder) object(typ string, entry, v *jsondoc.Value, at string) (int, bool) {
	if v == nil {
		return 0, false // 0.6 allows an entry that names nothing; it stays in the residual
	}
	key := typ + string(entry.Append(nil))
	if i, ok := d.objects[key]; ok {
		return i, true
	}
	id, name := text(v, "id"), text(v, "name")
	if n := len(d.s.Objects); n > 0 && strings.HasPrefix(id, urnModel) && len(d.s.Objects[n-1].Models) > 0 &&
		name != "" && len(d.s.Objects[n-1].Name) > 0 && d.s.Objects[n-1].Name[0].Value == name && text(v, "modelNumber") != "" {
		o := &d.s.Objects[n-1]
		o.Models = append(o.Models, attestation.Model{Model: text(v, "modelNumber")})
		d.objects[key] = n - 1
		return n - 1, true
	}
	o := attestation.Object{Type: typ, Name: d.said(name)}
	member := pointerAt("/objects", len(d.s.Objects))
	d.from(member, at)
	if !strings.HasPrefix(id, d.subject+"#") {
		inner := "/" + typ
		if typ == "organisation" {
			inner = ""
		}
		d.from(member+"/identifiers", at+inner+"/id")
		o.Identifiers = []attestation.Identifier{productID(&o, id, text(v, "registeredId"))}
	}
	if m := text(v, "modelNumber"); m != "" && typ == "product" {
		o.Models = []attestation.Model{{Model: m}}
	}
	for _, b := range []string{text(v, "batchNumber")} {
		if b != "" && typ == "product" {
			o.Batches = []string{b}
		}
	}
	if sn := cmpOr(text(v, "itemNumber"), text(v, "serialNumber")); sn != "" && typ == "product" {
		o.Serials = []string{sn}
	}
	for _, name := range []string{"idVerifiedByCAB", "IDverifiedByCAB"} {
		if f := entry.Member(name); f != nil {
			o.IDVerifiedByIssuer = attestation.FlagOf(f.Kind == strictjson.True)
		}
	}
	d.s.Objects = append(d.s.Objects, o)
	d.objects[key] = len(d.s.Objects) - 1
	return len(d.s.Objects) - 1, true
}

// productID reads the URI of an object; a GS1 Digital Link names batch and item
// behind the GTIN (GS1 Digital Link URI syntax: /01/ GTIN, /10/ batch, /21/ serial).
func productID(o *attestation.Object, id, registered string) attestation.Identifier {
	rest, ok := strings.CutPrefix(id, digitalLink)
	if !ok {
		return identifierOf(id, registered)
	}
	gtin, rest, _ := strings.Cut(rest, "/")
	if !attestation.ValidGTIN(gtin) || rest == "" {
		return identifierOf(digitalLink+gtin, "")
	}
	parts := strings.Split(rest, "/")
	for i := 0; i+1 < len(parts); i += 2 {
		switch {
		case parts[i] == "10" && parts[i+1] != "":
			o.Batches = []string{parts[i+1]}
		case parts[i] == "21" && parts[i+1] != "":
			o.Serials = []string{parts[i+1]}
		}
	}
	return attestation.Identifier{Scheme: schemeGTIN, Value: gtin}
}

// organisation makes the object of a credential that assesses nothing else: the
// party that it was issued to.
func (d *decoder) organisation(v *jsondoc.Value) {
	p := d.party(v, "")
	d.from("/objects/0", "/credentialSubject/issuedToParty")
	d.s.Objects = []attestation.Object{{Type: "organisation", Name: p.Name, Identifiers: p.Identifiers}}
}

// requirements reads criteria, standards and regulations. The rule of the scheme
// stands among the criteria of the whole document too.
func (d *decoder) requirements(v *jsondoc.Value, member, at string) (out []attestation.Requirement) {
	rule := ""
	if sc := d.s.Scheme; sc != nil && sc.Rule != nil {
		rule = ruleURI(sc.Rule.ID)
	}
	for _, l := range [...]struct{ name, typ string }{
		{"referenceStandard", "standard"}, {"referenceRegulation", "regulation"}, {"assessmentCriteria", "criterion"},
	} {
		list := v.Member(l.name)
		if list == nil {
			continue
		}
		elements := list.Elements
		if list.Kind == strictjson.Object { // 0.6 has room for one
			elements = []jsondoc.Value{*list}
		}
		for i := range elements {
			id := text(&elements[i], "id")
			if id == "" || id == rule {
				continue
			}
			d.from(pointerAt(member, len(out)), at+"/"+l.name)
			out = append(out, d.requirement(&elements[i], l.typ))
		}
	}
	return out
}

// requirement reads {id, name}: from a URN of ours the number and the edition,
// else the URI as the number and the name as the title.
func (d *decoder) requirement(v *jsondoc.Value, typ string) attestation.Requirement {
	r := attestation.Requirement{Type: typ, ID: text(v, "id")}
	name := text(v, "name")
	rest, ours := strings.CutPrefix(r.ID, urnID+requirementScheme(typ)+":")
	if colon := strings.LastIndexByte(rest, ':'); ours && colon >= 0 && name != "" {
		r.Edition = unescaped(rest[colon+1:])
		r.ID = name
		if r.Edition != "" && len(name) > len(r.Edition)+1 && strings.HasSuffix(name, r.Edition) {
			r.ID = name[:len(name)-len(r.Edition)-1]
		}
		return r
	}
	if name != r.ID {
		r.Title = d.said(name)
	}
	return r
}

func (d *decoder) conditionsOf(v *jsondoc.Value, member, at string) (out []attestation.LText) {
	list := v.Member("specifiedCondition")
	if list == nil {
		return nil
	}
	for i := range list.Elements {
		d.from(pointerAt(member, len(out)), pointerAt(at+"/specifiedCondition", i))
		if t := d.said(list.Elements[i].Text); t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (d *decoder) topics(v *jsondoc.Value, member, at string) (out []attestation.Code) {
	list := v.Member("conformityTopic")
	if list == nil {
		return nil
	}
	if list.Kind == strictjson.String {
		return []attestation.Code{{System: topicSystem06, Code: list.Text}}
	}
	for i := range list.Elements {
		t := &list.Elements[i]
		id := text(t, "id")
		d.from(pointerAt(member, len(out)), pointerAt(at+"/conformityTopic", i))
		c := attestation.Code{Label: d.said(text(t, "name"))}
		if code, ok := strings.CutPrefix(id, topicSystem+"/"); ok && code != "" {
			c.System, c.Code = topicSystem, unescaped(code)
		} else {
			own := identifierOf(id, "")
			c.System, c.Code = own.Scheme, own.Value
		}
		if len(c.Label) > 0 && c.Label[0].Value == c.Code {
			c.Label = nil
		}
		out = append(out, c)
	}
	return out
}

func (d *decoder) evidence(v *jsondoc.Value, member, at string) (out []attestation.Evidence) {
	list := v.Member("evidence")
	if list == nil || list.Kind != strictjson.Array {
		return nil
	}
	for i := range list.Elements {
		if text(&list.Elements[i], "linkURL") == "" {
			continue
		}
		d.from(pointerAt(member, len(out)), pointerAt(at+"/evidence", i))
		out = append(out, attestation.Evidence{Link: d.link(&list.Elements[i]), Purpose: "other"})
	}
	return out
}

// results reads measures and scores. What is neither stays in the residual.
func (d *decoder) results(v *jsondoc.Value, member, at string) (out []attestation.Result) {
	name, list := "assessedPerformance", v.Member("assessedPerformance")
	if d.v.old() {
		name, list = "declaredValue", v.Member("declaredValue")
	}
	if list == nil {
		return nil
	}
	for i := range list.Elements {
		p := &list.Elements[i]
		r := attestation.Result{}
		measure, score := p.Member("measure"), text(p.Member("score"), "code")
		r.Name = text(p.Member("metric"), "name")
		if d.v.old() {
			measure, r.Name, score = p.Member("metricValue"), text(p, "metricName"), ""
		}
		switch {
		case r.Name == "":
			continue
		case measure != nil && plainNumber(measure.Member("value")):
			r.Value = attestation.Dec(measure.Member("value").Text)
			r.Unit = attestation.Code{System: unitSystem(text(measure, "unit")), Code: text(measure, "unit")}
			r.Upper, r.Lower = boundOf(measure, "upperTolerance"), boundOf(measure, "lowerTolerance")
		case measure == nil && score != "":
			r.Score = score
		default:
			continue // a number with an exponent has no decimal form that is kept
		}
		d.from(pointerAt(member, len(out)), pointerAt(at+"/"+name, i))
		out = append(out, r)
	}
	return out
}

// plainNumber reports whether a number is written as a decimal.
func plainNumber(v *jsondoc.Value) bool {
	return v != nil && v.Kind == strictjson.Number && !strings.ContainsAny(v.Text, "eE") && len(v.Text) <= 64
}

func boundOf(v *jsondoc.Value, name string) attestation.Dec {
	if b := v.Member(name); plainNumber(b) {
		return attestation.Dec(b.Text)
	}
	return ""
}

// unitSystem is that of Recommendation 20 for what has its form.
func unitSystem(code string) string {
	if len(code) > 0 && len(code) <= 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
		return systemRec20
	}
	return "untp.unit"
}

// sha256Of reads a multibase multihash of SHA-256 as it is written by us.
func sha256Of(digest string) (string, bool) {
	text, ok := strings.CutPrefix(digest, "u")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || len(b) != 34 || b[0] != 0x12 || b[1] != 32 || base64URL(b) != text {
		return "", false
	}
	return hex.EncodeToString(b[2:]), true
}

// extensionOf returns the value of our extension, nil if there is none.
func extensionOf(subject *jsondoc.Value) *jsondoc.Value {
	ext := subject.Member(extensionKey)
	if ext == nil || text(ext, "@type") != "@json" {
		return nil
	}
	return ext.Member("@value")
}

// extension reads back what we wrote where UNTP has no member. Whatever else is
// in it stays in the residual.
func (d *decoder) extension(ext *jsondoc.Value) {
	d.places = map[string]bool{}
	if ext == nil {
		return
	}
	const at = "/credentialSubject/" + extensionKey + "/@value"
	s := d.s
	if r := attestation.Regime(text(ext, extRegime)); r.Valid() {
		s.Regime = r
	}
	s.IssueNumber = text(ext, extIssueNumber)
	d.from("/issueNumber", at+"/"+extIssueNumber)
	if s.Scheme != nil {
		s.Scheme.Mode = d.said(text(ext, extMode))
	}
	if dates := ext.Member(extDates); dates != nil {
		for _, f := range dateFields {
			if v := dates.Member(f.name); v != nil {
				d.from("/dates/"+f.name, at+"/dates/"+f.name)
				*f.get(&s.Dates) = dateOf(v)
			}
		}
		if v := dates.Member("issued"); v != nil {
			from := s.Dates.Issued
			s.Dates.ValidFrom = &from
			d.from("/dates/validFrom", "/validFrom")
			s.Dates.Issued = *dateOf(v)
		}
	}
	if list := ext.Member(extParties); list != nil {
		for i := range list.Elements {
			v := &list.Elements[i]
			ref := v.Member("ref")
			if !slices.Contains(partyRoles, text(v, "role")) || ref != nil && !slices.Contains(partyRoles, text(v, "ref")) {
				continue
			}
			d.from(pointerAt("/parties", len(s.Parties)), pointerAt(at+"/parties", i))
			p := attestation.Party{Role: text(v, "role"), Ref: text(v, "ref")}
			if p.Ref == "" {
				p = d.party(v, p.Role)
			}
			if isFactory(p) {
				d.places[text(v, "id")] = true
			}
			s.Parties = append(s.Parties, p)
		}
	}
}

func dateOf(v *jsondoc.Value) *attestation.DateV {
	d := &attestation.DateV{Value: text(v, "value"), Zone: text(v, "zone"), Lexical: text(v, "lexical")}
	switch text(v, "inclusive") {
	case "true":
		d.Inclusive = attestation.True
	case "false":
		d.Inclusive = attestation.False
	}
	return d
}

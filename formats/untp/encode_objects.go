package untp

import (
	"strconv"

	"accord/attestation"
	"accord/formats/dialect"
)

// objectWriter writes the objects of assessments. An object stands in each
// assessment that names it; its losses are told once.
type objectWriter struct {
	*encoder
	told  []bool
	order []int // objects in the order in which they are first written
}

// left returns the objects that no assessment named.
func (w *objectWriter) left() (objects []int) {
	for i := range w.told {
		if !w.told[i] {
			objects = append(objects, i)
		}
	}
	return objects
}

func (w *objectWriter) unsaid() bool { return len(w.left()) > 0 }

// group is a list of the credential in which objects of some types stand.
type group uint8

const (
	products group = iota
	facilities
	organisations
)

// groupOf says where an object stands, and whether it is read back as of the
// same type.
func groupOf(typ string) (g group, same bool) {
	switch typ {
	case "product":
		return products, true
	case "facility":
		return facilities, true
	case "organisation":
		return organisations, true
	case "body", "person":
		return organisations, false
	default:
		return products, false
	}
}

func (w *objectWriter) write(p *part) {
	w.list(p, products, `,"assessedProduct":[`)
	w.list(p, facilities, `,"assessedFacility":[`)
	w.organisation(p)
}

// list writes the objects of one group, and behind the facilities the sites and
// factories of the document.
func (w *objectWriter) list(p *part, g group, key string) {
	open := false
	begin := func() {
		if !open {
			w.raw(key)
			open = true
		}
		w.comma()
	}
	for _, i := range p.objects {
		if i < 0 || i >= len(w.told) {
			continue
		}
		if own, _ := groupOf(w.s.Objects[i].Type); own == g {
			begin()
			w.once(i, func(o *attestation.Object) {
				if g == products {
					w.product(i, o)
				} else {
					w.facility(w.objectURI(i, o), w.pick("name", o.Name), o.IDVerifiedByIssuer)
				}
			})
		}
	}
	if g == facilities && p.whole {
		w.places(begin)
	}
	if open {
		w.raw("]")
	}
}

// once writes an object; its losses are told the first time only.
func (w *objectWriter) once(i int, write func(*attestation.Object)) {
	o := &w.s.Objects[i]
	before, steps := len(w.losses.List), w.steps
	w.steps = append(append([]step(nil), step{name: "objects"}), step{i: i})
	write(o)
	if w.told[i] {
		w.losses.List = w.losses.List[:before]
	} else {
		w.unsaidOfObject(o)
		w.order = append(w.order, i)
	}
	w.told[i], w.steps = true, steps
}

func (w *objectWriter) objectURI(i int, o *attestation.Object) string {
	if len(o.Identifiers) > 0 {
		return uriOf(&o.Identifiers[0])
	}
	return w.subject + "#o" + strconv.Itoa(i+1)
}

// product writes one entry for each model, for an entry has room for one.
func (w *objectWriter) product(i int, o *attestation.Object) {
	name := w.pick("name", o.Name)
	n := len(o.Models)
	if w.v.old() {
		if n > 0 {
			w.lose(dialect.Error, dialect.Dropped, "models")
		}
		n = 1
	}
	for m := range max(1, n) {
		if m > 0 {
			w.raw(",")
		}
		w.raw(`{`)
		if w.v.old() {
			w.raw(`"type":["ProductVerification"],"product":{"id":"`)
		} else {
			w.raw(`"product":{"type":["Product"],"id":"`)
		}
		switch {
		case m > 0:
			w.b = appendEscaped(append(w.b, urnModel...), w.s.Identifiers[0].Value, true)
			w.b = appendEscaped(append(w.b, ':'), o.Models[m].Model, true)
		case len(o.Identifiers) > 0:
			w.b = appendURI(w.b, &o.Identifiers[0])
		default:
			w.b = append(append(w.b, w.subject...), "#o"...)
			w.b = strconv.AppendInt(w.b, int64(i+1), 10)
		}
		w.raw(`"`)
		w.str(`"name":`, name)
		w.productNumbers(m, o)
		w.raw("}")
		w.verified(o.IDVerifiedByIssuer)
		w.raw("}")
	}
}

func (w *objectWriter) productNumbers(m int, o *attestation.Object) {
	serial := `"itemNumber":`
	if w.v.old() {
		serial = `"serialNumber":`
	} else if m < len(o.Models) {
		w.str(`"modelNumber":`, o.Models[m].Model)
	}
	if m > 0 {
		return
	}
	if len(o.Batches) > 0 {
		w.str(`"batchNumber":`, o.Batches[0])
	}
	if len(o.Serials) > 0 {
		w.str(serial, o.Serials[0])
	}
}

func (w *objectWriter) verified(f attestation.Flag) {
	if f == attestation.Unset {
		return
	}
	if w.v.old() {
		w.key(`"IDverifiedByCAB":`)
	} else {
		w.key(`"idVerifiedByCAB":`)
	}
	w.b = strconv.AppendBool(w.b, f == attestation.True)
}

func (w *objectWriter) facility(uri, name string, verified attestation.Flag) {
	w.raw("{")
	if w.v.old() {
		w.raw(`"type":["FacilityVerification"],"facility":{`)
	} else {
		w.raw(`"facility":{"type":["Facility"]`)
	}
	w.str(`"id":`, uri)
	w.str(`"name":`, name)
	w.raw("}")
	w.verified(verified)
	w.raw("}")
}

// places writes the sites and the factories of the document as facilities.
func (w *objectWriter) places(begin func()) {
	w.in("sites")
	for i := range w.s.Sites {
		site := &w.s.Sites[i]
		begin()
		w.item(i)
		uri := w.subject + "#s" + strconv.Itoa(i+1)
		if len(site.Identifiers) > 0 {
			uri = uriOf(&site.Identifiers[0])
		}
		w.facility(uri, w.pick("name", site.Name), attestation.Unset)
		w.lose(dialect.Warning, dialect.Moved, "")
		w.out()
	}
	w.out()
	for i := range w.s.Parties {
		if p := &w.s.Parties[i]; isFactory(*p) {
			begin()
			name := p.Role
			if len(p.Name) > 0 { // its other languages are told where the party stands
				name = p.Name[pickText(p.Name, w.lang)].Value
			}
			w.facility(w.partyURI(i), name, attestation.Unset)
		}
	}
}

// organisation writes the one organisation that an assessment has room for.
func (w *objectWriter) organisation(p *part) {
	n := 0
	for _, i := range p.objects {
		if i < 0 || i >= len(w.told) {
			continue
		}
		if g, _ := groupOf(w.s.Objects[i].Type); g != organisations {
			continue
		}
		if n++; n > 1 {
			if !w.told[i] {
				w.losses.Add(dialect.Error, dialect.Cardinality, pointerAt("/objects", i))
			}
			w.told[i] = true
			continue
		}
		w.once(i, func(o *attestation.Object) {
			w.raw(`,"assessedOrganisation":{`)
			if !w.v.old() {
				w.raw(`"type":["Party"]`)
			}
			w.str(`"id":`, w.objectURI(i, o))
			w.str(`"name":`, w.pick("name", o.Name))
			w.raw("}")
			if o.IDVerifiedByIssuer != attestation.Unset {
				w.lose(dialect.Error, dialect.Dropped, "idVerifiedByIssuer")
			}
		})
	}
}

// unsaidOfObject reports what an entry of the credential does not say.
func (w *objectWriter) unsaidOfObject(o *attestation.Object) {
	g, same := groupOf(o.Type)
	if !same {
		w.lose(dialect.Warning, dialect.Narrowed, "type")
	}
	numbers := 0
	if g == products {
		numbers = 1
	}
	if len(o.Identifiers) > 0 && o.Identifiers[0].Scheme == schemeGTIN && len(o.Identifiers[0].Value) != 14 {
		w.lose(dialect.Info, dialect.Precision, "identifiers/0")
	}
	w.loseAll(dialect.Error, dialect.Cardinality, "identifiers", 1, len(o.Identifiers))
	w.loseAll(dialect.Error, dialect.Cardinality, "serials", numbers, len(o.Serials))
	w.loseAll(dialect.Error, dialect.Cardinality, "batches", numbers, len(o.Batches))
	for m := range o.Models {
		switch {
		case g != products:
			w.losses.Add(dialect.Error, dialect.Dropped, pointerAt(w.pointer("models"), m))
		case len(o.Models[m].Note) > 0:
			w.losses.Add(dialect.Error, dialect.Dropped, pointerAt(w.pointer("models"), m)+"/note")
		}
	}
	for _, f := range [...]struct {
		name string
		has  bool
	}{
		{"description", len(o.Description) > 0}, {"classifications", len(o.Classifications) > 0},
		{"modelsComplete", o.ModelsComplete != attestation.Unset}, {"modelsAttachment", o.ModelsAttachment != nil},
		{"brand", len(o.Brand) > 0}, {"quantity", o.Quantity != nil}, {"ratings", len(o.Ratings) > 0}, {"origin", o.Origin != ""},
	} {
		if f.has {
			w.lose(dialect.Error, dialect.Dropped, f.name)
		}
	}
}

package native

import (
	"slices"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// list is an array in JSON and a repeated element in XML; an empty one is left
// out.
type list[S ~[]E, E any] struct{ item codec[E] }

func (c list[S, E]) readJSON(d *jsonDecoder, v *S) {
	if !d.expect(strictjson.Array) {
		return
	}
	d.r.Open()
	for d.r.More() {
		c.item.readJSON(d, grow(v))
	}
	d.r.Close()
	if len(*v) == 0 {
		d.report(fault.SchemaLength, emptyList)
	}
}

const emptyList = "an empty list; leave the member out instead"

// grow appends a zero element and returns it. What lies between length and
// capacity was never written, so nothing needs to be copied there.
func grow[S ~[]E, E any](v *S) *E {
	n := len(*v)
	if n == cap(*v) {
		// One is the most frequent number; behind it more than two are.
		*v = slices.Grow(*v, 1+min(n, 1))
	}
	*v = (*v)[:n+1]
	return &(*v)[n]
}

func (c list[S, E]) appendJSON(dst []byte, v *S) []byte {
	dst = append(dst, '[')
	for i := range *v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = c.item.appendJSON(dst, &(*v)[i])
	}
	return append(dst, ']')
}

func (c list[S, E]) readXML(d *xmlDecoder, v *S) { c.item.readXML(d, grow(v)) }

func (c list[S, E]) writeXML(w *xmlWriter, name string, v *S) {
	for i := range *v {
		c.item.writeXML(w, name, &(*v)[i])
	}
}

func (c list[S, E]) absent(v *S) bool { return len(*v) == 0 }
func (c list[S, E]) repeats() bool    { return true }
func (c list[S, E]) shape() *shape    { return &shape{kind: listShape, item: c.item.shape()} }

// texts is an LText: lists so many and so short that those of one document are
// cut from a few pieces of memory.
type texts struct {
	list[attestation.LText, attestation.Text]
}

// textsPiece is how many texts a piece holds at least: a document of 4 KB has
// some fifty.
const textsPiece = 32

func (c texts) readJSON(d *jsonDecoder, v *attestation.LText) {
	if !d.expect(strictjson.Array) {
		return
	}
	from := len(d.texts)
	d.r.Open()
	for d.r.More() {
		if len(d.texts) == cap(d.texts) {
			begun := d.texts[from:]
			d.texts = append(make(attestation.LText, 0, max(textsPiece, 2*len(begun))), begun...)
			from = 0
		}
		c.item.readJSON(d, grow(&d.texts))
	}
	d.r.Close()
	*v = slices.Clip(d.texts[from:])
	if len(*v) == 0 {
		d.report(fault.SchemaLength, emptyList)
	}
}

// pointer is a value that may be absent.
type pointer[F any] struct{ codec[F] }

func (c pointer[F]) readJSON(d *jsonDecoder, v **F) {
	*v = new(F)
	c.codec.readJSON(d, *v)
}

func (c pointer[F]) appendJSON(dst []byte, v **F) []byte { return c.codec.appendJSON(dst, *v) }

func (c pointer[F]) readXML(d *xmlDecoder, v **F) {
	*v = new(F)
	c.codec.readXML(d, *v)
}

func (c pointer[F]) writeXML(w *xmlWriter, name string, v **F) { c.codec.writeXML(w, name, *v) }
func (c pointer[F]) absent(v **F) bool                         { return *v == nil }

// textList is an item that is itself an LText: an array in an array in JSON, an
// element that holds at:Text children in XML.
type textList struct {
	texts
	inXML *record[attestation.LText]
}

func newTextList(item codec[attestation.Text]) textList {
	lists := list[attestation.LText, attestation.Text]{item}
	self := func(v *attestation.LText) *attestation.LText { return v }
	return textList{texts{lists}, newRecord("Texts", one("text", "Text", lists, self).must())}
}

func (c textList) readXML(d *xmlDecoder, v *attestation.LText) { c.inXML.readXML(d, v) }

func (c textList) writeXML(w *xmlWriter, name string, v *attestation.LText) {
	c.inXML.writeXML(w, name, v)
}

func (c textList) repeats() bool { return false }

func (c textList) shape() *shape {
	s := c.list.shape()
	s.wrapper = c.inXML.shape()
	return s
}

// codeCodec is an attestation.Code. In XML the code is the text of the element;
// with labels, which are elements, it is an attribute, since a value never
// stands beside elements.
type codeCodec struct {
	*record[attestation.Code]
	plain, labelled *record[attestation.Code]
}

func newCodeCodec() codeCodec {
	system := attr("system", line, func(v *attestation.Code) *string { return &v.System }).must()
	value := func(v *attestation.Code) *string { return &v.Code }
	labelling := label("label", "Label", func(v *attestation.Code) *attestation.LText { return &v.Label })
	c := codeCodec{
		record:   newRecord("Code", system, attr("code", line, value).must(), labelling),
		plain:    newRecord("Code", system, body("code", line, value).must()),
		labelled: newRecord("Code", system, attr("code", line, value).must(), labelling),
	}
	c.isZero = func(v *attestation.Code) bool { return v.System == "" && v.Code == "" && len(v.Label) == 0 }
	return c
}

func (c codeCodec) readXML(d *xmlDecoder, v *attestation.Code) {
	for _, a := range d.s.Attrs() {
		if a.Name.Is("", "code") {
			c.labelled.readXML(d, v)
			return
		}
	}
	c.plain.readXML(d, v)
}

func (c codeCodec) writeXML(w *xmlWriter, name string, v *attestation.Code) {
	if len(v.Label) > 0 {
		c.labelled.writeXML(w, name, v)
		return
	}
	c.plain.writeXML(w, name, v)
}

func (c codeCodec) shape() *shape {
	s := c.record.shape()
	s.kind = codeShape
	return s
}

// targetCodec is an attestation.Target: in JSON a digest or an object, in XML
// one element with attributes.
type targetCodec struct {
	*record[attestation.Target] // the object
	digest                      text[attestation.Digest]
	inXML                       *record[attestation.Target]
}

func newTargetCodec() targetCodec {
	at := func(name string, get func(*attestation.Target) *string) field[attestation.Target] {
		return attr(name, line, get)
	}
	issuer := at("issuer", func(v *attestation.Target) *string { return &v.Issuer })
	scheme := at("scheme", func(v *attestation.Target) *string { return &v.Scheme })
	number := at("number", func(v *attestation.Target) *string { return &v.Number })
	issue := at("issueNumber", func(v *attestation.Target) *string { return &v.IssueNumber })
	c := targetCodec{
		record: newRecord("Target", issuer.must(), scheme.must(), number.must(), issue),
		digest: text[attestation.Digest]{format: digest},
		inXML: newRecord("Target",
			attr("digest", digest, func(v *attestation.Target) *attestation.Digest { return &v.Digest }),
			issuer, scheme, number, issue),
	}
	c.inXML.oneOf = []group{{first: "digest"}, {first: "issuer", also: []string{"scheme", "number"}, rest: []string{"issueNumber"}}}
	return c
}

func (c targetCodec) readJSON(d *jsonDecoder, v *attestation.Target) {
	if d.r.Kind() == strictjson.String {
		c.digest.readJSON(d, &v.Digest)
		return
	}
	c.record.readJSON(d, v)
}

func (c targetCodec) appendJSON(dst []byte, v *attestation.Target) []byte {
	if v.Digest != "" {
		return c.digest.appendJSON(dst, &v.Digest)
	}
	return c.record.appendJSON(dst, v)
}

func (c targetCodec) readXML(d *xmlDecoder, v *attestation.Target) { c.inXML.readXML(d, v) }

func (c targetCodec) writeXML(w *xmlWriter, name string, v *attestation.Target) {
	c.inXML.writeXML(w, name, v)
}

func (c targetCodec) shape() *shape {
	return &shape{kind: targetShape, name: "Target", item: c.digest.shape(), object: c.record.shape(), wrapper: c.inXML.shape()}
}

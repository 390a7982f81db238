package native

import (
	"slices"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

func (c *record[T]) readXML(d *xmlDecoder, v *T) {
	seen := c.readAttributes(d, v)
	if c.content >= 0 {
		if s, ok := d.text(); ok {
			seen |= 1 << c.content
			d.check(c.fields[c.content].parse(s, v))
		}
	} else {
		seen |= c.readChildren(d, v)
	}
	if d.err != nil {
		return
	}
	if seen == 0 && !c.empty {
		d.report(fault.SchemaLength, "an empty element; leave it out instead")
	}
	c.missing(seen, func(f *field[T]) {
		d.reportAt(f.step(), fault.SchemaMissingField, "this is required")
	})
	c.alternatives(seen, d.report)
}

// step is the field's step in an element path.
func (f *field[T]) step() string {
	if f.place == inAttribute {
		return "/@" + f.xml
	}
	return "/at:" + f.xml
}

func (c *record[T]) readAttributes(d *xmlDecoder, v *T) (seen uint64) {
	next := 0
	for _, a := range d.s.Attrs() {
		i := c.attribute(a.Name, next)
		if i < 0 {
			d.unknownAttribute(a.Name, a.Name.Space == "" && c.reserves(a.Name.Local, inAttribute))
			continue
		}
		seen |= 1 << i
		next = i + 1
		if p := c.fields[i].parse(a.Value, v); p.code != "" {
			d.reportAt("/@"+a.Name.String(), p.code, p.detail)
		}
	}
	return seen
}

// attribute finds a field by the name of its attribute.
func (c *record[T]) attribute(name xmldoc.Name, next int) int {
	local := name.Local
	if name.Space != "" { // attributes of ours are in no namespace
		if !name.Is(xmldoc.XMLSpace, "lang") {
			return -1
		}
		local = "xml:lang"
	}
	for n := range len(c.fields) {
		i := next + n
		if i >= len(c.fields) {
			i -= len(c.fields)
		}
		if f := &c.fields[i]; f.place == inAttribute && f.xml == local {
			return i
		}
	}
	return -1
}

// readChildren reads the child elements, which stand in the order of the
// fields.
func (c *record[T]) readChildren(d *xmlDecoder, v *T) (seen uint64) {
	last := 0
	for d.child() {
		name := d.s.Name()
		if name.Space != Namespace {
			d.report(fault.SchemaUnknownField, "an element of another namespace")
			d.skip()
			continue
		}
		i := c.element(name.Local, last)
		switch {
		case i < 0 && c.reserves(name.Local, inElement):
			d.report(fault.SchemaGatewayField, "only the gateway sets this element")
			d.skip()
		case i < 0:
			d.report(fault.SchemaUnknownField, "this element is not in the schema")
			d.skip()
		case seen&(1<<i) != 0 && !c.fields[i].repeats():
			d.report(fault.SchemaDuplicateField, "this element stands twice")
			d.skip()
		case i < last:
			d.report(fault.SchemaUnknownField, "this element must stand before "+c.fields[last].xml)
			d.skip()
		default:
			seen |= 1 << i
			last = i
			c.fields[i].readXML(d, v)
		}
	}
	return seen
}

// element finds a field by the name of its element.
func (c *record[T]) element(local string, next int) int {
	for n := range len(c.fields) {
		i := next + n
		if i >= len(c.fields) {
			i -= len(c.fields)
		}
		if f := &c.fields[i]; f.place == inElement && f.xml == local {
			return i
		}
	}
	return -1
}

func (c *record[T]) reserves(name string, p place) bool {
	return slices.ContainsFunc(c.reserved, func(r reserved) bool { return r.xml == name && r.place == p })
}

func (c *record[T]) writeXML(w *xmlWriter, name string, v *T) {
	w.start(name)
	if w.depth == 1 {
		w.attr("xmlns:at", Namespace)
	}
	for i := range c.fields {
		f := &c.fields[i]
		if f.place == inAttribute && (f.required || !f.absent(v)) {
			w.attr(f.xml, f.textOf(v))
		}
	}
	if c.content >= 0 {
		w.content(c.fields[c.content].textOf(v))
		w.end(name, true)
		return
	}
	outer := w.inline
	if c.inline {
		w.inline++
	}
	for i := range c.fields {
		f := &c.fields[i]
		if f.place == inElement && (f.required || !f.absent(v)) {
			f.writeXML(w, f.xml, v)
		}
	}
	w.end(name, false)
	w.inline = outer
}

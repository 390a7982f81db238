package cnca

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"accord/formats/dialect"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// Namespace is that of our XML of the records.
const Namespace = "urn:accord:cnca:1"

const namespaceStem = "urn:accord:cnca:"

// elementName writes a field name as an XML name: a character that may not stand
// there, and an underscore that would begin an escape, is _xHHHH_ (ISO/IEC
// 9075-14, section 9.1).
func elementName(name string) string {
	if xmldoc.IsNCName(name) && !strings.Contains(name, "_x") {
		return name
	}
	var b strings.Builder
	for i, c := range name {
		plain := xmldoc.IsNCName("a" + string(c))
		if i == 0 {
			plain = xmldoc.IsNCName(string(c))
		}
		if plain && !(c == '_' && strings.HasPrefix(name[i:], "_x")) {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "_x%04X_", c)
		}
	}
	return b.String()
}

// fieldName undoes elementName.
func fieldName(element string) string {
	if !strings.Contains(element, "_x") {
		return element
	}
	var b strings.Builder
	for element != "" {
		if strings.HasPrefix(element, "_x") {
			if end := strings.IndexByte(element[2:], '_'); end >= 4 && end <= 6 {
				if c, err := strconv.ParseUint(element[2:2+end], 16, 32); err == nil && utf8.ValidRune(rune(c)) { //nolint:gosec // at most six digits
					b.WriteRune(rune(c)) //nolint:gosec // a valid rune
					element = element[end+3:]
					continue
				}
			}
		}
		_, n := utf8.DecodeRuneInString(element)
		b.WriteString(element[:n])
		element = element[n:]
	}
	return b.String()
}

// readXML reads the elements of a record of one of the forms.
func readXML(src []byte, forms []*form) (*record, error) {
	s := xmldoc.NewScanner(src, xmldoc.DefaultLimits())
	r, err := openXML(s, forms)
	if err != nil {
		return nil, err
	}
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case xmldoc.StartElement:
			if err := r.element(s, src); err != nil {
				return nil, err
			}
		case xmldoc.Text, xmldoc.CData:
			if !s.Blank() {
				r.found = append(r.found, fault.At(fault.XMLMixedContent, s.Path(), "text between the fields"))
			}
		case xmldoc.Comment, xmldoc.PI:
			r.losses.Add(dialect.Info, dialect.Comment, s.Path())
		case xmldoc.EOF:
			return r, nil
		default: // the end of the root
		}
	}
}

// openXML reads to the root element, which says the form.
func openXML(s *xmldoc.Scanner, forms []*form) (*record, error) {
	var before []string
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, err
		}
		if kind != xmldoc.StartElement {
			before = append(before, s.Path())
			continue
		}
		name := s.Name()
		for _, f := range forms {
			if name.Local != f.root {
				continue
			}
			if name.Space != Namespace {
				return nil, fault.At(fault.SchemaNamespace, "/"+f.root, "the namespace is "+Namespace+"; another is another version")
			}
			r := newRecord(f, "xml")
			for _, at := range before {
				r.losses.Add(dialect.Info, dialect.Comment, at)
			}
			for _, a := range s.Attrs() {
				r.found = append(r.found, fault.At(fault.SchemaUnknownField, "/"+f.root+"/@"+a.Name.String(), "the root has no attributes"))
			}
			return r, nil
		}
		return nil, fault.At(fault.SchemaNamespace, s.Path(), "the root is "+forms[0].root+" in "+Namespace)
	}
}

// element reads one field.
func (r *record) element(s *xmldoc.Scanner, src []byte) error {
	tag, from, at := s.Name(), s.Offset(), ""
	simple := len(s.Attrs()) == 0
	qualified := tag.Prefix != "" || len(s.NS()) > 0
	name, known := r.form.byElement[tag.Local]
	if !known {
		name = fieldName(tag.Local)
	}
	if !simple || tag.Space != Namespace {
		at = s.Path()
	}
	if !simple && known {
		r.found = append(r.found, fault.At(fault.SchemaUnknownField, at+"/@"+s.Attrs()[0].Name.String(), "a field has no attributes"))
	}
	value, parts := "", 0
	for depth := 1; depth > 0; {
		kind, err := s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmldoc.StartElement:
			depth++
			simple = false
			qualified = qualified || s.Name().Prefix != "" || len(s.NS()) > 0
			if known && depth == 2 {
				r.found = append(r.found, fault.At(fault.XMLMixedContent, s.Path(), "a field holds text alone"))
			}
		case xmldoc.EndElement:
			depth--
		case xmldoc.Text, xmldoc.CData:
			if parts++; parts == 1 {
				value = s.Text()
			} else {
				value += s.Text()
			}
		default:
			if known {
				r.losses.Add(dialect.Info, dialect.Comment, s.Path())
			}
			simple = false
		}
	}
	switch {
	case tag.Space != Namespace:
		r.found = append(r.found, fault.At(fault.SchemaUnknownField, at, "the field is of another namespace"))
	case known:
		r.put(name, text, value)
	case simple:
		r.extras = append(r.extras, extra{name, true, value})
	case qualified:
		r.found = append(r.found, fault.At(fault.SchemaUnknownField, r.at(name), "no such field, and its prefixes cannot be carried"))
	default:
		r.extras = append(r.extras, extra{name, false, string(src[from:s.InputOffset()])})
	}
	return nil
}

// writeXML writes a record. What XML cannot tell apart is returned by the index
// of the field: a null, a number.
func writeXML(r *record) (out []byte, narrowed []int) {
	b := make([]byte, 0, 8192)
	b = append(b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<"...)
	b = append(append(append(b, r.form.root...), ` xmlns="`...), Namespace+"\">\n"...)
	one := func(el, value string) {
		b = append(append(append(b, "  <"...), el...), '>')
		b = xmldoc.AppendText(b, value)
		b = append(append(append(b, "</"...), el...), ">\n"...)
	}
	for i := range r.cells {
		c := &r.cells[i]
		if c.shape == absent {
			continue
		}
		if c.shape != text {
			narrowed = append(narrowed, i)
		}
		el := r.form.elements[i]
		if c.alias != "" {
			el = elementName(c.alias)
		}
		one(el, c.value)
	}
	for i := range r.extras {
		if r.extras[i].flat {
			one(elementName(r.extras[i].name), r.extras[i].fragment)
		} else {
			b = append(append(append(b, "  "...), r.extras[i].fragment...), '\n')
		}
	}
	return append(append(append(b, "</"...), r.form.root...), ">\n"...), narrowed
}

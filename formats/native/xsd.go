package native

import (
	"slices"
	"strconv"
	"strings"

	"accord/formats/xmldoc"
)

// xsdMaker writes the XML Schema (1.0) of the description. It says what a
// document may be; what XML Schema 1.0 cannot say (alternatives among
// attributes and elements, text or labels of a code) the reader checks.
type xsdMaker struct {
	types map[string]string // definitions by name
	names []string          // in the order of the document
}

// xmlSchema makes the XSD of submission and view. They share a namespace and a
// root element, so what only a view has is optional in it.
func xmlSchema() []byte {
	m := &xsdMaker{types: map[string]string{}}
	root := view.shape()
	required := map[string]bool{}
	for _, f := range submission.shape().fields {
		required[f.json] = f.required
	}
	for i := range root.fields {
		root.fields[i].required = required[root.fields[i].json]
	}
	m.record(root)

	var b strings.Builder
	b.WriteString(xmlDeclaration + "\n")
	b.WriteString(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:at="` + Namespace + `"` +
		` targetNamespace="` + Namespace + `" elementFormDefault="qualified" version="1">` + "\n")
	b.WriteString(`  <xs:import namespace="` + xmldoc.XMLSpace + `" schemaLocation="xml.xsd"/>` + "\n")
	b.WriteString(`  <xs:element name="` + rootElement + `" type="at:` + root.name + `"/>` + "\n")
	for _, name := range m.names {
		b.WriteString(m.types[name])
	}
	b.WriteString("</xs:schema>\n")
	return []byte(b.String())
}

// xmlAttributes declares xml:lang, so that a validator needs no other file and
// no network.
func xmlAttributes() []byte {
	return []byte(xmlDeclaration + `
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="` + xmldoc.XMLSpace + `">
  <xs:attribute name="lang"><xs:simpleType><xs:restriction base="xs:language">` + language.facets() + `</xs:restriction></xs:simpleType></xs:attribute>
</xs:schema>
`)
}

// define books the definition of a name once and returns the reference.
func (m *xsdMaker) define(name string, make func() string) string {
	if _, ok := m.types[name]; !ok {
		m.types[name] = "" // stands for itself until it is made
		m.names = append(m.names, name)
		m.types[name] = make()
	}
	return "at:" + name
}

// typeOf returns the name of the type of one element or attribute.
func (m *xsdMaker) typeOf(s *shape) string {
	switch s.kind {
	case booleanShape:
		return m.define("Boolean", func() string {
			return simpleType("Boolean", "xs:boolean", `<xs:pattern value="true|false"/>`)
		})
	case integerShape:
		name := "IntegerFrom" + strconv.Itoa(s.least)
		return m.define(name, func() string {
			return simpleType(name, "xs:integer", `<xs:minInclusive value="`+strconv.Itoa(s.least)+`"/>`+
				`<xs:maxInclusive value="`+strconv.Itoa(maxInteger)+`"/><xs:pattern value="0|[1-9][0-9]*"/>`)
		})
	case textShape:
		return m.define(s.format.name, func() string { return simpleType(s.format.name, "xs:string", s.format.facets()) })
	case listShape:
		if s.wrapper != nil {
			return m.record(s.wrapper)
		}
		return m.typeOf(s.item)
	case codeShape:
		return m.code(s)
	case targetShape:
		return m.record(s.wrapper)
	case extensionShape:
		return m.define("Extension", func() string {
			return `  <xs:complexType name="Extension">` + "\n" +
				`    <xs:sequence><xs:any namespace="` + FunctionsNamespace + `" processContents="skip"/></xs:sequence>` + "\n" +
				`    <xs:attribute name="uri" type="` + m.typeOf(&shape{format: line}) + `" use="required"/>` + "\n  </xs:complexType>\n"
		})
	default:
		return m.record(s)
	}
}

func (m *xsdMaker) record(s *shape) string {
	return m.define(s.name, func() string {
		var elements, attributes, base string
		for _, f := range s.fields {
			switch f.place {
			case inContent:
				base = m.typeOf(f.shape)
			case inAttribute:
				attributes += m.attribute(&f)
			default:
				elements += m.element(&f)
			}
		}
		out := `  <xs:complexType name="` + s.name + `">` + "\n"
		switch {
		case base != "":
			out += `    <xs:simpleContent><xs:extension base="` + base + `">` + "\n" + attributes + "    </xs:extension></xs:simpleContent>\n"
		case elements != "":
			out += "    <xs:sequence>\n" + elements + "    </xs:sequence>\n" + attributes
		default:
			out += attributes
		}
		return out + "  </xs:complexType>\n"
	})
}

func (m *xsdMaker) attribute(f *fieldShape) string {
	use := ""
	if f.required {
		use = ` use="required"`
	}
	if f.xml == "xml:lang" {
		return `    <xs:attribute ref="xml:lang"` + use + "/>\n"
	}
	return `    <xs:attribute name="` + f.xml + `" type="` + m.typeOf(f.shape) + `"` + use + "/>\n"
}

func (m *xsdMaker) element(f *fieldShape) string {
	occurs := ""
	if !f.required {
		occurs += ` minOccurs="0"`
	}
	if f.kind == listShape && f.wrapper == nil || f.kind == extensionShape {
		occurs += ` maxOccurs="unbounded"`
	}
	return `      <xs:element name="` + f.xml + `" type="` + m.typeOf(f.shape) + `"` + occurs + "/>\n"
}

// code is a text, or with labels an attribute; XML Schema 1.0 can only admit
// both.
func (m *xsdMaker) code(s *shape) string {
	i := slices.IndexFunc(s.fields, func(f fieldShape) bool { return f.json == "label" })
	label := s.fields[i]
	return m.define(s.name, func() string {
		of := m.typeOf(&shape{format: line})
		return `  <xs:complexType name="` + s.name + `" mixed="true">` + "\n    <xs:sequence>\n" + m.element(&label) +
			"    </xs:sequence>\n" + `    <xs:attribute name="system" type="` + of + `" use="required"/>` + "\n" +
			`    <xs:attribute name="code" type="` + of + `"/>` + "\n  </xs:complexType>\n"
	})
}

func simpleType(name, base, facets string) string {
	return `  <xs:simpleType name="` + name + `"><xs:restriction base="` + base + `">` + facets + "</xs:restriction></xs:simpleType>\n"
}

// facets is the XML Schema of a format. A pattern is anchored by itself there,
// and control characters need no mention in XML.
func (f *format) facets() string {
	var b []byte
	switch {
	case f.values != nil:
		for _, v := range f.values {
			b = append(xmldoc.AppendAttr(append(b, "<xs:enumeration"...), "value", v), "/>"...)
		}
	case f.check != nil:
		b = append(xmldoc.AppendAttr(append(b, "<xs:pattern"...), "value", f.pattern), "/>"...)
	default:
		b = append(b, `<xs:minLength value="1"/>`...)
		if f.class == oneLine {
			b = append(xmldoc.AppendAttr(append(b, "<xs:pattern"...), "value",
				"[^\t\n\r\u007f-\u009f\u2028-\u202e\u2066-\u2069]+"), "/>"...)
		}
	}
	return string(b)
}

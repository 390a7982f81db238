package native

import (
	"bytes"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// xmlDecoder reads a document in its XML form, straight from the tokens. Its
// first error is final; findings are collected.
type xmlDecoder struct {
	s   *xmldoc.Scanner
	err error
	findings
}

// decodeXML reads a whole document whose root element is named root.
func decodeXML[T any](src []byte, root string, c codec[T], v *T) error {
	// Strings of the result point into the text, and the caller may use its
	// buffer again.
	d := &xmlDecoder{s: xmldoc.NewScanner(bytes.Clone(src), xmldoc.OwnLimits())}
	if d.prolog() {
		if !d.s.Name().Is(Namespace, root) {
			d.report(fault.SchemaNamespace, "the root element is due to be "+root+" in namespace "+Namespace)
			d.skip()
		} else {
			c.readXML(d, v)
		}
		d.end()
	}
	if d.err != nil {
		return d.err
	}
	return d.list.ErrorOrNil()
}

// next reads a token; a processing instruction is nowhere allowed.
func (d *xmlDecoder) next() xmldoc.Kind {
	if d.err != nil {
		return xmldoc.None
	}
	kind, err := d.s.Next()
	if err != nil {
		d.err = err
		return xmldoc.None
	}
	if kind == xmldoc.PI {
		d.fail(fault.XMLPIForbidden, "a processing instruction")
		return xmldoc.None
	}
	return kind
}

// prolog goes to the root element.
func (d *xmlDecoder) prolog() bool {
	kind := d.next()
	for kind == xmldoc.Comment {
		kind = d.next()
	}
	return kind == xmldoc.StartElement
}

// end reads what follows the root element; the scanner lets only comments and
// instructions stand there.
func (d *xmlDecoder) end() {
	for kind := d.next(); kind != xmldoc.EOF && kind != xmldoc.None; {
		kind = d.next()
	}
}

// child goes to the next child element, and to the end tag if there is none.
func (d *xmlDecoder) child() bool {
	for {
		switch d.next() {
		case xmldoc.StartElement:
			return true
		case xmldoc.Text:
			if !d.s.Blank() {
				return d.fail(fault.XMLMixedContent, "text between elements")
			}
		case xmldoc.CData:
			return d.fail(fault.XMLMixedContent, "text between elements")
		case xmldoc.Comment:
			// Between elements a comment cuts no value in two.
		default:
			return false // end tag or error
		}
	}
}

// text reads the text of the current element up to and with its end tag.
func (d *xmlDecoder) text() (s string, ok bool) {
	for {
		switch d.next() {
		case xmldoc.Text, xmldoc.CData:
			if s == "" {
				s = d.s.Text()
			} else {
				s += d.s.Text()
			}
		case xmldoc.EndElement:
			return s, true
		case xmldoc.Comment:
			return "", d.fail(fault.XMLCommentInValue, "a comment inside a value")
		case xmldoc.StartElement:
			return "", d.fail(fault.XMLMixedContent, "an element inside a value")
		default:
			return "", false
		}
	}
}

// skip reads up to and with the end tag of the current element.
func (d *xmlDecoder) skip() {
	for depth := 1; depth > 0; {
		switch d.next() {
		case xmldoc.StartElement:
			depth++
		case xmldoc.EndElement:
			depth--
		case xmldoc.None, xmldoc.EOF:
			return
		default:
			// Whatever else stands inside goes with it.
		}
	}
}

// fail makes an error final. It returns false for the callers' convenience.
func (d *xmlDecoder) fail(code fault.Code, detail string) bool {
	if d.err == nil {
		d.err = fault.At(code, d.s.Path(), detail)
	}
	return false
}

// report books a finding at the current element.
func (d *xmlDecoder) report(code fault.Code, detail string) { d.reportAt("", code, detail) }

// reportAt is report for an attribute or child of the current element.
func (d *xmlDecoder) reportAt(suffix string, code fault.Code, detail string) {
	if d.err == nil && !d.full() {
		d.add(code, d.s.Path()+suffix, detail)
	}
}

func (d *xmlDecoder) check(p problem) {
	if p.code != "" {
		d.report(p.code, p.detail)
	}
}

// noAttributes reports the attributes of an element that has none.
func (d *xmlDecoder) noAttributes() {
	for _, a := range d.s.Attrs() {
		d.unknownAttribute(a.Name, false)
	}
}

func (d *xmlDecoder) unknownAttribute(name xmldoc.Name, reserved bool) {
	if reserved {
		d.reportAt("/@"+name.String(), fault.SchemaGatewayField, "only the gateway sets this attribute")
		return
	}
	d.reportAt("/@"+name.String(), fault.SchemaUnknownField, "this attribute is not in the schema")
}

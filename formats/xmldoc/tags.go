package xmldoc

import (
	"bytes"

	"accord/internal/fault"
)

// startTag reads a start tag or an empty-element tag (productions 40, 44).
func (s *Scanner) startTag() (Kind, *fault.Error) {
	s.pos++
	from := s.pos
	name, err := s.qname()
	if err != nil {
		return None, err
	}
	if len(s.open) == s.lim.Depth {
		return None, s.failf(fault.XMLDepth, s.start, "more than %d elements inside each other", s.lim.Depth)
	}
	if err := s.count(); err != nil {
		return None, err
	}
	raw := s.view(from, s.pos)
	if s.closing, err = s.attributes(); err != nil {
		return None, err
	}
	if err := s.bind(&name); err != nil {
		s.closing = false
		return None, err
	}
	s.open = append(s.open, frame{name: name, raw: raw, mark: s.declared})
	s.rooted = true
	s.name, s.text = name, ""
	return StartElement, nil
}

// attributes reads up to the end of a start tag and reports whether it ends
// with "/>".
func (s *Scanner) attributes() (empty bool, err *fault.Error) {
	for {
		before := s.pos
		s.skipSpace()
		if s.pos >= len(s.src) {
			return false, s.fail(fault.XMLSyntax, s.start, "document ends inside a tag")
		}
		switch s.src[s.pos] {
		case '>':
			s.pos++
			return false, nil
		case '/':
			if s.pos+1 >= len(s.src) || s.src[s.pos+1] != '>' {
				return false, s.fail(fault.XMLSyntax, s.pos, "'/' inside a tag must be followed by '>'")
			}
			s.pos += 2
			return true, nil
		}
		if s.pos == before {
			return false, s.fail(fault.XMLSyntax, s.pos, "white space is missing before an attribute")
		}
		if err := s.attribute(); err != nil {
			return false, err
		}
	}
}

// attribute reads one attribute (production 41) and puts it with the
// attributes or the bindings.
func (s *Scanner) attribute() *fault.Error {
	from := s.pos
	name, err := s.qname()
	if err != nil {
		return err
	}
	s.skipSpace()
	if s.pos >= len(s.src) || s.src[s.pos] != '=' {
		return s.fail(fault.XMLSyntax, s.pos, "attribute "+quote(name.String())+" has no value")
	}
	s.pos++
	s.skipSpace()
	value, err := s.value()
	if err != nil {
		return err
	}
	if err := s.count(); err != nil {
		return err
	}
	switch {
	case name.Prefix == "xmlns":
		return s.declare(name.Local, value, from)
	case name.Prefix == "" && name.Local == "xmlns":
		return s.declare("", value, from)
	}
	if len(s.attrs) == maxAttributes {
		return s.failf(fault.XMLTooManyNodes, from, "more than %d attributes in one tag", maxAttributes)
	}
	s.attrs = append(s.attrs, Attr{Name: name, Value: value})
	return nil
}

// value reads a quoted attribute value (production 10).
func (s *Scanner) value() (string, *fault.Error) {
	if s.pos >= len(s.src) || (s.src[s.pos] != '"' && s.src[s.pos] != '\'') {
		return "", s.fail(fault.XMLSyntax, s.pos, "an attribute value must stand in quotes")
	}
	mark := s.src[s.pos]
	s.pos++
	from, resolve := s.pos, false
	for i := from; i < len(s.src); i++ {
		c := s.src[i]
		if class[c]&stopsValue == 0 {
			continue
		}
		switch c {
		case mark:
			s.pos = i + 1
			if resolve {
				return s.resolve(from, i, true)
			}
			return s.view(from, i), nil
		case '"', '\'':
		case '<':
			return "", s.fail(fault.XMLSyntax, i, "'<' inside an attribute value")
		case '&', '\t', '\n', '\r':
			resolve = true
		default:
			return "", s.forbidden(i)
		}
	}
	return "", s.fail(fault.XMLSyntax, s.start, "document ends inside an attribute value")
}

// endTag reads an end tag (production 42).
func (s *Scanner) endTag() (Kind, *fault.Error) {
	if len(s.open) == 0 {
		return None, s.fail(fault.XMLSyntax, s.pos, "end tag without a start tag")
	}
	s.pos += len("</")
	raw := s.open[len(s.open)-1].raw
	if len(s.src)-s.pos < len(raw) || s.view(s.pos, s.pos+len(raw)) != raw {
		return None, s.mismatch(raw)
	}
	s.pos += len(raw)
	if s.pos < len(s.src) && class[s.src[s.pos]]&isName != 0 {
		s.pos -= len(raw)
		return None, s.mismatch(raw)
	}
	s.skipSpace()
	if s.pos >= len(s.src) || s.src[s.pos] != '>' {
		return None, s.fail(fault.XMLSyntax, s.pos, "an end tag must end with '>'")
	}
	s.pos++
	return s.leave(), nil
}

// mismatch is the fault of an end tag, whose name starts at pos, that does not
// close the open element.
func (s *Scanner) mismatch(raw string) *fault.Error {
	return s.fail(fault.XMLSyntax, s.pos, "end tag does not match the open element "+quote(raw))
}

// leave closes the innermost element.
func (s *Scanner) leave() Kind {
	top := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.bindings, s.declared = s.bindings[:top.mark], top.mark
	s.name, s.text = top.name, ""
	s.kind = EndElement
	return EndElement
}

// qname reads a qualified name (Namespaces in XML 1.0, production 7). Its
// Space stays empty.
func (s *Scanner) qname() (Name, *fault.Error) {
	src, from, colon, ascii := s.src, s.pos, -1, true
	if from >= len(src) || class[src[from]]&isNameStart == 0 {
		return Name{}, s.fail(fault.XMLSyntax, from, "a name must stand here")
	}
	i := from
	for ; i < len(src); i++ {
		is := class[src[i]]
		if is&(isName|isOdd) == isName {
			continue
		}
		if is&isName == 0 {
			break
		}
		if src[i] != ':' {
			ascii = false
			continue
		}
		if colon >= 0 {
			return Name{}, s.fail(fault.XMLNamespace, from, "a name may have one colon only")
		}
		colon = i
	}
	s.pos = i
	if !ascii {
		if err := s.checkName(from, i); err != nil {
			return Name{}, err
		}
	}
	if colon < 0 {
		return Name{Local: s.view(from, i)}, nil
	}
	if colon == from || colon == i-1 || class[s.src[colon+1]]&isNameStart == 0 {
		return Name{}, s.fail(fault.XMLNamespace, from, "on both sides of the colon of a name must stand a name")
	}
	return Name{Prefix: s.view(from, colon), Local: s.view(colon+1, i)}, nil
}

// checkName holds the characters of a name beyond ASCII against productions 4
// and 4a.
func (s *Scanner) checkName(from, to int) *fault.Error {
	first := true
	for i, r := range s.view(from, to) {
		switch {
		case r == ':':
			first = true
			continue
		case first && !isNameStartRune(r), !isNameRune(r):
			return s.failf(fault.XMLSyntax, from+i, "%U may not stand here in a name", r)
		}
		first = false
	}
	return nil
}

// instruction reads a processing instruction (production 16).
func (s *Scanner) instruction() (Kind, *fault.Error) {
	if err := s.count(); err != nil {
		return None, err
	}
	s.pos += len("<?")
	name, err := s.qname()
	if err != nil {
		return None, err
	}
	switch {
	case name.Prefix != "":
		// Namespaces in XML 1.0, section 7: no colon in a target.
		return None, s.fail(fault.XMLNamespace, s.start, "a processing instruction's target may not have a colon")
	case len(name.Local) == 3 && bytes.EqualFold([]byte(name.Local), []byte("xml")):
		return None, s.fail(fault.XMLSyntax, s.start, "an XML declaration may stand only at the very start")
	}
	from := s.pos
	s.skipSpace()
	end := bytes.Index(s.src[s.pos:], []byte("?>"))
	if end < 0 {
		return None, s.fail(fault.XMLSyntax, s.start, "document ends inside a processing instruction")
	}
	if end > 0 && s.pos == from {
		return None, s.fail(fault.XMLSyntax, s.pos, "white space is missing behind the target")
	}
	end += s.pos
	if s.text, err = s.plain(s.pos, end); err != nil {
		return None, err
	}
	s.name, s.pos = name, end+len("?>")
	return PI, nil
}

package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/strictjson"
)

// streamer writes the document of a form while it reads it, without a tree. It
// needs the members in the order in which [FromXML] writes them; a form in
// another order, or with any fault, it leaves to the reader that builds a tree
// and knows what to say.
type streamer struct {
	reader
	out []byte
	odd bool // another order, or no form
}

// stream returns the document of a form; ok is false where the form must be read
// otherwise.
func stream(src []byte) (out []byte, ok bool) {
	s := streamer{reader: reader{strictjson.NewReader(src, limits())}}
	s.out = make([]byte, 0, len(src)+64)
	s.out = append(s.out, declaration...)
	s.document()
	if s.Finish() != nil || s.odd {
		return nil, false
	}
	return s.out, true
}

// is reports whether the next value is of a kind; if not the form is odd.
func (s *streamer) is(kind strictjson.Kind) bool {
	s.odd = s.odd || s.Kind() != kind
	return !s.odd
}

// next reports whether the next member has that name; if not the form is odd.
func (s *streamer) next(name string) bool {
	s.odd = s.odd || !s.More() || s.Name() != name
	return !s.odd
}

// value returns the string that is next.
func (s *streamer) value() string {
	v, ok := s.Text()
	s.odd = s.odd || !ok
	return v
}

func (s *streamer) document() {
	if !s.is(strictjson.Object) {
		return
	}
	s.Open()
	if !s.next(memberVersion) || !s.is(strictjson.Number) || s.Number() != version || !s.next(memberNodes) || !s.is(strictjson.Array) {
		s.odd = true
		return
	}
	s.Open()
	elements := 0
	for !s.odd && s.More() {
		if s.Kind() != strictjson.Object {
			s.odd = true // no text stands here
			return
		}
		if s.node() {
			elements++
		}
		s.out = append(s.out, '\n')
	}
	s.Close()
	s.odd = s.odd || elements != 1 || s.More()
	s.Close()
}

// node writes the node that is next, an object, and reports whether it is an
// element.
func (s *streamer) node() (isElement bool) {
	s.Open()
	if !s.More() {
		s.odd = true
		return false
	}
	switch s.Name() {
	case memberElement:
		s.element()
		return true
	case memberComment:
		v := s.value()
		s.comment(v)
		s.out = append(append(append(s.out, "<!--"...), v...), "-->"...)
		s.odd = s.odd || s.More()
		s.Close()
	case memberPI:
		target, data := s.value(), ""
		s.target(target)
		if s.More() {
			if s.odd = s.odd || s.Name() != memberData; s.odd {
				return false
			}
			data = s.value()
			s.data(data)
			s.odd = s.odd || s.More()
		}
		s.out = xmldoc.AppendPI(s.out, target, data)
		s.Close()
	default:
		s.odd = true
	}
	return false
}

// The members of an element in the order in which they stand.
var elementOrder = [...]string{memberSpaces, memberAttrs, memberContent}

// element writes an element from behind the name of its first member on.
func (s *streamer) element() {
	name := s.value()
	s.qname(name)
	s.out = append(append(s.out, '<'), name...)
	from := 0
	for !s.odd && s.More() {
		member := s.Name()
		at := from
		for at < len(elementOrder) && elementOrder[at] != member {
			at++
		}
		from = at + 1
		switch {
		case at == len(elementOrder):
			s.odd = true
		case member == memberSpaces:
			s.spaces()
		case member == memberAttrs:
			s.attrs()
		default:
			s.out = append(s.out, '>')
			s.content()
			s.out = append(append(append(s.out, "</"...), name...), '>')
		}
	}
	if from < len(elementOrder) {
		s.out = append(s.out, "/>"...)
	}
	s.Close()
}

func (s *streamer) content() {
	if !s.is(strictjson.Array) {
		return
	}
	s.Open()
	nodes, text := 0, false
	for !s.odd && s.More() {
		nodes++
		if s.Kind() != strictjson.String {
			if s.is(strictjson.Object) {
				s.node()
			}
			text = false
			continue
		}
		v := s.value()
		s.text(v, true)
		s.odd = s.odd || text || v == "" // the form has no empty text, nor two in a row
		s.out = xmldoc.AppendText(s.out, v)
		text = true
	}
	s.odd = s.odd || nodes == 0
	s.Close()
}

func (s *streamer) spaces() {
	if !s.is(strictjson.Object) {
		return
	}
	s.Open()
	n := 0
	for !s.odd && s.More() {
		n++
		prefix := s.Name()
		s.out = append(s.out, " xmlns"...)
		if prefix != "" {
			s.odd = s.odd || !xmldoc.IsNCName(prefix)
			s.out = append(append(s.out, ':'), prefix...)
		}
		uri := s.value()
		s.text(uri, true)
		s.out = append(xmldoc.AppendValue(append(s.out, `="`...), uri), '"')
	}
	s.odd = s.odd || n == 0
	s.Close()
}

func (s *streamer) attrs() {
	if !s.is(strictjson.Array) {
		return
	}
	s.Open()
	n := 0
	for !s.odd && s.More() {
		n++
		if !s.is(strictjson.Array) {
			return
		}
		s.Open()
		s.odd = s.odd || !s.More()
		name := s.value()
		s.odd = s.odd || !s.More()
		value := s.value()
		s.odd = s.odd || s.More()
		s.Close()
		s.attrName(name)
		s.text(value, true)
		s.out = xmldoc.AppendAttr(s.out, name, value)
	}
	s.odd = s.odd || n == 0
	s.Close()
}

package xmldoc

import (
	"strings"

	"accord/internal/fault"
)

// declare books the namespace declaration that starts at offset. The rules are
// those of Namespaces in XML 1.0, section 3 (constraints "Reserved Prefixes and
// Namespace Names" and "No Prefix Undeclaring").
func (s *Scanner) declare(prefix, uri string, offset int) *fault.Error {
	for _, b := range s.bindings[s.declared:] {
		if b.Prefix == prefix {
			return s.fail(fault.XMLDuplicateAttribute, offset, "prefix "+quote(prefix)+" declared twice in one tag")
		}
	}
	switch {
	case prefix == "xmlns", uri == XMLNSSpace:
		return s.fail(fault.XMLNamespace, offset, "the prefix xmlns and its namespace may not be declared")
	case (prefix == "xml") != (uri == XMLSpace):
		return s.fail(fault.XMLNamespace, offset, "the prefix xml and its namespace belong to each other only")
	case prefix != "" && uri == "":
		return s.fail(fault.XMLNamespace, offset, "prefix "+quote(prefix)+" may not be undeclared")
	case len(s.bindings) == maxBindings:
		return s.failf(fault.XMLTooManyNodes, offset, "more than %d namespace declarations in scope", maxBindings)
	}
	if s.lim.FixedPrefixes && prefix != "" {
		if old, ok := s.Lookup(prefix); ok && old != uri {
			return s.fail(fault.XMLNamespace, offset, "prefix "+quote(prefix)+" is bound to another namespace already")
		}
	}
	s.bindings = append(s.bindings, Binding{Prefix: prefix, URI: uri})
	return nil
}

// bind resolves the names of the current start tag and refuses attributes that
// mean the same (constraint "Attributes Unique").
func (s *Scanner) bind(name *Name) *fault.Error {
	if len(s.bindings) > 0 || name.Prefix != "" {
		if err := s.expand(name); err != nil {
			return err
		}
	}
	for i := range s.attrs {
		a := &s.attrs[i].Name
		// An attribute without a prefix is in no namespace (section 6.2).
		if a.Prefix == "" {
			continue
		}
		if err := s.expand(a); err != nil {
			return err
		}
		if a.Local == "id" && a.Space == XMLSpace {
			if err := s.id(s.attrs[i].Value); err != nil {
				return err
			}
		}
	}
	return s.unique()
}

// expand sets the namespace of a name.
func (s *Scanner) expand(name *Name) *fault.Error {
	uri, ok := s.Lookup(name.Prefix)
	if !ok {
		return s.fail(fault.XMLNamespace, s.start, "prefix "+quote(name.Prefix)+" is not bound")
	}
	name.Space = uri
	return nil
}

// unique refuses two attributes of one expanded name.
func (s *Scanner) unique() *fault.Error {
	for i := 1; i < len(s.attrs); i++ {
		for j := range i {
			if s.attrs[i].Name.Is(s.attrs[j].Name.Space, s.attrs[j].Name.Local) {
				return s.duplicate(s.attrs[i].Name)
			}
		}
	}
	return nil
}

func (s *Scanner) duplicate(name Name) *fault.Error {
	return s.fail(fault.XMLDuplicateAttribute, s.start, "attribute "+quote(name.String())+" stands twice in one tag")
}

// id books an xml:id. Other attributes of type ID cannot be known without a
// schema; whoever follows references by ID looks at those itself.
func (s *Scanner) id(value string) *fault.Error {
	value = strings.Trim(value, " ")
	if _, ok := s.ids[value]; ok {
		return s.fail(fault.XMLDuplicateID, s.start, "xml:id "+quote(value)+" stands twice in the document")
	}
	if s.ids == nil {
		s.ids = make(map[string]struct{})
	}
	s.ids[value] = struct{}{}
	return nil
}

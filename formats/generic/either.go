package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// AsXML returns the XML of any JSON text: the document itself if the text is the
// form of one, that is an object with a member "accord:infoset", and the form of
// the text otherwise. [AsJSON] is its inverse.
func AsXML(src []byte) ([]byte, error) {
	w := jsonWriter{in: strictjson.NewReader(src, jsonLimits())}
	out, err := w.document(len(src))
	if !w.infoset && (err == nil || !isInfoset(src)) {
		return out, err
	}
	if out, err = ToXML(src); err != nil {
		return nil, err
	}
	if isJSONForm(out) {
		return nil, fault.At(fault.SchemaNamespace, "/"+memberNodes,
			"the document is the form of a JSON text: give the text itself, so that it has one form")
	}
	return out, nil
}

// AsJSON returns the JSON of any XML document: the text itself if the document
// is the form of one, that is if its root element is in [JSONNamespace], and the
// form of the document otherwise.
func AsJSON(src []byte) ([]byte, error) {
	if isJSONForm(src) {
		return ToJSON(src)
	}
	return FromXML(src)
}

// isJSONForm reports whether the root element is in the namespace of the form.
func isJSONForm(src []byte) bool {
	s := xmldoc.NewScanner(src, jsonFormLimits())
	for {
		switch kind, err := s.Next(); {
		case err != nil || kind == xmldoc.EOF:
			return false
		case kind == xmldoc.StartElement:
			return s.Name().Space == JSONNamespace
		}
	}
}

// isInfoset reports whether the text is an object with the member that makes it
// the form of a document. Such a text may be larger than any other.
func isInfoset(src []byte) bool {
	r := strictjson.NewReader(src, limits())
	if r.Kind() != strictjson.Object {
		return false
	}
	r.Open()
	for r.More() {
		if r.Name() == memberVersion {
			return true
		}
		r.Skip()
	}
	return false
}

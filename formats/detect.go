package formats

import (
	"bytes"

	"accord/formats/native"
	"accord/formats/xmldoc"
	"accord/internal/strictjson"
)

// Detect returns the format of a document by its first element or its members,
// and "" if it is none that we know. It says what the octets want to be; whether they
// can be read is for the reader. A gateway goes by the media type alone.
func Detect(src []byte) string { return standard().detect(src) }

// detect holds a document against our own forms, then against each dialect;
// XML that nobody knows is generic.
func (t table) detect(src []byte) string {
	name := detectOwn(src)
	if name != "" && name != GenericXML {
		return name
	}
	for _, c := range t {
		if c.Recognises(src) {
			return c.Name
		}
	}
	return name
}

func detectOwn(src []byte) string {
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(trimmed, []byte("<")):
		return detectXML(src)
	case bytes.HasPrefix(trimmed, []byte("{")):
		return detectJSON(src)
	default:
		return ""
	}
}

func detectXML(src []byte) string {
	s := xmldoc.NewScanner(src, xmldoc.DefaultLimits())
	for {
		switch kind, err := s.Next(); {
		case err != nil || kind == xmldoc.EOF:
			return ""
		case kind != xmldoc.StartElement:
			continue
		case s.Name().Space == native.Namespace:
			return NativeXML
		default:
			return GenericXML
		}
	}
}

func detectJSON(src []byte) string {
	r := strictjson.NewReader(src, strictjson.DefaultLimits())
	r.Open()
	for r.More() {
		switch r.Name() {
		case "accord:infoset":
			return GenericJSON
		case "modelVersion":
			return NativeJSON
		}
		r.Skip()
	}
	return ""
}

package formats

import (
	"bytes"

	"accord/formats/native"
	"accord/formats/xmldoc"
	"accord/internal/fault"
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

// Unsafe returns why octets that tell no format cannot be read as XML or JSON at
// all, nil if they can or want to be neither.
func Unsafe(src []byte) error {
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(src, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return fault.New(fault.JSONEmpty, "the file is empty")
	case trimmed[0] == '<', bytes.HasPrefix(src, []byte("\xfe\xff")), bytes.HasPrefix(src, []byte("\xff\xfe")):
		return xmldoc.Check(src, xmldoc.DefaultLimits())
	case trimmed[0] == '{', trimmed[0] == '[':
		return strictjson.Check(src, strictjson.DefaultLimits())
	default:
		return nil
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

package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// FromJSON returns the XML form of any JSON text but one: an object with a member
// "accord:infoset" is the form of an XML document already and is refused
// (schema.format). What is no acceptable JSON is refused with json.*.
func FromJSON(src []byte) ([]byte, error) {
	w := jsonWriter{in: strictjson.NewReader(src, jsonLimits())}
	out, err := w.document(len(src))
	if w.infoset {
		return nil, fault.At(fault.SchemaFormat, "/"+memberVersion,
			"this member makes the text the form of an XML document; it is no JSON of its own")
	}
	return out, err
}

// jsonWriter turns JSON into its XML form as it is read.
type jsonWriter struct {
	in      *strictjson.Reader
	out     []byte
	depth   int
	infoset bool // a form of XML was met instead
}

func (w *jsonWriter) document(size int) ([]byte, error) {
	w.out = make([]byte, 0, 2*size+128)
	w.out = append(w.out, declaration+"<"+rootName+` xmlns="`+JSONNamespace+`"`...)
	w.value(rootName)
	w.out = append(w.out, '\n')
	if w.infoset {
		return nil, nil
	}
	if err := w.in.Finish(); err != nil {
		return nil, err
	}
	return w.out, nil
}

// value writes the value that is next behind the start of its tag. The Reader
// bounds the depth.
func (w *jsonWriter) value(element string) {
	switch w.in.Kind() {
	case strictjson.Object:
		w.open(kindObject)
		w.in.Open()
		w.depth++
		for w.in.More() {
			if w.member(); w.infoset {
				return
			}
		}
		w.depth--
		w.in.Close()
	case strictjson.Array:
		w.open(kindArray)
		w.in.Open()
		w.depth++
		for w.in.More() {
			w.out = append(w.out, "<"+itemName...)
			w.value(itemName)
		}
		w.depth--
		w.in.Close()
	case strictjson.String:
		w.text(w.in.String())
	case strictjson.Number:
		w.open(kindNumber)
		w.out = append(w.out, w.in.Lexical()...)
	case strictjson.True:
		w.in.Skip()
		w.out = append(w.out, ` type="boolean">true`...)
	case strictjson.False:
		w.in.Skip()
		w.out = append(w.out, ` type="boolean">false`...)
	default: // null, or the error
		w.in.Skip()
		w.open(kindNull)
	}
	w.out = append(append(append(w.out, "</"...), element...), '>')
}

func (w *jsonWriter) open(kind string) {
	w.out = append(append(append(w.out, ` type="`...), kind...), `">`...)
}

// member writes one member of an object.
func (w *jsonWriter) member() {
	name := w.in.Name()
	if w.depth == 1 && name == memberVersion {
		w.infoset = true
		return
	}
	w.out = append(w.out, "<"+memberName+` name="`...)
	if xmldoc.IsText(name) {
		w.out = append(xmldoc.AppendValue(w.out, name), '"')
	} else {
		w.out = append(xmldoc.AppendValue(w.out, escapeText(name)), `" escapedName="true"`...)
	}
	w.value(memberName)
}

func (w *jsonWriter) text(s string) {
	if xmldoc.IsText(s) {
		w.open(kindString)
		w.out = xmldoc.AppendText(w.out, s)
		return
	}
	w.out = append(w.out, ` type="string" escaped="true">`...)
	w.out = xmldoc.AppendText(w.out, escapeText(s))
}

package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/strictjson"
)

// FromXML returns the JSON form of a document. What is no acceptable XML is
// refused with the error of the gate.
func FromXML(src []byte) ([]byte, error) {
	w := writer{in: xmldoc.NewScanner(src, xmldoc.DefaultLimits())}
	w.out = make([]byte, 0, len(src)+len(src)/2)
	w.out = append(w.out, `{"`+memberVersion+`":`+version+`,"`+memberNodes+`":[`...)
	w.first = true
	for {
		kind, err := w.in.Next()
		if err != nil {
			return nil, err
		}
		if kind == xmldoc.EOF {
			return append(w.out, "]}"...), nil
		}
		w.token(kind)
	}
}

// writer turns tokens into the form as they come, without a tree.
type writer struct {
	in    *xmldoc.Scanner
	out   []byte
	first bool   // the list that is open has no node yet
	leaf  bool   // the innermost element has no list yet
	text  string // text that waits for its end; neighbouring texts are one
	join  []byte // takes text over when there is more than one
}

func (w *writer) token(kind xmldoc.Kind) {
	if kind == xmldoc.Text || kind == xmldoc.CData {
		w.addText(w.in.Text())
		return
	}
	w.endText()
	switch kind {
	case xmldoc.StartElement:
		w.node()
		w.element()
		w.leaf = true
	case xmldoc.EndElement:
		if !w.leaf {
			w.out = append(w.out, ']')
		}
		w.out = append(w.out, '}')
		w.leaf, w.first = false, false
	case xmldoc.Comment:
		w.node()
		w.member('{', memberComment, w.in.Text())
		w.out = append(w.out, '}')
	case xmldoc.PI:
		w.node()
		w.member('{', memberPI, w.in.Name().Local)
		if data := w.in.Text(); data != "" {
			w.member(',', memberData, data)
		}
		w.out = append(w.out, '}')
	default:
		// Text was dealt with above, and EOF ends the loop.
	}
}

// addText books a text. Many in a row, as CDATA sections can give, must not be
// copied again with each.
func (w *writer) addText(s string) {
	if w.text == "" && len(w.join) == 0 {
		w.text = s
		return
	}
	w.join = append(append(w.join, w.text...), s...)
	w.text = ""
}

// endText writes the text that waits.
func (w *writer) endText() {
	if len(w.join) > 0 {
		w.text, w.join = string(w.join), w.join[:0]
	}
	if w.text == "" {
		return
	}
	w.node()
	w.out = strictjson.AppendString(w.out, w.text)
	w.text = ""
}

// node begins a node in the list that is open, or opens the list.
func (w *writer) node() {
	switch {
	case w.leaf:
		w.out = append(w.out, `,"`+memberContent+`":[`...)
	case !w.first:
		w.out = append(w.out, ',')
	}
	w.leaf, w.first = false, false
}

// element writes the object of a start tag up to where its content follows.
func (w *writer) element() {
	w.member('{', memberElement, w.in.Name().String())
	if spaces := w.in.NS(); len(spaces) > 0 {
		w.out = append(w.out, `,"`+memberSpaces+`":`...)
		mark := byte('{')
		for _, b := range spaces {
			w.member(mark, b.Prefix, b.URI)
			mark = ','
		}
		w.out = append(w.out, '}')
	}
	if attrs := w.in.Attrs(); len(attrs) > 0 {
		w.out = append(w.out, `,"`+memberAttrs+`":`...)
		mark := byte('[')
		for _, a := range attrs {
			w.out = append(w.out, mark, '[')
			w.out = strictjson.AppendString(w.out, a.Name.String())
			w.out = append(w.out, ',')
			w.out = strictjson.AppendString(w.out, a.Value)
			w.out = append(w.out, ']')
			mark = ','
		}
		w.out = append(w.out, ']')
	}
}

// member writes a mark and a member whose value is a string.
func (w *writer) member(mark byte, name, value string) {
	w.out = append(w.out, mark)
	w.out = strictjson.AppendString(w.out, name)
	w.out = append(w.out, ':')
	w.out = strictjson.AppendString(w.out, value)
}

package native

import "accord/formats/xmldoc"

// xmlWriter writes the XML form: two spaces for each level, and on one line
// what is inside a record that is marked so. White space stands only between
// elements, where it means nothing.
type xmlWriter struct {
	out    []byte
	depth  int
	inline int  // how many open elements want their children on their line
	open   bool // the last start tag still lacks its ">"
}

const xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>`

// start begins an element of our namespace.
func (w *xmlWriter) start(name string) {
	w.finishTag()
	w.indent()
	w.out = append(append(w.out, "<at:"...), name...)
	w.open = true
	w.depth++
}

func (w *xmlWriter) attr(name, value string) { w.out = xmldoc.AppendAttr(w.out, name, value) }

// content writes the text of an element that has no children.
func (w *xmlWriter) content(s string) {
	w.finishTag()
	w.out = xmldoc.AppendText(w.out, s)
}

// end ends an element; text says that it held a text.
func (w *xmlWriter) end(name string, text bool) {
	w.depth--
	if w.open {
		w.out = append(w.out, "/>"...)
		w.open = false
		return
	}
	if !text {
		w.indent()
	}
	w.out = append(append(append(w.out, "</at:"...), name...), '>')
}

// leaf writes an element that holds only a text.
func (w *xmlWriter) leaf(name, s string) {
	w.start(name)
	w.content(s)
	w.end(name, true)
}

func (w *xmlWriter) finishTag() {
	if w.open {
		w.out = append(w.out, '>')
		w.open = false
	}
}

func (w *xmlWriter) indent() {
	if w.inline > 0 {
		return
	}
	w.out = append(w.out, '\n')
	for range w.depth {
		w.out = append(w.out, "  "...)
	}
}

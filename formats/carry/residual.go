package carry

import (
	"strings"

	"accord/attestation"
	"accord/formats/xmldoc"
)

// The targets of the instructions in a frame.
const (
	targetOwn      = "accord-"
	targetField    = "accord-field"
	targetResidual = "accord-residual"
	targetBlob     = "accord-blob"
	targetPI       = "accord-pi"
)

// The kinds of pieces that every dialect has.
const (
	KindFrame   = "frame"
	KindElement = "element"
	KindComment = "comment"
	KindPI      = "pi"
)

// Take says that a field of the submission, named by its JSON Pointer, holds the
// text of an element, which has nothing else in it.
func (d *Document) Take(n *Node, pointer string) {
	n.field = pointer
	d.Note(n, pointer)
}

// Note says that a field comes from a node, so that a finding about the one can
// be told as one about the other. The document keeps the text itself.
func (d *Document) Note(n *Node, pointer string) { d.places[pointer] = n }

// Release gives the text of an element back to the document: its field holds
// something made of it. What was noted stays noted.
func (d *Document) Release(n *Node) { n.field = "" }

// Place returns the node from which the field at a pointer comes, or the field
// around it, nil if there is none.
func (d *Document) Place(pointer string) *Node {
	for {
		if n := d.places[pointer]; n != nil {
			return n
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return nil
		}
		pointer = pointer[:i]
	}
}

// Leaves returns where fields come from: the path of each node by the pointer of
// its field. Of a field in a field only the inner one is there.
func (d *Document) Leaves() map[string]string {
	leaves := make(map[string]string, len(d.places))
	for pointer, n := range d.places {
		leaves[pointer] = n.Path()
	}
	for pointer := range d.places {
		for i := strings.LastIndexByte(pointer, '/'); i > 0; i = strings.LastIndexByte(pointer[:i], '/') {
			delete(leaves, pointer[:i])
		}
	}
	return leaves
}

// Residual returns the pieces that no field took, the frame first.
func (d *Document) Residual(format string) []attestation.Residual {
	for _, n := range d.places {
		if n.field != "" {
			for ; n != nil && !n.open; n = n.Parent {
				n.open = true
			}
		}
	}
	d.Root.open = true
	f := framer{format: format, pieces: make([]attestation.Residual, 1)}
	for _, n := range d.Nodes {
		f.node(n)
	}
	f.pieces[0] = attestation.Residual{Format: format, Path: d.Root.Path(), Kind: KindFrame, Fragment: string(f.frame)}
	return f.pieces
}

// framer writes the frame and cuts the pieces out of it.
type framer struct {
	format string
	frame  []byte
	pieces []attestation.Residual
}

func (f *framer) node(n *Node) {
	switch {
	case n.Kind == xmldoc.Text:
		f.frame = appendText(f.frame, n.Text)
	case n.Kind == xmldoc.StartElement && n.open:
		f.frame = n.appendStart(f.frame)
		if n.field != "" {
			f.frame = xmldoc.AppendPI(f.frame, targetField, n.field)
		} else {
			for _, c := range n.Children {
				f.node(c)
			}
		}
		f.frame = n.appendEnd(f.frame)
	default:
		f.cut(n)
	}
}

func (f *framer) cut(n *Node) {
	kind := KindElement
	switch {
	case n.Kind == xmldoc.Comment:
		kind = KindComment
	case n.Kind == xmldoc.PI:
		kind = KindPI
	case n.Label != "":
		kind = n.Label
	}
	f.frame = xmldoc.AppendPI(f.frame, targetResidual, "")
	f.pieces = append(f.pieces, attestation.Residual{
		Format: f.format, Path: n.Path(), Kind: kind, Fragment: string(n.appendXML(nil)),
	})
}

// appendXML writes a node with all that is in it.
func (n *Node) appendXML(dst []byte) []byte {
	switch n.Kind {
	case xmldoc.Text:
		return appendText(dst, n.Text)
	case xmldoc.Comment:
		dst = append(append(dst, "<!--"...), n.Text...)
		return append(dst, "-->"...)
	case xmldoc.PI:
		if strings.HasPrefix(n.Name.Local, targetOwn) {
			return xmldoc.AppendPI(dst, targetPI, strings.TrimSuffix(n.Name.Local+" "+n.Text, " "))
		}
		return xmldoc.AppendPI(dst, n.Name.Local, n.Text)
	default:
		dst = n.appendStart(dst)
		if n.blob != "" {
			dst = xmldoc.AppendPI(dst, targetBlob, n.blob)
		} else {
			for _, c := range n.Children {
				dst = c.appendXML(dst)
			}
		}
		return n.appendEnd(dst)
	}
}

func (n *Node) appendStart(dst []byte) []byte {
	dst = append(append(dst, '<'), n.Name.String()...)
	for _, b := range n.Spaces {
		name := "xmlns"
		if b.Prefix != "" {
			name += ":" + b.Prefix
		}
		dst = appendAttr(dst, name, b.URI)
	}
	for _, a := range n.Attrs {
		dst = appendAttr(dst, a.Name.String(), a.Value)
	}
	return append(dst, '>')
}

func (n *Node) appendEnd(dst []byte) []byte {
	dst = append(append(dst, "</"...), n.Name.String()...)
	return append(dst, '>')
}

// appendText writes character data. The controls from U+007F to U+009F, which
// XML has and our documents refuse, become references.
func appendText(dst []byte, s string) []byte {
	from := len(dst)
	return referControls(xmldoc.AppendText(dst, s), from, s)
}

func appendAttr(dst []byte, name, value string) []byte {
	from := len(dst)
	return referControls(xmldoc.AppendAttr(dst, name, value), from, value)
}

func referControls(dst []byte, from int, s string) []byte {
	if strings.IndexFunc(s, isControl) < 0 {
		return dst
	}
	written := string(dst[from:])
	dst = dst[:from]
	for _, r := range written {
		if isControl(r) {
			dst = append(dst, "&#x"...)
			dst = append(dst, "0123456789ABCDEF"[r>>4], "0123456789ABCDEF"[r&15], ';')
			continue
		}
		dst = append(dst, string(r)...)
	}
	return dst
}

func isControl(r rune) bool { return r >= 0x7F && r < 0xA0 }

package generic

import (
	"accord/formats/xmldoc"
)

// kind says what a node is.
type kind uint8

const (
	element kind = iota + 1
	text
	comment
	instruction
)

// node is one node of the form, checked for all that can be said of it alone.
type node struct {
	kind    kind
	name    string // of an element; target of an instruction
	value   string // of a text or comment; data of an instruction
	spaces  []xmldoc.Binding
	attrs   []attr
	content []node
}

type attr struct{ name, value string }

// appendXML writes the node.
func (n *node) appendXML(dst []byte) []byte {
	switch n.kind {
	case element:
		return n.appendElement(dst)
	case comment:
		dst = append(append(dst, "<!--"...), n.value...)
		return append(dst, "-->"...)
	case instruction:
		return xmldoc.AppendPI(dst, n.name, n.value)
	default:
		return xmldoc.AppendText(dst, n.value)
	}
}

func (n *node) appendElement(dst []byte) []byte {
	dst = append(append(dst, '<'), n.name...)
	for _, b := range n.spaces {
		name := "xmlns"
		if b.Prefix != "" {
			name += ":" + b.Prefix
		}
		dst = xmldoc.AppendAttr(dst, name, b.URI)
	}
	for _, a := range n.attrs {
		dst = xmldoc.AppendAttr(dst, a.name, a.value)
	}
	if len(n.content) == 0 {
		return append(dst, "/>"...)
	}
	dst = append(dst, '>')
	for i := range n.content {
		dst = n.content[i].appendXML(dst)
	}
	dst = append(append(dst, "</"...), n.name...)
	return append(dst, '>')
}

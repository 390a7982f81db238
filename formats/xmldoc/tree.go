package xmldoc

import (
	"github.com/beevik/etree"
)

// Document is a document as an ordered tree, in which every element, attribute,
// text, comment and instruction has its place.
//
// What it does not keep is what canonical XML drops too: white space between
// attributes and outside the root element, the order of attributes against
// namespace declarations, quotes, empty-element tags against pairs of tags,
// how a character was written, and a byte order mark.
type Document struct {
	// Tree is the document, the XML declaration its first instruction. CDATA
	// sections are plain text in it, since goxmldsig does not canonicalise
	// them as the standard says. Whoever changes it must keep it well-formed:
	// Serialise refuses it else.
	Tree *etree.Document
	// CData says that the document had CDATA sections.
	CData bool
}

// Parse reads a document through the gate, within the default limits.
func Parse(src []byte) (*Document, error) { return ParseLimited(src, DefaultLimits()) }

// ParseLimited reads a document through the gate. An error is that of the
// Scanner. The document does not refer to src afterwards.
func ParseLimited(src []byte, lim Limits) (*Document, error) {
	// The scanner's strings point into its source, and a tree may outlive it.
	s := NewScanner(append([]byte(nil), src...), lim)
	doc := &Document{Tree: etree.NewDocument()}
	tree := doc.Tree
	at := &tree.Element
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, err
		}
		if d := s.Declaration(); d != "" && len(tree.Child) == 0 {
			tree.CreateProcInst("xml", d)
		}
		switch kind {
		case StartElement:
			at = at.CreateElement(s.Name().String())
			for _, b := range s.NS() {
				at.CreateAttr(b.key(), b.URI)
			}
			for _, a := range s.Attrs() {
				at.CreateAttr(a.Name.String(), a.Value)
			}
		case EndElement:
			at = at.Parent()
		case Text:
			at.CreateText(s.Text())
		case CData:
			doc.CData = true
			at.CreateText(s.Text())
		case Comment:
			at.CreateComment(s.Text())
		case PI:
			at.CreateProcInst(s.Name().Local, s.Text())
		default: // EOF
			return doc, nil
		}
	}
}

// key is the name of the attribute that declares b.
func (b Binding) key() string {
	if b.Prefix == "" {
		return "xmlns"
	}
	return "xmlns:" + b.Prefix
}

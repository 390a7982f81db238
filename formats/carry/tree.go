package carry

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"accord/formats/xmldoc"
)

// Node is an element, text, comment or instruction of a document. Its strings
// point into the source; who keeps one for long clones it.
type Node struct {
	Kind     xmldoc.Kind // StartElement, Text, Comment or PI
	Name     xmldoc.Name // of an element; the target of an instruction as Local
	Spaces   []xmldoc.Binding
	Attrs    []xmldoc.Attr
	Text     string // of a text or comment; data of an instruction
	Children []*Node
	Parent   *Node

	// Label is the kind under which an element that nobody takes from goes into
	// the residual; "" is "element".
	Label string

	index int    // among its siblings of one name, from 1
	field string // pointer of the field that took its text
	blob  string // digest and layout of the base64 that was lifted out of it
	open  bool   // stands in the frame
}

// Document is a document as a tree.
type Document struct {
	Nodes []*Node // the root element, and comments and instructions around it
	Root  *Node
	Size  int // octets

	places map[string]*Node // by pointer into the submission
}

// Parse reads a document through the gate, whose error it returns. src must not
// change while the tree is in use.
func Parse(src []byte, lim xmldoc.Limits) (*Document, error) {
	s := xmldoc.NewScanner(src, lim)
	d := &Document{Size: len(src), places: map[string]*Node{}}
	top := &Node{}
	at := top
	counts := []map[string]int{{}}
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case xmldoc.StartElement:
			n := &Node{Kind: kind, Name: s.Name(), Parent: at, Spaces: append([]xmldoc.Binding(nil), s.NS()...),
				Attrs: append([]xmldoc.Attr(nil), s.Attrs()...)}
			n.index = count(counts[len(counts)-1], s.Name().String())
			at.Children = append(at.Children, n)
			at = n
			counts = append(counts, map[string]int{})
		case xmldoc.EndElement:
			at, counts = at.Parent, counts[:len(counts)-1]
		case xmldoc.Text, xmldoc.CData:
			if s.Text() != "" {
				at.Children = append(at.Children, &Node{Kind: xmldoc.Text, Text: s.Text(), Parent: at})
			}
		case xmldoc.Comment:
			at.Children = append(at.Children, &Node{Kind: kind, Text: s.Text(), Parent: at, index: count(counts[len(counts)-1], "comment()")})
		case xmldoc.PI:
			at.Children = append(at.Children, &Node{Kind: kind, Name: s.Name(), Text: s.Text(), Parent: at,
				index: count(counts[len(counts)-1], "processing-instruction()")})
		default: // EOF
			d.Nodes = top.Children
			for _, n := range d.Nodes {
				n.Parent = nil // top stands for nothing
				if n.Kind == xmldoc.StartElement {
					d.Root = n
				}
			}
			return d, nil
		}
	}
}

func count(names map[string]int, name string) int {
	names[name]++
	return names[name]
}

// Path is the place of a node as xmldoc.Scanner.Path writes it; of a text it is
// that of its element.
func (n *Node) Path() string {
	var steps []string
	for ; n != nil; n = n.Parent {
		var step string
		switch n.Kind {
		case xmldoc.StartElement:
			step = clip(n.Name.String())
		case xmldoc.Comment:
			step = "comment()"
		case xmldoc.PI:
			step = "processing-instruction()"
		default:
			continue
		}
		if n.index > 1 {
			step += "[" + strconv.Itoa(n.index) + "]"
		}
		steps = append(steps, step)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(steps[i])
	}
	return b.String()
}

// clip keeps paths short whatever a document calls its elements.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// Child returns the first child element of an expanded name, nil if there is
// none. A nil Node has no children.
func (n *Node) Child(space, local string) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if c.Kind == xmldoc.StartElement && c.Name.Is(space, local) {
			return c
		}
	}
	return nil
}

// All returns the child elements of an expanded name.
func (n *Node) All(space, local string) (all []*Node) {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if c.Kind == xmldoc.StartElement && c.Name.Is(space, local) {
			all = append(all, c)
		}
	}
	return all
}

// Attr returns the value of an attribute that is in no namespace.
func (n *Node) Attr(local string) (string, bool) {
	for i := range n.Attrs {
		if n.Attrs[i].Name.Is("", local) {
			return n.Attrs[i].Value, true
		}
	}
	return "", false
}

// Walk calls visit for the element and all elements inside of it, in document
// order. The depth that the gate allows bounds the recursion.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, c := range n.Children {
		if c.Kind == xmldoc.StartElement {
			c.Walk(visit)
		}
	}
}

// Value returns the text of an element without comments. whole says that there
// is nothing else in it, leaf that it has no elements.
func (n *Node) Value() (text string, whole, leaf bool) {
	whole, leaf = true, true
	var pieces []string
	for _, c := range n.Children {
		switch c.Kind {
		case xmldoc.Text:
			pieces = append(pieces, c.Text)
		case xmldoc.StartElement:
			whole, leaf = false, false
		default:
			whole = false
		}
	}
	if len(pieces) == 1 {
		return pieces[0], whole, leaf
	}
	return strings.Join(pieces, ""), whole, leaf
}

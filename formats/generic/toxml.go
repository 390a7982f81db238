package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// ToXML returns the document of a JSON form. What is no such form is refused
// with json.* or schema.* and a JSON Pointer; a form of what would be no
// acceptable XML, such as one with an unbound prefix, with the error of the
// gate, which reads the result.
func ToXML(src []byte) ([]byte, error) {
	out, ok := stream(src)
	if !ok {
		r := reader{strictjson.NewReader(src, limits())}
		nodes := r.document()
		if err := r.Finish(); err != nil {
			return nil, err
		}
		out = append(make([]byte, 0, len(src)), declaration...)
		for i := range nodes {
			out = append(nodes[i].appendXML(out), '\n')
		}
	}
	if err := xmldoc.Check(out, xmldoc.Limits{Bytes: max(len(out), 1)}); err != nil {
		return nil, err
	}
	return out, nil
}

// declaration begins every document that is written.
const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// reader reads the form. Its first error stays, as in strictjson.Reader.
type reader struct{ *strictjson.Reader }

func (r reader) fail(code fault.Code, detail string) {
	r.Fail(fault.At(code, r.Pointer(), detail))
}

// want reports whether the next value is of that kind, and fails otherwise.
func (r reader) want(kind strictjson.Kind, what string) bool {
	got := r.Kind()
	if got != kind && r.Err() == nil {
		if got == strictjson.None {
			r.Open() // an end, or nothing at all: the reader knows which
		}
		r.fail(fault.SchemaType, "must be "+what)
	}
	return r.Err() == nil
}

func (r reader) string() string {
	if !r.want(strictjson.String, "a string") {
		return ""
	}
	return r.String()
}

// document reads the whole form.
func (r reader) document() []node {
	if !r.want(strictjson.Object, "an object") {
		return nil
	}
	var nodes []node
	var versioned, given bool
	r.Open()
	for r.More() {
		switch name := r.Name(); name {
		case memberVersion:
			versioned = true
			if r.want(strictjson.Number, "a number") && r.Number() != version && r.Err() == nil {
				r.fail(fault.SchemaFormat, "only version 1 of the form is known")
			}
		case memberNodes:
			given = true
			nodes = r.list()
		default:
			r.fail(fault.SchemaUnknownField, "no member of the form")
		}
	}
	r.Close()
	if r.Err() != nil {
		return nil
	}
	switch {
	case !versioned:
		r.Fail(fault.At(fault.SchemaMissingField, "/"+memberVersion, "the version of the form must be given"))
	case !given:
		r.Fail(fault.At(fault.SchemaMissingField, "/"+memberNodes, "the nodes must be given"))
	default:
		r.roots(nodes)
	}
	return nodes
}

// roots holds that one element, and no text, stands outside of elements.
func (r reader) roots(nodes []node) {
	elements := 0
	for i := range nodes {
		switch nodes[i].kind {
		case element:
			elements++
		case text:
			r.Fail(fault.At(fault.SchemaType, "/"+memberNodes, "text may stand only inside the root element"))
			return
		default:
			// Comments and instructions may stand everywhere.
		}
	}
	if elements != 1 {
		r.Fail(fault.At(fault.SchemaLength, "/"+memberNodes, "there must be one root element"))
	}
}

// list reads a list of nodes. An empty one is refused, since the form leaves
// it out, and so is a text behind a text, since the form has one.
func (r reader) list() (nodes []node) {
	if !r.want(strictjson.Array, "an array") {
		return nil
	}
	r.Open()
	for r.More() {
		n := r.node()
		if r.Err() != nil {
			return nil
		}
		if last := len(nodes) - 1; n.kind == text && last >= 0 && nodes[last].kind == text {
			r.fail(fault.SchemaFormat, "neighbouring texts must be one")
			return nil
		}
		nodes = append(nodes, n)
	}
	r.Close()
	if len(nodes) == 0 {
		r.fail(fault.SchemaLength, "an empty list must be left out")
	}
	return nodes
}

// node reads one node. The depth of JSON, which the reader limits, limits the
// recursion.
func (r reader) node() node {
	if r.Kind() == strictjson.String {
		n := node{kind: text, value: r.string()}
		r.text(n.value, true)
		if n.value == "" {
			r.fail(fault.SchemaLength, "an empty text must be left out")
		}
		return n
	}
	if !r.want(strictjson.Object, "a string or an object") {
		return node{}
	}
	var n node
	var given [len(nodeMembers)]bool
	r.Open()
	for r.More() {
		i := r.member(&n)
		if i < 0 {
			r.fail(fault.SchemaUnknownField, "no member of a node")
			return n
		}
		given[i] = true
	}
	r.Close()
	if n.kind = kindOf(given); n.kind == 0 && r.Err() == nil {
		r.fail(fault.SchemaMissingField, "a node is an element (e), a comment or an instruction (pi), and has only their members")
	}
	return n
}

// nodeMembers are the members that a node may have.
var nodeMembers = [...]string{memberElement, memberSpaces, memberAttrs, memberContent, memberComment, memberPI, memberData}

// kindOf returns the kind of a node with these members, 0 if there is none.
func kindOf(given [len(nodeMembers)]bool) kind {
	e, rest, c, p, d := given[0], given[1] || given[2] || given[3], given[4], given[5], given[6]
	switch {
	case e && !c && !p && !d:
		return element
	case c && !e && !rest && !p && !d:
		return comment
	case p && !e && !rest && !c:
		return instruction
	default:
		return 0
	}
}

// member reads one member of a node and returns its place in nodeMembers, -1
// for a member that is not there.
func (r reader) member(n *node) int {
	switch r.Name() {
	case memberElement:
		n.name = r.string()
		r.qname(n.name)
		return 0
	case memberSpaces:
		n.spaces = r.spaces()
		return 1
	case memberAttrs:
		n.attrs = r.attrs()
		return 2
	case memberContent:
		n.content = r.list()
		return 3
	case memberComment:
		n.value = r.string()
		r.comment(n.value)
		return 4
	case memberPI:
		n.name = r.string()
		r.target(n.name)
		return 5
	case memberData:
		n.value = r.string()
		r.data(n.value)
		return 6
	default:
		return -1
	}
}

func (r reader) spaces() (spaces []xmldoc.Binding) {
	if !r.want(strictjson.Object, "an object") {
		return nil
	}
	r.Open()
	for r.More() {
		prefix := r.Name()
		if prefix != "" && !xmldoc.IsNCName(prefix) {
			r.fail(fault.SchemaFormat, "not a prefix")
		}
		uri := r.string()
		r.text(uri, true)
		spaces = append(spaces, xmldoc.Binding{Prefix: prefix, URI: uri})
	}
	r.Close()
	if len(spaces) == 0 {
		r.fail(fault.SchemaLength, "an empty object must be left out")
	}
	return spaces
}

func (r reader) attrs() (attrs []attr) {
	if !r.want(strictjson.Array, "an array") {
		return nil
	}
	r.Open()
	for r.More() {
		if !r.want(strictjson.Array, "an array of name and value") {
			return nil
		}
		r.Open()
		var pair []string
		for r.More() {
			pair = append(pair, r.string())
			if len(pair) > 2 {
				break
			}
		}
		if len(pair) != 2 {
			r.fail(fault.SchemaLength, "an attribute is a name and a value")
			return nil
		}
		r.attrName(pair[0])
		r.text(pair[1], true)
		r.Close()
		attrs = append(attrs, attr{name: pair[0], value: pair[1]})
	}
	r.Close()
	if len(attrs) == 0 {
		r.fail(fault.SchemaLength, "an empty list must be left out")
	}
	return attrs
}

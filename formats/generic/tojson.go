package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// ToJSON returns the JSON text whose XML form src is, without white space. What
// is no such form is refused, never repaired: with the error of the gate, or with
// schema.* or xml.* and an element path. White space between the elements of an
// object or array means nothing and may stand there.
func ToJSON(src []byte) ([]byte, error) {
	r := jsonReader{in: xmldoc.NewScanner(src, jsonFormLimits())}
	r.out = make([]byte, 0, len(src))
	if err := r.document(); err != nil {
		return nil, err
	}
	return r.out, nil
}

// jsonReader turns the XML form into JSON token by token.
type jsonReader struct {
	in    *xmldoc.Scanner
	out   []byte
	open  []scope
	names []string // members of all open objects, to find doubles
	err   error

	kind    string // of the value that was opened last
	escaped bool   // its text is escaped
	text    string
	join    []byte // takes text over when there is more than one
}

// scope is an object or array that is open.
type scope struct {
	object bool
	count  int
	names  int                 // where its names begin in jsonReader.names
	large  map[string]struct{} // instead, when there are many
}

func (r *jsonReader) fail(code fault.Code, detail string) {
	if r.err == nil {
		r.err = fault.At(code, r.in.Path(), detail)
	}
}

func (r *jsonReader) document() error {
	for r.err == nil {
		kind, err := r.in.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmldoc.EOF:
			return r.err
		case xmldoc.StartElement:
			r.start()
		case xmldoc.EndElement:
			r.end()
		case xmldoc.Text, xmldoc.CData:
			r.characters(kind)
		case xmldoc.Comment:
			r.fail(fault.XMLCommentInValue, "JSON has no comments: this one would be lost")
		default:
			r.fail(fault.XMLPIForbidden, "JSON has no processing instructions: this one would be lost")
		}
	}
	return r.err
}

// start reads a start tag.
func (r *jsonReader) start() {
	want := rootName
	if n := len(r.open); n > 0 {
		want = itemName
		if r.open[n-1].object {
			want = memberName
		}
	}
	switch {
	case r.kind != "":
		r.fail(fault.XMLMixedContent, "a "+r.kind+" has no elements")
		return
	case !r.in.Name().Is(JSONNamespace, want):
		r.fail(fault.SchemaUnknownField, "want the element "+want+" of "+JSONNamespace)
		return
	case len(r.open) > 0:
		top := &r.open[len(r.open)-1]
		if top.count++; top.count > 1 {
			r.out = append(r.out, ',')
		}
	}
	r.begin(r.attributes(want == memberName))
}

// attributes reads those of a value, writes the name of a member, and returns
// the kind of the value.
func (r *jsonReader) attributes(member bool) (kind string) {
	var name string
	var named, escapedName bool
	r.escaped = false
	for _, a := range r.in.Attrs() {
		switch {
		case a.Name.Space != "":
			r.fail(fault.SchemaUnknownField, "the attribute is not of the form")
		case a.Name.Local == "type":
			kind = a.Value
		case a.Name.Local == "name" && member:
			name, named = a.Value, true
		case a.Name.Local == "escapedName" && member && a.Value == "true":
			escapedName = true
		case a.Name.Local == "escaped" && a.Value == "true":
			r.escaped = true
		default:
			r.fail(fault.SchemaUnknownField, "the attribute is not of the form, or has another value than the form has")
		}
	}
	if !member || r.err != nil {
		return kind
	}
	if !named {
		r.fail(fault.SchemaMissingField, "a member has a name")
		return kind
	}
	if escapedName {
		name = r.unescape(name)
	}
	r.named(name)
	r.out = append(strictjson.AppendString(r.out, name), ':')
	return kind
}

// begin opens a value of a kind.
func (r *jsonReader) begin(kind string) {
	if r.escaped && kind != kindString {
		r.fail(fault.SchemaFormat, "only a string is escaped")
	}
	switch kind {
	case kindObject:
		r.open = append(r.open, scope{object: true, names: len(r.names)})
		r.out = append(r.out, '{')
	case kindArray:
		r.open = append(r.open, scope{names: len(r.names)})
		r.out = append(r.out, '[')
	case kindString, kindNumber, kindBoolean, kindNull:
		r.kind = kind
	case "":
		r.fail(fault.SchemaMissingField, "a value has a type")
	default:
		r.fail(fault.SchemaFormat, "the type is object, array, string, number, boolean or null")
	}
}

// end closes the value that is open.
func (r *jsonReader) end() {
	if r.kind != "" {
		r.scalar()
		r.kind, r.text = "", ""
		return
	}
	top := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	r.names = r.names[:top.names]
	if top.object {
		r.out = append(r.out, '}')
	} else {
		r.out = append(r.out, ']')
	}
}

// characters takes a piece of text. In an object or array only white space may
// stand.
func (r *jsonReader) characters(kind xmldoc.Kind) {
	s := r.in.Text()
	switch {
	case r.kind == "":
		if kind == xmldoc.CData || !r.in.Blank() {
			r.fail(fault.XMLMixedContent, "an object or array has only elements")
		}
	case r.text == "" && len(r.join) == 0:
		r.text = s
	default:
		r.join = append(append(r.join, r.text...), s...)
		r.text = ""
	}
}

// scalar writes the value whose end tag was read.
func (r *jsonReader) scalar() {
	if len(r.join) > 0 {
		r.text, r.join = string(append(r.join, r.text...)), r.join[:0]
	}
	switch s := r.text; {
	case r.kind == kindString && r.escaped:
		r.out = strictjson.AppendString(r.out, r.unescape(s))
	case r.kind == kindString:
		r.out = strictjson.AppendString(r.out, s)
	case r.kind == kindNumber && isNumber(s), r.kind == kindBoolean && (s == "true" || s == "false"):
		r.out = append(r.out, s...)
	case r.kind == kindNull && s == "":
		r.out = append(r.out, "null"...)
	default:
		r.fail(fault.SchemaFormat, "not a "+r.kind+" as JSON writes it")
	}
}

func (r *jsonReader) unescape(s string) string {
	out, ok := unescapeText(s)
	if !ok {
		r.fail(fault.SchemaFormat, "not escaped as the form does it: only where XML cannot carry a character, and only that and the backslash")
	}
	return out
}

// manyNames is how many members an object may have before they are looked up
// instead of compared.
const manyNames = 24

// named books the name of a member, which must be new in its object.
func (r *jsonReader) named(name string) {
	top := &r.open[len(r.open)-1]
	own := r.names[top.names:]
	if len(r.open) == 1 && name == memberVersion {
		r.fail(fault.SchemaFormat, "a JSON text with the member "+memberVersion+" is the form of an XML document and has no form of its own")
		return
	}
	twin := false
	if top.large == nil && len(own) < manyNames {
		for _, n := range own {
			twin = twin || n == name
		}
		r.names = append(r.names, name)
	} else {
		if top.large == nil {
			top.large = make(map[string]struct{}, 4*manyNames)
			for _, n := range own {
				top.large[n] = struct{}{}
			}
		}
		_, twin = top.large[name]
		top.large[name] = struct{}{}
	}
	if twin {
		r.fail(fault.SchemaDuplicateField, "the object has a member of this name already")
	}
}

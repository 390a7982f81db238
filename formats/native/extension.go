package native

import (
	"slices"
	"strconv"
	"unicode/utf16"

	"accord/attestation"
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// FunctionsNamespace is that of the elements which carry the JSON of an
// extension (XPath and XQuery Functions and Operators 3.1, section 17.4.2).
const FunctionsNamespace = "http://www.w3.org/2005/xpath-functions"

// maxFreeDepth bounds the nesting of an extension's value so that both forms of
// the document stay within 64 levels: two stand around it, and in XML a value
// that is no list is a level too.
const maxFreeDepth = 64 - 3

// extensionsCodec is the object of extensions: members named by a URI, each any
// JSON without numbers. In XML each is an at:Extension with the value in the
// form of fn:json-to-xml.
type extensionsCodec struct{}

func (extensionsCodec) readJSON(d *jsonDecoder, v *[]attestation.Extension) {
	if !d.expect(strictjson.Object) {
		return
	}
	d.r.Open()
	for d.r.More() {
		e := attestation.Extension{URI: d.r.Name()}
		if p := line.parse(e.URI); p.code != "" {
			d.report(p.code, p.detail)
		}
		raw := []byte(d.r.Raw())
		if d.r.Err() != nil {
			return
		}
		inner := &jsonDecoder{r: strictjson.NewReader(raw, strictjson.Limits{Depth: maxFreeDepth})}
		readFree(inner)
		if err := inner.r.Finish(); err != nil {
			d.r.Fail(fault.At(fault.CodeOf(err), d.r.Pointer(), "nested too deeply for an extension"))
			return
		}
		for _, f := range inner.list {
			d.reportAt(f.At, f.Code, f.Detail)
		}
		// The outer reader has checked raw, so it has a canonical form.
		e.Value, _ = strictjson.Canonical(raw)
		*v = append(*v, e)
	}
	d.r.Close()
	if len(*v) == 0 {
		d.report(fault.SchemaLength, "an empty object; leave the member out instead")
	}
	sortExtensions(*v)
}

// readFree reads any JSON and reports numbers and characters that XML cannot
// carry.
func readFree(d *jsonDecoder) {
	switch d.r.Kind() {
	case strictjson.Object:
		d.r.Open()
		for d.r.More() {
			if name := d.r.Name(); !oneLine.admits(name) {
				d.report(fault.SchemaForbiddenChar, oneLine.refusal())
			}
			readFree(d)
		}
		d.r.Close()
	case strictjson.Array:
		d.r.Open()
		for d.r.More() {
			readFree(d)
		}
		d.r.Close()
	case strictjson.String:
		if !rawText.admits(d.r.String()) {
			d.report(fault.SchemaForbiddenChar, rawText.refusal())
		}
	case strictjson.Number:
		d.r.Skip()
		d.report(fault.SchemaType, "no numbers in extensions; give it as a string")
	default:
		d.r.Skip()
	}
}

// sortExtensions puts extensions in the order of RFC 8785: by UTF-16 code
// units.
func sortExtensions(v []attestation.Extension) {
	slices.SortStableFunc(v, func(a, b attestation.Extension) int {
		return slices.Compare(utf16.Encode([]rune(a.URI)), utf16.Encode([]rune(b.URI)))
	})
}

func (extensionsCodec) appendJSON(dst []byte, v *[]attestation.Extension) []byte {
	dst = append(dst, '{')
	for i, e := range *v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(strictjson.AppendString(dst, e.URI), ':')
		dst = append(dst, e.Value...)
	}
	return append(dst, '}')
}

func (extensionsCodec) readXML(d *xmlDecoder, v *[]attestation.Extension) {
	e := grow(v)
	found := false
	for _, a := range d.s.Attrs() {
		if !a.Name.Is("", "uri") {
			d.unknownAttribute(a.Name, false)
			continue
		}
		found = true
		e.URI = a.Value
		d.check(line.parse(a.Value))
	}
	if !found {
		d.reportAt("/@uri", fault.SchemaMissingField, "this is required")
	}
	if slices.ContainsFunc((*v)[:len(*v)-1], func(o attestation.Extension) bool { return o.URI == e.URI }) {
		d.reportAt("/@uri", fault.SchemaDuplicateField, "an extension with this URI stands twice")
	}
	values := 0
	for d.child() {
		if values++; values > 1 {
			d.report(fault.SchemaDuplicateField, "an extension has one value")
			d.skip()
			continue
		}
		e.Value = readFunctionsXML(d, e.Value, false)
	}
	if d.err != nil {
		return
	}
	if values == 0 {
		d.report(fault.SchemaMissingField, "an extension has one value")
		return
	}
	canonical, err := strictjson.Canonical(e.Value)
	switch {
	case fault.CodeOf(err) == fault.JSONDuplicateMember:
		d.report(fault.SchemaDuplicateField, "a key stands twice in one map")
		return
	case err != nil:
		d.err = err // beyond the limits of JSON, in which it must be said too
		return
	}
	if err := strictjson.Check(canonical, strictjson.Limits{Depth: maxFreeDepth}); err != nil {
		d.fail(fault.CodeOf(err), "nested too deeply for an extension")
		return
	}
	e.Value = canonical
	sortExtensions(*v)
}

// readFunctionsXML reads one element of the functions namespace and appends it
// as JSON, with its name if it is a member.
func readFunctionsXML(d *xmlDecoder, dst []byte, member bool) []byte {
	name := d.s.Name()
	key, keyed := "", false
	for _, a := range d.s.Attrs() {
		if a.Name.Is("", "key") && member {
			key, keyed = a.Value, true
			continue
		}
		d.unknownAttribute(a.Name, false)
	}
	if member {
		if !keyed {
			d.reportAt("/@key", fault.SchemaMissingField, "a member has a name")
		} else if !oneLine.admits(key) {
			d.reportAt("/@key", fault.SchemaForbiddenChar, oneLine.refusal())
		}
		dst = append(strictjson.AppendString(dst, key), ':')
	}
	local := name.Local
	if name.Space != FunctionsNamespace {
		local = ""
	}
	switch local {
	case "map":
		return readFunctionsList(d, append(dst, '{'), '}', true)
	case "array":
		return readFunctionsList(d, append(dst, '['), ']', false)
	case "string":
		s, _ := d.text()
		if !rawText.admits(s) {
			d.report(fault.SchemaForbiddenChar, rawText.refusal())
		}
		return strictjson.AppendString(dst, s)
	case "boolean":
		s, ok := d.text()
		if ok && s != "true" && s != "false" {
			d.report(fault.SchemaFormat, "true or false is due")
			s = "false"
		}
		return append(dst, s...)
	case "null":
		if s, ok := d.text(); ok && s != "" {
			d.report(fault.SchemaFormat, "null has no content")
		}
		return append(dst, "null"...)
	case "number":
		d.report(fault.SchemaType, "no numbers in extensions; give it as a string")
	default:
		d.report(fault.SchemaUnknownField, "map, array, string, boolean or null is due")
	}
	d.skip()
	return append(dst, "null"...)
}

func readFunctionsList(d *xmlDecoder, dst []byte, end byte, members bool) []byte {
	for n := 0; d.child(); n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = readFunctionsXML(d, dst, members)
	}
	return append(dst, end)
}

func (extensionsCodec) writeXML(w *xmlWriter, name string, v *[]attestation.Extension) {
	for _, e := range *v {
		w.start(name)
		w.attr("uri", e.URI)
		w.finishTag()
		w.indent()
		r := strictjson.NewReader(e.Value, strictjson.Limits{})
		w.out = appendFunctionsXML(w.out, r, ` xmlns="`+FunctionsNamespace+`"`, nil)
		w.end(name, false)
	}
}

// appendFunctionsXML writes the JSON value that is next. It stands on one line:
// white space between its elements would mean nothing, but inside of strings it
// would.
func appendFunctionsXML(dst []byte, r *strictjson.Reader, namespace string, key *string) []byte {
	start := func(name string) []byte {
		dst = append(append(append(dst, '<'), name...), namespace...)
		if key != nil {
			dst = xmldoc.AppendAttr(dst, "key", *key)
		}
		return dst
	}
	switch r.Kind() {
	case strictjson.Object:
		dst = append(start("map"), '>')
		r.Open()
		for r.More() {
			name := r.Name()
			dst = appendFunctionsXML(dst, r, "", &name)
		}
		r.Close()
		return append(dst, "</map>"...)
	case strictjson.Array:
		dst = append(start("array"), '>')
		r.Open()
		for r.More() {
			dst = appendFunctionsXML(dst, r, "", nil)
		}
		r.Close()
		return append(dst, "</array>"...)
	case strictjson.String:
		dst = append(start("string"), '>')
		dst = xmldoc.AppendText(dst, r.String())
		return append(dst, "</string>"...)
	case strictjson.True, strictjson.False:
		dst = append(start("boolean"), '>')
		dst = strconv.AppendBool(dst, r.Bool())
		return append(dst, "</boolean>"...)
	default:
		r.Skip()
		return append(start("null"), "/>"...)
	}
}

func (extensionsCodec) absent(v *[]attestation.Extension) bool { return len(*v) == 0 }
func (extensionsCodec) repeats() bool                          { return true }
func (extensionsCodec) shape() *shape                          { return &shape{kind: extensionShape} }

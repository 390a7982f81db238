package untp

import (
	"slices"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// maxFindings bounds the findings of one document: whoever reads them mends a
// few and sends it again.
const maxFindings = 100

// checker holds a tree against a shape.
type checker struct {
	place
	// lenient takes what the W3C recommendations allow and the schema does not:
	// one type as a string, an index as a string of digits (Bitstring Status List
	// v1.0, section 2.1), a list of status entries, a time without offset.
	lenient bool
	found   fault.List
}

// check returns every way in which a value is not of a shape.
func check(v *jsondoc.Value, s *shape, lenient bool) fault.List {
	c := &checker{lenient: lenient}
	c.value(v, s)
	return c.found
}

func (c *checker) fail(code fault.Code, leaf, detail string) {
	if len(c.found) < maxFindings {
		c.found = append(c.found, fault.At(code, c.pointer(leaf), detail))
	}
}

func (c *checker) wrong(due string) { c.fail(fault.SchemaType, "", due+" is due") }

func (c *checker) value(v *jsondoc.Value, s *shape) {
	switch s.sort {
	case sortObject:
		c.object(v, s)
	case sortArray:
		c.array(v, s)
	case sortBoolean:
		if v.Kind != strictjson.True && v.Kind != strictjson.False {
			c.wrong("true or false")
		}
	case sortNumber, sortInteger, sortIndex:
		c.number(v, s)
	default:
		c.str(v, s)
	}
}

func (c *checker) object(v *jsondoc.Value, s *shape) {
	if v.Kind == strictjson.Array && c.lenient && s == statusEntry07 {
		c.array(v, listOf(s)) // VCDM 2.0, section 4.10: one or more status objects
		return
	}
	if v.Kind != strictjson.Object {
		c.wrong("an object")
		return
	}
	for i := range s.members {
		if m := &s.members[i]; m.required && v.Member(m.name) == nil {
			c.fail(fault.SchemaMissingField, m.name, "required")
		}
	}
	if s.needs[0] != "" && v.Member(s.needs[0]) != nil && v.Member(s.needs[1]) == nil {
		c.fail(fault.SchemaMissingField, s.needs[1], "required beside "+s.needs[0])
	}
	for i := range v.Members {
		m := &v.Members[i]
		c.in(m.Name)
		switch ms := s.member(m.Name); {
		case ms != nil:
			c.value(&m.Value, ms)
		case m.Name == "type" && s.types != nil:
			c.types(&m.Value, s.types)
		case s.closed:
			c.fail(fault.SchemaUnknownField, "", "this object has no such member")
		}
		c.out()
	}
}

// types checks the member type of an object.
func (c *checker) types(v *jsondoc.Value, want []string) {
	if v.Kind == strictjson.String && c.lenient {
		if !slices.Contains(want, v.Text) {
			c.fail(fault.SchemaFormat, "", "want "+strings.Join(want, " and "))
		}
		return
	}
	if v.Kind != strictjson.Array {
		c.wrong("a list of types")
		return
	}
	c.array(v, listOf(aString))
	for _, w := range want {
		if !slices.ContainsFunc(v.Elements, func(e jsondoc.Value) bool { return e.Kind == strictjson.String && e.Text == w }) {
			c.fail(fault.SchemaFormat, "", "does not contain "+w)
		}
	}
}

func (c *checker) array(v *jsondoc.Value, s *shape) {
	if v.Kind != strictjson.Array {
		c.wrong("a list")
		return
	}
	for i := range v.Elements {
		c.item(i)
		c.value(&v.Elements[i], s.elem)
		c.out()
	}
	if s.contexts != nil {
		c.contexts(v, s.contexts)
	}
}

// contexts: the constants stand first, and nothing stands twice.
func (c *checker) contexts(v *jsondoc.Value, want []string) {
	if len(v.Elements) < len(want) {
		c.fail(fault.SchemaLength, "", "want at least "+strconv.Itoa(len(want))+" contexts")
	}
	for i := range v.Elements {
		if i < len(want) && v.Elements[i].Text != want[i] {
			c.fail(fault.SchemaNamespace, strconv.Itoa(i), "want "+want[i])
		}
		for j := range i {
			if v.Elements[i].Kind == strictjson.String && v.Elements[j].Text == v.Elements[i].Text {
				c.fail(fault.SchemaDuplicateField, strconv.Itoa(i), "the context is named twice")
			}
		}
	}
}

func (c *checker) number(v *jsondoc.Value, s *shape) {
	if s.sort == sortIndex && c.lenient && v.Kind == strictjson.String {
		if !isIndex(v.Text) {
			c.fail(fault.SchemaFormat, "", "want an integer in base 10")
		}
		return
	}
	switch {
	case v.Kind != strictjson.Number:
		c.wrong("a number")
	case s.sort != sortNumber && !integral(v.Text):
		c.wrong("an integer")
	case s.sort == sortIndex && v.Text[0] == '-' && strings.Trim(v.Text, "-0.") != "":
		c.fail(fault.SchemaFormat, "", "want an integer from 0")
	}
}

// isIndex reports whether s is a position as the W3C writes it.
func isIndex(s string) bool {
	return len(s) > 0 && len(s) <= 19 && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0')
}

// integral reports whether a JSON number is an integer, whatever its lexical
// form: 1.0 is one (JSON Schema 2020-12 core, section 4.2.3).
func integral(s string) bool {
	mantissa, exponent, scientific := cut2(s, 'e', 'E')
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "-"), ".")
	fraction = strings.TrimRight(fraction, "0")
	if !scientific {
		return fraction == ""
	}
	n, err := strconv.Atoi(exponent)
	if strings.Trim(whole+fraction, "0") == "" {
		return true
	}
	if err != nil {
		return exponent[0] != '-'
	}
	return n >= len(fraction) && (n >= 0 || strings.HasSuffix(whole, strings.Repeat("0", min(-n, len(whole)+1))) && fraction == "")
}

func cut2(s string, a, b byte) (before, after string, found bool) {
	if i := strings.IndexAny(s, string([]byte{a, b})); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func (c *checker) str(v *jsondoc.Value, s *shape) {
	if v.Kind != strictjson.String {
		c.wrong("a string")
		return
	}
	if s.words != nil {
		if !slices.Contains(s.words, v.Text) {
			c.fail(fault.SchemaFormat, "", "want one of: "+strings.Join(s.words, ", "))
		}
		return
	}
	switch s.form {
	case formURI:
		if !isURI(v.Text) {
			c.fail(fault.SchemaFormat, "", "want an absolute URI")
		}
	case formDate:
		d := attestation.DateV{Value: v.Text}
		if _, err := d.Start(); err != nil || !d.DateOnly() {
			c.fail(fault.DocDateInvalid, "", "want a calendar date as YYYY-MM-DD")
		}
	case formDateTime:
		c.instant(v.Text)
	}
}

// instant checks an XML dateTimeStamp. One that was written without an offset is
// UTC (VCDM 2.0, "Representing Time": incorrectly serialized without an offset,
// it MUST be interpreted as UTC).
func (c *checker) instant(s string) {
	if _, ok := instantOf(s); ok {
		return
	}
	if _, ok := instantOf(s + "Z"); ok && len(s) > len("2006-01-02") {
		if !c.lenient {
			c.fail(fault.DocDateInvalid, "", "want an offset behind the time")
		}
		return
	}
	c.fail(fault.DocDateInvalid, "", "want an instant as 2024-09-26T00:00:00Z")
}

// instantOf reports whether s is an instant with its offset.
func instantOf(s string) (attestation.DateV, bool) {
	d := attestation.DateV{Value: s}
	_, err := d.Start()
	return d, err == nil && !d.DateOnly()
}

// isURI checks an absolute URI or IRI as far as attestation does: a scheme, a
// colon, and no spaces or delimiters behind it.
func isURI(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 1 || colon == len(s)-1 || s[colon+1:] == "//" {
		return false
	}
	for i, b := range []byte(s) {
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		switch {
		case i < colon && !letter && (i == 0 || !(b >= '0' && b <= '9' || b == '+' || b == '-' || b == '.')):
			return false
		case b <= ' ' || b == 0x7F || strings.IndexByte("\"<>\\^`{|}", b) >= 0:
			return false
		}
	}
	return true
}

// checkDocument holds a JSON text against the shape of a schema.
func checkDocument(name string, src []byte, lenient bool) error {
	root, err := jsondoc.Parse(src)
	if err != nil {
		return err
	}
	return check(root, shapeOf(name), lenient).ErrorOrNil()
}

package native

import (
	"strconv"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// text is a string of a format.
type text[S ~string] struct {
	single
	*format
}

func (c text[S]) readJSON(d *jsonDecoder, v *S) {
	s, ok := d.r.Text()
	if !ok {
		d.expect(strictjson.String)
		return
	}
	*v = S(s)
	if p := c.format.parse(string(*v)); p.code != "" {
		d.report(p.code, p.detail)
	}
}

func (c text[S]) appendJSON(dst []byte, v *S) []byte {
	return strictjson.AppendString(dst, string(*v))
}

func (c text[S]) readXML(d *xmlDecoder, v *S) {
	d.noAttributes()
	if s, ok := d.text(); ok {
		d.check(c.parse(s, v))
	}
}

func (c text[S]) writeXML(w *xmlWriter, name string, v *S) { w.leaf(name, string(*v)) }
func (c text[S]) absent(v *S) bool                         { return *v == "" }

func (c text[S]) parse(s string, v *S) problem {
	*v = S(s)
	return c.format.parse(s)
}

func (c text[S]) textOf(v *S) string { return string(*v) }
func (c text[S]) shape() *shape      { return &shape{kind: textShape, format: c.format} }

// flagCodec is a boolean of three values: absent, false, true.
type flagCodec struct{ single }

func (flagCodec) readJSON(d *jsonDecoder, v *attestation.Flag) {
	var b bool
	boolCodec{}.readJSON(d, &b)
	*v = attestation.FlagOf(b)
}

func (flagCodec) appendJSON(dst []byte, v *attestation.Flag) []byte {
	return strconv.AppendBool(dst, *v == attestation.True)
}

func (c flagCodec) readXML(d *xmlDecoder, v *attestation.Flag) {
	d.noAttributes()
	if s, ok := d.text(); ok {
		d.check(c.parse(s, v))
	}
}

func (c flagCodec) writeXML(w *xmlWriter, name string, v *attestation.Flag) {
	w.leaf(name, c.textOf(v))
}

func (flagCodec) absent(v *attestation.Flag) bool { return *v == attestation.Unset }

func (flagCodec) parse(s string, v *attestation.Flag) problem {
	var b bool
	p := boolCodec{}.parse(s, &b)
	*v = attestation.FlagOf(b)
	return p
}

func (flagCodec) textOf(v *attestation.Flag) string {
	return strconv.FormatBool(*v == attestation.True)
}
func (flagCodec) shape() *shape { return &shape{kind: booleanShape} }

// boolCodec is a boolean that is false when it is absent.
type boolCodec struct{ single }

func (boolCodec) readJSON(d *jsonDecoder, v *bool) {
	switch d.r.Kind() {
	case strictjson.True, strictjson.False:
		*v = d.r.Bool()
	default:
		d.wrongType("true or false is due")
	}
}

func (boolCodec) appendJSON(dst []byte, v *bool) []byte { return strconv.AppendBool(dst, *v) }

func (c boolCodec) readXML(d *xmlDecoder, v *bool) {
	d.noAttributes()
	if s, ok := d.text(); ok {
		d.check(c.parse(s, v))
	}
}

func (boolCodec) writeXML(w *xmlWriter, name string, v *bool) {
	w.leaf(name, strconv.FormatBool(*v))
}

func (boolCodec) absent(v *bool) bool { return !*v }

func (boolCodec) parse(s string, v *bool) problem {
	if s != "true" && s != "false" {
		return problem{fault.SchemaFormat, "true or false is due"}
	}
	*v = s == "true"
	return problem{}
}

func (boolCodec) textOf(v *bool) string { return strconv.FormatBool(*v) }
func (boolCodec) shape() *shape         { return &shape{kind: booleanShape} }

// intCodec is an integer from least up, in decimal digits without a sign.
type intCodec[N ~int | ~uint64] struct {
	single
	least int
}

func (c intCodec[N]) readJSON(d *jsonDecoder, v *N) {
	if !d.expect(strictjson.Number) {
		return
	}
	s := d.r.Number()
	if d.r.Err() != nil {
		return
	}
	if p := c.parse(s, v); p.code != "" {
		if _, ok := digits(s, len(s)); !ok {
			p.code = fault.SchemaType // a number, and no integer
		}
		d.report(p.code, p.detail)
	}
}

func (c intCodec[N]) appendJSON(dst []byte, v *N) []byte {
	return strconv.AppendUint(dst, uint64(*v), 10)
}

func (c intCodec[N]) readXML(d *xmlDecoder, v *N) {
	d.noAttributes()
	if s, ok := d.text(); ok {
		d.check(c.parse(s, v))
	}
}

func (c intCodec[N]) writeXML(w *xmlWriter, name string, v *N) {
	w.leaf(name, c.textOf(v))
}

func (c intCodec[N]) absent(v *N) bool { return *v == 0 }

// maxInteger is the greatest integer that every JSON reader holds exactly (RFC
// 7493, section 2.2).
const maxInteger = 1<<53 - 1

func (c intCodec[N]) parse(s string, v *N) problem {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > maxInteger || n < uint64(c.least) || len(s) > 1 && s[0] == '0' {
		return problem{fault.SchemaFormat, "an integer from " + strconv.Itoa(c.least) + " up is due"}
	}
	*v = N(n)
	return problem{}
}

func (c intCodec[N]) textOf(v *N) string { return strconv.FormatUint(uint64(*v), 10) }
func (c intCodec[N]) shape() *shape      { return &shape{kind: integerShape, least: c.least} }

// countCodec is an integer from 0 up that may be absent.
type countCodec struct{ single }

func (countCodec) readJSON(d *jsonDecoder, v **int) {
	*v = new(int)
	intCodec[int]{}.readJSON(d, *v)
}

func (countCodec) appendJSON(dst []byte, v **int) []byte { return intCodec[int]{}.appendJSON(dst, *v) }

func (countCodec) readXML(d *xmlDecoder, v **int) {
	*v = new(int)
	intCodec[int]{}.readXML(d, *v)
}

func (countCodec) writeXML(w *xmlWriter, name string, v **int) {
	intCodec[int]{}.writeXML(w, name, *v)
}

func (countCodec) absent(v **int) bool { return *v == nil }

func (countCodec) parse(s string, v **int) problem {
	*v = new(int)
	return intCodec[int]{}.parse(s, *v)
}

func (countCodec) textOf(v **int) string { return strconv.Itoa(**v) }
func (countCodec) shape() *shape         { return &shape{kind: integerShape} }

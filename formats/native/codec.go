package native

import "accord/internal/fault"

// single is embedded in the codecs of values that are one element.
type single struct{}

func (single) repeats() bool { return false }

// codec reads and writes values of one type in both forms. Codecs hold no state
// of a document and are safe for concurrent use.
type codec[F any] interface {
	// readJSON reads the value that is next.
	readJSON(d *jsonDecoder, v *F)
	appendJSON(dst []byte, v *F) []byte
	// readXML reads from behind the start tag up to and with the end tag. For
	// a list it is called once for each of its elements.
	readXML(d *xmlDecoder, v *F)
	writeXML(w *xmlWriter, name string, v *F)
	// absent reports whether an optional field of this value is left out.
	absent(v *F) bool
	// repeats reports whether the value is several elements in XML.
	repeats() bool
	shape() *shape
}

// scalar is a codec of a value that is one text in XML and so can be an
// attribute.
type scalar[F any] interface {
	codec[F]
	// parse sets v from a text; the code of the problem is "" if there is none.
	parse(s string, v *F) problem
	textOf(v *F) string
}

// problem is what is wrong with one value; the decoder knows where it stands.
type problem struct {
	code   fault.Code
	detail string
}

// place is where a field stands in the XML form.
type place uint8

const (
	inElement place = iota
	inAttribute
	inContent // the text of the element of the record itself
)

// field is one field of a record of type T.
type field[T any] struct {
	json     string // member name
	xml      string // local name of the element or attribute
	place    place
	required bool
	member[T]
}

// must returns the field as a required one.
func (f field[T]) must() field[T] {
	f.required = true
	return f
}

// as returns the field under another name in XML.
func (f field[T]) as(name string) field[T] {
	f.xml = name
	return f
}

// member is a codec bound to its place in a T.
type member[T any] interface {
	readJSON(d *jsonDecoder, v *T)
	appendJSON(dst []byte, v *T) []byte
	readXML(d *xmlDecoder, v *T)
	writeXML(w *xmlWriter, name string, v *T)
	absent(v *T) bool
	shape() *shape
	repeats() bool
	// parse and textOf are for members with a scalar codec only.
	parse(s string, v *T) problem
	textOf(v *T) string
}

// bound is the member of T that get leads to.
type bound[T, F any] struct {
	get func(*T) *F
	codec[F]
	text scalar[F] // the codec if it is a scalar: asserting it for each value costs time
}

func bind[T, F any](get func(*T) *F, c codec[F]) bound[T, F] {
	text, _ := c.(scalar[F])
	return bound[T, F]{get, c, text}
}

func (b bound[T, F]) readJSON(d *jsonDecoder, v *T)         { b.codec.readJSON(d, b.get(v)) }
func (b bound[T, F]) appendJSON(dst []byte, v *T) []byte    { return b.codec.appendJSON(dst, b.get(v)) }
func (b bound[T, F]) readXML(d *xmlDecoder, v *T)           { b.codec.readXML(d, b.get(v)) }
func (b bound[T, F]) writeXML(w *xmlWriter, n string, v *T) { b.codec.writeXML(w, n, b.get(v)) }
func (b bound[T, F]) absent(v *T) bool                      { return b.codec.absent(b.get(v)) }

func (b bound[T, F]) parse(s string, v *T) problem { return b.text.parse(s, b.get(v)) }
func (b bound[T, F]) textOf(v *T) string           { return b.text.textOf(b.get(v)) }

// embedded lifts a field of an F into the T that contains it.
type embedded[T, F any] struct {
	get func(*T) *F
	member[F]
}

func (e embedded[T, F]) readJSON(d *jsonDecoder, v *T) { e.member.readJSON(d, e.get(v)) }
func (e embedded[T, F]) appendJSON(dst []byte, v *T) []byte {
	return e.member.appendJSON(dst, e.get(v))
}
func (e embedded[T, F]) readXML(d *xmlDecoder, v *T)           { e.member.readXML(d, e.get(v)) }
func (e embedded[T, F]) writeXML(w *xmlWriter, n string, v *T) { e.member.writeXML(w, n, e.get(v)) }
func (e embedded[T, F]) absent(v *T) bool                      { return e.member.absent(e.get(v)) }
func (e embedded[T, F]) parse(t string, v *T) problem          { return e.member.parse(t, e.get(v)) }
func (e embedded[T, F]) textOf(v *T) string                    { return e.member.textOf(e.get(v)) }

// lift returns the fields of an F as fields of the T that contains it.
func lift[T, F any](get func(*T) *F, fields ...field[F]) []field[T] {
	out := make([]field[T], len(fields))
	for i, f := range fields {
		out[i] = field[T]{json: f.json, xml: f.xml, place: f.place, required: f.required,
			member: embedded[T, F]{get, f.member}}
	}
	return out
}

package native

// shape is what the schemas say of a type; both are made of it.
type shape struct {
	kind   shapeKind
	name   string  // of a record
	format *format // of a text
	least  int     // of an integer
	fields []fieldShape
	oneOf  []group
	empty  bool // a record without members says something

	item    *shape // of a list, or the digest of a target
	object  *shape // the object form of a target
	wrapper *shape // the XML form of an item that is a list, or of a target
}

type shapeKind uint8

const (
	textShape shapeKind = iota
	booleanShape
	integerShape
	recordShape
	listShape
	codeShape
	targetShape
	extensionShape
)

type fieldShape struct {
	json, xml string
	place     place
	required  bool
	*shape
}

func (c *record[T]) shape() *shape {
	s := &shape{kind: recordShape, name: c.name, oneOf: c.oneOf, empty: c.empty}
	for _, f := range c.fields {
		s.fields = append(s.fields, fieldShape{f.json, f.xml, f.place, f.required, f.member.shape()})
	}
	return s
}

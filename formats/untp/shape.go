package untp

// sort is the JSON kind that a shape demands.
type sort uint8

const (
	sortString sort = iota
	sortNumber
	sortInteger
	sortIndex // an integer from 0
	sortBoolean
	sortArray
	sortObject
)

// form is a lexical form of strings (JSON Schema 2020-12 validation, section 7.3).
type form string

const (
	formURI      form = "uri"
	formDate     form = "date"
	formDateTime form = "date-time"
)

// shape says what a value of a credential must be. The tables of shapes are the
// one place where the structure of a version stands.
type shape struct {
	name    string // of its definition in the JSON Schema; "" if written in place
	sort    sort
	form    form
	words   []string // enumeration
	elem    *shape   // of an array
	members []memberShape
	closed  bool     // no further members
	types   []string // what the member type must contain
	needs   [2]string
	// contexts are the constants with which an @context begins.
	contexts []string
}

// memberShape is a member of an object.
type memberShape struct {
	name     string
	shape    *shape
	required bool
}

var (
	aString   = &shape{}
	aURI      = &shape{form: formURI}
	aDate     = &shape{form: formDate}
	aDateTime = &shape{form: formDateTime}
	aNumber   = &shape{sort: sortNumber}
	anInteger = &shape{sort: sortInteger}
	anIndex   = &shape{sort: sortIndex}
	aBoolean  = &shape{sort: sortBoolean}
)

func word(words ...string) *shape { return &shape{words: words} }
func listOf(e *shape) *shape      { return &shape{sort: sortArray, elem: e} }

// object makes the shape of an object that is open to further members.
func object(name string, types []string, members ...memberShape) *shape {
	return &shape{name: name, sort: sortObject, types: types, members: members}
}

// closed makes the shape of an object with no further members.
func closed(name string, types []string, members ...memberShape) *shape {
	s := object(name, types, members...)
	s.closed = true
	return s
}

func must(name string, s *shape) memberShape { return memberShape{name, s, true} }
func may(name string, s *shape) memberShape  { return memberShape{name, s, false} }

func one(typ string) []string { return []string{typ} }

// member returns the shape of a member, nil if the table has none.
func (s *shape) member(name string) *shape {
	for i := range s.members {
		if s.members[i].name == name {
			return s.members[i].shape
		}
	}
	return nil
}

package attestation

import (
	"strconv"
	"strings"
	"time"

	"accord/internal/fault"
)

// checker walks a document and collects findings. It knows its place as a stack
// of names and indexes and writes a JSON Pointer only for a finding, so a good
// document costs no memory.
type checker struct {
	now      time.Time
	errors   []Finding
	warnings []Finding

	path  [24]step // deeper than any document of the model
	depth int

	mandatory []string // languages that every text must have
	langs     [4]string
	nlangs    int
	roles     map[string]int // parties by role; made when a ref asks for it
	doc       *Submission    // nil when a statement is checked
}

// step is a member name, or an index where name is empty.
type step struct {
	name string
	i    int
}

func (c *checker) in(name string) { c.path[c.depth] = step{name: name}; c.depth++ }
func (c *checker) item(i int)     { c.path[c.depth] = step{i: i}; c.depth++ }
func (c *checker) out()           { c.depth-- }

// pointer returns the JSON Pointer (RFC 6901) of a member of the current place;
// leaf "" is the place itself.
func (c *checker) pointer(leaf string) string {
	var b []byte
	for _, s := range c.path[:c.depth] {
		b = append(b, '/')
		if s.name == "" {
			b = strconv.AppendInt(b, int64(s.i), 10)
		} else {
			b = append(b, escape(s.name)...)
		}
	}
	if leaf != "" {
		b = append(append(b, '/'), escape(leaf)...)
	}
	return string(b)
}

// escape writes a member name as a step of a JSON Pointer (RFC 6901, section 3).
func escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func (c *checker) fail(code fault.Code, leaf, detail string) {
	if len(c.errors) < MaxFindings {
		c.errors = append(c.errors, Finding{code, c.pointer(leaf), detail, SeverityError})
	}
}

func (c *checker) warn(code fault.Code, leaf, detail string) {
	if len(c.warnings) < MaxFindings {
		c.warnings = append(c.warnings, Finding{code, c.pointer(leaf), detail, SeverityWarning})
	}
}

func (c *checker) missing(leaf string) {
	c.fail(fault.SchemaMissingField, leaf, "required")
}

func (c *checker) format(leaf, detail string) { c.fail(fault.SchemaFormat, leaf, detail) }

// chars checks length and characters and says whether both are good. Details
// name the rule and never repeat the value.
func (c *checker) chars(leaf, v string, limit int, oneLine bool) bool {
	switch scan(v, oneLine) {
	case fine:
	case lineBreak:
		c.fail(fault.SchemaForbiddenChar, leaf, "has a carriage return, or a line break in a value of one line")
		return false
	case direction:
		c.fail(fault.SchemaForbiddenChar, leaf, "has a bidirectional control character in a value of one line")
		return false
	case encoding:
		c.fail(fault.SchemaForbiddenChar, leaf, "is not UTF-8")
		return false
	default:
		c.fail(fault.SchemaForbiddenChar, leaf, "has a control character, or one that XML 1.0 cannot carry")
		return false
	}
	switch {
	case longer(v, limit):
		c.fail(fault.SchemaLength, leaf, "has more than "+strconv.Itoa(limit)+" characters")
		return false
	case v[0] <= ' ' && blank(v):
		c.fail(fault.SchemaLength, leaf, "is blank")
		return false
	}
	return true
}

// line checks an optional value of one line; it says whether there is a good one.
func (c *checker) line(leaf, v string) bool {
	return v != "" && c.chars(leaf, v, MaxLine, true)
}

// needLine checks a required value of one line.
func (c *checker) needLine(leaf, v string) bool {
	if v == "" {
		c.missing(leaf)
		return false
	}
	return c.chars(leaf, v, MaxLine, true)
}

// token checks a required word: the name of a scheme, a system, a kind.
func (c *checker) token(leaf, v string) bool {
	if v == "" {
		c.missing(leaf)
		return false
	}
	if !c.chars(leaf, v, MaxToken, true) {
		return false
	}
	if !validToken(v) {
		c.format(leaf, "want a word without spaces and quotes")
		return false
	}
	return true
}

// word checks a required word of a closed list.
func (c *checker) word(leaf, v string, list Enumeration) {
	switch {
	case v == "":
		c.missing(leaf)
	case !list.Has(v):
		c.format(leaf, "want one of: "+strings.Join(list.words(), ", "))
	}
}

// uri checks a required absolute URI.
func (c *checker) uri(leaf, v string) {
	switch {
	case v == "":
		c.missing(leaf)
	case !c.chars(leaf, v, MaxURL, true):
	case !validURI(v):
		c.format(leaf, "want an absolute URI")
	}
}

// decimal checks an optional decimal.
func (c *checker) decimal(leaf string, v Dec) {
	if v != "" && !validDecimal(string(v)) {
		c.format(leaf, "want a decimal of digits with an optional sign and point, at most 64 characters")
	}
}

// some checks the length of a list that must not be empty.
func (c *checker) some(leaf string, n int) {
	if n == 0 {
		c.missing(leaf)
	}
	c.many(leaf, n, MaxItems)
}

// many bounds a list.
func (c *checker) many(leaf string, n, limit int) {
	if n > limit {
		c.fail(fault.SchemaLength, leaf, "has more than "+strconv.Itoa(limit)+" items")
	}
}

// each walks a list.
func each[T any](c *checker, name string, v []T, check func(*checker, *T)) {
	if len(v) == 0 {
		return
	}
	c.many(name, len(v), MaxItems)
	c.in(name)
	for i := range v {
		c.item(i)
		check(c, &v[i])
		c.out()
	}
	c.out()
}

// lines walks a list of values of one line.
func (c *checker) lines(name string, v []string) {
	for i := range v {
		c.in(name)
		c.needLine(strconv.Itoa(i), v[i])
		c.out()
	}
}

// sub checks an object that may be absent.
func sub[T any](c *checker, name string, v *T, check func(*checker, *T)) {
	if v == nil {
		return
	}
	c.in(name)
	check(c, v)
	c.out()
}

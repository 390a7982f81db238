package native

import (
	"strings"
	"unicode/utf8"

	"accord/internal/fault"
)

// format is what a string must look like. Its name is that of the type in the
// schemas.
type format struct {
	name    string
	pattern string            // in the schemas, anchored at both ends; "" if check is nil
	check   func(string) bool // the same as pattern, by hand: no regular expression runs on input
	values  []string          // closed list instead of a pattern
	class   charClass
}

// charClass says which control characters a string may hold. None may hold what
// XML 1.0 cannot carry, nor U+007F to U+009F.
type charClass uint8

const (
	oneLine   charClass = iota // no line break, no tab, nothing that turns the direction of writing
	manyLines                  // line feed and tab
	rawText                    // also carriage return: quoted source text
)

// enum is a format of fixed values.
func enum(name string, values ...string) *format { return &format{name: name, values: values} }

// parse checks s against the format.
func (f *format) parse(s string) problem {
	if s == "" {
		return problem{fault.SchemaLength, "an empty value; leave the field out instead"}
	}
	if f.values != nil {
		for _, v := range f.values {
			if v == s {
				return problem{}
			}
		}
		return problem{fault.SchemaFormat, "one of these is due: " + strings.Join(f.values, ", ")}
	}
	if f.check != nil {
		if !f.check(s) {
			return problem{fault.SchemaFormat, "the pattern is " + f.pattern}
		}
		return problem{} // a pattern admits ASCII letters, digits and signs only
	}
	if !f.class.admits(s) {
		return problem{fault.SchemaForbiddenChar, f.class.refusal()}
	}
	return problem{}
}

func (c charClass) refusal() string {
	if c == oneLine {
		return "one line without control or direction characters is due"
	}
	return "a control character or one that XML 1.0 cannot carry"
}

// admits reports whether every character of s may stand in it. s is UTF-8.
func (c charClass) admits(s string) bool {
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= ' ' && b < 0x7f {
			continue
		}
		if b >= utf8.RuneSelf {
			// Only these lead bytes start a character that may be refused.
			if b != 0xc2 && b != 0xe2 && b != 0xef {
				continue
			}
			if r, _ := utf8.DecodeRuneInString(s[i:]); c.refuses(r) {
				return false
			}
			continue
		}
		if c.refuses(rune(b)) {
			return false
		}
	}
	return true
}

func (c charClass) refuses(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return c == oneLine
	case r == '\r':
		return c != rawText
	case r < ' ', r >= 0x7f && r <= 0x9f, r == 0xfffe, r == 0xffff:
		return true
	case r == 0x2028, r == 0x2029, // line and paragraph separator
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // embeddings, overrides, isolates
		return c == oneLine
	default:
		return false
	}
}

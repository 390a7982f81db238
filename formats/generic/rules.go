package generic

import (
	"strings"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// The rules for single strings hold what the gate could not see any more in
// the XML made of them: that a string which is a name stays a name, and that a
// value comes back as it was. An error of before stays.

// qname holds that s is the name of an element or attribute.
func (r reader) qname(s string) {
	if xmldoc.IsNCName(s) {
		return
	}
	prefix, local, ok := strings.Cut(s, ":")
	if !ok || !xmldoc.IsNCName(local) || !xmldoc.IsNCName(prefix) {
		r.fail(fault.SchemaFormat, "not a qualified name")
	}
}

func (r reader) attrName(s string) {
	r.qname(s)
	if s == "xmlns" || strings.HasPrefix(s, "xmlns:") {
		r.fail(fault.SchemaFormat, `namespaces are declared in "ns"`)
	}
}

// target holds that s is the target of an instruction (XML 1.0, production 17;
// Namespaces in XML 1.0, section 7).
func (r reader) target(s string) {
	if !xmldoc.IsNCName(s) || strings.EqualFold(s, "xml") {
		r.fail(fault.SchemaFormat, "not the target of an instruction")
	}
}

// data holds that s comes back as the data of an instruction.
func (r reader) data(s string) {
	r.text(s, false)
	switch {
	case s == "":
		r.fail(fault.SchemaLength, "empty data must be left out")
	case strings.Contains(s, "?>"):
		r.fail(fault.SchemaFormat, "'?>' would end the instruction")
	case strings.ContainsRune(" \t\n", rune(s[0])):
		r.fail(fault.SchemaFormat, "white space before the data would be lost")
	}
}

// comment holds that s comes back as the content of a comment (production 15).
func (r reader) comment(s string) {
	r.text(s, false)
	if strings.Contains(s, "--") || strings.HasSuffix(s, "-") {
		r.fail(fault.SchemaFormat, "'--' or '-' at the end would end the comment")
	}
}

// text holds that XML can carry s. A carriage return can only be written as a
// reference, so it can stand where references are read.
func (r reader) text(s string, references bool) {
	if !xmldoc.IsText(s) || !references && strings.Contains(s, "\r") {
		r.fail(fault.SchemaForbiddenChar, "a character that XML 1.0 cannot carry here")
	}
}

// Package generic owns the JSON form of any XML document and the XML form of any
// JSON text, and the ways back. Nothing is mapped, guessed or merged.
//
//	XML  ── [FromXML] ──►  JSON form of it   ── [ToXML]  ──►  the XML
//	JSON ── [FromJSON] ──► XML form of it    ── [ToJSON] ──►  the JSON
//	either, by its own look: [AsJSON], [AsXML]
//
// # XML as JSON
//
// The document is an ordered list of nodes:
//
//	{"accord:infoset": 1, "nodes": [
//	  {"comment": " a comment "},
//	  {"pi": "target", "data": "its data"},
//	  {"e": "p:name", "ns": {"p": "urn:x", "": "urn:y"}, "@": [["p:id", "1"]],
//	   "c": ["text", {"e": "p:empty"}]}
//	]}
//
// Members without content are left out. Text is a string, and neighbouring
// texts are one, so that each document has one form: [FromXML] and [ToXML] are
// inverse to each other, up to canonical XML 1.1 on the one side and RFC 8785
// on the other. That leaves out the XML declaration, white space outside the
// root element, the bytes with which a character was written, and that a text
// was a CDATA section. JSON that is no such form is refused, never repaired.
//
// The package knows no vocabulary. Values are text: numbers keep their digits, a
// list of XML Schema its white space, and what a prefix in a value means is found
// in the "ns" around it.
//
// # JSON as XML
//
// The form is after the model of fn:json-to-xml (XPath and XQuery Functions 3.1,
// section 17.5.4), in a namespace of its own; names are values of an attribute,
// so that any will do:
//
//	<json xmlns="urn:accord:json:1" type="object">
//	  <member name="@context" type="array"><item type="string">a b</item></member>
//	  <member name="0.20/中文" type="number">0.20</member>
//	  <member name="x" type="null"></member>
//	</json>
//
// Members keep their order, numbers their digits whatever their range, and null,
// "", {}, [] and a member that is not there are five things. A string with a
// character that XML 1.0 cannot carry has escaped="true" (a name escapedName): in
// it such a character is \uXXXX and a backslash is doubled; no other string is
// escaped. [FromJSON] and [ToJSON] are inverse to each other, up to RFC 8785 with
// the digits of numbers on the one side and canonical XML on the other, without
// white space between elements. Comments and instructions are refused.
//
// # Which of the two
//
// An object with a member "accord:infoset" is the form of an XML document, and a
// document whose root is in urn:accord:json:1 is the form of a JSON text, or they
// are refused: never taken for content of their own. The form of a form is refused
// where it would be a second form of one thing. So [AsXML] and [AsJSON] are one
// bijection between the two syntaxes.
package generic

import (
	"accord/formats/xmldoc"
	"accord/internal/strictjson"
)

// The members of the form.
const (
	memberVersion = "accord:infoset"
	memberNodes   = "nodes"
	memberElement = "e"
	memberSpaces  = "ns"
	memberAttrs   = "@"
	memberContent = "c"
	memberComment = "comment"
	memberPI      = "pi"
	memberData    = "data"

	version = "1"
)

// limits are those that JSON must have for every document that the gate lets
// through to come back: an element is an object in an array, and has an array
// of attributes, which are arrays; an attribute counts three times, an element
// at most five times; a byte of XML grows to six at most.
func limits() strictjson.Limits {
	return strictjson.Limits{
		Depth:   2*xmldoc.MaxDepth + 8,
		Members: 6 * xmldoc.MaxNodes,
		Bytes:   8 * xmldoc.MaxBytes,
	}
}

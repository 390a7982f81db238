// Package generic owns the JSON form of any XML document, and the way back: an
// ordered list of nodes in which nothing is mapped, guessed or merged.
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
// The package knows no vocabulary. Values are text: numbers keep their digits,
// and what a prefix in a value means is found in the "ns" around it.
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

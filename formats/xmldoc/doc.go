// Package xmldoc owns the reading and writing of XML: a strict token gate, an
// ordered tree, and a serialiser that gives back what was read.
//
//	bytes ──► Scanner (the gate) ──┬──► dialect decoders, no tree
//	                               └──► Parse ──► Document (etree) ──► Serialise
//
// The gate accepts XML 1.0 (fifth edition) with Namespaces in XML 1.0, in
// UTF-8, without a document type declaration, and nothing else. It does itself
// what encoding/xml leaves out: well-formedness, namespace constraints,
// duplicate attributes, limits. Nothing is ever fetched or expanded beyond the
// five predefined entities and character references.
//
// It does not know any vocabulary: whether a comment, a processing instruction
// or mixed content may stand somewhere is for the dialect to say.
package xmldoc

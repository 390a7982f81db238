// Package native owns our own dialect: the attestation and the status statement
// as JSON and as XML (namespace [Namespace]), and the schemas published for them.
//
// One description of the document (the describe files) says of each field its
// member name, its place in the XML form, its type and whether it is required.
// The readers and writers of both forms and the schemas are made of it, so they
// cannot disagree, and what one form can say the other says too:
//
//	JSON ──► strictjson.Reader ──┐                        ┌──► JSON (RFC 8785)
//	                             ├──► attestation types ──┤
//	XML ───► xmldoc.Scanner ─────┘                        └──► XML
//
// Reading is strict: nothing unknown, nothing empty, no default, no trimming,
// exact letter case, elements in their order. All findings of a document are
// reported at once as a fault.List; text that cannot be read safely (json.*,
// xml.*) is reported alone.
//
// The package says whether a document has the form of the schemas. Whether its
// content is valid (check digits, dates, histories) is for
// attestation.Submission.Validate.
package native

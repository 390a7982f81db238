// Package carry owns how an XML document of a foreign dialect travels inside an
// attestation without losing anything: what fields of the model take, and all the
// rest in residual, in its place.
//
//	octets ──► [Parse] ──► tree ──► a dialect takes values into fields ──► [Reader.Finish]
//	                                                                         │ Submission
//	octets ◄── [Restore] ◄── fields, residual, blobs ◄───────────────────────┘
//
// The residual of a document is a list of pieces of one format. The first is of
// kind "frame": the elements in which something was taken, with their attributes
// and white space, and processing instructions where there was more:
//
//	<?accord-field /identifiers/0/value?>   the text is in that field (JSON Pointer)
//	<?accord-residual?>                     here stands the next piece
//	<?accord-blob sha-256:… …?>             base64 that was lifted out, and its line breaks
//	<?accord-pi accord-… …?>                an instruction of the document's own
//
// The other pieces are whole elements (or of a kind that the dialect names),
// comments and instructions, in document order, each with its path. They are
// serialised as canonical XML would write them, but with their namespaces left
// to the frame. So the restored document is the same canonical XML, comments
// included; what a re-serialisation loses is what canonical XML drops.
//
// The package knows no vocabulary.
package carry

// Package dialect owns what the dialects of the field have in common: the
// contract of a codec between a foreign document and the canonical attestation,
// and the losses by which a codec says what it could not carry.
//
//	foreign octets ──► Decode ──► Submission + losses ──► Encode ──► foreign octets + losses
//
// The rule of every dialect is that nothing is dropped in silence. What no field
// of the model takes goes into the document's residual, with its place, and is
// put back when the document is written in the dialect it came from; written in
// another dialect, each piece is a [Loss]. Each dialect has a package of its own
// beside this one; the table of them is in package formats.
package dialect

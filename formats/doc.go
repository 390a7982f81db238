// Package formats owns the table of document formats and the way between them.
//
// A format is a dialect and a syntax: "native+json" and "native+xml" are our
// own (formats/native), "generic+xml" is any XML and "generic+json" its lossless
// JSON form (formats/generic). A dialect with a [Codec] can be submitted and
// asked for; the generic forms can only be converted.
//
//	bytes in one format ──► [Convert] ──► bytes in another, and what was lost
//
// What a dialect says and how it is read is for its own package.
package formats

// Package strictjson owns the one strict reading of JSON (RFC 8259 within the
// bounds of I-JSON, RFC 7493) and the one canonical writing of it (RFC 8785).
//
// What two parsers could read in two ways is refused with a json.* code: a
// member name used twice (also when one of them is escaped), octets that are
// not UTF-8, a byte order mark, half of a surrogate pair, data after the value,
// and numbers that an IEEE 754 double cannot hold. Nesting, members and size
// are bounded while scanning, so hostile input costs no more than its length.
//
//	src ─► [Check]                              is it safe to read?
//	src ─► [NewReader] ─► tokens                for the dialects
//	src ─► [Unmarshal] ─► Go value              our messages and API bodies
//	src ─► [Canonical], Go value ─► [CanonicalOf]   octets that are digested
//
// It does not know what a document means. Reading is its own scanner over a
// text that is in memory anyway; github.com/go-json-experiment/json writes, makes
// Go values and canonical forms, and its jsontext is the second implementation
// that the tests hold the scanner against.
package strictjson

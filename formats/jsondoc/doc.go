// Package jsondoc owns JSON as an ordered, exact tree: members keep their order,
// numbers keep their digits ("0.20" stays "0.20"), and reading is as strict as
// internal/strictjson. Dialects whose documents are JSON and must survive a
// round trip map from and to it.
//
//	bytes ──► Parse ──► Value ──► Append (the same order and digits)
//	                          └─► Canonical (RFC 8785)
//
// White space between values, the way a character was escaped, and a byte count
// are not kept; they mean nothing.
package jsondoc

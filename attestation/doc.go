// Package attestation owns the document that Accord exchanges: the attestation
// of ISO/IEC 17000, 7.3, its identity, its history and its validity.
//
// A [Submission] is what an issuer signs. The gateway answers with a [View]:
// the same document and what only the gateway may say of it. The content digest
// of a submission is the SHA-256 of its RFC 8785 form; it is the identity of the
// content in whatever format or signature it came. A series (issuer, scheme,
// number, issue number) has revisions; statuses change by events through one
// transition table.
//
// The package is pure: no I/O and no clock of its own. It owns neither bytes
// (formats) nor keys (signing) nor agreements (partners).
package attestation

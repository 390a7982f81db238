// Package certsearch owns the records by which registers exchange certificates
// of management systems in bulk, in the manner of the upload templates of IAF
// CertSearch: CSV with a header row, and XML.
//
//	octets ──► [Reader] ──► [Record] ──► attestation.Submission, or all its findings
//
// A file is read as a stream: what it costs in memory does not depend on how
// many records it has, and a record that is too large is passed over and told
// of. Nothing is signed or sent here.
//
// The names of the fields are those of the published upload interface and field
// glossary of IAF CertSearch; those that no source was read for are marked in
// the table of [Columns]. Why there is no codec: docs/decisions/0036.
package certsearch

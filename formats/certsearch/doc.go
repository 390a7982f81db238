// Package certsearch owns the records by which registers exchange certificates
// of management systems in bulk, in the manner of the upload templates of IAF
// CertSearch: CSV with a header row, and XML.
//
//	octets ──► [Reader] ──► one record ──► attestation.Submission, or all its findings
//
// A file is read as a stream: what it costs in memory does not depend on how
// many records it has. Nothing is signed or sent here.
package certsearch

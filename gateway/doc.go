// Package gateway owns the use cases of Accord: what happens to a document, a
// status statement, a registry change or a question between the bytes that
// come in and the answer that goes out. It knows nothing of HTTP.
//
// The way of a submission is one straight walk; each step takes a value of one
// type and returns the next, and only commit writes:
//
//	Inbound ──► opened ──► verified ──► decoded ──► checked ──► routed ──► Accepted
//	  bytes      JWS and     key of       strict      rules of    audience    one entry of
//	  + sender   payload     partner      document    document    and reach   the ledger
//
// A document that fails at a step is answered with every finding of that step
// at once; nothing changes but the audit log. A question goes the other way:
// the directory as of K, the document as known at K, the facts of the asker,
// every check of every candidate agreement, one decision.
//
// Bytes are signed and verified in signing, read in formats, judged in
// attestation and partners/recognition, kept in storage, and proven in
// evidence; this package only leads them from room to room.
package gateway

// Package partners owns who takes part and under what terms: partners, their
// trust material, agreements, designations and sanctions, the signed changes
// that make them, and the Directory, which is the projection of those changes
// out of the ledger.
//
//	registry change (signed) ──► Directory.Check ──► ledger ──► Directory.Apply
//	question ──► Directory.AsOf(K) ──► Snapshot ──► recognition
//
// Everything is dated and nothing is overwritten: a Snapshot answers for what
// was known at a ledger size. Whether a document is recognised is decided in
// partners/recognition; how bytes are signed belongs to signing.
package partners

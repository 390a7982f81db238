// Package partners owns who takes part and under what terms: partners, their
// trust material, agreements, designations and sanctions, the signed changes
// that make them, and the Directory, which is the projection of those changes
// out of the ledger.
//
//	registry change (signed) ──► Directory.Check ──► ledger ──► Directory.Apply
//	question ──► Directory.AsOf(K) ──► Snapshot ──► recognition
//
// Everything is dated twice and nothing is overwritten: a Snapshot is what was
// known at a ledger size, and each of its answers is for a time, by the effective
// instant of the changes and the periods in the records. Between two boundaries
// ([Snapshot.NextBoundary]) its answers stay the same, so they are remembered.
//
// Who may see a document (its audience) is decided here, in coverage.go. Whether
// it is recognised is decided in partners/recognition; how bytes are signed
// belongs to signing.
package partners

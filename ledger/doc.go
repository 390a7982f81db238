// Package ledger owns the transparency log: what an entry commits to, the tree
// over the entries, the checkpoints that sign it and the proofs out of it.
//
//	Record ──► Leaf ──► entry ──► Tree ──► Memory ──► checkpoint ──► Proof
//	private    public   octets    root     noted      signed         receipt
//
// The tree is that of RFC 6962, section 2.1, with SHA-256; it is served as
// C2SP tlog-tiles, signed as C2SP tlog-checkpoint (Ed25519 signed notes), and
// its inclusion proofs travel as C2SP tlog-proof. The hashing and the proofs are
// those of golang.org/x/mod/sumdb/tlog.
//
// The package works on octets and hashes. It does not know where tiles are
// stored (whoever opens a [Tree] brings a [TileReader]), nor what a document
// is, nor in what order things are committed: that belongs to storage. Its one
// file is the signer's [Memory], which is what keeps a restored backup from
// signing a second history.
package ledger

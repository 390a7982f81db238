package ledger

import (
	"encoding/base64"

	"golang.org/x/mod/sumdb/tlog"

	"accord/internal/fault"
)

// Hash is a SHA-256 hash: of an entry, of a node of the tree, or its root.
type Hash = tlog.Hash

// Head is a size of the log and the root hash of the tree over its first Size
// entries.
type Head struct {
	Size uint64
	Root Hash
}

// maxSize bounds the size of a log. Sizes travel as JSON numbers and as signed
// 64-bit integers in tlog; 2^48 entries are more than will ever be written.
const maxSize = 1 << 48

// LeafHash returns the hash of an entry as a leaf of the tree (RFC 6962,
// section 2.1).
func LeafHash(entry []byte) Hash { return tlog.RecordHash(entry) }

// EmptyRoot is the root hash of a log without entries, SHA-256 of nothing.
func EmptyRoot() Hash {
	h, _ := tlog.TreeHash(0, nil) // reads no hash at size 0
	return h
}

// encode returns the text of 32 octets in our messages.
func encode(h [32]byte) string { return base64.RawURLEncoding.EncodeToString(h[:]) }

// decode reads 32 octets of base64url without padding, and only in the one
// form that encode writes.
func decode(s string) (h [32]byte, err error) {
	// The length of the text bounds the decoding and, with Strict, leaves one
	// text for each value; CR and LF, which Go skips, would make it shorter.
	if len(s) != base64.RawURLEncoding.EncodedLen(len(h)) {
		return h, fault.New(fault.SchemaFormat, "not 32 octets in base64url without padding")
	}
	n, err := base64.RawURLEncoding.Strict().Decode(h[:], []byte(s))
	if err != nil || n != len(h) {
		return h, fault.Wrap(err, fault.SchemaFormat, "not 32 octets in base64url without padding")
	}
	return h, nil
}

package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"accord/internal/fault"
)

// FeedAcc accumulates the leaf hashes of one partner's feed in ledger order
// (wire.md, "High-water"): two gateways that agree on it agree on everything
// before. The zero value stands before the first entry.
type FeedAcc [32]byte

// Add returns the accumulator after one more entry: SHA-256(acc ‖ leaf hash).
func (a FeedAcc) Add(leaf Hash) FeedAcc {
	var buf [64]byte
	copy(buf[:32], a[:])
	copy(buf[32:], leaf[:])
	return sha256.Sum256(buf[:])
}

// String returns the accumulator as digests are written.
func (a FeedAcc) String() string { return "sha-256:" + hex.EncodeToString(a[:]) }

// ParseFeedAcc reads the form that String writes.
func ParseFeedAcc(s string) (a FeedAcc, err error) {
	text, ok := strings.CutPrefix(s, "sha-256:")
	b, err := hex.DecodeString(text)
	if !ok || err != nil || len(b) != len(a) || strings.ToLower(text) != text {
		return a, fault.New(fault.SchemaFormat, "not \"sha-256:\" and 64 lower-case hexadecimal digits")
	}
	return FeedAcc(b), nil
}

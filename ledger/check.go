package ledger

import (
	"golang.org/x/mod/sumdb/tlog"

	"accord/internal/fault"
)

// CheckInclusion verifies that a leaf hash stands at index in the tree of head
// (RFC 9162, section 2.1.3.2). An error has the code ledger.proof_invalid.
func CheckInclusion(head Head, index uint64, leaf Hash, proof []Hash) error {
	if head.Size == 0 || head.Size > maxSize || index >= head.Size {
		return fault.New(fault.LedgerProofInvalid, "the index is not below the size of the checkpoint")
	}
	if err := tlog.CheckRecord(proof, int64(head.Size), head.Root, int64(index), leaf); err != nil {
		return fault.Wrap(err, fault.LedgerProofInvalid, "the inclusion proof does not lead from the leaf to the root")
	}
	return nil
}

// CheckConsistency verifies that the log at old is a prefix of the log at head
// (RFC 9162, section 2.1.4.2). Size 0 is refused: from it anything follows, and
// a verifier that says yes to it has verified nothing.
func CheckConsistency(old, head Head, proof []Hash) error {
	if old.Size == 0 || old.Size > head.Size || head.Size > maxSize {
		return fault.New(fault.LedgerProofInvalid, "no consistency can be proved between these sizes")
	}
	if err := tlog.CheckTree(proof, int64(head.Size), head.Root, int64(old.Size), old.Root); err != nil {
		return fault.Wrap(err, fault.LedgerProofInvalid, "the earlier checkpoint is not a prefix of the later one")
	}
	return nil
}

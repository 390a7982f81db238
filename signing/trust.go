package signing

import (
	"time"

	"accord/attestation"
	"accord/certs"
)

// DefaultClaimWindow is how far a claimed signing time may lie before the
// proven one where the partner record says nothing (signing.md, "Trust").
const DefaultClaimWindow = 72 * time.Hour

// claimAhead is how far a claimed signing time may lie after the proven one:
// the signer's clock may be a little fast.
const claimAhead = 5 * time.Minute

// Trust is what is known of the keys of one partner. It is built once and not
// changed afterwards: the verifier remembers chains by its address, so use the
// same Trust for as long as the partner record stands.
type Trust struct {
	Partner     attestation.PartnerID
	Keys        []*Key
	Anchors     []certs.Anchor
	Algorithms  []Alg         // opted in, e.g. RS256
	ClaimWindow time.Duration // zero: DefaultClaimWindow
}

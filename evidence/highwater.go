package evidence

import (
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
)

// HighWater says how far a partner's feed goes: everything for this partner
// with a ledger index below To has been told, Count entries since the beginning,
// chained in Acc (wire.md). Two gateways that agree on Acc agree on all of it.
type HighWater struct {
	Ver        int    `json:"ver"`
	Iss        string `json:"iss"`
	Aud        string `json:"aud"`   // URN of the partner
	From       uint64 `json:"from"`  // ledger index from which this answer went on
	To         uint64 `json:"to"`    // ledger index before which nothing is missing
	Count      uint64 `json:"count"` // entries of the feed before To
	Acc        string `json:"acc"`   // as digests are written
	Checkpoint string `json:"checkpoint"`
}

// NewHighWater makes the mark of a partner's feed.
func NewHighWater(iss string, aud attestation.PartnerID, from uint64, reached Feed, checkpoint []byte) *HighWater {
	return &HighWater{
		Ver: Version, Iss: iss, Aud: aud.URN(), From: from, To: reached.To,
		Count: reached.Count, Acc: reached.Acc.String(), Checkpoint: string(checkpoint),
	}
}

// Payload returns the RFC 8785 form of the mark.
func (h *HighWater) Payload() ([]byte, error) { return payload(h) }

// Sign returns the mark as accord-feed+jwt.
func (h *HighWater) Sign(s *signing.Signer, now time.Time) ([]byte, error) {
	return seal(h, signing.TypFeed, s, now)
}

// ParseHighWater reads the payload of a mark, strictly.
func ParseHighWater(src []byte) (*HighWater, error) {
	return parse[HighWater](src)
}

// OpenHighWater verifies and reads an accord-feed+jwt with the keys of the
// gateway; the key must have been good at a time.
func OpenHighWater(raw []byte, keys []*signing.Key, at time.Time) (*HighWater, error) {
	return openAs[HighWater](raw, signing.TypFeed, keys, at)
}

func (h *HighWater) check() error {
	var f form
	f.version(h.Ver)
	f.need(h.Iss != "", "/iss")
	_, err := attestation.ParsePartnerURN(h.Aud)
	f.match(err == nil, "/aud", "not urn:accord:partner: and a partner id")
	_, err = ledger.ParseFeedAcc(h.Acc)
	f.match(err == nil, "/acc", "not a digest")
	f.match(h.From <= h.To && h.Count <= h.To, "/to", "does not follow from and count")
	f.need(h.Checkpoint != "", "/checkpoint")
	return f.err()
}

// Feed is what a reader of a feed keeps between pages: where it stands and what
// it has seen. The zero value is the beginning.
type Feed struct {
	To    uint64 // ledger index before which everything was seen
	Count uint64
	Acc   ledger.FeedAcc
}

// Add takes the next entry of the feed. Entries come in ledger order; one that
// was seen before, or out of order, is refused.
func (f *Feed) Add(index uint64, leaf ledger.Hash) error {
	if index < f.To {
		return fault.Newf(fault.LedgerProofInvalid, "entry %d of the feed is out of order", index)
	}
	f.To, f.Count, f.Acc = index+1, f.Count+1, f.Acc.Add(leaf)
	return nil
}

// Check holds the reader against the mark at the end of an answer: the same
// number of entries with the same chain, under a checkpoint of the log that is
// large enough. It moves the reader to the mark and returns the checkpoint, for
// the caller to compare with the last one by a consistency proof. An error
// means that the gateway left something out, or told another partner's feed.
func (f *Feed) Check(h *HighWater, aud attestation.PartnerID, keys *ledger.VKeys) (ledger.Checkpoint, error) {
	c, err := keys.Open([]byte(h.Checkpoint))
	switch {
	case err != nil:
		return ledger.Checkpoint{}, err
	case h.Aud != aud.URN():
		return ledger.Checkpoint{}, fault.New(fault.LedgerProofInvalid, "the mark is of another partner's feed")
	case h.To < f.To || h.To > c.Size:
		return ledger.Checkpoint{}, fault.New(fault.LedgerProofInvalid, "the mark is below what was seen or above its checkpoint")
	case h.Count != f.Count || h.Acc != f.Acc.String():
		return ledger.Checkpoint{}, fault.New(fault.LedgerProofInvalid, "the mark does not stand for the entries that were seen")
	}
	f.To = h.To
	return c, nil
}

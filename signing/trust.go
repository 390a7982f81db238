package signing

import (
	"slices"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/fault"
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

// key looks a kid up as an exact string among the keys of one use.
func (t *Trust) key(kid string, use Use) (*Key, error) {
	var found *Key
	for _, k := range t.Keys {
		if k.KID != kid || k.Use != use {
			continue
		}
		if found != nil && found.thumbprint != k.thumbprint {
			return nil, fault.New(fault.JWSKeyUnknown, "the kid stands for two keys of this partner")
		}
		found = k
	}
	if found == nil {
		return nil, fault.New(fault.JWSKeyUnknown, "the kid is not registered for this partner and use")
	}
	return found, nil
}

// registered returns every record of one public key, whatever its kid: a key
// that was revoked does not come back under another name.
func (t *Trust) registered(thumbprint string) []*Key {
	var out []*Key
	for _, k := range t.Keys {
		if k.thumbprint == thumbprint {
			out = append(out, k)
		}
	}
	return out
}

// allows says whether an algorithm is on the list or opted in to.
func (t *Trust) allows(alg Alg) bool {
	r, ok := algRules[alg]
	return ok && !r.bare && (!r.optIn || slices.Contains(t.Algorithms, alg))
}

// checkClaim holds the claimed signing time against the proven one: a retired
// key could otherwise sign for ever with an old iat.
func (t *Trust) checkClaim(claimed, proven time.Time) error {
	if claimed.IsZero() {
		return nil
	}
	window := t.ClaimWindow
	if window == 0 {
		window = DefaultClaimWindow
	}
	switch {
	case claimed.Before(proven.Add(-window)):
		return fault.Newf(fault.JWSTimeUntrusted, "iat lies more than %s before the proven time", window)
	case claimed.After(proven.Add(claimAhead)):
		return fault.Newf(fault.JWSTimeUntrusted, "iat lies more than %s after the proven time", claimAhead)
	default:
		return nil
	}
}

package partners

import (
	"slices"
	"time"

	"accord/certs"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/signing"
)

// material is the trust material of one partner record, parsed once. Its parts
// are not changed afterwards.
type material struct {
	keys        []*signing.Key // in the order of the record
	anchors     []certs.Anchor // likewise
	algorithms  []signing.Alg
	claimWindow time.Duration // zero: the default
}

// RoleOwn is the role of an anchor that is pinned for one partner only, so
// that its leaves need not name the partner (signing.md, rule 10).
const RoleOwn = "own"

// parse reads the JWK of a registered key. The window and the revocation are
// those of the record.
func (k *Key) parse() (*signing.Key, error) {
	raw, err := strictjson.CanonicalOf(k.JWK)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the JWK cannot be written as JSON")
	}
	key, err := signing.ParseKey(raw)
	if err != nil {
		return nil, err
	}
	key.Use, key.NotBefore, key.Expires = signing.Use(k.Use), k.NotBefore, k.Expires
	key.Revoked = k.Revoked.parsed()
	return key, nil
}

func (r *Revoked) parsed() *signing.Revocation {
	if r == nil {
		return nil
	}
	return &signing.Revocation{At: r.At, Reason: r.Reason, CompromisedSince: r.CompromisedSince}
}

// parse reads a pinned certificate.
func (a *Anchor) parse() (certs.Anchor, error) {
	anchor, err := certs.ParseAnchor(a.DER, a.SHA256)
	if err != nil {
		return certs.Anchor{}, err
	}
	anchor.Role, anchor.Algorithms, anchor.From, anchor.Until = a.Role, a.Algorithms, a.From, a.Until
	anchor.Exclusive = a.Role == RoleOwn
	return anchor, nil
}

// contradicts says whether the record has the kid of a key for another key.
func (m *material) contradicts(k *signing.Key) bool {
	return m != nil && slices.ContainsFunc(m.keys, func(own *signing.Key) bool {
		return own.KID == k.KID && own.Thumbprint() != k.Thumbprint()
	})
}

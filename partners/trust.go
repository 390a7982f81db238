package partners

import (
	"slices"
	"sync"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/signing"
)

// Trust returns what is known of the keys of a partner at t, the time of the
// question; nil for who is no partner then. It is not the proven time of a
// signature: the keys have their windows, and the verifier holds the proven time
// against them. The same knowledge gives the same Trust, by which the verifier
// knows chains.
//
// All keys and anchors the partner ever had are in it; disappearance is not
// revocation (signing.md, "Trust"). One that left the record has its window
// closed at the instant the record without it took effect. A revocation counts
// as soon as it is known, whatever the effective instant of its record, because
// it says itself from when.
func (s *Snapshot) Trust(id attestation.PartnerID, t time.Time) *signing.Trust {
	held, ok := s.at(t).partners[id]
	if !ok {
		return nil
	}
	if trust := held.trust.Load(); trust != nil {
		return trust
	}
	known := s.targets[Target{TargetPartner, string(id)}]
	trust := held.trusts.get(len(known), func() *signing.Trust { return trustOf(known, held.version) })
	held.trust.Store(trust)
	return trust
}

// trustCache remembers the trust of a version by the number of changes of its
// target that were known: a later one can revoke a key of an earlier one. It
// lives with the version, so that snapshots share it.
type trustCache struct {
	mu   sync.Mutex
	made map[int]*signing.Trust // guarded by mu
}

func (c *trustCache) get(known int, build func() *signing.Trust) *signing.Trust {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.made[known]; ok {
		return t
	}
	t := build()
	if c.made == nil {
		c.made = make(map[int]*signing.Trust, 1)
	}
	c.made[known] = t
	return t
}

// trustOf gathers the material of the versions up to the one that is in effect.
func trustOf(known []*version, now *version) *signing.Trust {
	p := now.change.value.(*Partner)
	m := now.change.material
	t := &signing.Trust{
		Partner: p.ID, Algorithms: m.algorithms, ClaimWindow: m.claimWindow,
		Keys: slices.Clone(m.keys), Anchors: slices.Clone(m.anchors),
	}
	past := reigns(known)
	at := slices.IndexFunc(past, func(r reign) bool { return r.version == now })
	for _, r := range slices.Backward(past[:max(at, 0)]) {
		if r.change.material != nil {
			t.Keys = closedKeys(t.Keys, r)
			t.Anchors = closedAnchors(t.Anchors, r)
		}
	}
	for i, k := range t.Keys {
		t.Keys[i] = lastRevocation(known, k)
	}
	return t
}

// closedKeys adds the keys of an earlier record that no later one has.
func closedKeys(keys []*signing.Key, r reign) []*signing.Key {
	for _, old := range r.change.material.keys {
		if slices.ContainsFunc(keys, func(k *signing.Key) bool { return k.Thumbprint() == old.Thumbprint() }) {
			continue
		}
		closed := *old
		closed.Expires = earlier(old.Expires, r.Until)
		keys = append(keys, &closed)
	}
	return keys
}

// closedAnchors is closedKeys for pinned certificates.
func closedAnchors(anchors []certs.Anchor, r reign) []certs.Anchor {
	for _, old := range r.change.material.anchors {
		if slices.ContainsFunc(anchors, func(a certs.Anchor) bool { return a.SHA256 == old.SHA256 }) {
			continue
		}
		old.Until = earlier(old.Until, r.Until)
		anchors = append(anchors, old)
	}
	return anchors
}

// lastRevocation gives a key the revocation that the newest record with the key
// states, and none where that one states none.
func lastRevocation(known []*version, k *signing.Key) *signing.Key {
	for _, v := range slices.Backward(known) {
		if v.change.material == nil {
			continue
		}
		for _, newest := range v.change.material.keys {
			if newest.Thumbprint() != k.Thumbprint() {
				continue
			}
			if newest.Revoked == k.Revoked {
				return k
			}
			judged := *k
			judged.Revoked = newest.Revoked
			return &judged
		}
	}
	return k
}

// earlier returns the earlier of two ends of a period; zero is no end.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// SubmissionTrust returns the keys that may have signed a document which the
// sender hands in and whose issuer the payload names (signing.md, "Which key"):
// those of the sender, who must be the issuer or act for it, or, where the
// sender is a relay, those of the issuer. Else it is issuer.mismatch.
func (s *Snapshot) SubmissionTrust(sender, issuer attestation.PartnerID, t time.Time) (*signing.Trust, error) {
	p, ok := s.Partner(sender, t)
	switch {
	case ok && p.Relay:
		return s.Trust(issuer, t), nil
	case sender == issuer, ok && p.ActsForAt(issuer, t):
		return s.Trust(sender, t), nil
	default:
		return nil, errNotIssuer()
	}
}

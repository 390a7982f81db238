package partners

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/fault"
	"accord/signing"
)

// slice holds the values of a snapshot for the stretch of time [from, until)
// in which nothing begins or ends, indexed for the questions of every request.
type slice struct {
	from, until  time.Time // zero: open
	partners     map[attestation.PartnerID]*version
	partnerList  []*Partner // by id
	agreements   map[attestation.AgreementID]*Agreement
	agreeList    []*Agreement // by id
	byParty      map[string][]*Agreement
	designations []*Designation // by id
	sanctions    []*Sanction    // by id
	owners       map[attestation.Identifier]attestation.PartnerID
	gateways     map[string]attestation.PartnerID

	audiences sync.Map // audienceKey → []attestation.PartnerID
}

// at returns the slice for a time; the last one made is kept.
func (s *Snapshot) at(t time.Time) *slice {
	if c := s.slice.Load(); c != nil && (Span{From: c.from, Until: c.until}).Contains(t) {
		return c
	}
	c := s.cut(t)
	s.slice.Store(c)
	return c
}

func (s *Snapshot) cut(t time.Time) *slice {
	c := &slice{
		partners:   map[attestation.PartnerID]*version{},
		agreements: map[attestation.AgreementID]*Agreement{},
		byParty:    map[string][]*Agreement{},
		owners:     map[attestation.Identifier]attestation.PartnerID{},
		gateways:   map[string]attestation.PartnerID{},
	}
	bound := func(b time.Time) {
		switch {
		case b.IsZero():
		case b.After(t):
			if c.until.IsZero() || b.Before(c.until) {
				c.until = b
			}
		default:
			if c.from.IsZero() || b.After(c.from) {
				c.from = b
			}
		}
	}
	for _, versions := range s.targets {
		for _, v := range versions {
			bound(v.change.Effective)
		}
		v := current(versions, t)
		if v == nil || v.change.value == nil {
			continue
		}
		boundaries(v.change.value, bound)
		switch value := v.change.value.(type) {
		case *Partner:
			c.partners[value.ID] = v
			c.partnerList = append(c.partnerList, value)
			for _, id := range value.Identifiers {
				c.owners[id] = value.ID
			}
			if value.Trust.Issuer != "" {
				c.gateways[value.Trust.Issuer] = value.ID
			}
		case *Agreement:
			c.agreements[value.ID] = value
			c.agreeList = append(c.agreeList, value)
		case *Designation:
			c.designations = append(c.designations, value)
		case *Sanction:
			c.sanctions = append(c.sanctions, value)
		}
	}
	slices.SortFunc(c.partnerList, func(a, b *Partner) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.agreeList, func(a, b *Agreement) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.designations, func(a, b *Designation) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.sanctions, func(a, b *Sanction) int { return cmp.Compare(a.ID, b.ID) })
	for _, a := range c.agreeList {
		for _, p := range a.Parties {
			key := string(p.Partner)
			if key == "" {
				key = string(p.Economy)
			}
			if l := c.byParty[key]; len(l) == 0 || l[len(l)-1] != a {
				c.byParty[key] = append(l, a)
			}
		}
	}
	return c
}

// Partner returns a partner as of t, in whatever status.
func (s *Snapshot) Partner(id attestation.PartnerID, t time.Time) (*Partner, bool) {
	v, ok := s.at(t).partners[id]
	if !ok {
		return nil, false
	}
	return v.change.value.(*Partner), true
}

// Partners returns every partner as of t, by id. The list must not be changed;
// so for the lists below.
func (s *Snapshot) Partners(t time.Time) []*Partner { return s.at(t).partnerList }

// Agreement returns an agreement as of t, in whatever state.
func (s *Snapshot) Agreement(id attestation.AgreementID, t time.Time) (*Agreement, bool) {
	a, ok := s.at(t).agreements[id]
	return a, ok
}

// Agreements returns every agreement as of t, by id.
func (s *Snapshot) Agreements(t time.Time) []*Agreement { return s.at(t).agreeList }

// Designations returns every designation as of t, by id.
func (s *Snapshot) Designations(t time.Time) []*Designation { return s.at(t).designations }

// Sanctions returns every sanction as of t, by id.
func (s *Snapshot) Sanctions(t time.Time) []*Sanction { return s.at(t).sanctions }

// PartnerByIssuerURL returns the partner whose gateway has the given issuer.
func (s *Snapshot) PartnerByIssuerURL(issuer string, t time.Time) (attestation.PartnerID, bool) {
	id, ok := s.at(t).gateways[issuer]
	return id, ok
}

// NextBoundary returns the next instant after t at which any period, key or
// change begins or ends; zero for none.
func (s *Snapshot) NextBoundary(t time.Time) time.Time { return s.at(t).until }

// Owner returns the partner to which all the identifiers resolve. None that is
// known, or two partners, is issuer.mismatch: exact match, never a prefix.
func (s *Snapshot) Owner(ids []attestation.Identifier, t time.Time) (attestation.PartnerID, error) {
	c := s.at(t)
	var owner attestation.PartnerID
	for _, id := range ids {
		o, ok := c.owners[id]
		if !ok {
			continue
		}
		if owner != "" && o != owner {
			return "", fault.At(fault.IssuerMismatch, "/issuer/identifiers", "the identifiers of the issuer belong to more than one partner")
		}
		owner = o
	}
	if owner == "" {
		return "", fault.At(fault.IssuerMismatch, "/issuer/identifiers", "no identifier of the issuer is registered for a partner")
	}
	return owner, nil
}

// Candidates returns the agreements in whatever state to which both the issuer
// and the asker (a partner id or an economy) are party, by id. They are found
// by index, not by trying all.
func (s *Snapshot) Candidates(issuer *Partner, asker string, t time.Time) []*Agreement {
	c := s.at(t)
	mine := c.agreementsOf(issuer)
	var theirs []*Agreement
	if v, ok := c.partners[attestation.PartnerID(asker)]; ok {
		theirs = c.agreementsOf(v.change.value.(*Partner))
	} else {
		theirs = c.byParty[asker]
	}
	var out []*Agreement
	for _, a := range mine {
		if slices.Contains(theirs, a) {
			out = append(out, a)
		}
	}
	return out
}

// agreementsOf returns the agreements to which a partner or one of its
// economies is party, by id.
func (c *slice) agreementsOf(p *Partner) []*Agreement {
	out := slices.Clone(c.byParty[string(p.ID)])
	for _, e := range p.Economies {
		out = append(out, c.byParty[string(e)]...)
	}
	slices.SortFunc(out, func(a, b *Agreement) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(out)
}

// Trust returns what is known of the keys of a partner as of t; nil for no
// partner. The same record gives the same Trust.
func (s *Snapshot) Trust(id attestation.PartnerID, t time.Time) *signing.Trust {
	v, ok := s.at(t).partners[id]
	if !ok {
		return nil
	}
	v.once.Do(func() { v.trust = trustOf(v.change.value.(*Partner)) })
	return v.trust
}

// trustOf parses keys and anchors once; the record was validated, so what
// cannot be parsed now is left out rather than trusted.
func trustOf(p *Partner) *signing.Trust {
	t := &signing.Trust{Partner: p.ID}
	for i := range p.Trust.Keys {
		if key, err := p.Trust.Keys[i].parse(); err == nil {
			t.Keys = append(t.Keys, key)
		}
	}
	for _, a := range p.Trust.Anchors {
		anchor, err := certs.ParseAnchor(a.DER, a.SHA256)
		if err != nil {
			continue
		}
		anchor.Role, anchor.Algorithms, anchor.From, anchor.Until = a.Role, a.Algorithms, a.From, a.Until
		anchor.Exclusive = a.Role == RoleOwn
		t.Anchors = append(t.Anchors, anchor)
	}
	for _, a := range p.Trust.Algorithms {
		t.Algorithms = append(t.Algorithms, signing.Alg(a))
	}
	if d, err := time.ParseDuration(p.Trust.ClaimWindow); err == nil {
		t.ClaimWindow = d
	}
	return t
}

// RoleOwn is the role of an anchor that is pinned for one partner only, so
// that its leaves need not name the partner (signing.md, rule 10).
const RoleOwn = "own"

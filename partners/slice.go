package partners

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"accord/attestation"
	"accord/signing"
)

// slice holds the values of a snapshot for the stretch of time [From, Until)
// in which nothing begins or ends, indexed for the questions of every request.
type slice struct {
	Span
	partners      map[attestation.PartnerID]*heldPartner
	partnerList   []*Partner // by id
	agreements    map[attestation.AgreementID]*Agreement
	agreementList []*Agreement // by id
	designations  []*Designation
	sanctions     []*Sanction
	owners        map[attestation.Identifier]attestation.PartnerID
	gateways      map[string]attestation.PartnerID

	active map[string][]*Partner // active partners by id and by economy
	places placeIndex            // of the agreements

	audiences audienceCache
}

// heldPartner is a partner with the version it comes from.
type heldPartner struct {
	*Partner
	*version
	trust atomic.Pointer[signing.Trust] // of this snapshot; made when asked for
}

// cut makes the slice for t.
func cut(targets map[Target][]*version, t time.Time) *slice {
	c := &slice{
		partners:   map[attestation.PartnerID]*heldPartner{},
		agreements: map[attestation.AgreementID]*Agreement{},
		owners:     map[attestation.Identifier]attestation.PartnerID{},
		gateways:   map[string]attestation.PartnerID{},
		active:     map[string][]*Partner{},
	}
	bound := func(b time.Time) { c.narrow(b, t) }
	for _, versions := range targets {
		for _, v := range versions {
			bound(v.change.Effective)
		}
		if v := current(versions, t); v != nil && v.change.value != nil {
			boundaries(v.change.value, bound)
			c.put(v)
		}
	}
	slices.SortFunc(c.partnerList, func(a, b *Partner) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.agreementList, func(a, b *Agreement) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.designations, func(a, b *Designation) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.sanctions, func(a, b *Sanction) int { return cmp.Compare(a.ID, b.ID) })
	c.indexPartners(t)
	c.places = indexPlaces(c)
	return c
}

// narrow takes a boundary into account: the stretch around t ends there.
func (c *slice) narrow(b, t time.Time) {
	switch {
	case b.IsZero():
	case b.After(t):
		if c.Until.IsZero() || b.Before(c.Until) {
			c.Until = b
		}
	case c.From.IsZero() || b.After(c.From):
		c.From = b
	}
}

func (c *slice) put(v *version) {
	switch value := v.change.value.(type) {
	case *Partner:
		c.partners[value.ID] = &heldPartner{Partner: value, version: v}
		c.partnerList = append(c.partnerList, value)
	case *Agreement:
		c.agreements[value.ID] = value
		c.agreementList = append(c.agreementList, value)
	case *Designation:
		c.designations = append(c.designations, value)
	case *Sanction:
		c.sanctions = append(c.sanctions, value)
	}
}

// indexPartners finds partners by what they are called. Where two claim one
// name, which Check prevents, the first by id has it, at every gateway.
func (c *slice) indexPartners(t time.Time) {
	own := func(id attestation.Identifier, p *Partner) {
		if _, taken := c.owners[id]; !taken {
			c.owners[id] = p.ID
		}
	}
	for _, p := range c.partnerList {
		for _, id := range p.Identifiers {
			own(id, p)
		}
		for _, did := range p.Trust.DIDs {
			own(attestation.Identifier{Scheme: DIDScheme, Value: did}, p)
		}
		if _, taken := c.gateways[p.Trust.Issuer]; !taken && p.Trust.Issuer != "" {
			c.gateways[p.Trust.Issuer] = p.ID
		}
		if p.ActiveAt(t) {
			for _, name := range p.names() {
				c.active[name] = append(c.active[name], p)
			}
		}
	}
}

// names are what agreements and destinations may call a partner: its id, and
// its economies. The two have no value in common, because ids have no capitals.
func (p *Partner) names() []string {
	out := make([]string, 0, 1+len(p.Economies))
	if p.ID != "" {
		out = append(out, string(p.ID))
	}
	for _, e := range p.Economies {
		out = append(out, string(e))
	}
	return out
}

// is says whether a name of an agreement or a destination means the partner.
func (p *Partner) is(name string) bool {
	return string(p.ID) == name || slices.Contains(p.Economies, attestation.Economy(name))
}

// audienceCache remembers audiences of a slice within a bound.
type audienceCache struct {
	entries sync.Map // audienceKey → []attestation.PartnerID
	n       atomic.Int64
}

// maxAudiences bounds the cache: a gateway's documents have some hundred
// issuers, few senders for each and ten kinds at most.
const maxAudiences = 8192

type audienceKey struct {
	issuer, sender attestation.PartnerID // sender "": only what agreements cover
	kind           attestation.Kind
	personal       bool // PersonalData of the question
}

func (c *audienceCache) get(k audienceKey) ([]attestation.PartnerID, bool) {
	v, ok := c.entries.Load(k)
	if !ok {
		return nil, false
	}
	return v.([]attestation.PartnerID), true
}

func (c *audienceCache) put(k audienceKey, v []attestation.PartnerID) {
	if c.n.Load() >= maxAudiences {
		return
	}
	if _, had := c.entries.LoadOrStore(k, v); !had {
		c.n.Add(1)
	}
}

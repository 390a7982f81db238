package partners

import (
	"cmp"
	"slices"
	"strconv"

	"accord/attestation"
	"accord/internal/fault"
)

// DIDScheme is the scheme under which the DIDs of a partner's trust material
// are identifiers of it.
const DIDScheme = "did"

// claim names something that a record holds for its partner.
type claim struct {
	kind claimKind
	name attestation.Identifier // the scheme is empty but for identifiers
}

type claimKind uint8

const (
	claimIdentifier claimKind = iota
	claimGateway
	claimKey
	claimAnchor
)

// holding is where a claim stands in its record, and whether the partner must
// be the only one.
type holding struct {
	list  string // JSON Pointer of the list, or of the member itself
	i     int    // index in the list, -1 for none
	alone bool
}

func (h holding) pointer() string {
	if h.i < 0 {
		return h.list
	}
	return idx(h.list, h.i)
}

// checkOwnership refuses what belongs to another partner at any time from the
// effective instant on: one identifier belongs to one partner (domain.md,
// section 6.2), and so do a gateway and a key, for else a token or a signature
// would speak for two. What another partner gave up before may be taken over.
func (s *Snapshot) checkOwnership(c *Change) fault.List {
	p, ok := c.value.(*Partner)
	if !ok {
		return nil
	}
	mine := make(map[claim]holding)
	claims(p, c.material, func(name claim, h holding) { mine[name] = h })
	l := s.keptKIDs(c)
	for target, versions := range s.targets {
		if target.Kind != TargetPartner || target == c.Target {
			continue
		}
		for _, r := range reigns(versions) {
			other, ok := r.change.value.(*Partner)
			if !ok || !r.Until.IsZero() && !r.Until.After(c.Effective) {
				continue
			}
			claims(other, r.change.material, func(name claim, theirs holding) {
				if own, both := mine[name]; both && (own.alone || theirs.alone) {
					l = append(l, fault.At(fault.RegistryConflict, own.pointer(), name.kind.conflict()))
				}
			})
		}
	}
	slices.SortFunc(l, compareAt)
	return slices.CompactFunc(l, func(x, y *fault.Error) bool { return x.At == y.At && x.Code == y.Code })
}

func (k claimKind) conflict() string {
	switch k {
	case claimGateway:
		return "the gateway belongs to another partner"
	case claimKey:
		return "the key belongs to another partner"
	case claimAnchor:
		return "the certificate is pinned for another partner too, so neither can have it for its own"
	default:
		return "the identifier belongs to another partner"
	}
}

// claims calls put with everything that a record holds.
func claims(p *Partner, m *material, put func(claim, holding)) {
	identifier := func(id attestation.Identifier, list string, i int) {
		put(claim{claimIdentifier, id}, holding{list, i, true})
	}
	named := func(kind claimKind, name, list string, i int, alone bool) {
		put(claim{kind, attestation.Identifier{Value: name}}, holding{list, i, alone})
	}
	for i, id := range p.Identifiers {
		identifier(id, "/body/identifiers", i)
	}
	for i, did := range p.Trust.DIDs {
		identifier(attestation.Identifier{Scheme: DIDScheme, Value: did}, "/body/trust/dids", i)
	}
	if p.Trust.Issuer != "" {
		named(claimGateway, p.Trust.Issuer, "/body/trust/issuer", -1, true)
	}
	for i, k := range m.keys {
		named(claimKey, k.Thumbprint(), "/body/trust/keys", i, true)
	}
	for i := range m.anchors {
		named(claimAnchor, m.anchors[i].SHA256, "/body/trust/anchors", i, m.anchors[i].Exclusive)
	}
}

// keptKIDs: a kid that ever stood for a key of the partner stands for no other,
// because signatures made with the old key name it.
func (s *Snapshot) keptKIDs(c *Change) fault.List {
	var l fault.List
	for i, k := range c.material.keys {
		if slices.ContainsFunc(s.targets[c.Target], func(v *version) bool { return v.change.material.contradicts(k) }) {
			l = append(l, fault.At(fault.KeyRejected, idx("/body/trust/keys", i), "this kid stood for another key of the partner before"))
		}
	}
	return l
}

// idx returns the JSON Pointer of an element.
func idx(at string, i int) string { return at + "/" + strconv.Itoa(i) }

// compareAt orders faults by place.
func compareAt(x, y *fault.Error) int { return cmp.Compare(x.At, y.At) }

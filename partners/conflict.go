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
	at    string
	alone bool
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
	mine := claims(p, c.material)
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
			for name, theirs := range claims(other, r.change.material) {
				if own, both := mine[name]; both && (own.alone || theirs.alone) {
					l = append(l, fault.At(fault.RegistryConflict, own.at, name.kind.conflict()))
				}
			}
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

// claims lists what a record holds.
func claims(p *Partner, m *material) map[claim]holding {
	out := make(map[claim]holding)
	put := func(kind claimKind, name attestation.Identifier, at string, alone bool) {
		out[claim{kind, name}] = holding{at, alone}
	}
	for i, id := range p.Identifiers {
		put(claimIdentifier, id, idx("/body/identifiers", i), true)
	}
	for i, did := range p.Trust.DIDs {
		put(claimIdentifier, attestation.Identifier{Scheme: DIDScheme, Value: did}, idx("/body/trust/dids", i), true)
	}
	if p.Trust.Issuer != "" {
		put(claimGateway, attestation.Identifier{Value: p.Trust.Issuer}, "/body/trust/issuer", true)
	}
	for i, k := range m.keys {
		put(claimKey, attestation.Identifier{Value: k.Thumbprint()}, idx("/body/trust/keys", i), true)
	}
	for i, a := range m.anchors {
		put(claimAnchor, attestation.Identifier{Value: a.SHA256}, idx("/body/trust/anchors", i), a.Exclusive)
	}
	return out
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

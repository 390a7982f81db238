package partners

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/signing"
)

// version is one change of a target as the ledger has it.
type version struct {
	index    uint64
	recorded time.Time
	change   *Change

	once  sync.Once
	trust *signing.Trust // made by once; the verifier knows chains by its address
}

// Directory is the projection of the registry changes of a ledger. It is safe
// for concurrent use: changes are applied one at a time and in ledger order,
// questions go to immutable snapshots.
type Directory struct {
	mu       sync.Mutex
	versions []*version // in ledger order; guarded by mu
	latest   atomic.Pointer[Snapshot]
}

// NewDirectory returns an empty directory.
func NewDirectory() *Directory {
	d := &Directory{}
	d.latest.Store(&Snapshot{})
	return d
}

// Latest returns the directory as it stands.
func (d *Directory) Latest() *Snapshot { return d.latest.Load() }

// AsOf returns the directory as it was known at a ledger size: from the
// entries with an index below k.
func (d *Directory) AsOf(k uint64) *Snapshot {
	latest := d.Latest()
	if latest.empty() || latest.index < k {
		return latest
	}
	d.mu.Lock()
	known := d.versions
	d.mu.Unlock()
	s := &Snapshot{targets: map[Target][]*version{}}
	for _, v := range known {
		if v.index >= k {
			break
		}
		s.add(v)
	}
	return s
}

// Apply takes a change that stands in the ledger at index. It does not judge:
// what stands there was checked before it was appended. An index that was
// applied already is passed over, so that a reader may start again anywhere.
func (d *Directory) Apply(index uint64, recorded time.Time, c *Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.Latest()
	if !old.empty() && index <= old.index {
		return
	}
	v := &version{index: index, recorded: recorded, change: c}
	d.versions = append(d.versions, v)
	next := &Snapshot{targets: maps.Clone(old.targets)}
	if next.targets == nil {
		next.targets = map[Target][]*version{}
	}
	next.add(v)
	d.latest.Store(next)
}

// Check says whether a change may follow what the directory has: seq and prev
// of its target, and identifiers and issuers that belong to nobody else. Its
// errors have the code registry.conflict.
func (d *Directory) Check(c *Change) error {
	s := d.Latest()
	last := s.last(c.Target)
	switch {
	case last == nil && c.Seq != 1:
		return fault.At(fault.RegistryConflict, "/seq", "this target has no change yet; the first has seq 1 and no prev")
	case last != nil && c.Seq != last.change.Seq+1:
		return fault.At(fault.RegistryConflict, "/seq", "another change came before this one; read the target and make the change again")
	case last != nil && c.Prev != last.change.Digest():
		return fault.At(fault.RegistryConflict, "/prev", "prev is not the digest of the last change of this target")
	case last == nil && c.value == nil:
		return fault.At(fault.RegistryConflict, "/body", "there is nothing to end")
	case last != nil && c.Effective.Before(last.change.Effective):
		return fault.At(fault.RegistryConflict, "/effective", "a change takes effect no earlier than the one before it")
	}
	p, ok := c.value.(*Partner)
	if !ok {
		return nil
	}
	return s.checkOwned(p).ErrorOrNil()
}

// checkOwned refuses identifiers, keys and a gateway that belong to another
// partner now or from some time on: one identifier has one owner for ever, so
// that old documents keep their issuer.
func (s *Snapshot) checkOwned(p *Partner) fault.List {
	var l fault.List
	for target, versions := range s.targets {
		if target.Kind != TargetPartner || target.ID == string(p.ID) {
			continue
		}
		for _, v := range versions {
			other, ok := v.change.value.(*Partner)
			if !ok {
				continue
			}
			for i, id := range p.Identifiers {
				if slices.Contains(other.Identifiers, id) {
					l = append(l, fault.At(fault.RegistryConflict, idx("/body/identifiers", i), "the identifier belongs to another partner"))
				}
			}
			if p.Trust.Issuer != "" && p.Trust.Issuer == other.Trust.Issuer {
				l = append(l, fault.At(fault.RegistryConflict, "/body/trust/issuer", "the gateway belongs to another partner"))
			}
		}
	}
	slices.SortFunc(l, compareAt)
	return slices.CompactFunc(l, func(x, y *fault.Error) bool { return x.At == y.At })
}

// Snapshot is the directory as known at one ledger index. It is immutable and
// safe for concurrent use; its methods take the time that is asked for.
type Snapshot struct {
	targets map[Target][]*version // each in ledger order
	index   uint64                // of the last change
	changes int

	slice atomic.Pointer[slice] // the values around the time last asked for
}

func (s *Snapshot) empty() bool { return s.changes == 0 }

// add is for a snapshot that nobody else has seen yet.
func (s *Snapshot) add(v *version) {
	t := v.change.Target
	s.targets[t] = append(slices.Clip(s.targets[t]), v)
	s.index = v.index
	s.changes++
}

// Index returns the ledger index of the last change, 0 for none.
func (s *Snapshot) Index() uint64 { return s.index }

func (s *Snapshot) last(t Target) *version {
	if vs := s.targets[t]; len(vs) > 0 {
		return vs[len(vs)-1]
	}
	return nil
}

// Last returns the last change of a target, nil if there is none: the next
// one follows it.
func (s *Snapshot) Last(t Target) *Change {
	if v := s.last(t); v != nil {
		return v.change
	}
	return nil
}

// Entry says where in the ledger the value of a target at t stands.
func (s *Snapshot) Entry(t Target, at time.Time) (index uint64, digest attestation.Digest, ok bool) {
	if v := current(s.targets[t], at); v != nil {
		return v.index, v.change.digest, true
	}
	return 0, "", false
}

// current returns the last version that is effective at t, nil if there is
// none.
func current(vs []*version, t time.Time) *version {
	for _, v := range slices.Backward(vs) {
		if !v.change.Effective.After(t) {
			return v
		}
	}
	return nil
}

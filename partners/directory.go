package partners

import (
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"accord/internal/fault"
)

// maxPast is how many past states a directory keeps ready. Decisions that are
// repeated ask for the same few ledger sizes; any other is made anew.
const maxPast = 16

// Directory is the projection of the registry changes of a ledger. It is safe
// for concurrent use: changes are applied one at a time and in ledger order,
// questions go to immutable snapshots.
//
// Between Check and Apply the change is appended to the ledger. Whoever does
// that must let no other change in between, or both may pass Check and only one
// can follow the last change of its target.
type Directory struct {
	mu       sync.Mutex
	versions []*version            // in ledger order; guarded by mu
	targets  map[Target][]*version // the same by target; lists only grow; guarded by mu
	past     []pastState           // guarded by mu

	// latest is nil after a change until somebody asks, so that reading a long
	// ledger at start costs no snapshot a change. Set under mu.
	latest atomic.Pointer[Snapshot]
}

// pastState is a snapshot of the first n changes.
type pastState struct {
	n        int
	snapshot *Snapshot
}

// NewDirectory returns an empty directory.
func NewDirectory() *Directory {
	return &Directory{targets: map[Target][]*version{}}
}

// Latest returns the directory as it stands.
func (d *Directory) Latest() *Snapshot {
	if s := d.latest.Load(); s != nil {
		return s
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.latestLocked()
}

func (d *Directory) latestLocked() *Snapshot {
	s := d.latest.Load()
	if s == nil {
		// The lists are shared: they only grow, and beyond what is seen here.
		s = newSnapshot(maps.Clone(d.targets), d.versions)
		d.latest.Store(s)
	}
	return s
}

// AsOf returns the directory as it was known at a ledger size: from the
// entries with an index below k.
func (d *Directory) AsOf(k uint64) *Snapshot {
	d.mu.Lock()
	n := sort.Search(len(d.versions), func(i int) bool { return d.versions[i].index >= k })
	if n == len(d.versions) {
		defer d.mu.Unlock()
		return d.latestLocked()
	}
	for _, p := range d.past {
		if p.n == n {
			d.mu.Unlock()
			return p.snapshot
		}
	}
	known := d.versions[:n:n]
	d.mu.Unlock()

	s := newSnapshot(byTarget(known), known)

	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.past {
		if p.n == n {
			return p.snapshot // somebody else was first
		}
	}
	if len(d.past) == maxPast {
		d.past = slices.Delete(d.past, 0, 1)
	}
	d.past = append(d.past, pastState{n, s})
	return s
}

func byTarget(versions []*version) map[Target][]*version {
	m := make(map[Target][]*version)
	for _, v := range versions {
		m[v.change.Target] = append(m[v.change.Target], v)
	}
	return m
}

// Apply takes a change that stands in the ledger at index. It does not judge:
// what stands there was checked before it was appended. An index that was
// applied already is passed over, so that a reader may start again anywhere.
func (d *Directory) Apply(index uint64, recorded time.Time, c *Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.versions); n > 0 && index <= d.versions[n-1].index {
		return
	}
	v := &version{index: index, recorded: recorded, change: c}
	d.versions = append(d.versions, v)
	d.targets[c.Target] = append(d.targets[c.Target], v)
	d.latest.Store(nil)
}

// Check says whether a change may follow what the snapshot has: seq and prev
// of its target, and identifiers, gateway and keys that belong to nobody else.
// All findings come at once, with the code registry.conflict or key.rejected.
func (s *Snapshot) Check(c *Change) error {
	if err := s.checkSequence(c); err != nil {
		return err
	}
	return s.checkOwnership(c).ErrorOrNil()
}

// checkSequence: seq counts per target from 1, and each change names the one
// before it (wire.md). Effective may lie before that of the last change: then
// the new value replaces what was to hold from that instant on.
func (s *Snapshot) checkSequence(c *Change) error {
	conflict := func(at, detail string) error { return fault.At(fault.RegistryConflict, at, detail) }
	last := s.last(c.Target)
	switch {
	case last == nil && c.Seq != 1:
		return conflict("/seq", "this target has no change yet; the first has seq 1 and no prev")
	case last == nil && c.value == nil:
		return conflict("/body", "there is nothing to end")
	case last == nil:
		return nil
	case c.Seq != last.change.Seq+1:
		return conflict("/seq", "another change came before this one; read the target and make the change again")
	case c.Prev != last.change.Digest():
		return conflict("/prev", "prev is not the digest of the last change of this target")
	case c.value == nil && last.change.value == nil:
		return conflict("/body", "the target has ended already")
	}
	return nil
}

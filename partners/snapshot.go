package partners

import (
	"sync"
	"sync/atomic"
	"time"

	"accord/attestation"
)

// Snapshot is the directory as known at one ledger index. It is immutable and
// safe for concurrent use; its methods take the time that is asked for and
// answer with the records in effect then. Lists and records that it returns
// must not be changed.
type Snapshot struct {
	targets map[Target][]*version // each in ledger order
	index   uint64                // of the last change

	latest atomic.Pointer[slice] // the stretch of time last asked for
	mu     sync.Mutex
	slices []*slice // guarded by mu
}

// maxSlices bounds the stretches of time that a snapshot keeps ready. Requests
// ask for now; verifications and decisions also for some past instants.
const maxSlices = 16

func newSnapshot(targets map[Target][]*version, all []*version) *Snapshot {
	s := &Snapshot{targets: targets}
	if n := len(all); n > 0 {
		s.index = all[n-1].index
	}
	return s
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

// Entry says where in the ledger the value of a target at t stands, or its
// end.
func (s *Snapshot) Entry(t Target, at time.Time) (index uint64, digest attestation.Digest, ok bool) {
	if v := current(s.targets[t], at); v != nil {
		return v.index, v.change.digest, true
	}
	return 0, "", false
}

// Revision is one change of a target and where the ledger has it.
type Revision struct {
	Index    uint64
	Recorded time.Time
	Change   *Change
}

// History returns every known change of a target, oldest first.
func (s *Snapshot) History(t Target) []Revision {
	out := make([]Revision, len(s.targets[t]))
	for i, v := range s.targets[t] {
		out[i] = Revision{v.index, v.recorded, v.change}
	}
	return out
}

// Partner returns a partner as of t, in whatever status.
func (s *Snapshot) Partner(id attestation.PartnerID, t time.Time) (*Partner, bool) {
	held, ok := s.at(t).partners[id]
	if !ok {
		return nil, false
	}
	return held.Partner, true
}

// Partners returns every partner as of t, by id.
func (s *Snapshot) Partners(t time.Time) []*Partner { return s.at(t).partnerList }

// Agreement returns an agreement as of t, in whatever state.
func (s *Snapshot) Agreement(id attestation.AgreementID, t time.Time) (*Agreement, bool) {
	a, ok := s.at(t).agreements[id]
	return a, ok
}

// Agreements returns every agreement as of t, by id.
func (s *Snapshot) Agreements(t time.Time) []*Agreement { return s.at(t).agreementList }

// Designations returns every designation as of t, by id.
func (s *Snapshot) Designations(t time.Time) []*Designation { return s.at(t).designations }

// Sanctions returns every sanction as of t, by id.
func (s *Snapshot) Sanctions(t time.Time) []*Sanction { return s.at(t).sanctions }

// NextBoundary returns the next instant after t at which a period, key, record
// or agreement begins or ends; zero for none. Until then every answer of this
// snapshot stays as it is at t.
func (s *Snapshot) NextBoundary(t time.Time) time.Time { return s.at(t).Until }

// at returns the slice for a time.
func (s *Snapshot) at(t time.Time) *slice {
	if c := s.latest.Load(); c != nil && c.Contains(t) {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(t)
	if c == nil {
		c = cut(s.targets, t)
		if len(s.slices) == maxSlices {
			s.slices = append(s.slices[:0], s.slices[1:]...)
		}
		s.slices = append(s.slices, c)
	}
	s.latest.Store(c)
	return c
}

// find looks among the slices that are kept; mu is held.
func (s *Snapshot) find(t time.Time) *slice {
	for _, c := range s.slices {
		if c.Contains(t) {
			return c
		}
	}
	return nil
}

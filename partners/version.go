package partners

import (
	"slices"
	"time"
)

// version is one change of a target as the ledger has it.
type version struct {
	index    uint64
	recorded time.Time
	change   *Change
	trusts   trustCache
}

// current returns the version that is in effect at t, nil if there is none: the
// newest of those whose effective instant has come. So a change replaces
// everything from its effective instant on, what was scheduled for later too,
// and an urgent change need not wait for a scheduled one.
func current(vs []*version, t time.Time) *version {
	for _, v := range slices.Backward(vs) {
		if !v.change.Effective.After(t) {
			return v
		}
	}
	return nil
}

// reign is a version with the half-open period in which it is in effect.
type reign struct {
	*version
	Span
}

// reigns returns the versions that are in effect at some time, oldest first.
// What was replaced from its first instant on is not among them.
func reigns(vs []*version) []reign {
	var out []reign
	for _, v := range vs {
		at := v.change.Effective
		for len(out) > 0 && !out[len(out)-1].From.Before(at) {
			out = out[:len(out)-1]
		}
		if n := len(out); n > 0 {
			out[n-1].Until = at
		}
		out = append(out, reign{v, Span{From: at}})
	}
	return out
}

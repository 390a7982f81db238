package attestation

import "time"

// StatusFacts is what the events and the dates say at one time. The third fact,
// the credential, is for whoever verified the container.
type StatusFacts struct {
	Asserted  Status // from the events; pending before the first
	Temporal  Status // pending or expired, from the dates; else ""
	Effective Status // the one computed status
	Seq       int    // the last event that had taken effect; 0: none
	Overdue   bool   // a suspension whose until has passed without an event
	// SellThrough says that goods already out may still be sold at t although
	// the document is no longer valid.
	SellThrough bool
	// Cause is the event that set the asserted state, nil before the first. It
	// points into the events given.
	Cause *StatusEvent
	// Next is the next instant at which these facts are known to change by
	// themselves or by an event already told; zero when there is none.
	Next time.Time
}

// StatusAt computes the facts at t (domain.md, section 3.1). dates are those of
// the revision in force at t. A history that cannot be read gives Unknown.
func StatusAt(events []StatusEvent, dates *Dates, t time.Time) StatusFacts {
	h, err := NewHistory(events)
	if err != nil {
		return StatusFacts{Asserted: Unknown, Effective: Unknown}
	}
	return h.At(dates, t)
}

// Status returns the facts at t as the document alone tells them.
func (s *Submission) Status(t time.Time) StatusFacts {
	return StatusAt(s.StatusEvents, &s.Dates, t)
}

// At computes the facts at t; dates are those of the revision in force at t.
func (h *History) At(dates *Dates, t time.Time) StatusFacts {
	var f StatusFacts
	n := 0
	for n < len(h.points) && !h.points[n].effective.After(t) {
		n++
	}
	f.Seq = n
	f.next(t, dates.starts())
	f.next(t, dates.ends())
	if n < len(h.points) {
		f.next(t, h.points[n].effective)
	}
	if n == 0 {
		f.Asserted, f.Temporal, f.Effective = Pending, Pending, Pending
		return f
	}
	p := h.points[n-1]
	f.Asserted, f.Cause = p.status, &h.events[p.cause]
	switch dates.temporal(t) {
	case pending:
		f.Temporal = Pending
	case expired:
		f.Temporal = Expired
	}
	f.Effective = effective(f.Asserted, f.Temporal)
	f.overdue(t)
	f.sellThrough(t)
	return f
}

// effective combines the facts: withdrawn, cancelled and superseded are final,
// then comes expired, then suspended, then pending, then valid.
func effective(asserted, temporal Status) Status {
	switch asserted {
	case Withdrawn, Cancelled, Superseded:
		return asserted
	case Suspended:
		if temporal == Expired {
			return Expired
		}
		return Suspended
	case Valid:
		if temporal != "" {
			return temporal
		}
		return Valid
	default:
		return Unknown
	}
}

// overdue: an automatic end of a suspension does not restore.
func (f *StatusFacts) overdue(t time.Time) {
	if f.Asserted != Suspended || f.Cause.Until == nil {
		return
	}
	end := f.Cause.Until.EndInstant()
	f.Overdue = !t.Before(end)
	f.next(t, end)
}

// sellThrough holds only while the state that granted it is the effective one.
func (f *StatusFacts) sellThrough(t time.Time) {
	if f.Cause.SellThrough == nil || f.Asserted == Valid || f.Effective != f.Asserted {
		return
	}
	until := f.Cause.SellThrough.Until
	if until == nil {
		f.SellThrough = true
		return
	}
	end := until.EndInstant()
	f.SellThrough = t.Before(end)
	f.next(t, end)
}

// next keeps the earliest instant after t.
func (f *StatusFacts) next(t, at time.Time) {
	if at.After(t) && (f.Next.IsZero() || at.Before(f.Next)) {
		f.Next = at
	}
}

// temporal says how the dates stand at t.
func (d *Dates) temporal(t time.Time) temporal {
	if end := d.ends(); !end.IsZero() && !t.Before(end) {
		return expired
	}
	if t.Before(d.starts()) {
		return pending
	}
	return current
}

// starts returns the beginning of the validity, zero when no date says it.
func (d *Dates) starts() time.Time {
	if d.ValidFrom == nil {
		return time.Time{}
	}
	return d.ValidFrom.Instant()
}

// ends returns the first instant after the validity, zero when it is open.
func (d *Dates) ends() time.Time {
	if d.Expires == nil {
		return time.Time{}
	}
	return d.Expires.EndInstant()
}

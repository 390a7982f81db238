package attestation

import (
	"fmt"
	"strings"
	"time"

	"accord/internal/fault"
)

// History is the folded sequence of the status events of one series. Its order
// is seq; the effective dates never go back. The zero History has no events and
// works. It is not safe for concurrent use.
type History struct {
	events []StatusEvent
	points []point
}

// point is what holds after one event.
type point struct {
	status    Status
	cause     int // index of the event that set the status
	effective time.Time
}

// NewHistory folds events that were accepted before, or that a document tells.
// It checks their order and each transition of the asserted state; how the dates
// stood at the time of each is not known any more and not checked. The error is
// status.seq_conflict, status.illegal_transition, or that of a date.
func NewHistory(events []StatusEvent) (*History, error) {
	h := &History{points: make([]point, 0, len(events)+1)}
	for i := range events {
		if err := h.fold(&events[i]); err != nil {
			if err.At == "" {
				err.At = fmt.Sprintf("/statusEvents/%d", i)
			}
			return nil, err
		}
	}
	return h, nil
}

// Apply adds the next event, which the given carrier brought, to a history whose
// document has the given dates. The history is unchanged when there is an error:
// status.seq_conflict for another seq than the next, status.illegal_transition
// with the state and what would be allowed.
func (h *History) Apply(ev StatusEvent, by Carrier, dates *Dates) error {
	if err := h.check(&ev, by, dates); err != nil {
		return err
	}
	if err := h.fold(&ev); err != nil {
		return err
	}
	return nil
}

// Asserted returns the state that the events assert; pending before the first.
func (h *History) Asserted() Status {
	if s := h.asserted(); s != none {
		return s
	}
	return Pending
}

// Events returns the events in order. The caller must not change them.
func (h *History) Events() []StatusEvent { return h.events }

// NextSeq returns the seq that the next event must have.
func (h *History) NextSeq() int { return len(h.points) + 1 }

// Allowed returns the events that the carrier may bring at a time.
func (h *History) Allowed(by Carrier, dates *Dates, at time.Time) []Event {
	return choices(h.asserted(), by, dates.temporal(at))
}

func (h *History) asserted() Status {
	if len(h.points) == 0 {
		return none
	}
	return h.points[len(h.points)-1].status
}

// check holds the event against the carrier and the dates.
func (h *History) check(ev *StatusEvent, by Carrier, dates *Dates) *fault.Error {
	if ev.Seq != h.NextSeq() {
		return h.outOfSequence(ev)
	}
	at, err := h.effective(ev)
	if err != nil {
		return err
	}
	r, when := row(ev.Event), dates.temporal(at)
	if r == nil || !r.allows(h.asserted(), by, when) {
		return h.illegal(ev.Event, by, when)
	}
	return nil
}

// fold adds an event.
func (h *History) fold(ev *StatusEvent) *fault.Error {
	p, err := h.next(ev)
	if err != nil {
		return err
	}
	h.points = append(h.points, p)
	h.events = append(h.events, *ev)
	return nil
}

// next returns what holds after the event.
func (h *History) next(ev *StatusEvent) (point, *fault.Error) {
	n := len(h.points)
	if ev.Seq != n+1 {
		return point{}, h.outOfSequence(ev)
	}
	r := row(ev.Event)
	if r == nil || !r.allows(h.asserted(), r.by, r.when) {
		return point{}, h.illegal(ev.Event, ByRevision|ByStatement, always)
	}
	at, err := h.effective(ev)
	if err != nil {
		return point{}, err
	}
	p := point{status: r.to, cause: n, effective: at}
	switch {
	case ev.Event == EventCorrect:
		before, err := h.before(ev.Corrects)
		if err != nil {
			return point{}, err
		}
		p.status, p.cause = before.status, before.cause
	case r.to == none: // an event that leaves the state as it is
		p.status, p.cause = h.points[n-1].status, h.points[n-1].cause
	}
	return p, nil
}

// before returns what held before the event that a correction names; it must be
// the latest. An issue is not undone by a correction (withdraw and cancel do
// that): it stands, with what the correcting revision says.
func (h *History) before(seq int) (point, *fault.Error) {
	n := len(h.points)
	switch {
	case seq != n:
		return point{}, fault.Newf(fault.StatusIllegalTransition,
			"correct names the seq of the latest event, which is %d", n)
	case seq == 1:
		return h.points[0], nil
	default:
		return h.points[seq-2], nil
	}
}

// effective returns the instant from which the event holds; it may not lie before
// the event that it follows. A date is compared with an instant as the whole day
// that it is.
func (h *History) effective(ev *StatusEvent) (time.Time, *fault.Error) {
	at, err := ev.Effective.Start()
	if err != nil {
		f := *fault.All(err)[0]
		f.At = ""
		return time.Time{}, &f
	}
	n := len(h.points)
	if n == 0 {
		return at, nil
	}
	last := h.points[n-1].effective
	if !at.Before(last) {
		return at, nil
	}
	if ev.Effective.DateOnly() && !h.events[n-1].Effective.DateOnly() && at.Add(day).After(last) {
		return last, nil
	}
	return time.Time{}, fault.Newf(fault.StatusIllegalTransition,
		"the event takes effect before event %d, which it follows (%s)", n, last.Format(time.RFC3339))
}

func (h *History) outOfSequence(ev *StatusEvent) *fault.Error {
	return fault.Newf(fault.StatusSeqConflict, "the next event has seq %d, not %d", h.NextSeq(), ev.Seq)
}

// illegal names the state and what would be allowed in it.
func (h *History) illegal(ev Event, by Carrier, when temporal) *fault.Error {
	state := string(h.asserted())
	switch {
	case h.asserted() == none:
		state = "not issued"
	case when == expired, when == pending:
		state += " (" + when.String() + ")"
	}
	name := "this event"
	if row(ev) != nil { // never echo a word that we do not know
		name = string(ev)
	}
	allowed := make([]string, 0, len(transitions))
	for _, e := range choices(h.asserted(), by, when) {
		allowed = append(allowed, string(e))
	}
	if len(allowed) == 0 {
		allowed = []string{"nothing"}
	}
	carried := ""
	switch by {
	case ByRevision:
		carried = " by a new revision"
	case ByStatement:
		carried = " by a statement"
	}
	return fault.Newf(fault.StatusIllegalTransition, "%s is not allowed%s: the state is %s, allowed%s: %s",
		name, carried, state, carried, strings.Join(allowed, ", "))
}

// String returns the word for a temporal state.
func (w temporal) String() string {
	switch w {
	case pending:
		return string(Pending)
	case expired:
		return string(Expired)
	default:
		return "current"
	}
}

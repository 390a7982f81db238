package attestation

import "slices"

// Carrier is what brings an event into a history.
type Carrier uint8

// The carriers of events.
const (
	ByRevision  Carrier = 1 << iota // the one new event of a new revision
	ByStatement                     // a signed status statement
)

// none is the state before the first event; it is never shown.
const none Status = ""

// transition is one row of the table of domain.md, section 3.1. What the row
// demands of the fields of the event stands in the table of event fields.
type transition struct {
	event Event
	from  []Status // asserted states that it may follow
	to    Status   // asserted state after it; none: the state does not change
	by    Carrier  // what may carry it
	when  temporal // how the dates must stand at its effective date
}

// temporal is a set of what the dates of a document say at a time.
type temporal uint8

const (
	current temporal = 1 << iota // neither of the two others
	pending                      // before validFrom
	expired                      // after expires
	always  = current | pending | expired
)

// transitions is the one table through which a status changes.
var transitions = []transition{
	{EventIssue, []Status{none}, Valid, ByRevision, always},
	{EventAmend, []Status{Valid, Suspended}, none, ByRevision, current},
	{EventExtendScope, []Status{Valid}, none, ByRevision, current},
	{EventReduceScope, []Status{Valid, Suspended}, none, ByRevision, current},
	{EventSuspend, []Status{Valid}, Suspended, ByStatement, current},
	{EventRestore, []Status{Suspended}, Valid, ByStatement, current},
	{EventWithdraw, []Status{Valid, Suspended}, Withdrawn, ByStatement, always},
	{EventCancel, []Status{Valid, Suspended}, Cancelled, ByStatement, always},
	{EventSupersede, []Status{Valid, Suspended}, Superseded, ByStatement, current},
	{EventRenew, []Status{Valid}, none, ByRevision, current},
	{EventRestoreAfterExpiry, []Status{Valid}, none, ByRevision, expired},
	// The state after a correction is the one before the corrected event.
	{EventCorrect, []Status{Valid, Suspended, Withdrawn, Cancelled, Superseded}, none, ByRevision | ByStatement, always},
}

// Events returns every event in the order of the transition table.
func Events() []Event {
	out := make([]Event, len(transitions))
	for i := range transitions {
		out[i] = transitions[i].event
	}
	return out
}

// row returns the row of an event, nil for an unknown one.
func row(ev Event) *transition {
	for i := range transitions {
		if transitions[i].event == ev {
			return &transitions[i]
		}
	}
	return nil
}

// allows says whether the event may follow the asserted state at a time.
func (r *transition) allows(from Status, by Carrier, when temporal) bool {
	return slices.Contains(r.from, from) && r.by&by != 0 && r.when&when != 0
}

// choices returns the events that may follow the asserted state.
func choices(from Status, by Carrier, when temporal) []Event {
	var out []Event
	for i := range transitions {
		if transitions[i].allows(from, by, when) {
			out = append(out, transitions[i].event)
		}
	}
	return out
}

// Carriers says what may carry the event; 0 for an unknown one.
func (e Event) Carriers() Carrier {
	if r := row(e); r != nil {
		return r.by
	}
	return 0
}

package attestation

import (
	"bytes"
	"slices"

	"accord/internal/fault"
)

// Standing is where a series stands when a statement arrives.
type Standing struct {
	Head    *Submission   // current revision
	Content Digest        // its content digest
	History []StatusEvent // every event so far, with those of statements
	// Last is the digest that the next statement must name in prev: the payload
	// digest of the statement with the last seq, or the content digest of the
	// revision that carried it.
	Last Digest
}

// Event returns the event of the statement as the history keeps it. by is the
// designating authority that made it, nil for the issuer. The name of the event
// alone is StatusEvent.Event.
func (st *StatusStatement) Event(by *Party) StatusEvent {
	ev := st.StatusEvent
	ev.By = by
	return ev
}

// CheckStatement says whether a statement, valid in itself, may follow where the
// series stands. by is the designating authority that signed it, nil for the
// issuer. The caller knows that it is no replay and that the signer may speak.
// The error is status.seq_conflict, status.illegal_transition, or
// auth.forbidden for an authority that does what only the issuer may do.
func CheckStatement(s Standing, st *StatusStatement, by *Party) error {
	ev := st.Event(by)
	h, err := NewHistory(s.History)
	if err != nil {
		return err
	}
	switch {
	case st.Seq != h.NextSeq():
		return fault.At(fault.StatusSeqConflict, "/seq", h.outOfSequence(&ev).Detail)
	case st.Subject.Content != s.Content:
		return fault.At(fault.StatusSeqConflict, "/subject/content",
			"the statement speaks of another revision than the head, whose content digest is "+string(s.Content))
	case st.Prev != s.Last:
		return fault.At(fault.StatusSeqConflict, "/prev",
			"prev does not name what carried the event before, whose digest is "+string(s.Last))
	}
	if by != nil {
		if err := authority(&ev); err != nil {
			return err
		}
	}
	if ev.Event == EventCorrect {
		if err := sameMaker(h, &ev); err != nil {
			return err
		}
	}
	return h.Apply(ev, ByStatement, &s.Head.Dates)
}

// authority: a designating authority may suspend, withdraw or cancel what bodies
// it designated have issued, and correct what it did itself.
func authority(ev *StatusEvent) error {
	switch ev.Event {
	case EventSuspend, EventWithdraw, EventCancel, EventCorrect:
		return nil
	default:
		return fault.At(fault.AuthForbidden, "/event", "a designating authority may suspend, withdraw, cancel and correct")
	}
}

// sameMaker: an event is corrected by who made it. An issue is corrected by a
// revision, which brings what it should have said.
func sameMaker(h *History, ev *StatusEvent) error {
	n := len(h.events)
	if ev.Corrects != n {
		return nil // Apply refuses it
	}
	if n == 1 {
		return fault.At(fault.StatusIllegalTransition, "/corrects",
			"the issue is corrected by a new revision, or ended by withdraw or cancel")
	}
	if !sameParty(h.events[n-1].By, ev.By) {
		return fault.At(fault.StatusIllegalTransition, "/corrects", "only who made an event corrects it")
	}
	return nil
}

// sameParty: two parties are the same when they share an identifier; without
// any, when all that is said of them is equal.
func sameParty(x, y *Party) bool {
	if x == nil || y == nil {
		return x == y
	}
	if len(x.Identifiers) == 0 || len(y.Identifiers) == 0 {
		return bytes.Equal(appendParty(nil, x), appendParty(nil, y))
	}
	return slices.ContainsFunc(x.Identifiers, func(id Identifier) bool { return slices.Contains(y.Identifiers, id) })
}

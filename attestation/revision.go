package attestation

import (
	"bytes"
	"fmt"
	"slices"

	"accord/internal/fault"
)

// CheckRevision says whether next may enter its series (domain.md, section 3,
// "Series and revisions"). head is the current revision, nil when the series is
// new; content is its content digest; history is every event so far, with those
// of statements. The caller has found the series and knows that next is no
// replay. The error is doc.number_conflict, doc.stale_revision,
// status.seq_conflict or status.illegal_transition.
func CheckRevision(head, next *Submission, content Digest, history []StatusEvent) error {
	if head == nil {
		if next.Replaces != "" {
			return fault.At(fault.DocStaleRevision, "/replaces", "the series has no revision yet; leave replaces out")
		}
		return nil
	}
	switch next.Replaces {
	case "":
		return fault.At(fault.DocNumberConflict, "/identifiers/0",
			"the series exists with other content; a new revision names the content digest of its head in replaces")
	case content:
	default:
		return fault.At(fault.DocStaleRevision, "/replaces",
			"replaces does not name the head of the series, whose content digest is "+string(content))
	}
	if err := repeats(history, next.StatusEvents); err != nil {
		return err
	}
	h, err := NewHistory(history)
	if err != nil {
		return err
	}
	ev := next.StatusEvents[len(history)]
	if err := h.Apply(ev, ByRevision, &head.Dates); err != nil {
		return at(err, len(history))
	}
	return guard(head, next, &ev)
}

// repeats says whether told begins with the whole history and adds one event.
func repeats(history, told []StatusEvent) error {
	for i := range min(len(history), len(told)) {
		if !sameEvent(&history[i], &told[i]) {
			return fault.At(fault.StatusSeqConflict, fmt.Sprintf("/statusEvents/%d", i),
				"this event is not the one that the history has with this seq; a revision repeats all events, those of statements too")
		}
	}
	if len(told) != len(history)+1 {
		return fault.At(fault.StatusIllegalTransition, "/statusEvents", fmt.Sprintf(
			"a revision repeats the %d events of the history and adds exactly one; this one has %d", len(history), len(told)))
	}
	return nil
}

// sameEvent compares an event of the history with its repetition. Who made it is
// known by name only: what counts is whether it was the issuer.
func sameEvent(known, told *StatusEvent) bool {
	if (known.By == nil) != (told.By == nil) {
		return false
	}
	x, y := *known, *told
	x.By, y.By = nil, nil
	var bx, by [1 << 10]byte
	return bytes.Equal(appendEvent(bx[:0], &x), appendEvent(by[:0], &y))
}

// guard holds what the new content must satisfy for its event.
func guard(head, next *Submission, ev *StatusEvent) error {
	switch ev.Event {
	case EventReduceScope:
		if len(head.Scope)+len(head.ScopeCodes) > 0 && len(next.Scope)+len(next.ScopeCodes) == 0 {
			return fault.At(fault.StatusIllegalTransition, "/scope", "reduceScope may not empty the scope; withdraw or cancel instead")
		}
	case EventRenew:
		return guardRenewal(head, next)
	case EventRestoreAfterExpiry:
		return guardRestoration(head, next, ev)
	}
	return nil
}

// guardRenewal: a renewal in the series has a later expiry.
func guardRenewal(head, next *Submission) error {
	if old := head.Dates.ends(); old.IsZero() || !next.Dates.ends().IsZero() && !next.Dates.ends().After(old) {
		return fault.At(fault.StatusIllegalTransition, "/dates/expires", "renew has a later expiry than the revision it replaces")
	}
	return nil
}

// guardRestoration: management systems only, within six months after the expiry,
// with new dates (ISO/IEC 17021-1, 9.6.3.2.5).
func guardRestoration(head, next *Submission, ev *StatusEvent) error {
	old := head.Dates.ends()
	switch {
	case !onlyManagementSystems(next):
		return fault.At(fault.StatusIllegalTransition, "/objects", "restoreAfterExpiry is for management systems only")
	case ev.Effective.Instant().After(old.AddDate(0, 6, 0)):
		return fault.At(fault.StatusIllegalTransition, "/statusEvents", "restoreAfterExpiry comes at most six months after the expiry")
	case next.Dates.Expires == nil || !next.Dates.ends().After(ev.Effective.Instant()):
		return fault.At(fault.StatusIllegalTransition, "/dates/expires", "restoreAfterExpiry has new dates: an expiry after the restoration")
	}
	return nil
}

func onlyManagementSystems(s *Submission) bool {
	return !slices.ContainsFunc(s.Objects, func(o Object) bool { return o.Type != "managementSystem" })
}

// at gives an error that has no place the place of an event.
func at(err error, i int) error {
	f := *fault.All(err)[0]
	if f.At == "" {
		f.At = fmt.Sprintf("/statusEvents/%d", i)
	}
	return &f
}

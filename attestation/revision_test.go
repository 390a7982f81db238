package attestation_test

import (
	"slices"
	"testing"

	"accord/attestation"
	"accord/internal/fault"
)

// next returns a revision that follows the head by one event.
func next(head *attestation.Submission, history []attestation.StatusEvent, ev attestation.StatusEvent) *attestation.Submission {
	s := valid()
	s.Replaces = head.Digest()
	s.StatusEvents = append(slices.Clone(history), ev)
	return s
}

func TestCheckRevision(t *testing.T) {
	t.Parallel()
	head := valid()
	content := head.Digest()
	issued := head.StatusEvents
	suspended := append(slices.Clone(issued), event(2, "suspend", "2025-02-01"))
	authority := append(slices.Clone(issued), event(2, "suspend", "2025-02-01"))
	authority[1].By = &attestation.Party{Role: "authority", Name: texts("Ministry")}
	amend := event(2, "amend", "2025-03-10")

	for _, c := range []struct {
		name    string
		history []attestation.StatusEvent
		doc     *attestation.Submission
		want    fault.Code
	}{
		{"amended", issued, next(head, issued, amend), ""},
		{"without replaces", issued, change(next(head, issued, amend), func(s *attestation.Submission) { s.Replaces = "" }), fault.DocNumberConflict},
		{"replaces is not the head", issued, change(next(head, issued, amend), func(s *attestation.Submission) { s.Replaces = attestation.DigestOf(nil) }), fault.DocStaleRevision},
		{"no new event", issued, change(next(head, issued, amend), func(s *attestation.Submission) { s.StatusEvents = issued }), fault.StatusIllegalTransition},
		{"two new events", issued, change(next(head, issued, amend), func(s *attestation.Submission) {
			s.StatusEvents = append(s.StatusEvents, event(3, "amend", "2025-03-11"))
		}), fault.StatusIllegalTransition},
		{"a statement is missing", suspended, next(head, issued, amend), fault.StatusSeqConflict},
		{"statement repeated", suspended, next(head, suspended, event(3, "amend", "2025-03-10")), ""},
		{"statement changed", suspended, change(next(head, suspended, event(3, "amend", "2025-03-10")), func(s *attestation.Submission) {
			s.StatusEvents[1].Reason = texts("another reason")
		}), fault.StatusSeqConflict},
		{"who suspended is hidden", authority, change(next(head, authority, event(3, "amend", "2025-03-10")), func(s *attestation.Submission) {
			s.StatusEvents[1].By = nil
		}), fault.StatusSeqConflict},
		{"who suspended is named", authority, next(head, authority, event(3, "amend", "2025-03-10")), ""},
		{"extended while suspended", suspended, next(head, suspended, event(3, "extendScope", "2025-03-10")), fault.StatusIllegalTransition},
		{"an event of statements", issued, next(head, issued, event(2, "withdraw", "2025-03-10")), fault.StatusIllegalTransition},
		{"corrected", suspended, next(head, suspended, event(3, "correct", "2025-03-10")), ""},
		{"issue corrected", issued, next(head, issued, event(2, "correct", "2025-03-10")), ""},
		{"renewed", issued, change(next(head, issued, event(2, "renew", "2029-06-01")), func(s *attestation.Submission) {
			s.Dates.Expires = datep("2034-09-25")
		}), ""},
		{"renewed without later expiry", issued, next(head, issued, event(2, "renew", "2029-06-01")), fault.StatusIllegalTransition},
		{"renewed after expiry", issued, change(next(head, issued, event(2, "renew", "2029-10-01")), func(s *attestation.Submission) {
			s.Dates.Expires = datep("2034-09-25")
		}), fault.StatusIllegalTransition},
		{"restored after expiry, a product", issued, restored("2029-10-01", "product"), fault.StatusIllegalTransition},
		{"restored after expiry", issued, restored("2029-10-01", "managementSystem"), ""},
		{"restored on the last day", issued, restored("2030-03-25", "managementSystem"), ""},
		{"restored too late", issued, restored("2030-03-27", "managementSystem"), fault.StatusIllegalTransition},
		{"restored before expiry", issued, restored("2029-09-01", "managementSystem"), fault.StatusIllegalTransition},
	} {
		if err := attestation.CheckRevision(head, c.doc, content, c.history); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func change(s *attestation.Submission, f func(*attestation.Submission)) *attestation.Submission {
	f(s)
	return s
}

func restored(at, object string) *attestation.Submission {
	head := valid()
	s := next(head, head.StatusEvents, event(2, "restoreAfterExpiry", at))
	s.Objects[0].Type = object
	s.Dates.Expires = datep("2033-01-01")
	return s
}

func TestCheckRevision_ofANewSeries(t *testing.T) {
	t.Parallel()
	if err := attestation.CheckRevision(nil, valid(), "", nil); err != nil {
		t.Error(err)
	}
	s := valid()
	s.Replaces = attestation.DigestOf(nil)
	if err := attestation.CheckRevision(nil, s, "", nil); fault.CodeOf(err) != fault.DocStaleRevision {
		t.Errorf("got %v", err)
	}
}

func TestCheckRevision_mayNotEmptyTheScope(t *testing.T) {
	t.Parallel()
	head := valid()
	head.Scope = texts("Vacuum cleaners and robots")
	s := next(head, head.StatusEvents, event(2, "reduceScope", "2025-03-10"))
	if err := attestation.CheckRevision(head, s, head.Digest(), head.StatusEvents); fault.CodeOf(err) != fault.StatusIllegalTransition {
		t.Errorf("got %v", err)
	}
	s.Scope = texts("Vacuum cleaners")
	if err := attestation.CheckRevision(head, s, head.Digest(), head.StatusEvents); err != nil {
		t.Error(err)
	}
}

func TestCheckRevision_ofTheWorkedExample(t *testing.T) {
	t.Parallel()
	first, second := sample(t, "ccc-vacuum.json"), sample(t, "ccc-vacuum-r2.json")
	if err := attestation.CheckRevision(first, second, first.Digest(), first.StatusEvents); err != nil {
		t.Error(err)
	}
	if err := attestation.CheckRevision(second, first, second.Digest(), second.StatusEvents); fault.CodeOf(err) != fault.DocNumberConflict {
		t.Errorf("the other way round: %v", err)
	}
}

package attestation_test

import (
	"slices"
	"strings"
	"testing"

	"accord/attestation"
	"accord/internal/fault"
)

// histories leads to each state that a next event can meet. The dates are valid
// from 2025-01-01 and expire after 2026-12-31.
var histories = map[string][]attestation.StatusEvent{
	"none":       nil,
	"pending":    {event(1, "issue", "2024-09-26")},
	"valid":      {event(1, "issue", "2025-01-01")},
	"suspended":  {event(1, "issue", "2025-01-01"), event(2, "suspend", "2025-02-01")},
	"withdrawn":  {event(1, "issue", "2025-01-01"), event(2, "withdraw", "2025-02-01")},
	"cancelled":  {event(1, "issue", "2025-01-01"), event(2, "cancel", "2025-02-01")},
	"superseded": {event(1, "issue", "2025-01-01"), event(2, "supersede", "2025-02-01")},
	"expired":    {event(1, "issue", "2025-01-01")},
	"suspended and expired": {event(1, "issue", "2025-01-01"),
		event(2, "suspend", "2025-02-01")},
}

// effectiveIn is when the next event takes effect in the test of each state.
var effectiveIn = map[string]string{"pending": "2024-12-01", "expired": "2027-02-01", "suspended and expired": "2027-02-01"}

// allowed says of each state which events lead where; what is not here is
// refused (domain.md, section 3.1).
var allowed = map[string]map[attestation.Event]attestation.Status{
	"none": {"issue": "valid"},
	"pending": {
		"withdraw": "withdrawn", "cancel": "cancelled", "correct": "valid",
	},
	"valid": {
		"amend": "valid", "extendScope": "valid", "reduceScope": "valid", "suspend": "suspended", "withdraw": "withdrawn",
		"cancel": "cancelled", "supersede": "superseded", "renew": "valid", "correct": "valid",
	},
	"suspended": {
		"amend": "suspended", "reduceScope": "suspended", "restore": "valid", "withdraw": "withdrawn",
		"cancel": "cancelled", "supersede": "superseded", "correct": "valid",
	},
	"withdrawn":  {"correct": "valid"},
	"cancelled":  {"correct": "valid"},
	"superseded": {"correct": "valid"},
	"expired": {
		"withdraw": "withdrawn", "cancel": "cancelled", "restoreAfterExpiry": "valid", "correct": "valid",
	},
	"suspended and expired": {"withdraw": "withdrawn", "cancel": "cancelled", "correct": "valid"},
}

// carriers says what may bring each event.
var carriers = map[attestation.Event]attestation.Carrier{
	"issue": attestation.ByRevision, "amend": attestation.ByRevision, "extendScope": attestation.ByRevision,
	"reduceScope": attestation.ByRevision, "renew": attestation.ByRevision, "restoreAfterExpiry": attestation.ByRevision,
	"suspend": attestation.ByStatement, "restore": attestation.ByStatement, "withdraw": attestation.ByStatement,
	"cancel": attestation.ByStatement, "supersede": attestation.ByStatement,
	"correct": attestation.ByRevision | attestation.ByStatement,
}

func event(seq int, ev attestation.Event, effective string) attestation.StatusEvent {
	e := attestation.StatusEvent{Seq: seq, Event: ev, Effective: date(effective)}
	switch ev {
	case attestation.EventSuspend, attestation.EventWithdraw, attestation.EventCancel:
		e.Reason = texts("reason")
	case attestation.EventSupersede:
		e.SupersededBy = &attestation.Target{Issuer: "x", Scheme: "s", Number: "N1"}
	case attestation.EventCorrect:
		e.Corrects = seq - 1
		e.ReasonCode = &attestation.Code{System: "accord.reason/1", Code: "enteredInError"}
	}
	return e
}

func span() *attestation.Dates {
	return &attestation.Dates{Issued: date("2024-09-26"), ValidFrom: datep("2025-01-01"), Expires: datep("2026-12-31")}
}

func history(t *testing.T, events []attestation.StatusEvent) *attestation.History {
	t.Helper()
	h, err := attestation.NewHistory(events)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistory_everyStateAndEvent(t *testing.T) {
	t.Parallel()
	if len(attestation.Events()) != len(carriers) {
		t.Fatalf("the table has %d events, the test %d", len(attestation.Events()), len(carriers))
	}
	for state, events := range histories {
		at := effectiveIn[state]
		if at == "" {
			at = "2025-03-01"
		}
		for _, ev := range attestation.Events() {
			for _, by := range []attestation.Carrier{attestation.ByRevision, attestation.ByStatement} {
				h := history(t, events)
				err := h.Apply(event(len(events)+1, ev, at), by, span())
				want, ok := allowed[state][ev]
				if ok = ok && carriers[ev]&by != 0; !ok {
					refused(t, state, ev, h, len(events), err)
					continue
				}
				if err != nil {
					t.Errorf("%s, %s: %v", state, ev, err)
				} else if got := h.Asserted(); got != want {
					t.Errorf("%s, %s: asserted %s, want %s", state, ev, got, want)
				}
			}
		}
	}
}

// refused checks a refusal: its code, that it names choices, and that the history
// did not change.
func refused(t *testing.T, state string, ev attestation.Event, h *attestation.History, n int, err error) {
	t.Helper()
	if fault.CodeOf(err) != fault.StatusIllegalTransition {
		t.Errorf("%s, %s: got %v, want status.illegal_transition", state, ev, err)
		return
	}
	if !strings.Contains(err.Error(), "allowed") && ev != attestation.EventCorrect {
		t.Errorf("%s, %s: does not say what would be allowed: %v", state, ev, err)
	}
	if len(h.Events()) != n {
		t.Errorf("%s, %s: the refused event is in the history", state, ev)
	}
}

func TestHistory_namesStateAndChoices(t *testing.T) {
	t.Parallel()
	h := history(t, histories["suspended"])
	err := h.Apply(event(3, "renew", "2025-03-01"), attestation.ByRevision, span())
	for _, word := range []string{"suspended", "amend", "reduceScope", "correct"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %s", err, word)
		}
	}
	if strings.Contains(err.Error(), "extendScope") {
		t.Errorf("%q names what is not allowed", err)
	}
	got := h.Allowed(attestation.ByStatement, span(), instant("2025-03-01T00:00:00Z"))
	if want := []attestation.Event{"restore", "withdraw", "cancel", "supersede", "correct"}; !slices.Equal(got, want) {
		t.Errorf("allowed %v, want %v", got, want)
	}
}

func TestHistory_neverEchoesAnUnknownEvent(t *testing.T) {
	t.Parallel()
	h := history(t, histories["valid"])
	err := h.Apply(event(2, "<script>", "2025-03-01"), attestation.ByStatement, span())
	if fault.CodeOf(err) != fault.StatusIllegalTransition || strings.Contains(err.Error(), "script") {
		t.Errorf("got %v", err)
	}
}

func TestHistory_orderIsSeq(t *testing.T) {
	t.Parallel()
	for _, seq := range []int{0, 1, 3, -1} {
		h := history(t, histories["valid"])
		err := h.Apply(event(seq, "suspend", "2025-03-01"), attestation.ByStatement, span())
		if fault.CodeOf(err) != fault.StatusSeqConflict {
			t.Errorf("seq %d: %v", seq, err)
		}
	}
}

func TestHistory_effectiveNeverGoesBack(t *testing.T) {
	t.Parallel()
	instantly := func(v string) attestation.DateV { return attestation.DateV{Value: v} }
	for _, c := range []struct {
		name       string
		first, own attestation.DateV
		ok         bool
	}{
		{"the same day", date("2025-02-01"), date("2025-02-01"), true},
		{"the day before", date("2025-02-01"), date("2025-01-31"), false},
		{"a day that holds the instant before", instantly("2025-02-01T10:00:00+08:00"), date("2025-02-01"), true},
		{"a day that ended before the instant", instantly("2025-02-01T10:00:00+08:00"), date("2025-01-31"), false},
		{"an instant within the day before", date("2025-02-01"), instantly("2025-02-01T00:00:00+08:00"), true},
		{"an instant one second before the day", date("2025-02-01"), instantly("2025-01-31T23:59:59+08:00"), false},
		{"another zone", date("2025-02-01"), instantly("2025-01-31T16:00:00Z"), true},
	} {
		suspend := event(2, "suspend", "2025-02-01")
		suspend.Effective = c.first
		restore := event(3, "restore", "2025-02-01")
		restore.Effective = c.own
		h := history(t, []attestation.StatusEvent{event(1, "issue", "2025-01-01"), suspend})
		err := h.Apply(restore, attestation.ByStatement, span())
		if c.ok != (err == nil) || err != nil && fault.CodeOf(err) != fault.StatusIllegalTransition {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestHistory_correctionNamesTheLatestEvent(t *testing.T) {
	t.Parallel()
	h := history(t, histories["suspended"])
	early := event(3, "correct", "2025-03-01")
	early.Corrects = 1
	if err := h.Apply(early, attestation.ByStatement, span()); fault.CodeOf(err) != fault.StatusIllegalTransition {
		t.Errorf("got %v", err)
	}
	if err := h.Apply(event(3, "correct", "2025-03-01"), attestation.ByStatement, span()); err != nil {
		t.Fatal(err)
	}
	if h.Asserted() != attestation.Valid {
		t.Errorf("after the correction: %s", h.Asserted())
	}
	// The correction of a correction brings back what it undid.
	if err := h.Apply(event(4, "correct", "2025-03-02"), attestation.ByStatement, span()); err != nil {
		t.Fatal(err)
	}
	if h.Asserted() != attestation.Suspended {
		t.Errorf("after the second correction: %s", h.Asserted())
	}
}

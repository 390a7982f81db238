package attestation_test

import (
	"testing"
	"time"

	"accord/attestation"

	"pgregory.net/rapid"
)

func TestStatusAt(t *testing.T) {
	t.Parallel()
	suspended := event(2, "suspend", "2025-02-01")
	suspended.Until = datep("2025-04-30")
	for _, c := range []struct {
		name     string
		events   []attestation.StatusEvent
		at       string
		asserted attestation.Status
		temporal attestation.Status
		want     attestation.Status
		overdue  bool
		next     string
	}{
		{"before the first event", histories["valid"], "2024-12-31T15:59:59Z", "pending", "pending", "pending", false, "2024-12-31T16:00:00Z"},
		{"from the first instant", histories["valid"], "2024-12-31T16:00:00Z", "valid", "", "valid", false, "2026-12-31T16:00:00Z"},
		{"issued and not yet valid", histories["pending"], "2024-10-01T00:00:00Z", "valid", "pending", "pending", false, "2024-12-31T16:00:00Z"},
		{"the last instant of an inclusive expiry", histories["valid"], "2026-12-31T15:59:59Z", "valid", "", "valid", false, "2026-12-31T16:00:00Z"},
		{"after an inclusive expiry", histories["valid"], "2026-12-31T16:00:00Z", "valid", "expired", "expired", false, ""},
		{"a known suspension ahead", histories["suspended"], "2025-01-15T00:00:00Z", "valid", "", "valid", false, "2025-01-31T16:00:00Z"},
		{"suspended", histories["suspended"], "2025-02-01T00:00:00Z", "suspended", "", "suspended", false, "2026-12-31T16:00:00Z"},
		{"suspended until", []attestation.StatusEvent{histories["valid"][0], suspended}, "2025-04-30T15:59:59Z", "suspended", "", "suspended", false, "2025-04-30T16:00:00Z"},
		{"until passed does not restore", []attestation.StatusEvent{histories["valid"][0], suspended}, "2025-04-30T16:00:00Z", "suspended", "", "suspended", true, "2026-12-31T16:00:00Z"},
		{"expired goes before suspended", histories["suspended"], "2027-01-01T00:00:00Z", "suspended", "expired", "expired", false, ""},
		{"withdrawn goes before expired", histories["withdrawn"], "2027-01-01T00:00:00Z", "withdrawn", "expired", "withdrawn", false, ""},
		{"cancelled goes before expired", histories["cancelled"], "2027-01-01T00:00:00Z", "cancelled", "expired", "cancelled", false, ""},
		{"superseded goes before expired", histories["superseded"], "2027-01-01T00:00:00Z", "superseded", "expired", "superseded", false, ""},
		{"a history that cannot be read", []attestation.StatusEvent{event(1, "restore", "2025-01-01")}, "2025-06-01T00:00:00Z", "unknown", "", "unknown", false, ""},
		{"a gap", []attestation.StatusEvent{event(1, "issue", "2025-01-01"), event(3, "suspend", "2025-02-01")}, "2025-06-01T00:00:00Z", "unknown", "", "unknown", false, ""},
		{"a date that is none", []attestation.StatusEvent{event(1, "issue", "2025-02-30")}, "2025-06-01T00:00:00Z", "unknown", "", "unknown", false, ""},
	} {
		f := attestation.StatusAt(c.events, span(), instant(c.at))
		next := ""
		if !f.Next.IsZero() {
			next = f.Next.UTC().Format(time.RFC3339)
		}
		if f.Asserted != c.asserted || f.Temporal != c.temporal || f.Effective != c.want || f.Overdue != c.overdue || next != c.next {
			t.Errorf("%s: %+v, next %s", c.name, f, next)
		}
	}
}

func TestStatusAt_sellThrough(t *testing.T) {
	t.Parallel()
	cancel := event(2, "cancel", "2025-02-01")
	events := []attestation.StatusEvent{event(1, "issue", "2025-01-01"), cancel}
	for _, c := range []struct {
		name        string
		sellThrough *attestation.SellThrough
		at          string
		want        bool
	}{
		{"none granted", nil, "2025-03-01T00:00:00Z", false},
		{"without end", &attestation.SellThrough{}, "2028-03-01T00:00:00Z", true},
		{"before its end", &attestation.SellThrough{Until: datep("2025-03-01")}, "2025-03-01T15:59:59Z", true},
		{"at its end", &attestation.SellThrough{Until: datep("2025-03-01")}, "2025-03-01T16:00:00Z", false},
		{"not needed while valid", &attestation.SellThrough{}, "2025-01-15T00:00:00Z", false},
	} {
		events[1].SellThrough = c.sellThrough
		if f := attestation.StatusAt(events, span(), instant(c.at)); f.SellThrough != c.want {
			t.Errorf("%s: %v", c.name, f.SellThrough)
		}
	}
}

// Any sequence of events that the table lets through keeps what holds of every
// history.
func TestHistory_properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := draw(t)
		h, err := attestation.NewHistory(events)
		if err != nil {
			t.Fatalf("accepted events do not fold: %v", err)
		}
		dates := span()
		probe := dates.Issued.Instant().Add(time.Duration(rapid.IntRange(-1000, 30_000).Draw(t, "hours")) * time.Hour)
		facts := h.At(dates, probe)

		// What is told later does not change what held at an earlier time, as
		// long as it takes effect later.
		if facts.Seq < len(events) {
			if short := attestation.StatusAt(events[:facts.Seq], dates, probe); short.Effective != facts.Effective {
				t.Fatalf("the future changed the past: %s, %s", short.Effective, facts.Effective)
			}
		}
		// Nothing changes before Next.
		if !facts.Next.IsZero() {
			if before := h.At(dates, facts.Next.Add(-1)); before.Effective != facts.Effective || before.Overdue != facts.Overdue {
				t.Fatalf("changed before Next: %+v, %+v", facts, before)
			}
		}
		// A terminal state is left by a correction only.
		for i := 1; i < len(events); i++ {
			was := stateAfter(t, events[:i])
			terminal := was == attestation.Withdrawn || was == attestation.Cancelled || was == attestation.Superseded
			if terminal && events[i].Event != attestation.EventCorrect {
				t.Fatalf("%s left by %s", was, events[i].Event)
			}
			// A correction gives back the state before the corrected event.
			if events[i].Event == attestation.EventCorrect && i >= 2 {
				if now := stateAfter(t, events[:i+1]); now != stateAfter(t, events[:i-1]) {
					t.Fatalf("correction led to %s", now)
				}
			}
		}
	})
}

// draw makes a history of events, each of which was accepted.
func draw(t *rapid.T) []attestation.StatusEvent {
	h := new(attestation.History)
	dates := span()
	at := dates.ValidFrom.Instant()
	if err := h.Apply(eventAt(1, attestation.EventIssue, at), attestation.ByRevision, dates); err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		at = at.Add(time.Duration(rapid.IntRange(0, 2_000).Draw(t, "later")) * time.Hour)
		by := rapid.SampledFrom([]attestation.Carrier{attestation.ByRevision, attestation.ByStatement}).Draw(t, "by")
		choices := h.Allowed(by, dates, at)
		if len(choices) == 0 {
			continue
		}
		ev := eventAt(h.NextSeq(), rapid.SampledFrom(choices).Draw(t, "event"), at)
		if err := h.Apply(ev, by, dates); err != nil {
			t.Fatalf("refused what was offered: %v", err)
		}
	}
	return h.Events()
}

func eventAt(seq int, ev attestation.Event, at time.Time) attestation.StatusEvent {
	e := event(seq, ev, "2025-01-01")
	e.Effective = attestation.DateV{Value: at.UTC().Format(time.RFC3339)}
	return e
}

func stateAfter(t *rapid.T, events []attestation.StatusEvent) attestation.Status {
	h, err := attestation.NewHistory(events)
	if err != nil {
		t.Fatal(err)
	}
	return h.Asserted()
}

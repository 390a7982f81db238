package recognition_test

import (
	"testing"
	"time"

	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"
)

func TestValidUntil_isTheFirstKnownEnd(t *testing.T) {
	t.Parallel()
	expiry := time.Date(2029, 9, 25, 16, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		want   time.Time
		change func(*scenario)
	}{
		{"expiry", expiry, nothing},
		{"freshness of the status", now.Add(23 * time.Hour), func(s *scenario) { s.agreements[0].Rules.MaxStatusAge = "24h" }},
		{"our own status does not age", expiry, func(s *scenario) {
			s.agreements[0].Rules.MaxStatusAge = "24h"
			s.Known.Fresh.Mastered = true
		}},
		{"age of the document", time.Date(2025, 9, 25, 16, 0, 0, 0, time.UTC), func(s *scenario) { s.agreements[0].Rules.MaxDocumentAge = "8760h" }},
		{"suspension already told", time.Date(2025, 6, 30, 16, 0, 0, 0, time.UTC), func(s *scenario) {
			s.event(attestation.StatusEvent{Event: attestation.EventSuspend, Effective: attestation.DateV{Value: "2025-07-01", Zone: "+08:00"}, Reason: english("reason")})
		}},
		{"end of the agreement", date("2026-01-01"), func(s *scenario) { s.agreements[0].Period.Terminated = date("2026-01-01") }},
		{"end of the scope", date("2026-02-01"), func(s *scenario) { s.scope().Periods = []partners.Span{{Until: date("2026-02-01")}} }},
		{"end of a party", date("2026-03-01"), func(s *scenario) {
			s.agreements[0].Parties[0].Periods = []partners.Span{{Until: date("2026-03-01")}}
		}},
		{"end of the designation", date("2026-04-01"), func(s *scenario) { s.designations[0].Periods[0].Until = date("2026-04-01") }},
		{"end of the designation, results kept", expiry, func(s *scenario) {
			s.designations[0].Periods[0].Until = date("2026-04-01")
			s.agreements[0].Rules.EarlierResults = "keep"
		}},
		{"suspension of the body to come", date("2026-05-01"), func(s *scenario) {
			suspension("body", "cn-cb", "")(s)
			s.agreements[0].Suspensions[0].From = date("2026-05-01")
		}},
		{"suspension of the agreement to come", date("2026-05-02"), func(s *scenario) {
			suspension("agreement", "cn-nz", "")(s)
			s.agreements[0].Suspensions[0].From = date("2026-05-02")
		}},
		{"suspension of the scope to come", date("2026-05-03"), func(s *scenario) {
			suspension("scope", "appliances", "void")(s)
			s.agreements[0].Suspensions[0].From = date("2026-05-03")
		}},
		{"suspension of a party to come", date("2026-05-04"), func(s *scenario) {
			suspension("party", "CN", "")(s)
			s.agreements[0].Suspensions[0].From = date("2026-05-04")
		}},
		{"suspension to come that concerns others", expiry, func(s *scenario) {
			s.agreements[0].Suspensions = []partners.Suspension{
				{Target: "body", ID: "cn-da", From: date("2026-01-01")},
			}
		}},
		{"suspension of the designation to come", date("2026-05-05"), func(s *scenario) {
			s.designations[0].Periods = append(s.designations[0].Periods, partners.StatusSpan{Span: partners.Span{From: date("2026-05-05")}, Status: "suspended"})
		}},
		{"end of the adopting instrument", date("2026-05-06"), func(s *scenario) {
			asScheme(s)
			s.agreements[0].Parties[1] = partners.AgreementParty{Partner: "cn-ab", Role: "recognising"}
			adoption(s, "cn-nz").Period.Terminated = date("2026-05-06")
		}},
		{"sanction to come", date("2026-06-01"), func(s *scenario) {
			sanction("body", "cn-cb", "")(s)
			s.sanctions[0].Periods[0].From = date("2026-06-01")
		}},
		{"end of a partner", date("2026-07-01"), func(s *scenario) { s.partners[0].Status[0].Until = date("2026-07-01") }},
		{"the earliest of several", date("2026-01-01"), func(s *scenario) {
			s.agreements[0].Period.Terminated = date("2026-01-01")
			s.designations[0].Periods[0].Until = date("2026-04-01")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := basic()
			s.agreements[0].Rules.MaxStatusAge, s.agreements[0].Rules.MaxDocumentAge = "", ""
			c.change(s)
			d := s.decide(t)
			if d.Outcome != recognition.Recognised || !d.ValidUntil.Equal(c.want) {
				t.Errorf("%s until %s, want %s", d.Outcome, d.ValidUntil, c.want)
			}
			// What the decision promises holds: just before, and no longer.
			s.At = d.ValidUntil.Add(-time.Second)
			s.Known.Status = s.Document.Status(s.At)
			if again := s.decide(t); again.Outcome != recognition.Recognised {
				t.Errorf("a second before %s: %s %v", d.ValidUntil, again.Outcome, codesOf(again.Results[0]))
			}
			s.At = d.ValidUntil.Add(time.Second)
			s.Known.Status = s.Document.Status(s.At)
			if again := s.decide(t); again.Outcome == recognition.Recognised {
				t.Errorf("a second after %s it is still recognised", d.ValidUntil)
			}
		})
	}
}

func TestValidUntil_isAbsentWhereNothingIsRecognised(t *testing.T) {
	t.Parallel()
	s := basic()
	s.Purpose = recognition.Tender
	if d := s.decide(t); !d.ValidUntil.IsZero() {
		t.Errorf("notRecognised until %s", d.ValidUntil)
	}
}

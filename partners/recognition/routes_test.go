package recognition_test

import (
	"slices"
	"testing"

	"accord/partners"
	"accord/partners/recognition"
)

func routeWorld(t testing.TB) *world {
	s := story(t)
	s.partners = append(s.partners,
		partner("nz-cb", partners.CertificationBody, "NZ"),
		partner("hk-lab", partners.Lab, "HK"),
		partner("example-ncb-cn", partners.CertificationBody, "CN"),
		partner("example-ncb-nz", partners.CertificationBody, "NZ"),
		partner("example-ncb-de", partners.CertificationBody, "DE"),
		partner("example-ab-cn", partners.AccreditationBody, "CN"),
		partner("example-ab-nz", partners.AccreditationBody, "NZ"),
	)
	for _, name := range []string{"iecee-cb", "iaf-mla", "ilac-mra", "cn-hk-mo-electrical", "apec-tel-mra"} {
		s.agreements = append(s.agreements, seed(t, name))
	}
	s.designations = append(s.designations, designation("nz-cb-eeemra", "nz-cb", "nz-regulator", "cn-nz-eeemra-2008", "certification"))
	return &s.world
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	type line struct{ body, agreement, scope, effect, basis string }
	for _, c := range []struct {
		name string
		q    recognition.RouteQuestion
		want []line
	}{
		{"certification of a vacuum cleaner for New Zealand", recognition.RouteQuestion{From: "CN", To: "NZ", Product: "0708", Activity: "certification"},
			[]line{{"cn-cb", "cn-nz-eeemra-2008", "cn-to-nz-certification", "acceptCertificate", "designation"}}},
		{"the same by its system", recognition.RouteQuestion{From: "CN", To: "nz-regulator", Product: catalogue + " 0708"},
			[]line{{"cn-cb", "cn-nz-eeemra-2008", "cn-to-nz-certification", "acceptCertificate", "designation"}}},
		{"by the standard of the destination", recognition.RouteQuestion{From: "CN", To: "NZ", Standard: "AS/NZS 60335.2.2:2010", Activity: "certification"},
			[]line{{"cn-cb", "cn-nz-eeemra-2008", "cn-to-nz-certification", "acceptCertificate", "designation"}}},
		{"a toy", recognition.RouteQuestion{From: "CN", To: "NZ", Product: "2202"}, nil},
		{"the other way", recognition.RouteQuestion{From: "NZ", To: "CN", Product: "0708", Activity: "certification"},
			[]line{{"nz-cb", "cn-nz-eeemra-2008", "nz-to-cn-certification", "acceptCertificate", "designation"}}},
		{"before the agreement", recognition.RouteQuestion{From: "CN", To: "NZ", Product: "0708", At: date("2005-01-01")}, nil},
		{"issuing members for a member that recognises", recognition.RouteQuestion{From: "CN", To: "example-ncb-nz", Product: "iecee.category TOOL"},
			[]line{{"example-ncb-cn", "iecee-cb", "tool", "issueOwnOnBasis", "membership"}}},
		{"a member that issues in other categories", recognition.RouteQuestion{From: "DE", To: "example-ncb-nz", Product: "iecee.category TOOL"}, nil},
		{"members that only recognise", recognition.RouteQuestion{From: "NZ", To: "example-ncb-cn", Product: "iecee.category HOUS"}, nil},
		{"through the accreditation body", recognition.RouteQuestion{From: "CN", To: "example-ab-nz", Activity: "calibration"},
			[]line{{"example-ab-cn", "ilac-mra", "17025-calibration", "acceptResult", "accreditation"}}},
		{"nobody is designated", recognition.RouteQuestion{From: "HK", To: "CN", Product: "0708"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.q.At.IsZero() {
				c.q.At = now
			}
			var got []line
			for _, r := range recognition.Routes(routeWorld(t).snapshot(t), c.q) {
				got = append(got, line{string(r.Body), string(r.Agreement), r.Scope, r.Effect, r.Basis})
				if r.Clause == "" || len(r.Name) == 0 {
					t.Errorf("route without clause or name: %+v", r)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestRoutes_leaveOutWhoMayNotAct(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*scenario){
		"not designated":           func(s *scenario) { s.designations = nil },
		"suspended under it":       suspension("body", "cn-cb", ""),
		"agreement suspended":      suspension("agreement", "cn-nz", ""),
		"sanctioned":               sanction("body", "cn-cb", ""),
		"without legal force":      func(s *scenario) { s.agreements[0].LegalForce = "none" },
		"not active":               func(s *scenario) { s.partners[0].Status[0].Status = "suspended" },
		"without a scope":          func(s *scenario) { s.agreements[0].Scopes = nil },
		"designation not any more": func(s *scenario) { s.designations[0].Periods[0].Until = date("2025-01-01") },
		"reservation of destination": func(s *scenario) {
			s.agreements[0].Parties[1].Reservations = []partners.Reservation{{Text: english("no")}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := recognition.RouteQuestion{From: "CN", To: "NZ", Product: "0708", At: now}
			s := basic()
			if got := recognition.Routes(s.snapshot(t), q); len(got) != 1 || got[0].Designation != "cn-cb-1" {
				t.Fatalf("before: %+v", got)
			}
			change(s)
			if got := recognition.Routes(s.snapshot(t), q); len(got) != 0 {
				t.Errorf("after: %+v", got)
			}
		})
	}
}

func TestRoutes_sayUntilWhenAndForWhat(t *testing.T) {
	t.Parallel()
	s := basic()
	s.designations[0].Periods[0].Until = date("2026-04-01")
	got := recognition.Routes(s.snapshot(t), recognition.RouteQuestion{From: "CN", To: "NZ", At: now})
	if len(got) != 1 || !got[0].Until.Equal(date("2026-04-01")) || !slices.Equal(got[0].Purposes, []string{"import", "continuedSale"}) {
		t.Errorf("%+v", got)
	}
}

// An arrangement that P adopted opens its routes to P.
func TestRoutes_throughAnAdoptedArrangement(t *testing.T) {
	t.Parallel()
	s := basic()
	asScheme(s)
	q := recognition.RouteQuestion{From: "CN", To: "NZ", At: now}
	if got := recognition.Routes(s.snapshot(t), q); len(got) != 0 {
		t.Errorf("not adopted: %+v", got)
	}
	adoption(s, "cn-nz")
	got := recognition.Routes(s.snapshot(t), q)
	if len(got) != 1 || got[0].Agreement != "nz-adopts" || got[0].Basis != "membership" {
		t.Errorf("adopted: %+v", got)
	}
}

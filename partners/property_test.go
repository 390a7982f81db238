package partners_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accord/attestation"
	"accord/internal/strictjson"
	"accord/partners"
)

// recorded is a change with its place in the ledger.
type recorded struct {
	index  uint64
	change *partners.Change
}

// drawHistory draws a ledger of registry changes of few targets, with
// effective instants in any order, as Check lets them through.
func drawHistory(rt *rapid.T) []recorded {
	d := partners.NewDirectory()
	var out []recorded
	index := uint64(0)
	for range rapid.IntRange(0, 25).Draw(rt, "n") {
		index += uint64(rapid.IntRange(1, 5).Draw(rt, "gap"))
		value := drawValue(rt)
		target := targetOf(value)
		if rapid.IntRange(0, 7).Draw(rt, "end") == 0 {
			value = nil
		}
		effective := at.AddDate(0, 0, rapid.IntRange(-30, 30).Draw(rt, "effective"))
		c, err := partners.NewChange(gatewayIssuer, target, value, effective, d.Latest().Last(target))
		if err != nil {
			rt.Fatal(err)
		}
		if d.Latest().Check(c) != nil {
			continue
		}
		d.Apply(index, at, c)
		out = append(out, recorded{index, c})
	}
	return out
}

func drawValue(rt *rapid.T) any {
	economy := rapid.SampledFrom([]attestation.Economy{"CN", "NZ", "AU"})
	switch rapid.IntRange(0, 3).Draw(rt, "kind") {
	case 0:
		a := treaty(rapid.SampledFrom([]string{"one", "two"}).Draw(rt, "agreement"), economy.Draw(rt, "a"), economy.Draw(rt, "b"))
		a.Exchange = rapid.Bool().Draw(rt, "exchange")
		a.Period.Terminated = at.AddDate(0, 0, rapid.IntRange(-20, 40).Draw(rt, "terminated"))
		return a
	case 1:
		return &partners.Sanction{ID: "s-1", Target: partners.SanctionTarget{Kind: "body", ID: "p1"}, List: "l", Authority: "p2", Reason: english("r"),
			Periods: []partners.Span{{From: at.AddDate(0, 0, rapid.IntRange(-9, 9).Draw(rt, "from"))}}}
	default:
		p := body(rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(rt, "partner"), partners.Lab, economy.Draw(rt, "economy"))
		p.Relay = rapid.Bool().Draw(rt, "relay")
		p.Identifiers = []attestation.Identifier{id("test", rapid.SampledFrom([]string{"x", "y", "z"}).Draw(rt, "id"))}
		return p
	}
}

// view writes down everything that a snapshot answers at a time.
func view(rt *rapid.T, s *partners.Snapshot, t time.Time) string {
	out := fmt.Sprintln(s.Index(), s.NextBoundary(t))
	put := func(v any) {
		b, err := strictjson.CanonicalOf(v)
		if err != nil {
			rt.Fatal(err)
		}
		out += string(b) + "\n"
	}
	put(s.Partners(t))
	put(s.Agreements(t))
	put(s.Sanctions(t))
	for _, value := range []string{"x", "y", "z"} {
		owner, err := s.Owner([]attestation.Identifier{id("test", value)}, t)
		out += fmt.Sprintln(owner, err)
	}
	for _, p := range s.Partners(t) {
		q := partners.AudienceQuestion{Issuer: p.ID, Sender: "p1", Kind: attestation.Certification, At: t}
		out += fmt.Sprintln(s.Audience(q), s.CheckDestinations(q, []string{"NZ", "p3"}))
		for _, a := range s.Candidates(p, "NZ", t) {
			out += fmt.Sprintln(a.ID)
		}
		out += fmt.Sprintln(s.Entry(targetOf(p), t))
	}
	return out
}

// AsOf(k) is what a directory would be that knew the entries below k only, for
// every k and at any time.
func TestDirectory_AsOfEqualsRebuilding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		history := drawHistory(rt)
		whole := partners.NewDirectory()
		for _, r := range history {
			whole.Apply(r.index, at, r.change)
			if rapid.Bool().Draw(rt, "look") {
				whole.Latest() // snapshots taken in between change nothing
			}
		}
		last := uint64(0)
		if n := len(history); n > 0 {
			last = history[n-1].index
		}
		k := rapid.Uint64Range(0, last+2).Draw(rt, "k")
		rebuilt := partners.NewDirectory()
		for _, r := range history {
			if r.index < k {
				rebuilt.Apply(r.index, at, r.change)
			}
		}
		for range 3 {
			when := at.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(rt, "t"))
			if got, want := view(rt, whole.AsOf(k), when), view(rt, rebuilt.Latest(), when); got != want {
				rt.Fatalf("as of %d at %v:\n%s\nrebuilt:\n%s", k, when, got, want)
			}
		}
	})
}

// Whatever Check lets through, an identifier has one owner at every time.
func TestDirectory_identifiersHaveOneOwner(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := partners.NewDirectory()
		for _, r := range drawHistory(rt) {
			d.Apply(r.index, at, r.change)
		}
		when := at.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(rt, "t"))
		owners := map[attestation.Identifier]attestation.PartnerID{}
		for _, p := range d.Latest().Partners(when) {
			for _, id := range p.Identifiers {
				if other, taken := owners[id]; taken {
					rt.Fatalf("%v belongs to %s and %s", id, other, p.ID)
				}
				owners[id] = p.ID
			}
		}
	})
}

// Between two boundaries every answer stays the same.
func TestSnapshot_answersHoldUntilTheNextBoundary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		history := drawHistory(rt)
		fresh := func() *partners.Snapshot {
			d := partners.NewDirectory()
			for _, r := range history {
				d.Apply(r.index, at, r.change)
			}
			return d.Latest()
		}
		from := at.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(rt, "t"))
		until := fresh().NextBoundary(from)
		if until.IsZero() {
			until = from.AddDate(1, 0, 0)
		}
		if got, want := view(rt, fresh(), until.Add(-1)), view(rt, fresh(), from); got != want {
			rt.Fatalf("at %v:\n%s\nat %v:\n%s", until.Add(-1), got, from, want)
		}
	})
}

package partners

import (
	"cmp"
	"slices"
	"time"

	"accord/attestation"
)

// placeIndex finds agreements by the names of partners and economies. Each list
// is in order of id.
type placeIndex struct {
	from map[string][]*Agreement // who may stand on the issuer's side
	to   map[string][]*Agreement // who is party
}

// indexPlaces indexes the agreements of a slice whose partners are there.
func indexPlaces(c *slice) placeIndex {
	x := placeIndex{map[string][]*Agreement{}, map[string][]*Agreement{}}
	put := func(m map[string][]*Agreement, name string, a *Agreement) {
		if l := m[name]; len(l) == 0 || l[len(l)-1] != a {
			m[name] = append(l, a)
		}
	}
	for _, a := range c.agreementList {
		for i := range a.Parties {
			put(x.to, a.Parties[i].name(), a)
		}
		for _, name := range c.issuerNames(a) {
			put(x.from, name, a)
		}
		for _, adopted := range c.adopted(a) {
			for _, name := range c.issuerNames(adopted) {
				put(x.from, name, a)
			}
		}
	}
	return x
}

// adopted are the arrangements that an instrument of one side adopts, and those
// that took their place.
func (c *slice) adopted(a *Agreement) []*Agreement {
	if !a.unilateral() {
		return nil
	}
	var out []*Agreement
	for _, id := range a.Adopts {
		if held, ok := c.agreements[id]; ok {
			out = append(out, held)
		}
		out = append(out, c.successors(id)...)
	}
	return out
}

// issuerNames are the names under which an issuer stands on a side of a: the
// parties, the economies for which an authority is party to an agreement between
// governments, and whom an instrument of one side names in its directions.
func (c *slice) issuerNames(a *Agreement) []string {
	var out []string
	for i := range a.Parties {
		p := &a.Parties[i]
		out = append(out, p.name())
		if held, ok := c.partners[p.Partner]; ok && a.governmental() && held.authority() {
			out = append(out, held.names()...)
		}
	}
	for i := range a.Scopes {
		if a.unilateral() {
			out = append(out, a.Scopes[i].Direction.From...)
		}
	}
	return out
}

// Candidates returns the agreements, in whatever state, under which documents of
// the issuer may come to the asker, a partner id or an economy, by id. They
// are found by index, not by trying all. Who stands for an issuer through an
// accreditation is not in the directory: ask for the accreditation body too.
func (s *Snapshot) Candidates(issuer *Partner, asker string, t time.Time) []*Agreement {
	c := s.at(t)
	theirs := []string{asker}
	if held, ok := c.partners[attestation.PartnerID(asker)]; ok {
		theirs = held.names()
	}
	return c.candidates(issuer, theirs)
}

func (c *slice) candidates(issuer *Partner, theirs []string) []*Agreement {
	mine := gather(c.places.from, issuer.names())
	to := gather(c.places.to, theirs)
	return slices.DeleteFunc(mine, func(a *Agreement) bool {
		_, both := slices.BinarySearchFunc(to, a, byAgreementID)
		return !both
	})
}

// gather joins the lists of several names, by id.
func gather(m map[string][]*Agreement, names []string) []*Agreement {
	var out []*Agreement
	for _, name := range names {
		out = append(out, m[name]...)
	}
	slices.SortFunc(out, byAgreementID)
	return slices.Compact(out)
}

func byAgreementID(a, b *Agreement) int { return cmp.Compare(a.ID, b.ID) }

// governmental says whether an economy may be party, and then every partner of
// that economy stands under the agreement. Arrangements between accreditation
// bodies and schemes bind their members only (domain.md, section 6.3, cap 2).
func (a *Agreement) governmental() bool { return a.Kind != "mla" && a.Kind != "scheme" }

// unilateral says whether the agreement is an instrument of one side.
func (a *Agreement) unilateral() bool { return a.Kind == "unilateral" || a.Arity == "unilateral" }

// authority says whether a partner speaks for its economy.
func (p *Partner) authority() bool { return p.Kind == Regulator || p.Kind == DesignatingAuthority }

package partners

import (
	"strings"

	"accord/attestation"
)

// The closed lists of a scope (domain.md, sections 6.2 and 6.3).
var (
	activities = []string{"testing", "inspection", "certification", "calibration", "validation", "verification", "accreditation"}
	effects    = []string{"acceptResult", "acceptCertificate", "issueOwnOnBasis", "noAction"}
	purposes   = []string{"import", "placeOnMarket", "continuedSale", "tender", "information"}
)

func (s *Scope) validate(f *findings, at string) {
	f.line(at+"/id", s.ID)
	f.line(at+"/clause", s.Clause)
	s.Direction.validate(f, at+"/direction")
	words(f, at+"/activities", s.Activities, activities)
	words(f, at+"/kinds", s.Kinds, attestation.EnumKind.Words())
	words(f, at+"/regimes", s.Regimes, attestation.EnumRegime.Words())
	f.lines(at+"/schemes", s.Schemes)
	words(f, at+"/objectTypes", s.ObjectTypes, attestation.EnumObjectType.Words())
	for i := range s.Products {
		s.Products[i].validate(f, idx(at+"/products", i))
	}
	for i := range s.Requirements {
		s.Requirements[i].validate(f, idx(at+"/requirements", i))
	}
	s.Conditions.validate(f, at+"/conditions")
	f.word(at+"/effect", s.Effect, effects)
	words(f, at+"/purposes", s.Purposes, purposes)
	f.spans(at+"/periods", s.Periods)
}

// validate: a direction that is not mutual names both sides.
func (d *Direction) validate(f *findings, at string) {
	if d.Mutual() {
		return
	}
	sides := []struct {
		at    string
		names []string
	}{{at + "/from", d.From}, {at + "/to", d.To}}
	for _, s := range sides {
		if len(s.names) == 0 {
			f.missing(s.at, "a direction names both sides")
		}
		for i, name := range s.names {
			f.side(idx(s.at, i), name)
		}
	}
}

func (p *Products) validate(f *findings, at string) {
	f.line(at+"/system", p.System)
	if len(p.Include) == 0 {
		f.missing(at+"/include", "a list of products includes something")
	}
	f.codes(at+"/include", p.Include)
	f.codes(at+"/exclude", p.Exclude)
}

// codes checks prefixes and ranges ("0701..0718"); a range begins before it
// ends, compared over the length that both have.
func (f *findings) codes(at string, patterns []string) {
	for i, p := range patterns {
		lo, hi, isRange := strings.Cut(p, "..")
		f.line(idx(at, i), p)
		if isRange && (lo == "" || hi == "" || lo[:min(len(lo), len(hi))] > hi) {
			f.format(idx(at, i), "want a range as 0701..0718")
		}
	}
}

func (r *RequirementPair) validate(f *findings, at string) {
	for _, side := range []struct {
		at string
		e  *Editions
	}{{at + "/from", &r.From}, {at + "/to", &r.To}} {
		f.line(side.at+"/id", side.e.ID)
		f.lines(side.at+"/editions", side.e.Editions)
	}
	for i, d := range r.Deviations {
		at := idx(at+"/deviations", i)
		f.line(at+"/id", d.ID)
		f.text(at+"/text", d.Text)
		f.optLine(at+"/resultName", d.ResultName)
	}
}

func (c *Conditions) validate(f *findings, at string) {
	for i, e := range c.Origin {
		// Goods come from an economy, never from the EU as a whole (section 7).
		if !e.Valid() {
			f.format(idx(at+"/origin", i), "want an economy by its ISO 3166-1 alpha-2 code")
		}
	}
	f.optLine(at+"/mark", c.Mark)
	if c.Language != "" && !attestation.ValidLanguage(c.Language) {
		f.format(at+"/language", "want a BCP 47 language tag in its canonical case")
	}
	f.optID(at+"/accreditedBy", string(c.AccreditedBy))
	f.optLine(at+"/level", c.Level)
}

package recognition

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/partners"
)

// conditionRules is family C: the conditions beside the products.
func conditionRules() []rule {
	return []rule{
		{"C01", "origin or assembly economy satisfies the condition (fact)", originSatisfied},
		{"C02", "direct shipment (fact)", shippedDirect},
		{"C03", "companions: digest in evidence[], given by the facts; else to be presented; no digest fails", companionsGiven},
		{"C04", "document age within maxDocumentAge", documentAge},
		{"C05", "language, translation", languageGiven},
		{"C06", "mark rules", markGiven},
		{"C07", "results of third countries only where allowed", thirdCountries},
	}
}

func originSatisfied(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		allowed := s.Conditions.Origin
		if len(allowed) == 0 {
			return notApplicable("the scope sets no origin")
		}
		origins, assembled := f.origins(), f.q.Facts.AssembledIn
		switch {
		case assembled != "" && slices.Contains(allowed, assembled):
			return passed("assembled in %s", assembled)
		case len(origins) > 0 && allIn(origins, allowed):
			return passed("made in %s", list(origins))
		case len(origins) == 0 && assembled == "":
			return unknown("where the goods were made or assembled is not stated; the scope wants %s", list(allowed))
		default:
			return failed("goods made in %s and assembled in %s are outside the scope, which wants %s",
				list(origins), orWord(string(assembled), "no stated economy"), list(allowed))
		}
	})
}

// origins is the stated origin, else that of the objects where each has one.
func (f *frame) origins() []attestation.Economy {
	if o := f.q.Facts.Origin; o != "" {
		return []attestation.Economy{o}
	}
	var out []attestation.Economy
	for i := range f.q.Document.Objects {
		o := f.q.Document.Objects[i].Origin
		if o == "" {
			return nil
		}
		out = append(out, o)
	}
	return out
}

func allIn(xs, allowed []attestation.Economy) bool {
	return !slices.ContainsFunc(xs, func(x attestation.Economy) bool { return !slices.Contains(allowed, x) })
}

func shippedDirect(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		if !s.Conditions.DirectShipment {
			return notApplicable("the scope does not ask for direct shipment")
		}
		direct, from := f.q.Facts.ShippedDirect, f.q.Facts.ShippedFrom
		side := f.issuerSide()
		switch {
		case direct == nil:
			return conditional(DirectShipmentRequired, nil, "only goods shipped directly; nothing is stated about these")
		case !*direct:
			return conditional(DirectShipmentRequired, nil, "only goods shipped directly; these are stated not to be")
		case from != "" && !slices.Contains(side, string(from)):
			return conditional(DirectShipmentRequired, nil, "only goods shipped directly from %s; these come from %s", list(side), from)
		default:
			return passed("shipped directly")
		}
	})
}

func companionsGiven(f *frame) verdict {
	var vs []verdict
	for _, r := range f.rules() {
		for _, purpose := range r.RequireCompanions {
			vs = append(vs, f.companion(purpose))
		}
	}
	if len(vs) == 0 {
		return notApplicable("the agreement asks for no companion")
	}
	return worst(vs...)
}

// companion: a CB certificate is valid only together with its test report.
func (f *frame) companion(purpose string) verdict {
	digests := evidenceDigests(f.q.Document, purpose)
	if len(digests) == 0 {
		return failed("the document names no %s by its digest", purpose)
	}
	for _, d := range digests {
		if slices.Contains(f.q.Facts.Companions, d) {
			return passed("the %s comes along", purpose).with(string(d))
		}
	}
	return conditional(CompanionRequired, strs(digests), "present the %s with digest %s", purpose, list(digests)).with(strs(digests)...)
}

// evidenceDigests lists the digests of the evidence of a purpose in the document
// and its assessments.
func evidenceDigests(doc *attestation.Submission, purpose string) []attestation.Digest {
	evidence := slices.Clone(doc.Evidence)
	for i := range doc.Assessments {
		evidence = append(evidence, doc.Assessments[i].Evidence...)
	}
	var out []attestation.Digest
	for _, e := range evidence {
		if e.Purpose != purpose {
			continue
		}
		for _, d := range e.Digests {
			if digest := linkDigest(d); digest.Valid() {
				out = append(out, digest)
			}
		}
	}
	return out
}

// linkDigest writes the digest of a link as digests are written here.
func linkDigest(d attestation.LinkDigest) attestation.Digest {
	if strings.HasPrefix(d.Value, "sha-256:") {
		return attestation.Digest(d.Value)
	}
	return attestation.Digest(strings.ToLower(d.Alg + ":" + d.Value))
}

func strs[T ~string](xs []T) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return out
}

func documentAge(f *frame) verdict {
	var vs []verdict
	for _, r := range f.rules() {
		if r.MaxDocumentAge != "" {
			vs = append(vs, f.age(r.MaxDocumentAge))
		}
	}
	if len(vs) == 0 {
		return notApplicable("the agreement sets no age")
	}
	return worst(vs...)
}

func (f *frame) age(limit string) verdict {
	maxAge, err := time.ParseDuration(limit)
	issued, dateErr := f.q.Document.Dates.Issued.Start()
	switch {
	case err != nil:
		return unknown("maxDocumentAge %q of the agreement cannot be read", limit)
	case dateErr != nil:
		return unknown("the date of issue cannot be read")
	case f.q.At.Sub(issued) > maxAge:
		return failed("issued on %s, which is longer ago than the agreement allows (%s)", f.q.Document.Dates.Issued.Value, limit)
	default:
		return passed("issued on %s", f.q.Document.Dates.Issued.Value)
	}
}

func languageGiven(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		lang := s.Conditions.Language
		switch {
		case lang == "":
			return notApplicable("the scope asks for no language")
		case f.speaks(lang):
			return passed("the document is in %s", lang)
		default:
			return conditional(TranslationRequired, []string{lang}, "present a translation into %s", lang)
		}
	})
}

// speaks says whether the document says of itself that it uses the language, or
// names each object in it.
func (f *frame) speaks(lang string) bool {
	doc := f.q.Document
	if doc.Languages != nil && slices.ContainsFunc(doc.Languages.Used, func(l string) bool { return isLanguage(l, lang) }) {
		return true
	}
	for i := range doc.Objects {
		if !slices.ContainsFunc(doc.Objects[i].Name, func(t attestation.Text) bool { return isLanguage(t.Lang, lang) }) {
			return false
		}
	}
	return len(doc.Objects) > 0
}

// isLanguage matches a tag with a range by prefix (RFC 4647, section 3.3.1).
func isLanguage(tag, rng string) bool {
	tag, rng = strings.ToLower(tag), strings.ToLower(rng)
	return tag == rng || strings.HasPrefix(tag, rng+"-")
}

func markGiven(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		mark := s.Conditions.Mark
		switch {
		case mark == "":
			return notApplicable("the scope asks for no mark")
		case slices.Contains(f.q.Document.Marking, mark):
			return passed("the mark %s is certified", mark)
		default:
			return conditional(MarkRequired, []string{mark}, "the goods carry the mark %s", mark)
		}
	})
}

func thirdCountries(f *frame) verdict {
	for _, r := range f.rules() {
		if r.ThirdCountryResults {
			return notApplicable("the agreement allows results of third countries")
		}
	}
	home := f.homes()
	vs := []verdict{passed("no result of a third country is used")}
	for i := range f.q.Document.Assessments {
		if body := f.q.Document.Assessments[i].Body; body != nil {
			vs = append(vs, f.atHome(body, home))
		}
	}
	return worst(vs...)
}

// atHome says whether an assessment was made by a body of one of the sides.
func (f *frame) atHome(body *attestation.Party, home []attestation.Economy) verdict {
	if body.Ref != "" {
		body = f.referred(body.Ref)
	}
	economies := []attestation.Economy{body.Country}
	if body.Country == "" {
		economies = nil
		if p := f.owner(body.Identifiers); p != nil {
			economies = p.Economies
		}
	}
	switch {
	case len(economies) == 0:
		return unknown("an assessment was made by a body whose economy is not stated")
	case !overlap(economies, home):
		return failed("an assessment was made in %s, and the agreement does not allow results of third countries", list(economies))
	default:
		return notApplicable("")
	}
}

// referred resolves a reference to the party of that role in the document.
func (f *frame) referred(role string) *attestation.Party {
	doc := f.q.Document
	if role == doc.Issuer.Role {
		return &doc.Issuer
	}
	for i := range doc.Parties {
		if doc.Parties[i].Role == role && doc.Parties[i].Ref == "" {
			return &doc.Parties[i]
		}
	}
	return &attestation.Party{}
}

// homes are the economies of the two sides, in a multilateral arrangement those
// of all parties.
func (f *frame) homes() []attestation.Economy {
	home := slices.Concat(f.issuer.Economies, f.asker.economies)
	if f.agreement.Arity != "multilateral" {
		return home
	}
	for _, p := range f.agreement.Parties {
		if p.Economy != "" {
			home = append(home, p.Economy)
		} else if member := f.partner(p.Partner); member != nil {
			home = append(home, member.Economies...)
		}
	}
	return home
}

package recognition

import (
	"slices"
	"strings"

	"accord/attestation"
	"accord/partners"
)

// placing says how an object stands to the product lists of a scope.
type placing struct {
	result  CheckResult
	code    string   // the code that decided
	systems []string // systems in which no code was found
}

// classify places an object. Lists of several systems are one union; an exclusion
// in any of them excludes; an object is outside only when it has a code in
// every system and none is listed.
func classify(o *attestation.Object, lists []partners.Products) placing {
	var in, out string
	var missing []string
	for _, l := range lists {
		codes := codesIn(o, l.System)
		if len(codes) == 0 {
			missing = append(missing, l.System)
		}
		for _, c := range codes {
			if matchesAny(c, l.Exclude) {
				return placing{result: CheckFail, code: l.System + " " + c + " (excluded)"}
			}
			if matchesAny(c, l.Include) {
				in = l.System + " " + c
			} else {
				out = l.System + " " + c
			}
		}
	}
	switch {
	case in != "":
		return placing{result: CheckPass, code: in}
	case len(missing) > 0:
		return placing{result: CheckUnknown, systems: missing}
	default:
		return placing{result: CheckFail, code: out}
	}
}

func (p placing) verdict() verdict {
	switch p.result {
	case CheckPass:
		return passed("%s is inside the list of products", p.code).with(p.code)
	case CheckFail:
		return failed("%s is outside the list of products", p.code).with(p.code)
	default:
		return unknown("the object has no code in %s, and no concordance from another edition is held", list(p.systems))
	}
}

// codesIn returns the object's codes in exactly that system; its name carries
// the edition, and another edition is another system (section 4.3).
func codesIn(o *attestation.Object, system string) []string {
	var out []string
	for _, c := range o.Classifications {
		if c.System == system {
			out = append(out, c.Code)
		}
	}
	return out
}

func matchesAny(code string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(code, p) })
}

// matches says whether a code lies under a prefix ("0708") or in a range whose
// ends count with all that is under them ("0701..0718").
func matches(code, pattern string) bool {
	lo, hi, isRange := strings.Cut(pattern, "..")
	if !isRange {
		return pattern != "" && strings.HasPrefix(code, pattern)
	}
	return len(code) >= len(lo) && len(code) >= len(hi) && code[:len(lo)] >= lo && code[:len(hi)] <= hi
}

// matchRequirement looks for the pair of one requirement of the document. A
// mutual scope may be read from either side.
func matchRequirement(doc *attestation.Submission, r *attestation.Requirement, s *partners.Scope) verdict {
	mutual := s.Direction.Mutual()
	out := failed("%s is not among the standards of the scope", nameOf(r.ID, r.Edition))
	for i := range s.Requirements {
		pair := &s.Requirements[i]
		if sameStandard(pair.From.ID, r.ID) {
			out = best(out, matchEdition(doc, r, pair, &pair.From, &pair.To))
		}
		if mutual && sameStandard(pair.To.ID, r.ID) {
			out = best(out, matchEdition(doc, r, pair, &pair.To, &pair.From))
		}
	}
	return out
}

func matchEdition(doc *attestation.Submission, r *attestation.Requirement, pair *partners.RequirementPair, own, other *partners.Editions) verdict {
	switch {
	case len(own.Editions) > 0 && r.Edition == "":
		return unknown("the document does not say which edition of %s it used; the scope has %s", r.ID, list(own.Editions))
	case len(own.Editions) > 0 && !slices.Contains(own.Editions, r.Edition):
		return failed("%s is another edition than %s of the scope", nameOf(r.ID, r.Edition), list(own.Editions))
	}
	var gaps []string
	if r.Partial == attestation.True {
		gaps = append(gaps, "what "+r.ID+" was not assessed for")
	}
	for _, d := range pair.Deviations {
		if d.ResultName == "" || !hasResult(doc, d.ResultName) {
			gaps = append(gaps, "deviation "+d.ID)
		}
	}
	if len(gaps) > 0 {
		return conditional(RequirementGap, gaps, "%s stands for %s, but to be shown besides: %s", nameOf(r.ID, r.Edition), other.ID, list(gaps))
	}
	return passed("%s stands for %s", nameOf(r.ID, r.Edition), other.ID)
}

// hasResult says whether the document reports a result of that name.
func hasResult(doc *attestation.Submission, name string) bool {
	named := func(r attestation.Result) bool { return r.Name == name }
	if slices.ContainsFunc(doc.Results, named) {
		return true
	}
	return slices.ContainsFunc(doc.Assessments, func(a attestation.Assessment) bool {
		return slices.ContainsFunc(a.Results, named)
	})
}

// sameStandard compares designations by their parts; what is no designation of a
// standard, as the number of a regulation, without regard to case and spacing.
func sameStandard(a, b string) bool {
	x, okX := attestation.ParseStandard(a)
	y, okY := attestation.ParseStandard(b)
	if okX && okY {
		return x.SameWork(y)
	}
	return foldID(a) == foldID(b)
}

func foldID(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), " ")) }

func nameOf(id, edition string) string {
	if edition == "" {
		return id
	}
	return id + "-" + edition
}

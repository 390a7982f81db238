package recognition

import (
	"slices"
	"strings"

	"accord/attestation"
	"accord/partners"
)

// scopeRules is family S: what the scope covers.
func scopeRules() []rule {
	return []rule{
		{"S01", "kind, activity, regime, scheme in scope; unspecified is unknown", inScope},
		{"S02", "every object classified inside products; a missing code, or another edition for which no concordance is held, is unknown", productsCovered},
		{"S03", "requirements pair-match including edition; deviations covered by results", requirementsCovered},
		{"S04", "model named in facts is listed; an incomplete list is unknown, or conditional where no model is named", modelCovered},
		{"S05", "purpose within purposes", purposeCovered},
		{"S06", "object type within objectTypes", objectTypesCovered},
	}
}

func inScope(f *frame) verdict {
	if len(f.scopes) == 0 {
		return failed("%s has no scope that says what is recognised", f.agreement.ID)
	}
	doc := f.q.Document
	return f.eachScope(func(s *partners.Scope) verdict {
		vs := []verdict{
			among("kind", doc.Kind, s.Kinds, ""),
			f.activityCovered(s),
			among("regime", doc.Regime, s.Regimes, "unspecified"),
			among("scheme", schemeOf(doc), s.Schemes, ""),
		}
		if !within(s.Periods, f.act) {
			vs = append(vs, failed("scope %s did not apply at the act date %s", s.ID, day(f.act)))
		}
		v := worst(vs...)
		if v.result == CheckNotApplicable {
			return passed("scope %s is open to every kind of document", s.ID)
		}
		return v
	})
}

// among compares one property of the document with what a scope allows; no list
// is no limit, and a property that is not stated is unknown.
func among[T ~string](what string, value T, allowed []T, unspecified T) verdict {
	switch {
	case len(allowed) == 0:
		return notApplicable("")
	case value == "" || value == unspecified:
		return unknown("the document does not state its %s; the scope covers %s", what, list(allowed))
	case slices.Contains(allowed, value):
		return passed("%s %s", what, value)
	default:
		return failed("%s %s is outside the scope, which covers %s", what, value, list(allowed))
	}
}

// activityCovered compares the activity that the kind stands for. A kind that is
// no such activity (a declaration) is in only where the scope names the kind.
func (f *frame) activityCovered(s *partners.Scope) verdict {
	activity := activityOf(f.q.Document.Kind)
	if activity == "" && len(s.Activities) > 0 {
		if slices.Contains(s.Kinds, f.q.Document.Kind) {
			return notApplicable("")
		}
		return failed("a %s is none of the activities %s", f.q.Document.Kind, list(s.Activities))
	}
	return among("activity", activity, s.Activities, "")
}

// activityOf names the activity whose result a kind of document states.
func activityOf(k attestation.Kind) string {
	switch k {
	case attestation.Certification:
		return "certification"
	case attestation.TestReport:
		return "testing"
	case attestation.InspectionReport:
		return "inspection"
	case attestation.CalibrationCertificate:
		return "calibration"
	case attestation.Validation:
		return "validation"
	case attestation.Verification:
		return "verification"
	case attestation.AccreditationKind:
		return "accreditation"
	default:
		return ""
	}
}

func schemeOf(doc *attestation.Submission) string {
	if doc.Scheme == nil {
		return ""
	}
	return doc.Scheme.ID
}

func productsCovered(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		if len(s.Products) == 0 {
			return notApplicable("the scope has no list of products")
		}
		vs := make([]verdict, 0, len(f.q.Document.Objects))
		for i := range f.q.Document.Objects {
			vs = append(vs, classify(&f.q.Document.Objects[i], s.Products).verdict())
		}
		if len(vs) == 0 {
			return unknown("the document names no object")
		}
		return worst(vs...)
	})
}

func requirementsCovered(f *frame) verdict {
	doc := f.q.Document
	return f.eachScope(func(s *partners.Scope) verdict {
		var vs []verdict
		if len(s.Requirements) > 0 {
			if len(doc.Requirements) == 0 {
				return unknown("the document names no requirement; the scope has a list of standards")
			}
			for i := range doc.Requirements {
				vs = append(vs, matchRequirement(doc, &doc.Requirements[i], s))
			}
		}
		if s.Conditions.NationalDifferences {
			vs = append(vs, f.nationalDifferences())
		}
		if len(vs) == 0 {
			return notApplicable("the scope has no list of standards")
		}
		return worst(vs...)
	})
}

// nationalDifferences must be covered for the destination (IECEE CB, section
// 6.1). A document lists the economies whose differences were tested.
func (f *frame) nationalDifferences() verdict {
	var missing []string
	for _, e := range f.asker.economies {
		tested := slices.ContainsFunc(f.q.Document.Requirements, func(r attestation.Requirement) bool {
			return slices.Contains(r.NationalDifferences, string(e))
		})
		if !tested {
			missing = append(missing, "national differences of "+string(e))
		}
	}
	if len(missing) > 0 {
		return conditional(RequirementGap, missing, "to be shown besides: %s", list(missing))
	}
	return passed("the national differences of the destination are covered")
}

func modelCovered(f *frame) verdict {
	objects := f.q.Document.Objects
	model := f.q.Facts.Model
	hasList, complete := false, true
	for i := range objects {
		o := &objects[i]
		if model != "" && slices.ContainsFunc(o.Models, func(m attestation.Model) bool { return m.Model == model }) {
			return passed("the model %s is listed", model)
		}
		listed := len(o.Models) > 0 || o.ModelsComplete != attestation.Unset || o.ModelsAttachment != nil
		hasList = hasList || listed
		if listed && o.ModelsComplete != attestation.True {
			complete = false
		}
	}
	switch {
	case !hasList && model == "":
		return notApplicable("the document lists no models and none is asked for")
	case !hasList:
		return unknown("the document lists no models, so whether %s is covered is not known", model)
	case model == "" && complete:
		return passed("the list of models is complete; none is asked for")
	case model == "":
		return conditional(ModelListRequired, nil, "the list of models is not complete: show that the model is covered")
	case complete:
		return failed("the model %s is not listed, and the list is complete", model)
	default:
		return unknown("the model %s is not listed, and the list is not complete", model)
	}
}

func purposeCovered(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		if len(s.Purposes) == 0 {
			return passed("the scope serves every purpose")
		}
		return among("purpose", string(f.q.Purpose), s.Purposes, "")
	})
}

func objectTypesCovered(f *frame) verdict {
	return f.eachScope(func(s *partners.Scope) verdict {
		if len(s.ObjectTypes) == 0 {
			return notApplicable("the scope has no list of object types")
		}
		var outside []string
		for i := range f.q.Document.Objects {
			if t := f.q.Document.Objects[i].Type; !slices.Contains(s.ObjectTypes, t) {
				outside = append(outside, t)
			}
		}
		if len(outside) > 0 {
			return failed("object type %s is outside the scope, which covers %s", strings.Join(outside, ", "), list(s.ObjectTypes))
		}
		return passed("every object is of a type in the scope")
	})
}

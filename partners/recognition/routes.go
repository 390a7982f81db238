package recognition

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/partners"
)

// RouteQuestion is the directory question, without a document: which bodies of
// one economy may attest a product for another? From and To are economies or
// partner ids; the other members narrow the answer and may be empty.
type RouteQuestion struct {
	From, To string
	Product  string // a code ("0708"), or a system and a code ("wco.hs/2022 850811")
	Standard string // a requirement, with or without its edition
	Activity string
	At       time.Time
}

// Route is one body under one scope of one agreement.
type Route struct {
	Body      attestation.PartnerID   `json:"body,omitempty"` // absent: equivalence asks for no body
	Name      attestation.LText       `json:"name,omitempty"`
	Agreement attestation.AgreementID `json:"agreement"` // the instrument that speaks for To
	Title     attestation.LText       `json:"title,omitempty"`
	Scope     string                  `json:"scope"`
	Clause    string                  `json:"clause"`
	Effect    string                  `json:"effect"`
	Purposes  []string                `json:"purposes,omitempty"` // absent: every purpose
	// Basis says what lets the body act: designation, membership, accreditation
	// (the body is the accreditation body that accredits those who attest) or
	// equivalence.
	Basis       string    `json:"basis"`
	Designation string    `json:"designation,omitempty"`
	Until       time.Time `json:"until,omitzero"` // absent: no end is known
}

// Routes answers the directory question from the data that decide documents.
// Agreements without legal force, not in force or not binding the two sides
// open no route.
func Routes(s *partners.Snapshot, q RouteQuestion) []Route {
	r := router{snapshot: s, question: &q}
	lookup := func(id attestation.PartnerID) *partners.Partner {
		p, _ := s.Partner(id, q.At)
		return p
	}
	out := []Route{}
	to := whoAsks(q.To, lookup)
	for _, body := range s.Partners(q.At) {
		if body.ActiveAt(q.At) && isFrom(body, q.From) {
			out = append(out, r.routesOf(body, to, lookup)...)
		}
	}
	slices.SortFunc(out, func(x, y Route) int {
		return cmp.Or(cmp.Compare(x.Agreement, y.Agreement), cmp.Compare(x.Scope, y.Scope),
			cmp.Compare(x.Body, y.Body), cmp.Compare(x.Designation, y.Designation))
	})
	return slices.CompactFunc(out, func(x, y Route) bool {
		return x.Agreement == y.Agreement && x.Scope == y.Scope && x.Body == y.Body && x.Designation == y.Designation
	})
}

func isFrom(p *partners.Partner, name string) bool {
	return string(p.ID) == name || slices.Contains(p.Economies, attestation.Economy(name))
}

// router carries what the routes of all bodies share.
type router struct {
	snapshot *partners.Snapshot
	question *RouteQuestion
}

// routesOf asks the checks of families G and D about a body, as if it had
// attested today.
func (r *router) routesOf(body *partners.Partner, to asker, lookup func(attestation.PartnerID) *partners.Partner) []Route {
	q := &Question{
		Document: &attestation.Submission{Kind: kindOf(r.question.Activity)},
		Issuer:   body.ID,
		Partner:  r.question.To,
		At:       r.question.At,
	}
	if body.Kind == partners.AccreditationBody {
		// An accreditation body is on a route as the one that accredits.
		q.Known.Accreditations = []Accreditation{{By: body.ID, Status: attestation.Valid}}
	}
	b := gather(r.snapshot, q)
	b.act = r.question.At
	b.anyActivity = r.question.Activity == ""
	var out []Route
	for _, f := range b.frames() {
		if route, ok := r.route(f, body); ok {
			out = append(out, route)
		}
	}
	return out
}

// route says whether the frame opens a route to the body.
func (r *router) route(f *frame, body *partners.Partner) (Route, bool) {
	if len(f.scopes) == 0 || !r.matches(f) {
		return Route{}, false
	}
	for _, rule := range agreementRules() {
		if v := rule.run(f); v.result != CheckPass && v.result != CheckNotApplicable {
			return Route{}, false
		}
	}
	if v := notSanctioned(f); v.result == CheckFail {
		return Route{}, false
	}
	out := Route{
		Body: body.ID, Name: body.Name,
		Agreement: f.instrument().ID, Title: f.instrument().Title,
		Scope: f.scopeID(), Clause: f.scopes[len(f.scopes)-1].Clause,
		Effect: f.effect(), Purposes: f.purposes(), Until: f.validUntil(),
	}
	var ok bool
	out.Basis, out.Designation, ok = f.basis(body)
	if out.Basis == kindEquivalence {
		out.Body, out.Name = "", nil
	}
	return out, ok
}

// basis says what lets the body act under the frame.
func (f *frame) basis(body *partners.Partner) (basis, designation string, ok bool) {
	if f.bodySuspension() != nil {
		return "", "", false
	}
	switch f.agreement.Kind {
	case kindMLA:
		return "accreditation", "", body.Kind == partners.AccreditationBody && f.signatory(f.agreement, body.ID, f.scopesOf(f.agreement))
	case kindScheme:
		return "membership", "", f.issuingMember().result == CheckPass
	case kindEquivalence:
		return kindEquivalence, "", true
	default:
		for _, d := range f.designations {
			if f.designationApplies(d) && designatedAt(d, f.q.At) {
				return "designation", d.ID, true
			}
		}
		return "", "", false
	}
}

// purposes are those that every scope of the frame serves.
func (f *frame) purposes() []string {
	var out []string
	for _, s := range f.scopes {
		switch {
		case len(s.Purposes) == 0:
		case out == nil:
			out = slices.Clone(s.Purposes)
		default:
			out = slices.DeleteFunc(out, func(p string) bool { return !slices.Contains(s.Purposes, p) })
		}
	}
	return out
}

// matches says whether the scopes cover what the question names.
func (r *router) matches(f *frame) bool {
	q := r.question
	for _, s := range f.scopes {
		if q.Activity != "" && len(s.Activities) > 0 && !slices.Contains(s.Activities, q.Activity) {
			return false
		}
		if q.Product != "" && len(s.Products) > 0 && !coversProduct(s, q.Product) {
			return false
		}
		if q.Standard != "" && len(s.Requirements) > 0 && !coversStandard(s, q.Standard) {
			return false
		}
	}
	return true
}

func coversProduct(s *partners.Scope, product string) bool {
	system, code, named := strings.Cut(product, " ")
	if !named {
		system, code = "", product
	}
	return slices.ContainsFunc(s.Products, func(p partners.Products) bool {
		return (system == "" || p.System == system) && matchesAny(code, p.Include) && !matchesAny(code, p.Exclude)
	})
}

// coversStandard looks at both sides of each pair: a body attests to the one for
// a market that asks for the other.
func coversStandard(s *partners.Scope, standard string) bool {
	edition := ""
	if std, ok := attestation.ParseStandard(standard); ok {
		standard, edition = std.ID(), std.Edition()
	}
	fits := func(e *partners.Editions) bool {
		return sameStandard(e.ID, standard) &&
			(edition == "" || len(e.Editions) == 0 || slices.Contains(e.Editions, edition))
	}
	return slices.ContainsFunc(s.Requirements, func(p partners.RequirementPair) bool { return fits(&p.From) || fits(&p.To) })
}

// kindOf is the kind of document that states the result of an activity.
func kindOf(activity string) attestation.Kind {
	for _, k := range []attestation.Kind{
		attestation.TestReport, attestation.InspectionReport, attestation.CalibrationCertificate,
		attestation.Validation, attestation.Verification, attestation.AccreditationKind,
	} {
		if activityOf(k) == activity {
			return k
		}
	}
	return attestation.Certification
}

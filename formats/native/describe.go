package native

import "accord/attestation"

// The description of the document: every field of domain.md, section 3, in the
// order of the XML form. What is an attribute there and what an element is
// section 4's rule: enumerations, booleans, integers, identifiers, references,
// editions, marks, zones and digests are attributes.

// submission is field for field attestation.Submission.
var submission = func() *record[attestation.Submission] {
	type doc = attestation.Submission
	c := newRecord("Attestation", submissionFields(
		many("statusEvents", "StatusEvent", statusEvent, func(v *doc) *[]attestation.StatusEvent { return &v.StatusEvents }),
	)...)
	c.reserved = []reserved{
		{"id", "id", inAttribute}, {"revision", "revision", inAttribute},
		{"source", "Source", inElement}, {"proofs", "Proof", inElement}, {"status", "Status", inElement},
	}
	return c
}()

// submissionFields is the fields of a submission around its events, which a
// view shows with the time each was recorded.
func submissionFields(events field[attestation.Submission]) []field[attestation.Submission] {
	type doc = attestation.Submission
	return []field[doc]{
		attr("modelVersion", enum("ModelVersion", "1.0"), func(v *doc) *string { return &v.ModelVersion }).must(),
		attr("kind", enum("Kind", "certification", "declaration", "accreditation", "testReport", "inspectionReport",
			"calibrationCertificate", "validation", "verification", "sanitaryCertificate", "recognitionDecision"),
			func(v *doc) *attestation.Kind { return &v.Kind }).must(),
		attr("party", enum("PartyKind", "first", "second", "third", "unspecified"),
			func(v *doc) *attestation.PartyKind { return &v.Party }).must(),
		attr("regime", enum("Regime", "compulsory", "voluntary", "nationalVoluntary", "unspecified"),
			func(v *doc) *attestation.Regime { return &v.Regime }).must(),
		attr("issueNumber", line, func(v *doc) *string { return &v.IssueNumber }),
		attr("replaces", digest, func(v *doc) *attestation.Digest { return &v.Replaces }),
		many("identifiers", "Identifier", identifier, func(v *doc) *[]attestation.Identifier { return &v.Identifiers }).must(),
		prose("title", "Title", func(v *doc) *attestation.LText { return &v.Title }),
		prose("description", "Description", func(v *doc) *attestation.LText { return &v.Description }),
		opt("languages", "Languages", languages, func(v *doc) **attestation.Languages { return &v.Languages }),
		opt("scheme", "Scheme", scheme, func(v *doc) **attestation.Scheme { return &v.Scheme }),
		one("issuer", "Issuer", party, func(v *doc) *attestation.Party { return &v.Issuer }).must(),
		many("accreditation", "Accreditation", accreditation, func(v *doc) *[]attestation.Accreditation { return &v.Accreditation }),
		many("authorisation", "Authorisation", authorisation, func(v *doc) *[]attestation.Authorisation { return &v.Authorisation }),
		many("parties", "Party", partyInRole, func(v *doc) *[]attestation.Party { return &v.Parties }).must(),
		many("sites", "Site", site, func(v *doc) *[]attestation.Site { return &v.Sites }),
		many("objects", "Object", object, func(v *doc) *[]attestation.Object { return &v.Objects }).must(),
		prose("scope", "Scope", func(v *doc) *attestation.LText { return &v.Scope }),
		many("scopeCodes", "ScopeCode", code, func(v *doc) *[]attestation.Code { return &v.ScopeCodes }),
		many("requirements", "Requirement", requirement, func(v *doc) *[]attestation.Requirement { return &v.Requirements }),
		many("assessments", "Assessment", assessment, func(v *doc) *[]attestation.Assessment { return &v.Assessments }),
		many("results", "Result", result, func(v *doc) *[]attestation.Result { return &v.Results }),
		many("conditions", "Condition", condition, func(v *doc) *[]attestation.LText { return &v.Conditions }),
		words("marking", "Marking", line, func(v *doc) *[]string { return &v.Marking }),
		one("dates", "Dates", dates, func(v *doc) *attestation.Dates { return &v.Dates }).must(),
		opt("cycle", "Cycle", cycle, func(v *doc) **attestation.Cycle { return &v.Cycle }),
		events.must(),
		many("relations", "Relation", relation, func(v *doc) *[]attestation.Relation { return &v.Relations }),
		many("evidence", "Evidence", evidence, func(v *doc) *[]attestation.Evidence { return &v.Evidence }),
		many("trustmarks", "Trustmark", trustmark, func(v *doc) *[]attestation.Trustmark { return &v.Trustmarks }),
		many("recognitionClaims", "RecognitionClaim", recognitionClaim,
			func(v *doc) *[]attestation.RecognitionClaim { return &v.RecognitionClaims }),
		opt("route", "Route", route, func(v *doc) **attestation.Route { return &v.Route }),
		one("extensions", "Extension", extensionsCodec{}, func(v *doc) *[]attestation.Extension { return &v.Extensions }),
		many("residual", "Residual", residual, func(v *doc) *[]attestation.Residual { return &v.Residual }),
	}
}

var languages = newRecord("Languages",
	words("used", "Used", language, func(v *attestation.Languages) *[]string { return &v.Used }),
	words("mandatory", "Mandatory", language, func(v *attestation.Languages) *[]string { return &v.Mandatory }),
)

var scheme = newRecord("Scheme",
	attr("id", line, func(v *attestation.Scheme) *string { return &v.ID }).must(),
	attr("edition", line, func(v *attestation.Scheme) *string { return &v.Edition }),
	label("name", "Name", func(v *attestation.Scheme) *attestation.LText { return &v.Name }).must(),
	opt("owner", "Owner", party, func(v *attestation.Scheme) **attestation.Party { return &v.Owner }),
	opt("code", "Code", code, func(v *attestation.Scheme) **attestation.Code { return &v.Code }),
	opt("rule", "Rule", rule, func(v *attestation.Scheme) **attestation.Rule { return &v.Rule }),
	prose("mode", "Mode", func(v *attestation.Scheme) *attestation.LText { return &v.Mode }),
	elem("profile", "Profile", line, func(v *attestation.Scheme) *string { return &v.Profile }),
)

var rule = newRecord("Rule",
	attr("id", line, func(v *attestation.Rule) *string { return &v.ID }).must(),
)

var dates = func() *record[attestation.Dates] {
	type doc = attestation.Dates
	return newRecord("Dates",
		opt("firstIssued", "FirstIssued", date, func(v *doc) **attestation.DateV { return &v.FirstIssued }),
		opt("decided", "Decided", date, func(v *doc) **attestation.DateV { return &v.Decided }),
		one("issued", "Issued", date, func(v *doc) *attestation.DateV { return &v.Issued }).must(),
		opt("validFrom", "ValidFrom", date, func(v *doc) **attestation.DateV { return &v.ValidFrom }),
		opt("expires", "Expires", date, func(v *doc) **attestation.DateV { return &v.Expires }),
		opt("changed", "Changed", date, func(v *doc) **attestation.DateV { return &v.Changed }),
		opt("reported", "Reported", date, func(v *doc) **attestation.DateV { return &v.Reported }),
		opt("received", "Received", date, func(v *doc) **attestation.DateV { return &v.Received }),
		opt("performedFrom", "PerformedFrom", date, func(v *doc) **attestation.DateV { return &v.PerformedFrom }),
		opt("performedTo", "PerformedTo", date, func(v *doc) **attestation.DateV { return &v.PerformedTo }),
	)
}()

var cycle = newRecord("Cycle",
	count("surveillanceCount", func(v *attestation.Cycle) **int { return &v.SurveillanceCount }),
	count("recertificationCount", func(v *attestation.Cycle) **int { return &v.RecertificationCount }),
	count("employees", func(v *attestation.Cycle) **int { return &v.Employees }),
)

var relation = newRecord("Relation",
	attr("type", enum("RelationType", "supersedes", "supersededBy", "amends", "renewalOf", "transferFrom",
		"subCertificateOf", "basedOn", "recognises"), func(v *attestation.Relation) *string { return &v.Type }).must(),
	one("target", "Target", target, func(v *attestation.Relation) *attestation.Target { return &v.Target }).must(),
	prose("note", "Note", func(v *attestation.Relation) *attestation.LText { return &v.Note }),
)

var trustmark = func() *record[attestation.Trustmark] {
	type doc = attestation.Trustmark
	c := newRecord("Trustmark",
		label("name", "Name", func(v *doc) *attestation.LText { return &v.Name }).must(),
		prose("description", "Description", func(v *doc) *attestation.LText { return &v.Description }),
		elem("mediaType", "MediaType", line, func(v *doc) *string { return &v.MediaType }).must(),
		elem("data", "Data", source, func(v *doc) *string { return &v.Data }),
		opt("link", "Link", link, func(v *doc) **attestation.Link { return &v.Link }),
	)
	c.oneOf = []group{{first: "data"}, {first: "link"}}
	return c
}()

var recognitionClaim = newRecord("RecognitionClaim",
	attr("agreement", line, func(v *attestation.RecognitionClaim) *string { return &v.Agreement }),
	attr("mark", line, func(v *attestation.RecognitionClaim) *string { return &v.Mark }),
	prose("text", "Text", func(v *attestation.RecognitionClaim) *attestation.LText { return &v.Text }),
)

var route = newRecord("Route",
	elem("exportCountry", "ExportCountry", economy, func(v *attestation.Route) *attestation.Economy { return &v.ExportCountry }),
	elem("importCountry", "ImportCountry", economy, func(v *attestation.Route) *attestation.Economy { return &v.ImportCountry }),
	words("transit", "Transit", economy, func(v *attestation.Route) *[]attestation.Economy { return &v.Transit }),
)

var residual = newRecord("Residual",
	attr("format", line, func(v *attestation.Residual) *string { return &v.Format }).must(),
	attr("path", line, func(v *attestation.Residual) *string { return &v.Path }).must(),
	attr("kind", line, func(v *attestation.Residual) *string { return &v.Kind }).must(),
	body("fragment", source, func(v *attestation.Residual) *string { return &v.Fragment }).must(),
)

package native

import "accord/attestation"

var object = func() *record[attestation.Object] {
	type doc = attestation.Object
	return newRecord("Object",
		// The objects of ISO/IEC 17000, 4.2, and what real certificates are about.
		attr("type", enum("ObjectType", "product", "process", "service", "system", "installation", "project", "data",
			"design", "material", "claim", "person", "body", "organisation", "productFamily", "managementSystem",
			"facility", "instrument", "consignment"), func(v *doc) *string { return &v.Type }).must(),
		flag("modelsComplete", func(v *doc) *attestation.Flag { return &v.ModelsComplete }),
		flag("idVerifiedByIssuer", func(v *doc) *attestation.Flag { return &v.IDVerifiedByIssuer }),
		label("name", "Name", func(v *doc) *attestation.LText { return &v.Name }).must(),
		prose("description", "Description", func(v *doc) *attestation.LText { return &v.Description }),
		many("classifications", "Classification", code, func(v *doc) *[]attestation.Code { return &v.Classifications }),
		many("models", "Model", model, func(v *doc) *[]attestation.Model { return &v.Models }),
		opt("modelsAttachment", "ModelsAttachment", link, func(v *doc) **attestation.Link { return &v.ModelsAttachment }),
		many("identifiers", "Identifier", identifier, func(v *doc) *[]attestation.Identifier { return &v.Identifiers }),
		words("serials", "Serial", line, func(v *doc) *[]string { return &v.Serials }),
		words("batches", "Batch", line, func(v *doc) *[]string { return &v.Batches }),
		label("brand", "Brand", func(v *doc) *attestation.LText { return &v.Brand }),
		opt("quantity", "Quantity", quantity, func(v *doc) **attestation.Qty { return &v.Quantity }),
		many("ratings", "Rating", quantity, func(v *doc) *[]attestation.Qty { return &v.Ratings }),
		elem("origin", "Origin", economy, func(v *doc) *attestation.Economy { return &v.Origin }),
	)
}()

var model = func() *record[attestation.Model] {
	c := newRecord("Model",
		elem("model", "Designation", line, func(v *attestation.Model) *string { return &v.Model }).must(),
		prose("note", "Note", func(v *attestation.Model) *attestation.LText { return &v.Note }),
	)
	c.inline = true
	return c
}()

var requirement = func() *record[attestation.Requirement] {
	type doc = attestation.Requirement
	return newRecord("Requirement",
		attr("type", enum("RequirementType", "standard", "regulation", "criterion"), func(v *doc) *string { return &v.Type }).must(),
		attr("id", line, func(v *doc) *string { return &v.ID }).must(),
		attr("edition", line, func(v *doc) *string { return &v.Edition }),
		flag("partial", func(v *doc) *attestation.Flag { return &v.Partial }),
		words("amendments", "Amendment", line, func(v *doc) *[]string { return &v.Amendments }),
		prose("title", "Title", func(v *doc) *attestation.LText { return &v.Title }),
		words("nationalDifferences", "NationalDifference", line, func(v *doc) *[]string { return &v.NationalDifferences }),
	)
}()

var assessment = func() *record[attestation.Assessment] {
	type doc = attestation.Assessment
	return newRecord("Assessment",
		attr("id", line, func(v *doc) *string { return &v.ID }),
		attr("activity", enum("Activity", "testing", "inspection", "audit", "calibration", "evaluation", "surveillance"),
			func(v *doc) *string { return &v.Activity }).must(),
		label("name", "Name", func(v *doc) *attestation.LText { return &v.Name }),
		opt("date", "Date", date, func(v *doc) **attestation.DateV { return &v.Date }),
		opt("period", "Period", period, func(v *doc) **attestation.Period { return &v.Period }),
		prose("location", "Location", func(v *doc) *attestation.LText { return &v.Location }),
		opt("body", "Body", party, func(v *doc) **attestation.Party { return &v.Body }),
		many("requirements", "Requirement", requirement, func(v *doc) *[]attestation.Requirement { return &v.Requirements }),
		many("objectsRef", "ObjectRef", intCodec[int]{}, func(v *doc) *[]int { return &v.ObjectsRef }),
		elem("outcome", "Outcome", enum("Outcome", "pass", "fail", "conditionalPass", "conditionalFail", "noPass",
			"noFail", "notStated"), func(v *doc) *string { return &v.Outcome }).must(),
		many("results", "Result", result, func(v *doc) *[]attestation.Result { return &v.Results }),
		many("topics", "Topic", code, func(v *doc) *[]attestation.Code { return &v.Topics }),
		many("evidence", "Evidence", evidence, func(v *doc) *[]attestation.Evidence { return &v.Evidence }),
		many("conditions", "Condition", condition, func(v *doc) *[]attestation.LText { return &v.Conditions }),
	)
}()

var period = newRecord("Period",
	opt("from", "From", date, func(v *attestation.Period) **attestation.DateV { return &v.From }),
	opt("to", "To", date, func(v *attestation.Period) **attestation.DateV { return &v.To }),
)

package attestation

import (
	"accord/internal/fault"
)

func (c *checker) object(v *Object) {
	c.word("type", v.Type, EnumObjectType)
	if v.Type == "person" {
		c.warn(fault.WarnPersonalData, "", "speaks of a person; an agreement may refuse personal data that leaves the country")
	}
	c.needText("name", v.Name, oneLine)
	c.text("description", v.Description, freeText)
	each(c, "classifications", v.Classifications, (*checker).code)
	each(c, "models", v.Models, (*checker).model)
	sub(c, "modelsAttachment", v.ModelsAttachment, (*checker).link)
	each(c, "identifiers", v.Identifiers, (*checker).identifier)
	c.lines("serials", v.Serials)
	c.lines("batches", v.Batches)
	c.text("brand", v.Brand, oneLine)
	sub(c, "quantity", v.Quantity, (*checker).qty)
	each(c, "ratings", v.Ratings, (*checker).qty)
	c.economy("origin", v.Origin)
}

func (c *checker) model(v *Model) {
	c.needLine("model", v.Model)
	c.text("note", v.Note, freeText)
}

// economy checks an optional economy; EU is none.
func (c *checker) economy(leaf string, v Economy) {
	if v != "" && !v.Valid() {
		c.format(leaf, "want an ISO 3166-1 alpha-2 code; EU is no country of origin or destination")
	}
}

func (c *checker) requirement(v *Requirement) {
	c.word("type", v.Type, EnumRequirementType)
	c.needLine("id", v.ID)
	c.line("edition", v.Edition)
	c.lines("amendments", v.Amendments)
	c.text("title", v.Title, oneLine)
	c.lines("nationalDifferences", v.NationalDifferences)
}

func (c *checker) assessment(v *Assessment) {
	c.line("id", v.ID)
	c.text("name", v.Name, oneLine)
	c.word("activity", v.Activity, EnumActivity)
	c.optDate("date", v.Date)
	sub(c, "period", v.Period, (*checker).period)
	c.text("location", v.Location, freeText)
	sub(c, "body", v.Body, (*checker).party)
	each(c, "requirements", v.Requirements, (*checker).requirement)
	each(c, "objectsRef", v.ObjectsRef, (*checker).index)
	c.word("outcome", v.Outcome, EnumOutcome)
	each(c, "results", v.Results, (*checker).result)
	each(c, "topics", v.Topics, (*checker).code)
	each(c, "evidence", v.Evidence, (*checker).evidence)
	each(c, "conditions", v.Conditions, (*checker).condition)
}

func (c *checker) period(v *Period) {
	c.optDate("from", v.From)
	c.optDate("to", v.To)
	c.ordered("to", v.From, v.To, "ends before it begins")
}

// condition checks one text of a list of texts.
func (c *checker) condition(v *LText) {
	if len(*v) == 0 {
		c.missing("")
		return
	}
	c.texts(*v, freeText)
	c.everyMandatory("", *v)
}

func (c *checker) evidence(v *Evidence) {
	c.link(&v.Link)
	c.word("purpose", v.Purpose, EnumPurpose)
}

func (c *checker) relation(v *Relation) {
	c.word("type", v.Type, EnumRelation)
	sub(c, "target", &v.Target, (*checker).target)
	c.text("note", v.Note, freeText)
}

// trustmark: the mark is in the document or behind a link.
func (c *checker) trustmark(v *Trustmark) {
	c.needText("name", v.Name, oneLine)
	c.text("description", v.Description, freeText)
	if v.MediaType == "" {
		c.missing("mediaType")
	}
	c.mediaType("mediaType", v.MediaType)
	switch {
	case v.Data == "" && v.Link == nil:
		c.missing("data")
	case v.Data != "" && v.Link != nil:
		c.format("link", "want data or a link, not both")
	case v.Data != "" && !validBase64(v.Data):
		c.format("data", "want base64 with padding and without line breaks")
	}
	sub(c, "link", v.Link, (*checker).link)
}

func (c *checker) recognitionClaim(v *RecognitionClaim) {
	c.line("agreement", v.Agreement)
	c.line("mark", v.Mark)
	c.text("text", v.Text, freeText)
}

func (c *checker) residual(v *Residual) {
	c.token("format", v.Format)
	c.needLine("path", v.Path)
	c.token("kind", v.Kind)
	if scanRaw(v.Fragment) != fine {
		c.fail(fault.SchemaForbiddenChar, "fragment", "has a character that XML 1.0 cannot carry")
	}
}

// route: the way of a consignment stands in consignment documents only.
func (c *checker) route(v *Route) {
	c.economy("exportCountry", v.ExportCountry)
	c.economy("importCountry", v.ImportCountry)
	each(c, "transit", v.Transit, (*checker).transit)
}

func (c *checker) transit(v *Economy) {
	if *v == "" {
		c.missing("")
	}
	c.economy("", *v)
}

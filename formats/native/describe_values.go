package native

import "accord/attestation"

// The value types of domain.md, section 3.

func langText(f *format) *record[attestation.Text] {
	name := "LText"
	if f == line {
		name = "LLine"
	}
	return newRecord(name,
		attr("lang", language, func(v *attestation.Text) *string { return &v.Lang }).as("xml:lang").must(),
		body("value", f, func(v *attestation.Text) *string { return &v.Value }).must(),
	)
}

func newTexts(f *format) texts {
	return texts{list[attestation.LText, attestation.Text]{langText(f)}}
}

var (
	labels    = newTexts(line)
	proses    = newTexts(lines)
	condition = newTextList(langText(lines))
	code      = newCodeCodec()
	target    = newTargetCodec()
)

var identifier = newRecord("Identifier",
	attr("scheme", line, func(v *attestation.Identifier) *string { return &v.Scheme }).must(),
	body("value", line, func(v *attestation.Identifier) *string { return &v.Value }).must(),
)

var date = newRecord("Date",
	body("value", dateValue, func(v *attestation.DateV) *string { return &v.Value }).must(),
	attr("zone", zone, func(v *attestation.DateV) *string { return &v.Zone }),
	flag("inclusive", func(v *attestation.DateV) *attestation.Flag { return &v.Inclusive }),
	attr("lexical", line, func(v *attestation.DateV) *string { return &v.Lexical }),
)

// quantityFields is the fields of a quantity behind its name.
func quantityFields() []field[attestation.Qty] {
	type doc = attestation.Qty
	return []field[doc]{
		elem("value", "Value", decimal, func(v *doc) *attestation.Dec { return &v.Value }),
		one("unit", "Unit", code, func(v *doc) *attestation.Code { return &v.Unit }),
		elem("lower", "Lower", decimal, func(v *doc) *attestation.Dec { return &v.Lower }),
		elem("upper", "Upper", decimal, func(v *doc) *attestation.Dec { return &v.Upper }),
		elem("expandedUncertainty", "ExpandedUncertainty", decimal, func(v *doc) *attestation.Dec { return &v.ExpandedUncertainty }),
		elem("coverageFactor", "CoverageFactor", decimal, func(v *doc) *attestation.Dec { return &v.CoverageFactor }),
		elem("coverageProbability", "CoverageProbability", decimal, func(v *doc) *attestation.Dec { return &v.CoverageProbability }),
	}
}

func quantityName() field[attestation.Qty] {
	return attr("name", line, func(v *attestation.Qty) *string { return &v.Name }).must()
}

var quantity = func() *record[attestation.Qty] {
	fields := append([]field[attestation.Qty]{quantityName()}, quantityFields()...)
	fields[1] = fields[1].must() // value
	fields[2] = fields[2].must() // unit
	c := newRecord("Quantity", fields...)
	c.inline = true
	return c
}()

// result is a quantity, a text or a score under a name.
var result = func() *record[attestation.Result] {
	type doc = attestation.Result
	inner := func(v *doc) *attestation.Qty { return &v.Qty }
	fields := lift(inner, append([]field[attestation.Qty]{quantityName()}, quantityFields()...)...)
	c := newRecord("Result", append(fields,
		prose("text", "Text", func(v *doc) *attestation.LText { return &v.Text }),
		elem("score", "Score", line, func(v *doc) *string { return &v.Score }),
	)...)
	c.oneOf = []group{
		{first: "value", also: []string{"unit"},
			rest: []string{"lower", "upper", "expandedUncertainty", "coverageFactor", "coverageProbability"}},
		{first: "text"}, {first: "score"},
	}
	c.inline = true
	return c
}()

func linkFields() []field[attestation.Link] {
	type doc = attestation.Link
	return []field[doc]{
		flag("encrypted", func(v *doc) *attestation.Flag { return &v.Encrypted }),
		elem("url", "URL", line, func(v *doc) *string { return &v.URL }).must(),
		label("name", "Name", func(v *doc) *attestation.LText { return &v.Name }),
		elem("mediaType", "MediaType", line, func(v *doc) *string { return &v.MediaType }),
		many("digests", "Digest", linkDigest, func(v *doc) *[]attestation.LinkDigest { return &v.Digests }),
	}
}

var linkDigest = newRecord("LinkDigest",
	attr("alg", line, func(v *attestation.LinkDigest) *string { return &v.Alg }).must(),
	body("value", line, func(v *attestation.LinkDigest) *string { return &v.Value }).must(),
)

var link = newRecord("Link", linkFields()...)

var evidence = newRecord("Evidence", append([]field[attestation.Evidence]{
	attr("purpose", enum("EvidencePurpose", "certificate", "modelList", "typeTestReport", "auditable", "other"),
		func(v *attestation.Evidence) *string { return &v.Purpose }).must(),
}, lift(func(v *attestation.Evidence) *attestation.Link { return &v.Link }, linkFields()...)...)...)

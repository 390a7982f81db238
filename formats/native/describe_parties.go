package native

import "accord/attestation"

// roles are those of the parties to a document.
var roles = enum("Role", "client", "holder", "manufacturer", "factory", "importer", "agent", "customer",
	"consignor", "consignee")

// party is a body anywhere but in parties[]; its role there is a free word.
var party = newRecord("Party", append([]field[attestation.Party]{
	attr("role", line, func(v *attestation.Party) *string { return &v.Role }),
}, partyFields()...)...)

// partyInRole is an item of parties[].
var partyInRole = newRecord("PartyInRole", append([]field[attestation.Party]{
	attr("role", roles, func(v *attestation.Party) *string { return &v.Role }).must(),
}, partyFields()...)...)

func partyFields() []field[attestation.Party] {
	type doc = attestation.Party
	return []field[doc]{
		attr("ref", roles, func(v *doc) *string { return &v.Ref }),
		label("name", "Name", func(v *doc) *attestation.LText { return &v.Name }),
		elem("country", "Country", economy, func(v *doc) *attestation.Economy { return &v.Country }),
		elem("subdivision", "Subdivision", line, func(v *doc) *string { return &v.Subdivision }),
		many("identifiers", "Identifier", identifier, func(v *doc) *[]attestation.Identifier { return &v.Identifiers }),
		prose("address", "Address", func(v *doc) *attestation.LText { return &v.Address }),
		elem("postcode", "Postcode", line, func(v *doc) *string { return &v.Postcode }),
		many("contacts", "Contact", contact, func(v *doc) *[]attestation.Contact { return &v.Contacts }),
		opt("geo", "Geo", geo, func(v *doc) **attestation.Geo { return &v.Geo }),
		many("attributes", "Attribute", attribute, func(v *doc) *[]attestation.Attribute { return &v.Attributes }),
	}
}

var contact = newRecord("Contact",
	label("name", "Name", func(v *attestation.Contact) *attestation.LText { return &v.Name }),
	elem("phone", "Phone", line, func(v *attestation.Contact) *string { return &v.Phone }),
	elem("email", "Email", line, func(v *attestation.Contact) *string { return &v.Email }),
)

var geo = newRecord("Geo",
	elem("lat", "Lat", decimal, func(v *attestation.Geo) *attestation.Dec { return &v.Lat }).must(),
	elem("lon", "Lon", decimal, func(v *attestation.Geo) *attestation.Dec { return &v.Lon }).must(),
)

var attribute = newRecord("Attribute",
	attr("name", line, func(v *attestation.Attribute) *string { return &v.Name }).must(),
	body("value", line, func(v *attestation.Attribute) *string { return &v.Value }).must(),
)

var accreditation = func() *record[attestation.Accreditation] {
	type doc = attestation.Accreditation
	return newRecord("Accreditation",
		attr("number", line, func(v *doc) *string { return &v.Number }),
		attr("scopeRef", line, func(v *doc) *string { return &v.ScopeRef }),
		attr("mark", line, func(v *doc) *string { return &v.Mark }),
		attr("status", line, func(v *doc) *string { return &v.Status }),
		one("body", "Body", party, func(v *doc) *attestation.Party { return &v.Body }).must(),
		opt("evidence", "Evidence", link, func(v *doc) **attestation.Link { return &v.Evidence }),
	)
}()

var authorisation = func() *record[attestation.Authorisation] {
	type doc = attestation.Authorisation
	return newRecord("Authorisation",
		attr("basis", line, func(v *doc) *string { return &v.Basis }).must(),
		attr("number", line, func(v *doc) *string { return &v.Number }),
		one("authority", "Authority", party, func(v *doc) *attestation.Party { return &v.Authority }).must(),
		opt("until", "Until", date, func(v *doc) **attestation.DateV { return &v.Until }),
	)
}()

var site = func() *record[attestation.Site] {
	type doc = attestation.Site
	return newRecord("Site",
		flag("main", func(v *doc) *attestation.Flag { return &v.Main }),
		label("name", "Name", func(v *doc) *attestation.LText { return &v.Name }),
		prose("address", "Address", func(v *doc) *attestation.LText { return &v.Address }),
		many("identifiers", "Identifier", identifier, func(v *doc) *[]attestation.Identifier { return &v.Identifiers }),
		prose("scope", "Scope", func(v *doc) *attestation.LText { return &v.Scope }),
	)
}()

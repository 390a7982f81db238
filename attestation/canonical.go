package attestation

import (
	"slices"
	"unicode/utf16"

	"accord/internal/strictjson"
)

// AppendCanonical appends the RFC 8785 form of a submission, the bytes whose
// SHA-256 is the content digest.
func AppendCanonical(b []byte, s *Submission) []byte {
	b = open(b, '{')
	b = optList(b, `"accreditation":`, s.Accreditation, appendAccreditation)
	b = optList(b, `"assessments":`, s.Assessments, appendAssessment)
	b = optList(b, `"authorisation":`, s.Authorisation, appendAuthorisation)
	b = texts(b, `"conditions":`, s.Conditions)
	b = opt(b, `"cycle":`, s.Cycle, appendCycle)
	b = one(b, `"dates":`, &s.Dates, appendDates)
	b = text(b, `"description":`, s.Description)
	b = optList(b, `"evidence":`, s.Evidence, appendEvidence)
	b = appendExtensions(b, s.Extensions)
	b = list(b, `"identifiers":`, s.Identifiers, appendIdentifier)
	b = optStr(b, `"issueNumber":`, s.IssueNumber)
	b = one(b, `"issuer":`, &s.Issuer, appendParty)
	b = str(b, `"kind":`, s.Kind)
	b = opt(b, `"languages":`, s.Languages, appendLanguages)
	b = optStrings(b, `"marking":`, s.Marking)
	b = str(b, `"modelVersion":`, s.ModelVersion)
	b = list(b, `"objects":`, s.Objects, appendObject)
	b = list(b, `"parties":`, s.Parties, appendParty)
	b = str(b, `"party":`, s.Party)
	b = optList(b, `"recognitionClaims":`, s.RecognitionClaims, appendRecognitionClaim)
	b = str(b, `"regime":`, s.Regime)
	b = optList(b, `"relations":`, s.Relations, appendRelation)
	b = optStr(b, `"replaces":`, s.Replaces)
	b = optList(b, `"requirements":`, s.Requirements, appendRequirement)
	b = optList(b, `"residual":`, s.Residual, appendResidual)
	b = optList(b, `"results":`, s.Results, appendResult)
	b = opt(b, `"route":`, s.Route, appendRoute)
	b = opt(b, `"scheme":`, s.Scheme, appendScheme)
	b = text(b, `"scope":`, s.Scope)
	b = optList(b, `"scopeCodes":`, s.ScopeCodes, appendCode)
	b = optList(b, `"sites":`, s.Sites, appendSite)
	b = list(b, `"statusEvents":`, s.StatusEvents, appendEvent)
	b = text(b, `"title":`, s.Title)
	b = optList(b, `"trustmarks":`, s.Trustmarks, appendTrustmark)
	return shut(b, '}')
}

// appendExtensions writes the one object whose names the issuer chose; they are
// sorted by UTF-16 code units as RFC 8785 demands.
func appendExtensions(b []byte, v []Extension) []byte {
	if len(v) == 0 {
		return b
	}
	if !slices.IsSortedFunc(v, byURI) {
		v = slices.SortedStableFunc(slices.Values(v), byURI)
	}
	b = open(member(b, `"extensions":`), '{')
	for i := range v {
		b = append(strictjson.AppendString(b, v[i].URI), ':')
		b = append(append(b, v[i].Value...), ',')
	}
	return append(shut(b, '}'), ',')
}

func byURI(x, y Extension) int { return compareUTF16(x.URI, y.URI) }

// compareUTF16 orders strings by UTF-16 code units. It differs from the order of
// octets only where one string has a character beyond U+FFFF.
func compareUTF16(x, y string) int {
	return slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)))
}

func appendDates(b []byte, d *Dates) []byte {
	b = open(b, '{')
	b = opt(b, `"changed":`, d.Changed, appendDate)
	b = opt(b, `"decided":`, d.Decided, appendDate)
	b = opt(b, `"expires":`, d.Expires, appendDate)
	b = opt(b, `"firstIssued":`, d.FirstIssued, appendDate)
	b = one(b, `"issued":`, &d.Issued, appendDate)
	b = opt(b, `"performedFrom":`, d.PerformedFrom, appendDate)
	b = opt(b, `"performedTo":`, d.PerformedTo, appendDate)
	b = opt(b, `"received":`, d.Received, appendDate)
	b = opt(b, `"reported":`, d.Reported, appendDate)
	b = opt(b, `"validFrom":`, d.ValidFrom, appendDate)
	return shut(b, '}')
}

func appendScheme(b []byte, v *Scheme) []byte {
	b = open(b, '{')
	b = opt(b, `"code":`, v.Code, appendCode)
	b = optStr(b, `"edition":`, v.Edition)
	b = str(b, `"id":`, v.ID)
	b = text(b, `"mode":`, v.Mode)
	b = list(b, `"name":`, v.Name, appendText)
	b = opt(b, `"owner":`, v.Owner, appendParty)
	b = optStr(b, `"profile":`, v.Profile)
	b = opt(b, `"rule":`, v.Rule, appendRule)
	return shut(b, '}')
}

func appendRule(b []byte, v *Rule) []byte {
	return shut(str(open(b, '{'), `"id":`, v.ID), '}')
}

func appendLanguages(b []byte, v *Languages) []byte {
	b = open(b, '{')
	b = optStrings(b, `"mandatory":`, v.Mandatory)
	b = optStrings(b, `"used":`, v.Used)
	return shut(b, '}')
}

func appendAccreditation(b []byte, v *Accreditation) []byte {
	b = open(b, '{')
	b = one(b, `"body":`, &v.Body, appendParty)
	b = opt(b, `"evidence":`, v.Evidence, appendLink)
	b = optStr(b, `"mark":`, v.Mark)
	b = optStr(b, `"number":`, v.Number)
	b = optStr(b, `"scopeRef":`, v.ScopeRef)
	b = optStr(b, `"status":`, v.Status)
	return shut(b, '}')
}

func appendAuthorisation(b []byte, v *Authorisation) []byte {
	b = open(b, '{')
	b = one(b, `"authority":`, &v.Authority, appendParty)
	b = str(b, `"basis":`, v.Basis)
	b = optStr(b, `"number":`, v.Number)
	b = opt(b, `"until":`, v.Until, appendDate)
	return shut(b, '}')
}

func appendParty(b []byte, v *Party) []byte {
	b = open(b, '{')
	b = text(b, `"address":`, v.Address)
	b = optList(b, `"attributes":`, v.Attributes, appendAttribute)
	b = optList(b, `"contacts":`, v.Contacts, appendContact)
	b = optStr(b, `"country":`, v.Country)
	b = opt(b, `"geo":`, v.Geo, appendGeo)
	b = optList(b, `"identifiers":`, v.Identifiers, appendIdentifier)
	b = text(b, `"name":`, v.Name)
	b = optStr(b, `"postcode":`, v.Postcode)
	b = optStr(b, `"ref":`, v.Ref)
	b = optStr(b, `"role":`, v.Role)
	b = optStr(b, `"subdivision":`, v.Subdivision)
	return shut(b, '}')
}

func appendAttribute(b []byte, v *Attribute) []byte {
	return shut(str(str(open(b, '{'), `"name":`, v.Name), `"value":`, v.Value), '}')
}

func appendContact(b []byte, v *Contact) []byte {
	b = open(b, '{')
	b = optStr(b, `"email":`, v.Email)
	b = text(b, `"name":`, v.Name)
	b = optStr(b, `"phone":`, v.Phone)
	return shut(b, '}')
}

func appendGeo(b []byte, v *Geo) []byte {
	return shut(str(str(open(b, '{'), `"lat":`, v.Lat), `"lon":`, v.Lon), '}')
}

func appendSite(b []byte, v *Site) []byte {
	b = open(b, '{')
	b = text(b, `"address":`, v.Address)
	b = optList(b, `"identifiers":`, v.Identifiers, appendIdentifier)
	b = flag(b, `"main":`, v.Main)
	b = text(b, `"name":`, v.Name)
	b = text(b, `"scope":`, v.Scope)
	return shut(b, '}')
}

func appendRecognitionClaim(b []byte, v *RecognitionClaim) []byte {
	b = open(b, '{')
	b = optStr(b, `"agreement":`, v.Agreement)
	b = optStr(b, `"mark":`, v.Mark)
	b = text(b, `"text":`, v.Text)
	return shut(b, '}')
}

func appendRoute(b []byte, v *Route) []byte {
	b = open(b, '{')
	b = optStr(b, `"exportCountry":`, v.ExportCountry)
	b = optStr(b, `"importCountry":`, v.ImportCountry)
	b = optStrings(b, `"transit":`, v.Transit)
	return shut(b, '}')
}

func appendCycle(b []byte, v *Cycle) []byte {
	b = open(b, '{')
	b = optInteger(b, `"employees":`, v.Employees)
	b = optInteger(b, `"recertificationCount":`, v.RecertificationCount)
	b = optInteger(b, `"surveillanceCount":`, v.SurveillanceCount)
	return shut(b, '}')
}

func appendResidual(b []byte, v *Residual) []byte {
	b = open(b, '{')
	b = str(b, `"format":`, v.Format)
	b = optStr(b, `"fragment":`, v.Fragment)
	b = str(b, `"kind":`, v.Kind)
	b = str(b, `"path":`, v.Path)
	return shut(b, '}')
}

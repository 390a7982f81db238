package certsearch

import (
	"strconv"
	"strings"
)

// places says which column a place in the submission was made of; the first
// that fits counts.
var places = []struct {
	at string
	f  field
}{
	{"/identifiers/0", fNumber}, {"/identifiers/1", fIdentity},
	{"/issuer/name", fBodyName}, {"/issuer", fBodyID},
	{"/accreditation/0/body/name", fAccreditor}, {"/accreditation/0/body/identifiers", fAccreditorAcronym}, {"/accreditation", fAccreditation},
	{"/parties/0/name/1", fEntityEnglish}, {"/parties/0/name", fEntityName}, {"/parties/0/country", fEntityCountry},
	{"/parties/0/postcode", fEntityPostcode}, {"/parties/0/address", fEntityStreet},
	{"/scheme", fScheme}, {"/objects", fType}, {"/scopeCodes", fSectorCode}, {"/scope", fScope}, {"/requirements", fStandards},
	{"/dates/firstIssued", fFirstIssued}, {"/dates/issued", fIssued}, {"/dates/expires", fExpires},
	{"/statusEvents/1/reason", fStatusReason}, {"/statusEvents/1", fStatusDate}, {"/statusEvents", fStatus},
}

// column names the column of a place in the submission; where there is none the
// place itself is the answer.
func (m *mapper) column(at string) string {
	if rest, ok := strings.CutPrefix(at, "/parties/0/identifiers/"); ok {
		if i, ok := index(rest); ok && i < len(m.s.Parties[0].Identifiers) {
			switch m.s.Parties[0].Identifiers[i].Scheme {
			case "cn.uscc":
				return m.at(fEntityUSCC)
			case "lei":
				return m.at(fEntityLEI)
			default:
				return m.at(fEntityID)
			}
		}
	}
	if rest, ok := strings.CutPrefix(at, "/parties/0/attributes/"); ok {
		if i, ok := index(rest); ok && i < len(m.s.Parties[0].Attributes) {
			return m.s.Parties[0].Attributes[i].Name
		}
	}
	if rest, ok := strings.CutPrefix(at, "/sites/"); ok {
		if i, ok := index(rest); ok {
			part := sStreet
			if strings.Contains(rest, "/scope") {
				part = sScope
			}
			return sitePlace(i, part)
		}
	}
	for _, p := range places {
		if strings.HasPrefix(at, p.at) {
			return m.at(p.f)
		}
	}
	return at
}

func index(rest string) (int, bool) {
	n, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(n)
	return i, err == nil && i >= 0
}

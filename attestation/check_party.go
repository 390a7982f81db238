package attestation

import (
	"strconv"
	"strings"

	"accord/internal/fault"
)

// party checks a party that may be without a role.
func (c *checker) party(v *Party) {
	if v.Role != "" {
		c.token("role", v.Role)
	}
	if v.Ref != "" {
		c.ref(v)
		return
	}
	c.needText("name", v.Name, oneLine)
	if v.Country != "" && !v.Country.ValidParty() {
		c.format("country", "want an ISO 3166-1 alpha-2 code, or EU")
	}
	c.line("subdivision", v.Subdivision)
	each(c, "identifiers", v.Identifiers, (*checker).identifier)
	c.text("address", v.Address, freeText)
	c.line("postcode", v.Postcode)
	each(c, "contacts", v.Contacts, (*checker).contact)
	sub(c, "geo", v.Geo, (*checker).geo)
	each(c, "attributes", v.Attributes, (*checker).attribute)
}

// rolled checks a party whose role is required: the issuer, and the parties.
func (c *checker) rolled(v *Party) {
	if v.Role == "" {
		c.missing("role")
	}
	c.party(v)
}

// ref checks a party that stands for another one of the same document. It
// carries nothing else, and its role names exactly one party.
func (c *checker) ref(v *Party) {
	if len(v.Name)+len(v.Identifiers)+len(v.Address)+len(v.Contacts)+len(v.Attributes) > 0 ||
		v.Country != "" || v.Subdivision != "" || v.Postcode != "" || v.Geo != nil {
		c.format("ref", "a party with ref has only its role beside it")
	}
	if c.doc == nil {
		c.format("ref", "there are no parties to refer to")
		return
	}
	if c.roles == nil {
		c.roles = rolesOf(c.doc)
	}
	if c.roles[v.Ref] != 1 {
		c.format("ref", "want the role of exactly one party of this document that is not itself a ref")
	}
}

func rolesOf(s *Submission) map[string]int {
	roles := make(map[string]int, len(s.Parties)+1)
	if s.Issuer.Ref == "" {
		roles[s.Issuer.Role]++
	}
	for i := range s.Parties {
		if s.Parties[i].Ref == "" {
			roles[s.Parties[i].Role]++
		}
	}
	return roles
}

// contact checks a contact. Whether it is a natural person's cannot be seen, so
// each gives the warning; whoever knows that the document stays in its country
// may drop it.
func (c *checker) contact(v *Contact) {
	c.warn(fault.WarnPersonalData, "", "names or reaches a person; an agreement may refuse personal data that leaves the country")
	c.text("name", v.Name, oneLine)
	c.line("phone", v.Phone)
	if c.line("email", v.Email) && !validEmail(v.Email) {
		c.format("email", "want an address as name@example.org")
	}
}

func validEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " <>\"")
}

func (c *checker) geo(v *Geo) {
	c.degrees("lat", v.Lat, 90)
	c.degrees("lon", v.Lon, 180)
}

func (c *checker) degrees(leaf string, v Dec, limit float64) {
	if v == "" {
		c.missing(leaf)
		return
	}
	x, err := strconv.ParseFloat(string(v), 64)
	if !validDecimal(string(v)) || err != nil || x < -limit || x > limit {
		c.format(leaf, "want degrees of WGS 84 as a decimal")
	}
}

func (c *checker) attribute(v *Attribute) {
	c.needLine("name", v.Name)
	c.needLine("value", v.Value)
}

func (c *checker) accreditation(v *Accreditation) {
	sub(c, "body", &v.Body, (*checker).party)
	c.line("number", v.Number)
	c.line("scopeRef", v.ScopeRef)
	c.line("mark", v.Mark)
	c.line("status", v.Status)
	sub(c, "evidence", v.Evidence, (*checker).link)
}

func (c *checker) authorisation(v *Authorisation) {
	sub(c, "authority", &v.Authority, (*checker).party)
	c.needLine("basis", v.Basis)
	c.line("number", v.Number)
	c.optDate("until", v.Until)
}

func (c *checker) site(v *Site) {
	c.needText("name", v.Name, oneLine)
	c.text("address", v.Address, freeText)
	each(c, "identifiers", v.Identifiers, (*checker).identifier)
	c.text("scope", v.Scope, freeText)
}

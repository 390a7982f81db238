package certsearch

import "fmt"

// Column is one field of a record: the name of a column in CSV and of an element
// in XML.
type Column struct {
	Name      string
	Canonical string // path in our model
	Note      string
	Required  bool
	Read      bool // the name was read in a published source; else it is illustrative
	Max       int  // characters; 0: the limits of the model
}

// field is the index of a column in the table.
type field int

// The fields in the order of the table.
const (
	fIdentity field = iota
	fNumber
	fStatus
	fStatusDate
	fStatusReason
	fAccreditation
	fType
	fScope
	fFirstIssued
	fIssued
	fExpires
	fEntityName
	fEntityTrading
	fEntityEnglish
	fEntityID
	fEntityStreet
	fEntityCity
	fEntityState
	fEntityPostcode
	fEntityCountry
	fEntityWebsite
	fEntityUSCC
	fEntityLEI
	fAccreditor
	fAccreditorAcronym
	fBodyID
	fBodyName
	fScheme
	fStandards
	fSectorCode
	fSectorName
	fields
)

// columns is the one table of fields: readers, mapping and documentation go by
// it. Lengths are those of the published glossary (domain.md §4.4).
var columns = [fields]Column{
	fIdentity:          {"certification_identity_number", "identifiers[1]", "what the register knows the certification by", true, true, 60},
	fNumber:            {"certificate_number", "identifiers[0]", "the number as printed", true, true, 60},
	fStatus:            {"certification_status", "statusEvents", "Active, Suspended, Withdrawn, Cancelled, Expired; the word itself stands in reasonCode", true, true, 45},
	fStatusDate:        {"certification_status_date", "statusEvents[1].effective", "else the date of the extract", false, false, 0},
	fStatusReason:      {"certification_status_reason", "statusEvents[1].reason", "", false, false, 0},
	fAccreditation:     {"certificate_accreditation_status", "accreditation[0].status", "Accredited or Unaccredited", true, true, 45},
	fType:              {"certification_type", "objects[0].name", "management systems only", true, true, 0},
	fScope:             {"certification_scope", "scope", "", false, true, 0},
	fFirstIssued:       {"certification_original_issue_date", "dates.firstIssued", "YYYYMMDD or YYYY-MM-DD", false, true, 0},
	fIssued:            {"certification_issue_date", "dates.issued", "YYYYMMDD or YYYY-MM-DD", true, true, 0},
	fExpires:           {"certification_expiry_date", "dates.expires", "YYYYMMDD or YYYY-MM-DD", true, true, 0},
	fEntityName:        {"certified_entity_name", "parties[0].name", "the holder", true, true, 0},
	fEntityTrading:     {"certified_entity_trading_name", "parties[0].attributes", "", false, true, 0},
	fEntityEnglish:     {"certified_entity_english_name", "parties[0].name", "in English, beside the name", false, true, 0},
	fEntityID:          {"certified_entity_unique_id", "parties[0].identifiers", "scheme org.iafcertsearch.entity", false, true, 60},
	fEntityStreet:      {"certified_entity_street_address", "parties[0].address", "one line with city and state; street, city and state also as attributes", false, true, 0},
	fEntityCity:        {"certified_entity_street_city", "parties[0].address", "", false, true, 0},
	fEntityState:       {"certified_entity_state", "parties[0].address", "", false, true, 0},
	fEntityPostcode:    {"certified_entity_post_code", "parties[0].postcode", "", false, true, 0},
	fEntityCountry:     {"certified_entity_country", "parties[0].country", "ISO 3166-1: two letters, three letters or three digits", true, true, 0},
	fEntityWebsite:     {"certified_entity_website", "parties[0].attributes", "", false, true, 0},
	fEntityUSCC:        {"certified_entity_uscc", "parties[0].identifiers", "unified social credit code, check characters held", false, false, 0},
	fEntityLEI:         {"certified_entity_lei", "parties[0].identifiers", "legal entity identifier, check digits held", false, false, 0},
	fAccreditor:        {"accreditation_body_name", "accreditation[0].body.name", "required where accredited", false, true, 0},
	fAccreditorAcronym: {"accreditation_body_acronym_name", "accreditation[0].body.identifiers", "scheme org.iaf.ab", false, true, 0},
	fBodyID:            {"certification_body_identity_number", "issuer.identifiers", "in the scheme that the import names", false, true, 60},
	fBodyName:          {"certification_body_name", "issuer.name", "", false, true, 0},
	fScheme:            {"scheme_name", "scheme", "further schemes of an XML record are criteria", false, true, 0},
	fStandards:         {"standards_name", "requirements", "in CSV several are divided by semicolons; the edition is taken off", true, true, 0},
	fSectorCode:        {"sector_code", "scopeCodes", "in CSV several are divided by semicolons", false, true, 0},
	fSectorName:        {"sector_name", "scopeCodes[].label", "as many as codes", false, true, 0},
}

// The fields of a site. In CSV they are columns site_1_street, site_2_street and
// so on, which is illustrative: the published template for tables is a workbook
// with a sheet of sites.
const (
	sStreet = iota
	sCity
	sState
	sCountry
	sPostcode
	sScope
	siteFields
)

var siteColumns = [siteFields]string{"street", "city", "state", "country", "postcode", "scope_description"}

// maxSites bounds the sites of a record in CSV, where each is six columns.
const maxSites = 100

// Columns returns the fields of a record and where each goes in our model.
func Columns() []Column {
	out := append([]Column(nil), columns[:]...)
	for _, name := range siteColumns {
		to := "sites[].address"
		if name == siteColumns[sScope] {
			to = "sites[].scope"
		}
		out = append(out, Column{Name: "sites/site/" + name, Canonical: to, Note: fmt.Sprintf("in CSV site_1_%s and on", name), Read: true})
	}
	return out
}

// columnByName finds a column of the table.
func columnByName(name string) (field, bool) {
	for f := range columns {
		if columns[f].Name == name {
			return field(f), true
		}
	}
	return 0, false
}

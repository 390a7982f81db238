package untp

import (
	"strings"

	"accord/formats/dialect"
)

// row is a line of the mapping for both versions. Paths of the credential are
// those of JSON Pointers with [] for the elements of a list; a test changes each
// member of the submission and looks whether it shows where its row says so.
type row struct {
	canonical, v07, v06, note string
}

const (
	subject = "credentialSubject."
	inWhole = "; in the assessment \"#a1\" of the document as a whole"
	ext     = subject + extensionKey + ".@value."
)

var mapping = []row{
	{"identifiers[0]", subject + "id", subject + "id", "URI that ends with the number; urn:accord:id:{scheme}:{value} where the scheme is no URI"},
	{"identifiers[1…]", "", "", "no room"},
	{"kind", subject + "attestationType", subject + "attestationType", "accreditation is read back as certification, sanitaryCertificate as inspectionReport; recognitionDecision is refused"},
	{"party", subject + "assessorLevel", subject + "assessorLevel", "commercial and membership are read as second, hybrid as unspecified"},
	{"regime", ext + "regime", ext + "regime", "also decides assessmentLevel and the topic of the whole"},
	{"issueNumber", ext + "issueNumber", ext + "issueNumber", "extension"},
	{"replaces", "", "", ""},
	{"title", subject + "name", subject + "name", "one language; in 0.7.0 name of the credential too, with \"Conversion of\" before it in a converted one"},
	{"description", subject + "description", subject + "description", "one language"},
	{"languages", "", "", "the language of the texts stands in the extension"},
	{"scheme.id", subject + "referenceScheme.id", subject + "scope.id", ""},
	{"scheme.name", subject + "referenceScheme.name", subject + "scope.name", "one language"},
	{"scheme.owner", "", subject + "scope.issuingParty", "0.6: id and name"},
	{"scheme.code", "", "", ""},
	{"scheme.edition", "", "", ""},
	{"scheme.rule", subject + "referenceProfile", subject + "assessment[].assessmentCriteria[]", "a criterion too" + inWhole + "; all that 0.6 has, and read back as a criterion"},
	{"scheme.profile", subject + "referenceProfile", "", "where there is no rule"},
	{"scheme.mode", ext + "mode", ext + "mode", "extension; one language"},
	{"issuer", "issuer", "issuer", "a converted credential is issued by who converts: the body then stands in the extension"},
	{"issuer.identifiers[]", "issuer.issuerAlsoKnownAs[]", "issuer.issuerAlsoKnownAs[]", "but the DID, which is the id"},
	{"accreditation[]", subject + "authorisation[]", subject + "authorisation[]", "read back as authorisation"},
	{"authorisation[].authority", subject + "authorisation[].issuingAuthority", subject + "authorisation[].issuingAuthority", "id and name"},
	{"authorisation[].basis", subject + "authorisation[].name", subject + "authorisation[].name", ""},
	{"authorisation[].number", "", "", ""},
	{"parties[client]", subject + "issuedToParty", subject + "issuedToParty", "else the holder, the first; id, name, registeredId"},
	{"parties[others]", ext + "parties[]", ext + "parties[]", "extension; a factory is an assessedFacility too" + inWhole},
	{"sites[]", subject + "conformityAssessment[].assessedFacility[]", subject + "assessment[].assessedFacility[]", "name and first identifier; read back as an object of type facility" + inWhole},
	{"objects[].type", subject + "conformityAssessment[].assessedProduct[]", subject + "assessment[].assessedProduct[]", "product, facility and organisation by the list they stand in; others are read back as product"},
	{"objects[].name", subject + "conformityAssessment[].assessedProduct[].product.name", subject + "assessment[].assessedProduct[].product.name", "one language"},
	{"objects[].models[].model", subject + "conformityAssessment[].assessedProduct[].product.modelNumber", "", "one entry for each model"},
	{"objects[].identifiers[0]", subject + "conformityAssessment[].assessedProduct[].product.id", subject + "assessment[].assessedProduct[].product.id", "a GTIN as GS1 Digital Link"},
	{"objects[].serials[0]", subject + "conformityAssessment[].assessedProduct[].product.itemNumber", subject + "assessment[].assessedProduct[].product.serialNumber", ""},
	{"objects[].batches[0]", subject + "conformityAssessment[].assessedProduct[].product.batchNumber", subject + "assessment[].assessedProduct[].product.batchNumber", ""},
	{"objects[].idVerifiedByIssuer", subject + "conformityAssessment[].assessedProduct[].idVerifiedByCAB", subject + "assessment[].assessedProduct[].IDverifiedByCAB", ""},
	{"objects[].classifications[]", "", "", ""},
	{"objects[].description", "", "", ""},
	{"objects[].brand", "", "", ""},
	{"objects[].quantity", "", "", ""},
	{"objects[].ratings[]", "", "", ""},
	{"objects[].origin", "", "", ""},
	{"objects[].modelsComplete", "", "", ""},
	{"scope", subject + "conformityAssessment[].specifiedCondition[]", "", "read back as a condition" + inWhole},
	{"scopeCodes[]", "", "", ""},
	{"requirements[standard]", subject + "conformityAssessment[].referenceStandard[]", subject + "assessment[].referenceStandard", "urn:accord:id:std:{number}:{edition} and the designation as printed; 0.6 has room for one"},
	{"requirements[regulation]", subject + "conformityAssessment[].referenceRegulation[]", subject + "assessment[].referenceRegulation", "the same with reg"},
	{"requirements[criterion]", subject + "conformityAssessment[].assessmentCriteria[]", subject + "assessment[].assessmentCriteria[]", ""},
	{"assessments[].id", subject + "conformityAssessment[].id", subject + "assessment[].id", "if it is a URI"},
	{"assessments[].name", subject + "conformityAssessment[].name", subject + "assessment[].name", "one language"},
	{"assessments[].activity", "", "", "read back by the kind of the document"},
	{"assessments[].date", subject + "conformityAssessment[].assessmentDate", subject + "assessment[].assessmentDate", "the day alone"},
	{"assessments[].period", "", "", ""},
	{"assessments[].location", "", "", ""},
	{"assessments[].body", "", "", ""},
	{"assessments[].outcome", subject + "conformityAssessment[].conformance", subject + "assessment[].conformance", "six outcomes become true and false, notStated absent"},
	{"assessments[].results[]", subject + "conformityAssessment[].assessedPerformance[]", subject + "assessment[].declaredValue[]", "digits as they are; a text or a foreign unit becomes a score"},
	{"assessments[].topics[]", subject + "conformityAssessment[].conformityTopic[]", subject + "assessment[].conformityTopic", "0.6 has room for one"},
	{"assessments[].conditions[]", subject + "conformityAssessment[].specifiedCondition[]", "", ""},
	{"assessments[].evidence[]", subject + "conformityAssessment[].evidence[]", "", "read back with the purpose other"},
	{"results[]", subject + "conformityAssessment[].assessedPerformance[]", subject + "assessment[].declaredValue[]", "as those of an assessment" + inWhole},
	{"conditions[]", subject + "conformityAssessment[].specifiedCondition[]", "", "as those of an assessment" + inWhole},
	{"marking[]", "", "", ""},
	{"dates.issued", "validFrom", "validFrom", "as an instant; where validFrom is another date, in the extension"},
	{"dates.validFrom", "validFrom", "validFrom", "as an instant"},
	{"dates.expires", "validUntil", "validUntil", "the instant at which it ends"},
	{"dates.firstIssued", ext + "dates.firstIssued", ext + "dates.firstIssued", "extension; decided, changed, reported, received, performedFrom and performedTo too"},
	{"cycle", "", "", ""},
	{"statusEvents[]", "", "", "the credential says only whether it stands, by credentialStatus; read back as one issue at validFrom"},
	{"relations[]", "", "", ""},
	{"evidence[certificate]", subject + "conformityCertificate", subject + "conformityCertificate", "the first; in a converted credential the original is linked here by its digest"},
	{"evidence[auditable]", subject + "auditableEvidence", subject + "auditableEvidence", "the first"},
	{"evidence[others]", subject + "conformityAssessment[].evidence[]", "", inWhole[2:]},
	{"trustmarks[0]", subject + "trustmark", "", "an image that is in the document"},
	{"recognitionClaims[]", "", "", ""},
	{"route", "", "", ""},
	{"extensions", "", "", ""},
	{"residual[]", "any", "any", "of the same version: every member goes back to where it was; of another dialect it is lost"},
}

// rows are the lines of the mapping of one version.
func rows(old bool) []dialect.Row {
	out := make([]dialect.Row, len(mapping))
	for i, r := range mapping {
		foreign := r.v07
		if old {
			foreign = r.v06
		}
		note := r.note
		if foreign == "" {
			note = strings.TrimSuffix("lost; "+note, "; ")
		}
		out[i] = dialect.Row{Canonical: r.canonical, Foreign: foreign, Note: note}
	}
	return out
}

package untp

// The shapes of UNTP DCC 0.6.0, after its released schema; those of 0.6.1 have
// another context.

// topics06 are the conformity topics of 0.6, one word each.
var topics06 = word("environment.energy", "environment.emissions", "environment.water", "environment.waste",
	"environment.deforestation", "environment.biodiversity", "circularity.content", "circularity.design",
	"social.labour", "social.rights", "social.community", "social.safety", "governance.ethics",
	"governance.compliance", "governance.transparency")

// bare06 is an object of 0.6 that is told by id and name and has no type.
func bare06(more ...memberShape) *shape {
	return object("", nil, append([]memberShape{must("id", aURI), must("name", aString)}, more...)...)
}

var (
	party06 = bare06(may("registeredId", aString))
	actor06 = bare06(may("registeredId", aString), may("description", aString))

	issuer06 = closed("CredentialIssuer", one("CredentialIssuer"),
		must("id", aURI), must("name", aString), may("issuerAlsoKnownAs", listOf(party06)))

	file06 = closed("BinaryFile", one("BinaryFile"), may("fileName", aString), may("fileType", aString), may("file", aString))

	link06 = closed("Link", one("Link"), may("linkURL", aURI), may("linkName", aString), may("linkType", aString))

	secureLink06 = closed("SecureLink", []string{"SecureLink", "Link"},
		may("linkURL", aURI), may("linkName", aString), may("linkType", aString), may("hashDigest", aString),
		may("hashMethod", word("SHA-256", "SHA-1")), may("encryptionMethod", word("none", "AES")))

	endorsement06 = object("Endorsement", one("Endorsement"),
		must("id", aURI), must("name", aString), may("trustmark", file06), must("issuingAuthority", party06),
		may("endorsementEvidence", link06))

	measure06 = closed("Measure", one("Measure"), must("value", aNumber), must("unit", aString))

	metric06 = closed("Metric", one("Metric"),
		must("metricName", aString), must("metricValue", measure06), may("score", aString), may("accuracy", aNumber))

	scheme06 = object("ConformityAssessmentScheme", []string{"ConformityAssessmentScheme", "Standard"},
		may("id", aURI), may("name", aString), must("issuingParty", party06), may("issueDate", aDate), may("trustmark", file06))

	standard06 = closed("Standard", one("Standard"),
		may("id", aURI), may("name", aString), must("issuingParty", party06), may("issueDate", aDate))

	regulation06 = closed("Regulation", one("Regulation"),
		may("id", aURI), may("name", aString), may("jurisdictionCountry", aString),
		must("administeredBy", party06), may("effectiveDate", aDate))

	criterion06 = func() *shape {
		s := closed("Criterion", one("Criterion"),
			must("id", aURI), must("name", aString), must("description", aString), must("conformityTopic", topics06),
			must("status", word("proposed", "active", "deprecated")))
		s.members = append(s.members, may("subCriterion", listOf(s)), may("thresholdValue", metric06),
			may("performanceLevel", aString), may("tags", aString))
		return s
	}()

	product06 = object("ProductVerification", one("ProductVerification"),
		may("product", bare06(may("registeredId", aString), may("serialNumber", aString), may("batchNumber", aString))),
		may("IDverifiedByCAB", aBoolean))

	facility06 = object("FacilityVerification", one("FacilityVerification"),
		may("facility", bare06(may("registeredId", aString))), may("IDverifiedByCAB", aBoolean))

	assessment06 = object("ConformityAssessment", []string{"ConformityAssessment", "Declaration"},
		may("description", aString), may("assessmentDate", aDate), must("id", aURI), may("name", aString),
		may("referenceStandard", standard06), may("referenceRegulation", regulation06),
		may("assessmentCriteria", listOf(criterion06)), may("declaredValue", listOf(metric06)),
		must("conformance", aBoolean), must("conformityTopic", topics06),
		may("assessedProduct", listOf(product06)), may("assessedFacility", listOf(facility06)),
		may("assessedOrganisation", actor06), may("auditor", actor06))

	attestation06 = object("ConformityAttestation", []string{"ConformityAttestation", "Attestation"},
		must("id", aURI), may("name", aString),
		must("assessorLevel", word("Self", "Commercial", "Buyer", "Membership", "Unspecified", "3rdParty")),
		must("assessmentLevel", word("GovtApproval", "GlobalMRA", "Accredited", "Verified", "Validated", "Unspecified")),
		must("attestationType", attestationTypes), may("description", aString), must("issuedToParty", actor06),
		may("authorisation", listOf(endorsement06)), may("conformityCertificate", secureLink06),
		may("auditableEvidence", secureLink06), may("scope", scheme06), may("assessment", listOf(assessment06)))

	dcc060 = credential06(context060)
	dcc061 = credential06(context061)
)

// credential06 is the envelope of a credential of 0.6. The schema leaves the
// subject out of what is required; without one there is nothing to read.
func credential06(context string) *shape {
	return object("", []string{"DigitalConformityCredential", "VerifiableCredential"},
		must("@context", &shape{sort: sortArray, elem: aString, contexts: []string{contextW3C, context}}),
		must("id", aURI), must("issuer", issuer06), may("validFrom", aDateTime), may("validUntil", aDateTime),
		may("credentialSubject", attestation06))
}

package untp

// The shapes of UNTP 0.7.0, after its released schemas of DCC and DIA.

// named is an object with an id and a name, which most things of 0.7.0 are.
func named(typ string, more ...memberShape) *shape {
	return object("", one(typ), append([]memberShape{must("id", aURI), must("name", aString)}, more...)...)
}

var (
	party07 = named("Party", may("registeredId", aString))

	issuer07 = object("CredentialIssuer", one("CredentialIssuer"),
		must("id", aURI), must("name", aString), may("issuerAlsoKnownAs", listOf(party07)))

	statusEntry07 = closed("BitstringStatusListEntry", nil,
		must("type", word("BitstringStatusListEntry")), may("id", aURI),
		must("statusPurpose", word("refresh", "revocation", "suspension", "message")),
		must("statusListIndex", anIndex), must("statusListCredential", aURI))

	render07 = closed("RenderTemplate2024", one("RenderTemplate2024"),
		may("name", aString), may("mediaQuery", aString), may("template", aString), may("url", aURI),
		may("mediaType", aString), may("digestMultibase", aString))

	software07 = closed("IssuingSoftware", nil,
		must("id", aURI), must("name", aString), must("version", aString),
		must("vendor", closed("", nil, must("id", aURI), must("name", aString))))

	image07 = closed("Image", nil,
		must("name", aString), may("description", aString), must("imageData", aString), must("mediaType", aString))

	link07 = closed("Link", nil,
		must("linkURL", aURI), must("linkName", aString), may("digestMultibase", aString),
		may("mediaType", aString), may("linkType", aString))

	score07 = closed("Score", nil,
		must("code", aString), may("rank", anInteger), may("definition", aString))

	measure07 = closed("Measure", nil,
		must("value", aNumber), may("upperTolerance", aNumber), may("lowerTolerance", aNumber), must("unit", aString))

	performance07 = func() *shape {
		s := closed("Performance", nil, may("metric", named("PerformanceMetric")),
			may("measure", measure07), may("score", score07))
		s.needs = [2]string{"measure", "metric"}
		return s
	}()

	endorsement07 = object("Endorsement", nil,
		must("name", aString), may("trustmark", image07), must("issuingAuthority", party07),
		may("endorsementEvidence", link07))

	topic07 = closed("ConformityTopic", one("ConformityTopic"),
		must("id", aURI), must("name", aString), may("definition", aString))

	product07 = object("ProductVerification", nil,
		must("product", named("Product", may("modelNumber", aString), may("batchNumber", aString), may("itemNumber", aString))),
		may("idVerifiedByCAB", aBoolean))

	facility07 = object("FacilityVerification", nil,
		must("facility", named("Facility", may("registeredId", aString))), may("idVerifiedByCAB", aBoolean))

	assessment07 = object("ConformityAssessment", one("ConformityAssessment"),
		must("id", aURI), must("name", aString), may("description", aString),
		must("assessmentCriteria", listOf(named("Criterion"))), must("assessmentDate", aDate),
		must("assessedPerformance", listOf(performance07)), may("assessedProduct", listOf(product07)),
		may("assessedFacility", listOf(facility07)), may("assessedOrganisation", named("Party")),
		may("referenceStandard", listOf(named("Standard"))), may("referenceRegulation", listOf(named("Regulation"))),
		may("specifiedCondition", listOf(aString)), may("evidence", listOf(link07)),
		must("conformityTopic", listOf(topic07)), may("conformance", aBoolean))

	attestation07 = object("ConformityAttestation", one("ConformityAttestation"),
		must("id", aURI), must("name", aString), may("description", aString),
		must("assessorLevel", word("self", "commercial", "buyer", "membership", "unspecified", "3rdParty", "hybrid")),
		must("assessmentLevel", word("authority-benchmark", "authority-mandate", "authority-globalmra", "authority-peer",
			"authority-extended-mra", "scheme-self", "scheme-cab", "no-endorsement")),
		must("attestationType", attestationTypes),
		must("issuedToParty", named("Party", may("registeredId", aString), may("description", aString))),
		may("authorisation", listOf(endorsement07)), must("referenceScheme", named("ConformityScheme")),
		may("referenceProfile", named("ConformityProfile")), may("profileScore", score07),
		may("conformityCertificate", link07), may("auditableEvidence", link07), may("trustmark", image07),
		may("conformityAssessment", listOf(assessment07)))

	attestationTypes = word("certification", "declaration", "inspection", "testing", "verification", "validation", "calibration")

	identity07 = object("RegisteredIdentity", one("RegisteredIdentity"),
		must("id", aURI), must("registeredName", aString), must("registeredId", aString), must("registeredDate", aDate),
		may("publicInformation", aURI),
		must("idScheme", closed("IdentifierScheme", one("IdentifierScheme"), must("id", aURI), must("name", aString))),
		may("registrar", named("Party")),
		must("registerType", word("product", "facility", "business", "trademark", "land", "accreditation")),
		may("registrationScope", listOf(aURI)))

	dcc07 = credential07("DigitalConformityCredential", attestation07)
	dia07 = credential07("DigitalIdentityAnchor", identity07)
)

// credential07 is the envelope that every credential of 0.7.0 has.
func credential07(typ string, subject *shape) *shape {
	return object("", []string{typ, "VerifiableCredential"},
		must("@context", &shape{sort: sortArray, elem: aString, contexts: []string{contextW3C, context070}}),
		must("id", aURI), must("issuer", issuer07), must("validFrom", aDateTime), may("validUntil", aDateTime),
		must("name", aString), may("credentialStatus", statusEntry07), must("credentialSubject", subject),
		may("renderMethod", listOf(render07)), may("issuingSoftware", software07))
}

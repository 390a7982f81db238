package dcc

import "accord/formats/dialect"

// Where parts of a certificate stand, below digitalCalibrationCertificate.
const (
	inCore     = "administrativeData/coreData/"
	inItem     = "administrativeData/items/item/"
	inLab      = "administrativeData/calibrationLaboratory/"
	inCustomer = "administrativeData/customer/"
	inResult   = "measurementResults/measurementResult/"
	inQuantity = inResult + "results/result/data/quantity/"
)

// rows are the mapping for people; a test holds them against what is read. A row
// without a place in the certificate says what else is done.
var rows = []dialect.Row{
	{Canonical: "kind", Note: "always calibrationCertificate; party and regime are unspecified. Another kind is not written as a DCC"},
	{Canonical: "identifiers", Foreign: inCore + "uniqueIdentifier", Note: "scheme ptb.dcc; characters that no number has become hyphens, with the original beside it as ptb.dcc.asWritten (narrowed)"},
	{Canonical: "identifiers", Foreign: inCore + "identifications/identification/value", Note: "scheme ptb.dcc. and the issuer; its name stays in the residual"},
	{Canonical: "languages.used", Foreign: inCore + "usedLangCodeISO639_1"},
	{Canonical: "languages.mandatory", Foreign: inCore + "mandatoryLangCodeISO639_1", Note: "unless a text says no language, which is one for all in a DCC (residual)"},
	{Canonical: "dates.received", Foreign: inCore + "receiptDate"},
	{Canonical: "dates.performedFrom", Foreign: inCore + "beginPerformanceDate"},
	{Canonical: "dates.performedTo", Foreign: inCore + "endPerformanceDate"},
	{Canonical: "dates.issued", Foreign: inCore + "issueDate", Note: "before version 3.2, and where it is absent, the end of the performance (assumed)"},
	{Canonical: "sites[].name", Foreign: inCore + "performanceLocation", Note: "one word of five"},
	{Canonical: "relations[].target.number", Foreign: inCore + "reportAmendedSubstituted/replacedUniqueIdentifier", Note: "amended is amends, substituted supersedes; the issuer is the laboratory"},
	{Canonical: "issuer.identifiers", Foreign: inLab + "calibrationLaboratoryCode", Note: "scheme ptb.dcc.calibrationLaboratoryCode"},
	{Canonical: "issuer.name", Foreign: inLab + "contact/name/content", Note: "role calibrationLaboratory"},
	{Canonical: "issuer.contacts[].email", Foreign: inLab + "contact/eMail"},
	{Canonical: "issuer.contacts[].phone", Foreign: inLab + "contact/phone", Note: "fax stays in the residual"},
	{Canonical: "issuer.country", Foreign: inLab + "contact/location/countryCode"},
	{Canonical: "issuer.postcode", Foreign: inLab + "contact/location/postCode"},
	{Canonical: "issuer.address", Foreign: inLab + "contact/location", Note: "put together of street, number, box, city and state"},
	{Canonical: "parties[].name", Foreign: inCustomer + "name/content", Note: "role client"},
	{Canonical: "parties[].contacts[].email", Foreign: inCustomer + "eMail"},
	{Canonical: "parties[].contacts[].phone", Foreign: inCustomer + "phone"},
	{Canonical: "parties[].country", Foreign: inCustomer + "location/countryCode"},
	{Canonical: "parties[].postcode", Foreign: inCustomer + "location/postCode"},
	{Canonical: "parties[].address", Foreign: inCustomer + "location", Note: "put together"},
	{Canonical: "objects[].name", Foreign: inItem + "name/content", Note: "type instrument"},
	{Canonical: "objects[].description", Foreign: inItem + "description/content"},
	{Canonical: "objects[].classifications[].code", Foreign: inItem + "equipmentClass/classID", Note: "the system is the reference, if that is one word"},
	{Canonical: "objects[].models[].model", Foreign: inItem + "model"},
	{Canonical: "objects[].identifiers", Foreign: inItem + "identifications/identification/value", Note: "scheme ptb.dcc. and the issuer"},
	{Canonical: "parties[].name", Foreign: inItem + "manufacturer/name/content", Note: "role manufacturer, one for each item that names one"},
	{Canonical: "parties[].country", Foreign: inItem + "manufacturer/location/countryCode"},
	{Canonical: "parties[].postcode", Foreign: inItem + "manufacturer/location/postCode"},
	{Canonical: "parties[].address", Foreign: inItem + "manufacturer/location", Note: "put together"},
	{Canonical: "conditions[]", Foreign: "administrativeData/statements/statement/declaration/content"},
	{Canonical: "assessments[].outcome", Foreign: "administrativeData/statements/statement/conformity", Note: "if there is one such statement and one result; else notStated"},
	{Canonical: "assessments[].name", Foreign: inResult + "name/content", Note: "activity calibration"},
	{Canonical: "assessments[].requirements[].id", Foreign: inResult + "usedMethods/usedMethod/norm", Note: "the edition apart, where it is a year"},
	{Canonical: "assessments[].results[].name", Foreign: inQuantity + "name/content", Note: "the first; of real quantities with a decimal, in lists too, at most 200"},
	{Canonical: "assessments[].results", Foreign: inQuantity + "real/value", Note: "exponents, lists, complex and hybrid quantities stay in the residual"},
	{Canonical: "assessments[].results[].unit.code", Foreign: inQuantity + "real/unit", Note: "system ptb.d-si"},
	{Canonical: "assessments[].results[].expandedUncertainty", Foreign: inQuantity + "real/expandedUnc/uncertainty"},
	{Canonical: "assessments[].results[].coverageFactor", Foreign: inQuantity + "real/expandedUnc/coverageFactor"},
	{Canonical: "assessments[].results[].coverageProbability", Foreign: inQuantity + "real/expandedUnc/coverageProbability"},
	{Canonical: "evidence[].digests", Foreign: "document/dataBase64", Note: "purpose certificate; base64 from 256 characters on is lifted out, and comes back with its line breaks"},
	{Canonical: "evidence[].name", Foreign: "document/name/content", Note: "else the fileName"},
	{Canonical: "evidence[].digests", Foreign: inLab + "contact/descriptionData/dataBase64", Note: "purpose other; so every other dataBase64"},
	{Canonical: "evidence[].name", Foreign: inLab + "contact/descriptionData/fileName", Note: "where there is no name"},
	{Canonical: "residual", Note: "software, persons, formulae, lists, comments, signatures (loss: proof) and everything else, in place"},
}

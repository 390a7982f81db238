package sps

import "accord/formats/dialect"

// rows are the mapping for people. Paths stand below SPSCertificate; a test holds
// them against what is read. A row without a field says what else is done.
var rows = []dialect.Row{
	{Canonical: "kind", Note: "always sanitaryCertificate; party is third, regime unspecified"},
	{Canonical: "identifiers", Foreign: "SPSExchangedDocument/ID", Note: "scheme uncefact.sps; characters that no number has become hyphens, with the original beside it"},
	{Canonical: "title", Foreign: "SPSExchangedDocument/Name", Note: "every language; languages absent become und"},
	{Canonical: "scopeCodes[].code", Foreign: "SPSExchangedDocument/TypeCode", Note: "system un.untdid.1001; 851 is a phytosanitary certificate"},
	{Canonical: "statusEvents[].reasonCode.code", Foreign: "SPSExchangedDocument/StatusCode", Note: "UNTDID 1373: 70 is issue, 40 issue and withdraw; any other, whose meaning is not settled, issue and suspend, so that it is not taken for valid (narrowed)"},
	{Canonical: "dates.issued", Foreign: "SPSExchangedDocument/IssueDateTime/DateTimeString", Note: "an instant without offset is read as UTC (assumed)"},
	{Canonical: "issuer.name", Foreign: "SPSExchangedDocument/IssuerSPSParty/Name", Note: "role competentAuthority"},
	{Canonical: "dates.decided", Foreign: "SPSExchangedDocument/SignatorySPSAuthentication/ActualDateTime/DateTimeString"},
	{Canonical: "conditions[]", Foreign: "SPSExchangedDocument/SignatorySPSAuthentication/IncludedSPSClause/Content"},
	{Canonical: "evidence[].name", Foreign: "SPSExchangedDocument/ReferenceSPSReferencedDocument/Information", Note: "of a document whose attachment is lifted out"},
	{Canonical: "evidence[].digests", Foreign: "SPSExchangedDocument/ReferenceSPSReferencedDocument/AttachmentBinaryObject", Note: "base64 from 256 characters on is lifted out; the address is ni:///sha-256;…, and it comes back with its line breaks"},
	{Canonical: "parties[].name", Foreign: "SPSConsignment/ConsignorSPSParty/Name", Note: "role consignor"},
	{Canonical: "parties[].name", Foreign: "SPSConsignment/ConsigneeSPSParty/Name", Note: "role consignee"},
	{Canonical: "route.exportCountry", Foreign: "SPSConsignment/ExportSPSCountry/ID"},
	{Canonical: "route.importCountry", Foreign: "SPSConsignment/ImportSPSCountry/ID"},
	{Canonical: "route.transit", Foreign: "SPSConsignment/TransitSPSCountry/ID"},
	{Canonical: "objects[].name", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/CommonName", Note: "type consignment"},
	{Canonical: "objects[].name", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/ScientificName", Note: "where there is no CommonName"},
	{Canonical: "objects[].name", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/Description", Note: "where there is neither"},
	{Canonical: "objects[].description", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/Description"},
	{Canonical: "objects[].classifications[].code", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/ApplicableSPSClassification/ClassCode", Note: "the system is SystemName; HS stands without an edition"},
	{Canonical: "objects[].quantity", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/NetWeightMeasure", Note: "unit of UN/ECE Recommendation 20"},
	{Canonical: "objects[].origin", Foreign: "SPSConsignment/IncludedSPSConsignmentItem/IncludedSPSTradeLineItem/OriginSPSCountry/ID", Note: "the first; further ones stay in the residual"},
	{Canonical: "residual", Note: "notes, packages, seals, transport, processes, addresses and everything else, in place"},
}

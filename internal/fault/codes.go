package fault

// Code names one class of fault. Codes are stable: partners' programs compare
// them, docs/errors.md lists them, metrics are labelled with them.
type Code string

// The codes of Accord. Their meaning, HTTP status and whether a retry can help
// stand in [Table].
const (
	ArchiveFailed           Code = "archive.failed"
	ArchiveInUse            Code = "archive.in_use"
	ArchiveUnreachable      Code = "archive.unreachable"
	AuthForbidden           Code = "auth.forbidden"
	AuthMissing             Code = "auth.missing"
	ConversionLoss          Code = "conversion.loss"
	CursorExpired           Code = "cursor.expired"
	CursorInvalid           Code = "cursor.invalid"
	DocDateInvalid          Code = "doc.date_invalid"
	DocDateOrder            Code = "doc.date_order"
	DocErased               Code = "doc.erased"
	DocNumberConflict       Code = "doc.number_conflict"
	DocStaleRevision        Code = "doc.stale_revision"
	HTTPBodyTooLarge        Code = "http.body_too_large"
	HTTPContentDigest       Code = "http.content_digest"
	HTTPContentEncoding     Code = "http.content_encoding"
	HTTPMediaType           Code = "http.media_type"
	HTTPMethod              Code = "http.method"
	HTTPNotAcceptable       Code = "http.not_acceptable"
	HTTPRateLimited         Code = "http.rate_limited"
	HTTPStorageFull         Code = "http.storage_full"
	HTTPTimeout             Code = "http.timeout"
	HTTPUnavailable         Code = "http.unavailable"
	IssuerMismatch          Code = "issuer.mismatch"
	JSONBOM                 Code = "json.bom"
	JSONDepth               Code = "json.depth"
	JSONDuplicateMember     Code = "json.duplicate_member"
	JSONEmpty               Code = "json.empty"
	JSONInvalidUnicode      Code = "json.invalid_unicode"
	JSONInvalidUTF8         Code = "json.invalid_utf8"
	JSONNumberRange         Code = "json.number_range"
	JSONSyntax              Code = "json.syntax"
	JSONTooManyMembers      Code = "json.too_many_members"
	JSONTrailingData        Code = "json.trailing_data"
	JWSAlgKeyMismatch       Code = "jws.alg_key_mismatch"
	JWSAlgNotAllowed        Code = "jws.alg_not_allowed"
	JWSB64Unsupported       Code = "jws.b64_unsupported"
	JWSBase64               Code = "jws.base64"
	JWSChainExpired         Code = "jws.chain_expired"
	JWSChainUntrusted       Code = "jws.chain_untrusted"
	JWSCritUnsupported      Code = "jws.crit_unsupported"
	JWSDuplicateHeader      Code = "jws.duplicate_header"
	JWSHeaderInvalid        Code = "jws.header_invalid"
	JWSKeyExpired           Code = "jws.key_expired"
	JWSKeyRevoked           Code = "jws.key_revoked"
	JWSKeyUnknown           Code = "jws.key_unknown"
	JWSKidMissing           Code = "jws.kid_missing"
	JWSMalformed            Code = "jws.malformed"
	JWSNoSignature          Code = "jws.no_signature"
	JWSPayloadInvalid       Code = "jws.payload_invalid"
	JWSSignatureInvalid     Code = "jws.signature_invalid"
	JWSTimeUntrusted        Code = "jws.time_untrusted"
	JWSTooManySignatures    Code = "jws.too_many_signatures"
	JWSTypMismatch          Code = "jws.typ_mismatch"
	JWSUnprotectedHeader    Code = "jws.unprotected_header"
	KeyRejected             Code = "key.rejected"
	LedgerFork              Code = "ledger.fork"
	LedgerProofInvalid      Code = "ledger.proof_invalid"
	RegistryConflict        Code = "registry.conflict"
	ReplayDuplicate         Code = "replay.duplicate"
	ResourceNotFound        Code = "resource.not_found"
	SchemaDuplicateField    Code = "schema.duplicate_field"
	SchemaForbiddenChar     Code = "schema.forbidden_char"
	SchemaFormat            Code = "schema.format"
	SchemaGatewayField      Code = "schema.gateway_field"
	SchemaLength            Code = "schema.length"
	SchemaMissingField      Code = "schema.missing_field"
	SchemaNamespace         Code = "schema.namespace"
	SchemaType              Code = "schema.type"
	SchemaUnknownField      Code = "schema.unknown_field"
	ScopeOutOfAgreement     Code = "scope.out_of_agreement"
	StatusIllegalTransition Code = "status.illegal_transition"
	StatusSeqConflict       Code = "status.seq_conflict"
	XMLCommentInValue       Code = "xml.comment_in_value"
	XMLDepth                Code = "xml.depth"
	XMLDoctypeForbidden     Code = "xml.doctype_forbidden"
	XMLDuplicateAttribute   Code = "xml.duplicate_attribute"
	XMLDuplicateID          Code = "xml.duplicate_id"
	XMLEmpty                Code = "xml.empty"
	XMLEncodingForbidden    Code = "xml.encoding_forbidden"
	XMLInvalidChar          Code = "xml.invalid_char"
	XMLInvalidUTF8          Code = "xml.invalid_utf8"
	XMLMixedContent         Code = "xml.mixed_content"
	XMLNamespace            Code = "xml.namespace"
	XMLPIForbidden          Code = "xml.pi_forbidden"
	XMLSyntax               Code = "xml.syntax"
	XMLTooManyNodes         Code = "xml.too_many_nodes"
	XMLTrailingData         Code = "xml.trailing_data"
	XMLUndefinedEntity      Code = "xml.undefined_entity"
	XMLVersionForbidden     Code = "xml.version_forbidden"
	XMLSigUnsupported       Code = "xmlsig.unsupported"

	// Internal is the code of an error that nobody classified; nothing of it
	// is shown to a caller.
	Internal Code = "internal"
)

// The warnings: what they name was accepted all the same.
const (
	WarnNoRecipient  Code = "scope.no_recipient"
	WarnPersonalData Code = "doc.personal_data"
	WarnCCCNumber    Code = "doc.ccc_number"
	WarnDateZone     Code = "doc.date_zone"
)

// Retry says whether sending the same bytes again can help.
type Retry uint8

// Whether a retry can help.
const (
	Never Retry = iota
	Later
)

// String returns the word used in documentation and problem documents.
func (r Retry) String() string {
	if r == Later {
		return "later"
	}
	return "never"
}

// Row is what the one table says of a code.
type Row struct {
	Code    Code
	Status  int   // HTTP status
	Retry   Retry // whether the same bytes may succeed later
	Meaning string
}

// table is sorted by code; a test holds that and that docs/errors.md is made
// of it.
var table = []Row{
	{ArchiveFailed, 503, Later, "a write or sync of the log failed and the process ended, so that it recovers; look at the disk, then start it again"},
	{ArchiveInUse, 503, Later, "another process has the home: stop its gateway first"},
	{ArchiveUnreachable, 503, Later, "the database of the archive cannot be reached, or does not promise to keep what it takes"},
	{AuthForbidden, 403, Never, "partner suspended or operation not allowed"},
	{AuthMissing, 401, Never, "no or invalid partner credential"},
	{ConversionLoss, 406, Never, "the format loses more of the document than the agreement allows; errors lists what"},
	{CursorExpired, 410, Never, "start again from the resync link"},
	{CursorInvalid, 400, Never, "cursor forged, foreign or malformed"},
	{DocDateInvalid, 422, Never, "not a calendar date"},
	{DocDateOrder, 422, Never, "expiry before issue"},
	{DocErased, 410, Never, "erased by order of law; the log entry stands"},
	{DocNumberConflict, 409, Never, "the series exists with other content and the document does not say what it replaces"},
	{DocStaleRevision, 409, Never, "'replaces' does not name the head of the series"},
	{HTTPBodyTooLarge, 413, Never, "body over the limit"},
	{HTTPContentDigest, 400, Never, "Content-Digest does not match"},
	{HTTPContentEncoding, 415, Never, "Content-Encoding not supported (only identity)"},
	{HTTPMediaType, 415, Never, "Content-Type not supported"},
	{HTTPMethod, 405, Never, "method not allowed"},
	{HTTPNotAcceptable, 406, Never, "no representation for Accept; the answer lists them"},
	{HTTPRateLimited, 429, Later, "per-partner quota reached (Retry-After is sent)"},
	{HTTPStorageFull, 507, Later, "no space; send the same bytes again when there is"},
	{HTTPTimeout, 408, Later, "the body did not arrive in time"},
	{HTTPUnavailable, 503, Later, "not acknowledged; it may stand: send the same bytes again"},
	{IssuerMismatch, 403, Never, "issuer is not (only) the partner whose key signed"},
	{JSONBOM, 400, Never, "byte order mark"},
	{JSONDepth, 400, Never, "nesting over the limit"},
	{JSONDuplicateMember, 400, Never, "member name used twice in one object"},
	{JSONEmpty, 400, Never, "no JSON value"},
	{JSONInvalidUnicode, 400, Never, "lone surrogate escape"},
	{JSONInvalidUTF8, 400, Never, "not UTF-8"},
	{JSONNumberRange, 400, Never, "number that IEEE 754 double cannot hold exactly (I-JSON)"},
	{JSONSyntax, 400, Never, "not JSON (RFC 8259)"},
	{JSONTooManyMembers, 400, Never, "more members/elements than the limit"},
	{JSONTrailingData, 400, Never, "data after the JSON value"},
	{JWSAlgKeyMismatch, 422, Never, "alg is not the one registered for the key"},
	{JWSAlgNotAllowed, 400, Never, "alg missing, none, symmetric or not on the allow-list"},
	{JWSB64Unsupported, 400, Never, "unencoded payload where it is not allowed (RFC 7797)"},
	{JWSBase64, 400, Never, "not base64url without padding, or non-zero trailing bits"},
	{JWSChainExpired, 422, Never, "certificate outside its validity period"},
	{JWSChainUntrusted, 422, Never, "certificate chain does not end in a configured anchor"},
	{JWSCritUnsupported, 400, Never, "crit malformed or names an extension that is not implemented"},
	{JWSDuplicateHeader, 400, Never, "header member twice, or in both protected and unprotected header"},
	{JWSHeaderInvalid, 400, Never, "protected header is not a usable JSON object"},
	{JWSKeyExpired, 422, Never, "key outside its validity period"},
	{JWSKeyRevoked, 422, Never, "key revoked"},
	{JWSKeyUnknown, 422, Never, "kid not registered for this partner"},
	{JWSKidMissing, 400, Never, "neither kid nor x5c"},
	{JWSMalformed, 400, Never, "not a JWS in compact, flattened or general serialization"},
	{JWSNoSignature, 400, Never, "no signature"},
	{JWSPayloadInvalid, 400, Never, "payload empty or not the announced document type"},
	{JWSSignatureInvalid, 422, Never, "signature does not verify"},
	{JWSTimeUntrusted, 422, Never, "claimed signing time too far from the proven time"},
	{JWSTooManySignatures, 400, Never, "more signatures than allowed"},
	{JWSTypMismatch, 400, Never, "typ/cty is not the document type"},
	{JWSUnprotectedHeader, 400, Never, "security-relevant member outside the protected header"},
	{KeyRejected, 422, Never, "public key not acceptable for registration"},
	{LedgerFork, 503, Later, "the log contradicts what was signed before; an operator must act"},
	{LedgerProofInvalid, 422, Never, "a proof or checkpoint of a log does not verify"},
	{RegistryConflict, 409, Never, "the change does not follow the last one of its target, or an identifier belongs to another partner"},
	{ReplayDuplicate, 200, Never, "already stored: the original receipt is returned, nothing new is written"},
	{ResourceNotFound, 404, Never, "absent, or belongs to another partner (same answer)"},
	{SchemaDuplicateField, 422, Never, "XML element given twice where one is allowed"},
	{SchemaForbiddenChar, 422, Never, "character that XML 1.0 cannot carry, or a control character"},
	{SchemaFormat, 422, Never, "value does not match its pattern"},
	{SchemaGatewayField, 422, Never, "a member that only the gateway may set"},
	{SchemaLength, 422, Never, "value or list too long or empty"},
	{SchemaMissingField, 422, Never, "required field absent"},
	{SchemaNamespace, 422, Never, "document type (namespace) unknown"},
	{SchemaType, 422, Never, "wrong type"},
	{SchemaUnknownField, 422, Never, "field not in the schema (also: other letter case)"},
	{ScopeOutOfAgreement, 422, Never, "a named destination that no agreement covers"},
	{StatusIllegalTransition, 409, Never, "not allowed in the state; the answer names state and choices"},
	{StatusSeqConflict, 409, Never, "gap, repeat or fork in the sequence of statements"},
	{XMLCommentInValue, 400, Never, "comment inside a value"},
	{XMLDepth, 400, Never, "nesting over the limit"},
	{XMLDoctypeForbidden, 400, Never, "DOCTYPE present"},
	{XMLDuplicateAttribute, 400, Never, "attribute used twice in one tag"},
	{XMLDuplicateID, 400, Never, "same ID value twice"},
	{XMLEmpty, 400, Never, "no root element"},
	{XMLEncodingForbidden, 400, Never, "encoding other than UTF-8"},
	{XMLInvalidChar, 400, Never, "character not allowed in XML 1.0"},
	{XMLInvalidUTF8, 400, Never, "not UTF-8"},
	{XMLMixedContent, 400, Never, "text between child elements, or element inside a value"},
	{XMLNamespace, 400, Never, "prefix not bound, or namespace binding not allowed"},
	{XMLPIForbidden, 400, Never, "processing instruction"},
	{XMLSyntax, 400, Never, "not well-formed"},
	{XMLTooManyNodes, 400, Never, "more elements/attributes than the limit"},
	{XMLTrailingData, 400, Never, "content after the root element"},
	{XMLUndefinedEntity, 400, Never, "entity other than the five predefined"},
	{XMLVersionForbidden, 400, Never, "XML version other than 1.0"},
	{XMLSigUnsupported, 422, Never, "an XML signature outside the profile"},
	{Internal, 500, Later, "a fault of the gateway itself; its log has the details"},
}

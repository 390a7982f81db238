package signing

// The typ of each kind of message (wire.md). An endpoint accepts only its own,
// so no signature made for one purpose serves another.
const (
	TypAttestation = "accord-attestation+jose"
	TypCredential  = "vc+jwt"
	TypStatus      = "accord-status+jwt"
	TypRegistry    = "accord-registry+jwt"
	TypAck         = "accord-ack+jwt"
	TypAuth        = "accord-auth+jwt"
	TypReceipt     = "accord-receipt+jwt"
	TypReport      = "accord-report+jwt"
	TypDecision    = "accord-decision+jwt"
	TypTrust       = "accord-trust+jwt"
	TypFeed        = "accord-feed+jwt"
	TypConversion  = "accord-conversion+jwt"
)

// The cty of an attestation: which of our two dialects the payload is.
const (
	CtyJSON = "vnd.accord.attestation+json"
	CtyXML  = "vnd.accord.attestation+xml"
)

// CtyCredential is the cty of a secured credential (VC-JOSE-COSE, section 3.1.1).
const CtyCredential = "vc"

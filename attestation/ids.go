package attestation

import (
	"strings"

	"accord/internal/fault"
)

// Identifiers that cross a package line are types, never bare strings.
type (
	// ID names a series: "att_" and 32 lower-case base32 letters.
	ID string
	// Digest is "sha-256:" and 64 lower-case hexadecimal digits.
	Digest string
	// PartnerID matches ^[a-z0-9][a-z0-9-]{1,62}$.
	PartnerID string
	// AgreementID has the form of a PartnerID.
	AgreementID string
	// Economy is an ISO 3166-1 alpha-2 code; HK, MO and TW are economies of
	// their own, shown by fixed labels (domain.md, section 6.2).
	Economy string
)

// Our URNs (wire.md): what stands before the identifier.
const (
	urnPartner    = "urn:accord:partner:"
	urnAgreement  = "urn:accord:agreement:"
	urnIdentifier = "urn:accord:id:"
	urnModel      = "urn:accord:model:"
)

// ParseID reads a series id; another form is schema.format.
func ParseID(s string) (ID, error) {
	if !ID(s).Valid() {
		return "", fault.New(fault.SchemaFormat, "a series id is att_ and 32 characters of a-z and 2-7")
	}
	return ID(s), nil
}

// Valid says whether the id has the form of a series id.
func (id ID) Valid() bool {
	const prefix = "att_"
	if len(id) != len(prefix)+32 || id[:len(prefix)] != prefix {
		return false
	}
	for i := len(prefix); i < len(id); i++ {
		if c := id[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// ParsePartnerID reads a partner id; another form is schema.format.
func ParsePartnerID(s string) (PartnerID, error) {
	if !PartnerID(s).Valid() {
		return "", fault.New(fault.SchemaFormat, "a partner id is 2 to 63 characters of a-z, 0-9 and -, and does not begin with -")
	}
	return PartnerID(s), nil
}

// Valid says whether the id matches ^[a-z0-9][a-z0-9-]{1,62}$.
func (id PartnerID) Valid() bool { return validName(string(id)) }

// URN returns the partner's URN, which names it in iss and in certificates.
func (id PartnerID) URN() string { return urnPartner + string(id) }

// ParsePartnerURN reads urn:accord:partner:{id}.
func ParsePartnerURN(s string) (PartnerID, error) {
	id, ok := strings.CutPrefix(s, urnPartner)
	if !ok {
		return "", fault.New(fault.SchemaFormat, "a partner's URN begins with "+urnPartner)
	}
	return ParsePartnerID(id)
}

// ParseAgreementID reads an agreement id; another form is schema.format.
func ParseAgreementID(s string) (AgreementID, error) {
	if !AgreementID(s).Valid() {
		return "", fault.New(fault.SchemaFormat, "an agreement id is 2 to 63 characters of a-z, 0-9 and -, and does not begin with -")
	}
	return AgreementID(s), nil
}

// Valid says whether the id has the form of a partner id.
func (id AgreementID) Valid() bool { return validName(string(id)) }

// URN returns the agreement's URN.
func (id AgreementID) URN() string { return urnAgreement + string(id) }

// URN returns the identifier's URN, urn:accord:id:{scheme}:{value}.
func (id Identifier) URN() string { return urnIdentifier + id.Scheme + ":" + id.Value }

// ModelURN returns the URN of one model of a certificate.
func ModelURN(number, model string) string { return urnModel + number + ":" + model }

// validName is the form that partner and agreement ids share; they stand in
// URNs, certificates and paths.
func validName(s string) bool {
	if len(s) < 2 || len(s) > 63 || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

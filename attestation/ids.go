package attestation

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

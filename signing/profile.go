package signing

// Profile says what an endpoint accepts.
type Profile struct {
	// Types are the accepted values of typ. Comparison ignores case and a
	// leading "application/".
	Types []string
	// Ctys are the accepted values of cty. Empty: the header must have none.
	Ctys []string
	// OptionalCty also accepts a header without cty, whatever its typ.
	OptionalCty bool
	// AllowUntyped also accepts typ "jose", "jose+json" or none, and then a
	// missing cty: an attestation made elsewhere.
	AllowUntyped bool
	// Bare is `accord jws verify`: no rule about typ, cty and kid, a few more
	// algorithms, and an empty payload will do.
	Bare bool
}

// The profiles of our endpoints. Each call returns a fresh value.

// AttestationProfile is what a submission must be.
func AttestationProfile() Profile {
	return Profile{Types: []string{TypAttestation}, Ctys: []string{CtyJSON, CtyXML}, AllowUntyped: true}
}

// CredentialProfile is a credential secured by VC-JOSE-COSE, section 3.1.1: cty
// may be left out. See [ReadCredential] for what else is asked of one.
func CredentialProfile() Profile {
	return Profile{Types: []string{TypCredential}, Ctys: []string{CtyCredential}, OptionalCty: true}
}

// MessageProfile is a message of one typ without cty: status, registry, token,
// receipt, report, decision, trust list, high-water mark.
func MessageProfile(typ string) Profile { return Profile{Types: []string{typ}} }

// BareProfile is for `accord jws verify`.
func BareProfile() Profile { return Profile{Bare: true} }

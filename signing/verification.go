package signing

import (
	"time"

	"accord/attestation"
)

// Result is the three-valued outcome of ETSI EN 319 102-1, section 5.1.3.
type Result string

// The results. Only Passed is good; Indeterminate says that what is at hand
// does not prove the signature good or bad.
const (
	Passed        Result = "passed"
	Failed        Result = "failed"
	Indeterminate Result = "indeterminate"
)

// The sub-indications in use (ETSI EN 319 102-1, tables 5 and 6).
const (
	SubFormat      = "FORMAT_FAILURE"
	SubCrypto      = "SIG_CRYPTO_FAILURE"
	SubConstraints = "SIG_CONSTRAINTS_FAILURE"
	SubNoKey       = "NO_SIGNING_CERTIFICATE_FOUND"
	SubNoChain     = "NO_CERTIFICATE_CHAIN_FOUND"
	SubChain       = "CHAIN_CONSTRAINTS_FAILURE"
	SubNotYetValid = "NOT_YET_VALID"
	SubOutOfBounds = "OUT_OF_BOUNDS_NO_POE"
	SubRevoked     = "REVOKED_NO_POE"
	SubTimeOrder   = "TIMESTAMP_ORDER_FAILURE"
)

// Verification is the answer about one signature and the evidence used.
type Verification struct {
	Result        Result
	SubIndication string // empty when passed
	Alg           Alg
	KID           string
	Signer        attestation.PartnerID
	TClaim        time.Time // zero where nothing is claimed
	TProof        time.Time
	Chain         []string       // fingerprints of the path, leaf first
	Revocation    []string       // what was consulted about revocation
	Key           *Key           // the key that verified; nil if none was found
	Err           error          // fault; nil when passed
	Further       []Verification // other signatures of the message: reported, not trusted
}

// OK says whether the signature passed.
func (v Verification) OK() bool { return v.Result == Passed }

// Unreadable is the answer about something that could not be read as a JWS.
func Unreadable(err error) Verification {
	return Verification{Result: Failed, SubIndication: SubFormat, Err: err}
}

package signing

import (
	"time"

	"accord/attestation"
	"accord/internal/fault"
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
	Signer        attestation.PartnerID // whose key it is; empty if none was found
	TClaim        time.Time             // zero where nothing is claimed
	TProof        time.Time
	Chain         []string       // fingerprints of the path, leaf first, anchor last
	Revocation    []string       // what was consulted about revocation
	Key           *Key           // the key that was used; nil if none was found
	Err           error          // fault; nil when passed
	Further       []Verification // other signatures of the message: reported, not trusted
}

// OK says whether the signature passed.
func (a Verification) OK() bool { return a.Result == Passed }

// Unreadable is the answer about something that could not be read as a JWS.
func Unreadable(err error) Verification {
	return Verification{Result: Failed, SubIndication: SubFormat, Err: err}
}

func (a *Verification) fail(r Result, sub string, err error) {
	a.Result, a.SubIndication, a.Err = r, sub, err
}

// chainSub names what is wrong with a chain. An expired one may have been good
// when the signature was made, but nothing proves when that was.
func chainSub(err error) string {
	switch fault.CodeOf(err) {
	case fault.JWSChainExpired:
		return SubOutOfBounds
	case fault.IssuerMismatch:
		return SubChain
	default:
		return SubNoChain
	}
}

// keyResult: a signature that existed before its key counted is bad; one of
// which only a later existence is proven may have been good.
func keyResult(k *Key, err error, proven time.Time) Result {
	if keySub(k, err, proven) == SubNotYetValid {
		return Failed
	}
	return Indeterminate
}

func keySub(k *Key, err error, proven time.Time) string {
	switch {
	case fault.CodeOf(err) == fault.JWSKeyRevoked:
		return SubRevoked
	case proven.Before(k.NotBefore):
		return SubNotYetValid
	default:
		return SubOutOfBounds
	}
}

// claimSub: a claim after the proof contradicts it; one long before it only
// lacks a proof.
func claimSub(claimed, proven time.Time) string {
	if claimed.After(proven) {
		return SubTimeOrder
	}
	return SubOutOfBounds
}

package bitstring

import "accord/internal/fault"

// Code is one of the errors of the specification.
type Code string

// The errors (Bitstring Status List v1.0, section 3.5 "Processing Errors", and
// VCDM 2.0 for the malformed value).
const (
	RetrievalError    Code = "STATUS_RETRIEVAL_ERROR"
	VerificationError Code = "STATUS_VERIFICATION_ERROR"
	ListLengthError   Code = "STATUS_LIST_LENGTH_ERROR"
	RangeError        Code = "RANGE_ERROR"
	MalformedValue    Code = "MALFORMED_VALUE_ERROR"
)

// typeBase begins the type of a problem document (RFC 9457) about such an error.
const typeBase = "https://www.w3.org/ns/credentials/status-list#"

// Type returns the URI of the error for a problem document.
func (c Code) Type() string { return typeBase + string(c) }

// Error is a fault in the processing of a status list. It is also a fault of
// Accord: http.unavailable where the list could not be had, which a later try may
// mend; jws.signature_invalid where it could not be verified; schema.format else.
type Error struct {
	Code Code
	Err  error // with a code of fault
}

// Error returns the code and the cause.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func malformed(at, detail string) error {
	return &Error{MalformedValue, fault.At(fault.SchemaFormat, at, detail)}
}

func retrieval(err error) error {
	return &Error{RetrievalError, fault.Wrap(err, fault.HTTPUnavailable, "the status list could not be fetched")}
}

func unverified(err error, detail string) error {
	if err != nil && fault.CodeOf(err) != fault.Internal {
		return &Error{VerificationError, err}
	}
	return &Error{VerificationError, fault.Wrap(err, fault.JWSSignatureInvalid, detail)}
}

package attestation

import "accord/internal/fault"

// Severity says what a finding does to the document.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // the document is not acceptable
	SeverityWarning Severity = "warning" // it is accepted all the same
)

// Finding is one thing that a check found in a document.
type Finding struct {
	Code     fault.Code `json:"code"`
	At       string     `json:"at"` // JSON Pointer into the submission or statement
	Detail   string     `json:"detail"`
	Severity Severity   `json:"severity"`
}

// Err returns the findings of severity error as one error, nil when there are
// none. Each is a fault with its pointer.
func Err(findings []Finding) error {
	var l fault.List
	for _, f := range findings {
		if f.Severity != SeverityWarning {
			l = append(l, fault.At(f.Code, f.At, f.Detail))
		}
	}
	return l.ErrorOrNil()
}

package recognition

import (
	"time"

	"accord/attestation"
)

// Outcome is the answer, worst first in the order of rank.
type Outcome string

// The outcomes.
const (
	NotRecognised        Outcome = "notRecognised"
	OutcomeIndeterminate Outcome = "indeterminate"
	Conditional          Outcome = "conditional"
	Recognised           Outcome = "recognised"
)

// rank orders outcomes: the headline is the best one.
func (o Outcome) rank() int {
	switch o {
	case Recognised:
		return 3
	case Conditional:
		return 2
	case OutcomeIndeterminate:
		return 1
	default:
		return 0
	}
}

// CheckResult is the result of one check.
type CheckResult string

// The results of a check.
const (
	CheckPass          CheckResult = "pass"
	CheckFail          CheckResult = "fail"
	CheckUnknown       CheckResult = "unknown"
	CheckConditional   CheckResult = "conditional"
	CheckNotApplicable CheckResult = "notApplicable"
)

// Decision is the answer with every check of every candidate (domain.md,
// section 6.3; wire.md, "Decision"). Who issues it stands in the envelope that
// evidence puts around it.
type Decision struct {
	Subject    Subject     `json:"subject"`
	Partner    string      `json:"partner"`
	Purpose    Purpose     `json:"purpose"`
	Facts      Facts       `json:"facts"`
	T          time.Time   `json:"t"`
	KnownAt    uint64      `json:"knownAt"` // ledger size
	Outcome    Outcome     `json:"outcome"`
	Results    []Result    `json:"results"`
	Conditions []Condition `json:"conditions"` // of the result that makes the headline
	ValidUntil time.Time   `json:"validUntil,omitzero"`
	Inputs     []Input     `json:"inputs"`
}

// Result is what one scope of one agreement says; an agreement without scopes
// has one result. Where P's own instrument adopts an arrangement, Agreement is
// that instrument and the checks name the arrangement.
type Result struct {
	Agreement attestation.AgreementID `json:"agreement"`
	Scope     string                  `json:"scope,omitempty"`
	Effect    string                  `json:"effect,omitempty"`
	Outcome   Outcome                 `json:"outcome"`
	Checks    []Check                 `json:"checks"`
}

// Check is one check and what it found. Evidence names what was looked at: a
// clause, a designation, a digest.
type Check struct {
	Code     string      `json:"code"`
	Result   CheckResult `json:"result"`
	Detail   string      `json:"detail"`
	Evidence []string    `json:"evidence,omitempty"`
}

// Condition is what has to hold, or be done, for a conditional outcome to be a
// recognition.
type Condition struct {
	Code      ConditionCode           `json:"code"`
	Check     string                  `json:"check,omitempty"` // absent: the condition comes from a cap
	Agreement attestation.AgreementID `json:"agreement"`
	Scope     string                  `json:"scope,omitempty"`
	Clause    string                  `json:"clause,omitempty"`
	Detail    string                  `json:"detail"`
	Values    []string                `json:"values,omitempty"` // digests, gaps, languages, marks
}

// ConditionCode names a condition for programs.
type ConditionCode string

// The conditions.
const (
	NationalCertificateRequired ConditionCode = "nationalCertificateRequired" // cap 1, effect issueOwnOnBasis
	BindingAcceptanceRequired   ConditionCode = "bindingAcceptanceRequired"   // cap 1, no binding instrument
	SellThroughOnly             ConditionCode = "sellThroughOnly"             // A03
	RequirementGap              ConditionCode = "requirementGap"              // S03
	ModelListRequired           ConditionCode = "modelListRequired"           // S04
	DirectShipmentRequired      ConditionCode = "directShipmentRequired"      // C02
	CompanionRequired           ConditionCode = "companionRequired"           // C03
	TranslationRequired         ConditionCode = "translationRequired"         // C05
	MarkRequired                ConditionCode = "markRequired"                // C06
)

// Input is a ledger entry that the decision used.
type Input struct {
	Kind   string             `json:"kind"` // attestation, status, partner, agreement, designation, sanction
	ID     string             `json:"id"`
	Index  uint64             `json:"index"`
	Digest attestation.Digest `json:"digest"`
}

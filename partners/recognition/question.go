package recognition

import (
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// Purpose is what the answer will be used for; recognition is per purpose.
type Purpose string

// The purposes.
const (
	Import        Purpose = "import"
	PlaceOnMarket Purpose = "placeOnMarket"
	ContinuedSale Purpose = "continuedSale"
	Tender        Purpose = "tender"
	Information   Purpose = "information"
)

// Valid says whether the purpose is one of the five.
func (p Purpose) Valid() bool {
	switch p {
	case Import, PlaceOnMarket, ContinuedSale, Tender, Information:
		return true
	default:
		return false
	}
}

// regulated says whether the purpose puts goods on a market, where only law or
// a regulator's own word can recognise (section 6.3, cap 1).
func (p Purpose) regulated() bool {
	return p == Import || p == PlaceOnMarket || p == ContinuedSale
}

// Question is Recognise(A, P, t, purpose, facts) with what is known of A.
type Question struct {
	Subject  Subject
	Document *attestation.Submission
	Issuer   attestation.PartnerID // to which the document's issuer resolves; "" when to none
	Partner  string                // P: a partner id or an economy
	Purpose  Purpose
	At       time.Time // t
	KnownAt  uint64    // ledger size K
	Facts    Facts
	Known    Known
	Inputs   []Input // ledger entries on which the document and Known rest
}

// Subject names the document that was asked about.
type Subject struct {
	ID       attestation.ID     `json:"id,omitempty"`
	Revision int                `json:"revision,omitempty"`
	Content  attestation.Digest `json:"content"`
}

// Facts are given by the caller where the document cannot know them. An absent
// fact is unknown, not false.
type Facts struct {
	Model         string               `json:"model,omitempty"`
	Origin        attestation.Economy  `json:"origin,omitempty"`
	AssembledIn   attestation.Economy  `json:"assembledIn,omitempty"`
	ShippedFrom   attestation.Economy  `json:"shippedFrom,omitempty"`
	ShippedDirect *bool                `json:"shippedDirect,omitempty"`
	Companions    []attestation.Digest `json:"companions,omitempty"` // of the documents that come along
}

// Known is what the gateway found out about the document. The zero value says
// that nothing was found out, which recognises nothing.
type Known struct {
	Proof   Proof
	Content Content
	Head    attestation.Flag // head of its series at t
	Status  attestation.StatusFacts
	Fresh   Freshness
	// Accreditations of the issuer that the archive holds; of nobody else.
	Accreditations []Accreditation
}

// Answer is the answer of a verification: passed, failed or indeterminate.
type Answer string

// The answers. The zero value counts as indeterminate.
const (
	Passed        Answer = "passed"
	Failed        Answer = "failed"
	Indeterminate Answer = "indeterminate"
)

// Proof says how the source bytes verified at the proven time.
type Proof struct {
	Result   Answer
	Code     fault.Code            // why it did not pass
	Signer   attestation.PartnerID // to whom the key belongs
	Register bool                  // the signer is a register that speaks of another body
}

// Content says whether the document satisfies schema and rules.
type Content struct {
	Result Answer
	Codes  []fault.Code
}

// Freshness says how old our knowledge of the status is.
type Freshness struct {
	Mastered bool      // our own ledger is the master of this status: always fresh
	Learned  time.Time // when a source was last asked or heard; zero: never
	Register bool      // the master register was looked up at Learned
}

// Accreditation is an accreditation of the issuer, read from the archive.
type Accreditation struct {
	By     attestation.PartnerID // the accreditation body
	ID     attestation.ID
	Covers []string           // schemes and standards in its scope
	Status attestation.Status // effective status at the act date of the document
}

// AccreditationOf reads an archived document of kind accreditation as a fact for
// a document whose act date is at. by is the partner to which its issuer
// resolves, status its effective status at that date.
func AccreditationOf(doc *attestation.Submission, by attestation.PartnerID, id attestation.ID, status attestation.Status) Accreditation {
	a := Accreditation{By: by, ID: id, Status: status}
	if doc.Scheme != nil {
		a.Covers = append(a.Covers, doc.Scheme.ID)
	}
	for _, r := range doc.Requirements {
		a.Covers = append(a.Covers, r.ID)
	}
	for _, c := range doc.ScopeCodes {
		a.Covers = append(a.Covers, c.Code)
	}
	return a
}

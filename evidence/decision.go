package evidence

import (
	"time"

	"accord/internal/fault"
	"accord/partners/recognition"
	"accord/signing"
)

// Decision is the envelope around a recognition decision: who issues it. The
// members of the decision stand beside it, in one object (wire.md).
type Decision struct {
	Ver int    `json:"ver"`
	Iss string `json:"iss"`
	JTI string `json:"jti"`
	recognition.Decision
}

// NewDecision puts the envelope of a gateway around a decision.
func NewDecision(iss string, d recognition.Decision) *Decision {
	// Times of our messages are in UTC with "Z", whatever zone the asker used.
	d.T = d.T.UTC()
	if !d.ValidUntil.IsZero() {
		d.ValidUntil = d.ValidUntil.UTC()
	}
	return &Decision{Ver: Version, Iss: iss, JTI: NewJTI(), Decision: d}
}

// Payload returns the RFC 8785 form of the decision.
func (d *Decision) Payload() ([]byte, error) { return payload(d) }

// Sign returns the decision as accord-decision+jwt.
func (d *Decision) Sign(s *signing.Signer, now time.Time) ([]byte, error) {
	return seal(d, signing.TypDecision, s, now)
}

// ParseDecision reads the payload of a decision, strictly.
func ParseDecision(src []byte) (*Decision, error) {
	return parse[Decision](src)
}

// OpenDecision verifies and reads an accord-decision+jwt with the keys of the
// gateway; the key must have been good at a time.
func OpenDecision(raw []byte, keys []*signing.Key, at time.Time) (*Decision, error) {
	return openAs[Decision](raw, signing.TypDecision, keys, at)
}

func (d *Decision) check() error {
	var f form
	f.version(d.Ver)
	f.need(d.Iss != "", "/iss")
	f.need(d.JTI != "", "/jti")
	f.need(d.Subject.Content != "", "/subject/content")
	f.match(d.Subject.Content == "" || d.Subject.Content.Valid(), "/subject/content", "not a digest")
	f.match(d.Subject.ID == "" || d.Subject.ID.Valid(), "/subject/id", "not the id of a series")
	f.need(d.Partner != "", "/partner")
	f.need(d.Purpose != "", "/purpose")
	f.need(!d.T.IsZero(), "/t")
	f.need(d.Results != nil, "/results")
	f.need(d.Inputs != nil, "/inputs")
	switch d.Outcome {
	case recognition.Recognised, recognition.Conditional, recognition.OutcomeIndeterminate, recognition.NotRecognised:
	default:
		f.faults = append(f.faults, fault.At(fault.SchemaFormat, "/outcome", "not an outcome"))
	}
	return f.err()
}

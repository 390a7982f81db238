package evidence

import (
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
)

// Log is what a verifier trusts of one gateway and its ledger.
type Log struct {
	Issuer string // iss of its messages
	Origin string
	VKeys  []VKey
	Keys   []*signing.Key // its JWKS
}

// VKey is a key of a log and the half-open period in which it signed; a zero
// end is open.
type VKey struct {
	VKey  string    `json:"vkey"`
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// keysAt returns the keys of the log in use at t.
func (l *Log) keysAt(t time.Time) (*ledger.VKeys, error) {
	var list []string
	for _, k := range l.VKeys {
		if (k.From.IsZero() || !t.Before(k.From)) && (k.Until.IsZero() || t.Before(k.Until)) {
			list = append(list, k.VKey)
		}
	}
	if len(list) == 0 {
		return nil, fault.New(fault.LedgerProofInvalid, "no key of this log is known for the time of the entry")
	}
	return ledger.NewVKeys(list...)
}

// Subject is what a receipt is held against. Octets nil: the document is not
// at hand and the step stays open. Content empty: it was not decoded.
type Subject struct {
	Octets    []byte             // as submitted; with Signature, the body
	Signature string             // JWS-Signature of a raw body
	Content   attestation.Digest // payload digest
}

// StepName names a step of the check of a receipt, in this order.
type StepName string

// The steps.
const (
	StepSignature  StepName = "signature"  // the JWS around it, where there is one
	StepForm       StepName = "form"       // receipt, record and proof can be read
	StepDocument   StepName = "document"   // octets → record.digest
	StepContent    StepName = "content"    // payload → record.content
	StepInclusion  StepName = "inclusion"  // record → leaf → proof → root
	StepCheckpoint StepName = "checkpoint" // checkpoint → vkey of the log
)

// Step is one step of a check: passed, failed, or indeterminate when what it
// needs is not at hand.
type Step struct {
	Name   StepName       `json:"name"`
	Result signing.Result `json:"result"`
	Err    error          `json:"-"`
}

// ReceiptCheck is the outcome of checking a receipt. What it says of record and
// checkpoint counts only as far as Result goes.
type ReceiptCheck struct {
	Result     signing.Result
	Steps      []Step
	Receipt    *Receipt          // nil when it cannot be read
	Checkpoint ledger.Checkpoint // verified, or zero
}

// Proven returns the time at which the document is proven to have existed: when
// the log of the receipt took it. False unless every step of the proof and the
// step from the document's octets passed.
func (c *ReceiptCheck) Proven() (time.Time, bool) {
	for _, name := range []StepName{StepForm, StepDocument, StepInclusion, StepCheckpoint} {
		if c.step(name) != signing.Passed {
			return time.Time{}, false
		}
	}
	if c.step(StepSignature) == signing.Failed || c.step(StepContent) == signing.Failed {
		return time.Time{}, false
	}
	t, err := c.Receipt.record.ReceivedAt()
	return t, err == nil
}

// Err returns the faults of the steps that did not pass, each with the name of
// its step as place where it has none.
func (c *ReceiptCheck) Err() error {
	var out fault.List
	for _, s := range c.Steps {
		if s.Err != nil {
			out = append(out, fault.All(s.Err)...)
		}
	}
	return out.ErrorOrNil()
}

func (c *ReceiptCheck) step(name StepName) signing.Result {
	for _, s := range c.Steps {
		if s.Name == name {
			return s.Result
		}
	}
	return ""
}

func (c *ReceiptCheck) add(name StepName, err error) {
	result := signing.Passed
	if err != nil {
		result = signing.Failed
	}
	c.Steps = append(c.Steps, Step{Name: name, Result: result, Err: err})
}

func (c *ReceiptCheck) leave(name StepName, err error) {
	c.Steps = append(c.Steps, Step{Name: name, Result: signing.Indeterminate, Err: err})
}

// CheckReceipt checks a receipt, as JSON or as accord-receipt+jwt, against a
// document and the logs that the caller trusts. Every step that can be made is
// made, so a failed one does not hide another. now is the time at which the key
// around a signed receipt must be good.
func CheckReceipt(raw []byte, doc Subject, logs []Log, now time.Time) *ReceiptCheck {
	c := new(ReceiptCheck)
	c.read(raw, logs, now)
	if c.Receipt != nil {
		c.document(doc)
		c.inclusion()
		c.checkpoint(logs)
	}
	c.Result = combine(c.Steps)
	return c
}

// combine is the rule of signing.md: failed if any failed, else indeterminate
// if any is, else passed.
func combine(steps []Step) signing.Result {
	result := signing.Passed
	for _, s := range steps {
		switch s.Result {
		case signing.Failed:
			return signing.Failed
		case signing.Indeterminate:
			result = signing.Indeterminate
		case signing.Passed:
		}
	}
	return result
}

// read takes off the JWS, if there is one, and reads the payload.
func (c *ReceiptCheck) read(raw []byte, logs []Log, now time.Time) {
	body := raw
	if !isJSON(raw) {
		m, err := signing.Read(raw, signing.MessageProfile(signing.TypReceipt))
		if err != nil {
			c.add(StepForm, err)
			return
		}
		body = m.Payload
	}
	r, err := ParseReceipt(body)
	c.add(StepForm, err)
	if err != nil {
		return
	}
	c.Receipt = r
	if isJSON(raw) {
		return
	}
	if log := findLog(logs, func(l *Log) bool { return l.Issuer == r.Iss }); log == nil {
		c.leave(StepSignature, fault.New(fault.JWSKeyUnknown, "the keys of this gateway are not known"))
	} else {
		c.add(StepSignature, open(raw, signing.TypReceipt, log.Keys, now, new(Receipt)))
	}
}

// document compares what was submitted with what was recorded.
func (c *ReceiptCheck) document(doc Subject) {
	record := c.Receipt.record
	switch {
	case doc.Octets == nil:
		c.leave(StepDocument, nil)
	case attestation.DigestOf(doc.Octets) != record.Digest:
		c.add(StepDocument, fault.New(fault.LedgerProofInvalid, "the receipt is of other octets"))
	case doc.Signature != record.Signature:
		c.add(StepDocument, fault.New(fault.LedgerProofInvalid, "the receipt is of another signature"))
	default:
		c.add(StepDocument, nil)
	}
	switch doc.Content {
	case "": // the octets say it all
	case record.Content:
		c.add(StepContent, nil)
	default:
		c.add(StepContent, fault.New(fault.LedgerProofInvalid, "the receipt is of other content"))
	}
}

// inclusion leads from the record to the root that the checkpoint states.
func (c *ReceiptCheck) inclusion() {
	leaf, err := c.Receipt.Leaf()
	if err == nil {
		var at ledger.Checkpoint
		if at, err = ledger.PeekCheckpoint(c.Receipt.proof.Checkpoint); err == nil {
			err = ledger.CheckInclusion(at.Head, c.Receipt.proof.Index, leaf.Hash(), c.Receipt.proof.Hashes)
		}
	}
	c.add(StepInclusion, err)
}

// checkpoint verifies the log's signature with the keys in use at the time of
// the record.
func (c *ReceiptCheck) checkpoint(logs []Log) {
	peek, err := ledger.PeekCheckpoint(c.Receipt.proof.Checkpoint)
	if err != nil {
		c.add(StepCheckpoint, err)
		return
	}
	log := findLog(logs, func(l *Log) bool { return l.Origin == peek.Origin })
	if log == nil {
		c.leave(StepCheckpoint, fault.New(fault.LedgerProofInvalid, "the keys of this log are not known"))
		return
	}
	if log.Issuer != c.Receipt.Iss {
		c.add(StepCheckpoint, fault.New(fault.LedgerProofInvalid, "the log is not that of the gateway that the receipt names"))
		return
	}
	received, err := c.Receipt.record.ReceivedAt()
	if err != nil {
		c.add(StepCheckpoint, err)
		return
	}
	keys, err := log.keysAt(received)
	if err == nil {
		c.Checkpoint, err = keys.Open(c.Receipt.proof.Checkpoint)
	}
	c.add(StepCheckpoint, err)
}

func findLog(logs []Log, match func(*Log) bool) *Log {
	for i := range logs {
		if match(&logs[i]) {
			return &logs[i]
		}
	}
	return nil
}

package main

import (
	"bytes"
	"slices"

	"accord/evidence"
	"accord/internal/fault"
	"accord/signing"
)

// messageReport is what a check of a signed report, decision or conversion shows.
type messageReport struct {
	Result  signing.Result `json:"result"`
	Message string         `json:"message"` // report, decision or conversion
	Iss     string         `json:"iss,omitempty"`
	JTI     string         `json:"jti,omitempty"`
	Steps   []receiptStep  `json:"steps"`
}

// messages are what a gateway signs for those who ask it, by typ: what they are
// called, and how their payload is read.
var messages = map[string]struct {
	name string
	read func(payload []byte) (iss, jti string, err error)
}{
	signing.TypReport: {"report", func(payload []byte) (string, string, error) {
		r, err := evidence.ParseReport(payload)
		if err != nil {
			return "", "", err
		}
		return r.Iss, r.JTI, nil
	}},
	signing.TypDecision: {"decision", func(payload []byte) (string, string, error) {
		d, err := evidence.ParseDecision(payload)
		if err != nil {
			return "", "", err
		}
		return d.Iss, d.JTI, nil
	}},
	signing.TypConversion: {"conversion", func(payload []byte) (string, string, error) {
		c, err := evidence.ParseConversion(payload)
		if err != nil {
			return "", "", err
		}
		return c.Iss, c.JTI, nil
	}},
}

// messageType tells a signed report, decision or conversion from a document; "" for
// anything else.
func messageType(raw []byte) string {
	for typ := range messages {
		if _, err := signing.Read(bytes.TrimSpace(raw), signing.MessageProfile(typ)); err == nil {
			return typ
		}
	}
	return ""
}

// message verifies a signed report, decision or conversion: it can be read, and a key of
// the gateway that it names signed it. The key must count now, because nothing
// that came with the message proves when it was signed.
func (c *verifyCmd) message(e *env, typ string, raw []byte) error {
	_, logs, err := c.trust(e)
	if err != nil {
		return err
	}
	raw = bytes.TrimSpace(raw)
	out := messageReport{Result: signing.Passed, Message: messages[typ].name, Steps: []receiptStep{}}
	add := func(name evidence.StepName, result signing.Result, err error) {
		step := receiptStep{Name: name, Result: result}
		if err != nil {
			f := fault.All(err)[0]
			step.Code, step.Detail = f.Code, f.Detail
		}
		out.Result, out.Steps = result, append(out.Steps, step)
	}
	m, err := signing.Read(raw, signing.MessageProfile(typ))
	if err == nil {
		out.Iss, out.JTI, err = messages[typ].read(m.Payload)
	}
	if err != nil {
		add(evidence.StepForm, signing.Failed, err)
		return c.printMessage(e, out)
	}
	add(evidence.StepForm, signing.Passed, nil)
	if typ == signing.TypConversion && c.Document != "" {
		if err := c.convertedDocument(e, m.Payload); err != nil {
			add(evidence.StepDocument, signing.Failed, err)
			return c.printMessage(e, out)
		}
		add(evidence.StepDocument, signing.Passed, nil)
	}
	result, err := messageSignature(e, typ, raw, out.Iss, logs)
	add(evidence.StepSignature, result, err)
	return c.printMessage(e, out)
}

// convertedDocument says whether a file is the source or the target of a
// conversion; of a signed credential the payload is the target.
func (c *verifyCmd) convertedDocument(e *env, payload []byte) error {
	st, err := evidence.ParseConversion(payload)
	if err != nil {
		return err
	}
	doc, err := e.read(c.Document)
	if err != nil {
		return err
	}
	candidates := [][]byte{doc, bytes.TrimRight(doc, "\r\n")}
	if inside, err := payloadOf(doc); err == nil {
		candidates = append(candidates, inside)
	}
	for _, octets := range candidates {
		if st.Names(octets) != "" {
			return nil
		}
	}
	return fault.New(fault.JWSPayloadInvalid, "the statement speaks of other octets than those of the document")
}

// messageSignature says whether a key of the issuer made the signature; one
// that no longer counts may have made it while it did.
func messageSignature(e *env, typ string, raw []byte, iss string, logs []evidence.Log) (signing.Result, error) {
	at := slices.IndexFunc(logs, func(l evidence.Log) bool { return l.Issuer == iss })
	if at < 0 {
		return signing.Indeterminate, fault.New(fault.JWSKeyUnknown, "the keys of this gateway are not known")
	}
	_, key, err := signing.VerifyCompact(raw, typ, logs[at].Keys)
	if err != nil {
		return signing.Failed, err
	}
	if err := key.GoodAt(e.now()); err != nil {
		return signing.Indeterminate, err
	}
	return signing.Passed, nil
}

func (c *verifyCmd) printMessage(e *env, r messageReport) error {
	if e.format == "json" {
		if err := e.printJSON(r); err != nil {
			return err
		}
		return resultStatus(r.Result)
	}
	e.printf("%s\n", r.Result)
	if r.Iss != "" {
		e.printf("  %s of %s\n", r.Message, r.Iss)
	}
	printSteps(e, r.Steps)
	return resultStatus(r.Result)
}

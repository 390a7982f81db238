package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/ledger"
	"accord/signing"
)

// verifyCmd reports on a document or a receipt.
type verifyCmd struct {
	Trust     string `help:"Whom to trust: a gateway home, a trust list file, or the URL of a gateway. Default is --home, else --server." placeholder:"DIR|FILE|URL"`
	At        string `help:"The time asked for (RFC 3339); default now." placeholder:"TIME"`
	Receipt   string `help:"Receipt that came with the document: it proves when it was archived." placeholder:"FILE"`
	Signature string `help:"Detached signature of a raw JSON or XML document." placeholder:"FILE"`
	Model     string `help:"Is this model covered?"`
	File      string `arg:"" help:"A signed document, or a receipt (then with --document)."`
	Document  string `help:"The document of a receipt." placeholder:"FILE"`
}

// Help shows examples.
func (verifyCmd) Help() string {
	return "Examples:\n  accord verify --trust ./cn certificate.jws\n  accord verify --trust trust-list.jws --receipt receipt.json certificate.jws"
}

// Run prints the report; 0 passed, 1 failed, 3 indeterminate.
func (c *verifyCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	at := time.Time{}
	if c.At != "" {
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return usageError("--at is a time of RFC 3339, as 2026-01-31T12:00:00Z")
		}
	}
	directory, logs, err := c.trust(e)
	if err != nil {
		return err
	}
	if isReceipt(raw) {
		return c.receipt(e, raw, logs)
	}
	d := evidence.Document{Octets: bytes.TrimRight(raw, "\r\n"), MediaType: mediaOf(raw), Decode: decodePayload}
	if c.Signature != "" {
		sig, err := e.read(c.Signature)
		if err != nil {
			return err
		}
		d.Octets, d.Signature = raw, strings.TrimSpace(string(sig))
	}
	if c.Receipt != "" {
		if d.Receipt, err = e.read(c.Receipt); err != nil {
			return err
		}
	}
	v := evidence.VerifyDocument(d, evidence.Question{At: at, Now: e.now(), Model: c.Model}, evidence.Basis{Directory: directory, Logs: logs})
	return c.print(e, v.Report)
}

func (c *verifyCmd) print(e *env, r *evidence.Report) error {
	payload, err := r.Payload()
	if err != nil {
		return err
	}
	if e.format == "json" {
		if err := e.printJSON(json.RawMessage(payload)); err != nil {
			return err
		}
	} else {
		e.printf("%s\n", r.Result)
		if s := r.Signature; s != nil {
			e.printf("  signature %s %s %s\n", s.Result, s.Alg, s.Signer)
			if s.TProof != "" && c.Receipt != "" { // without a receipt it is the present
				e.printf("  existed at %s\n", s.TProof)
			}
		}
		if r.Content != nil {
			e.printf("  content   %s\n", r.Content.Result)
		}
		if r.Status != nil {
			e.printf("  status    %s at %s (as the document tells it)\n", r.Status.Effective, r.Status.At)
		}
		for _, f := range r.Findings {
			e.printf("  %s %s %s\n", f.Code, f.At, f.Detail)
		}
	}
	switch r.Result {
	case signing.Passed:
		return nil
	case signing.Failed:
		return statusError(exitFailed)
	default:
		return statusError(exitIndeterminate)
	}
}

// isReceipt tells a receipt, as JSON or signed, from a document.
func isReceipt(raw []byte) bool {
	if _, err := evidence.ParseReceipt(bytes.TrimSpace(raw)); err == nil {
		return true
	}
	_, err := signing.Read(bytes.TrimSpace(raw), signing.MessageProfile(signing.TypReceipt))
	return err == nil
}

func (c *verifyCmd) receipt(e *env, raw []byte, logs []evidence.Log) error {
	if c.Document == "" {
		return usageError("this is a receipt; name its document with --document FILE")
	}
	doc, err := e.read(c.Document)
	if err != nil {
		return err
	}
	doc = bytes.TrimRight(doc, "\r\n")
	subject := evidence.Subject{Octets: doc}
	if sub, err := decodeAny(payloadOf(doc)); err == nil {
		subject.Content = sub.Digest()
	}
	check := evidence.CheckReceipt(bytes.TrimSpace(raw), subject, logs, e.now())
	type step struct {
		Name   evidence.StepName `json:"name"`
		Result signing.Result    `json:"result"`
	}
	out := struct {
		Result signing.Result `json:"result"`
		Proven string         `json:"proven,omitempty"`
		Steps  []step         `json:"steps"`
	}{Result: check.Result}
	for _, s := range check.Steps {
		out.Steps = append(out.Steps, step{s.Name, s.Result})
	}
	if t, ok := check.Proven(); ok {
		out.Proven = ledger.FormatTime(t)
	}
	if e.format == "json" {
		if err := e.printJSON(out); err != nil {
			return err
		}
	} else {
		e.printf("%s\n", out.Result)
		for _, s := range out.Steps {
			e.printf("  %-11s %s\n", s.Name, s.Result)
		}
		if out.Proven != "" {
			e.printf("  archived at %s\n", out.Proven)
		}
	}
	switch check.Result {
	case signing.Passed:
		return nil
	case signing.Failed:
		return statusError(exitFailed)
	default:
		return statusError(exitIndeterminate)
	}
}

func mediaOf(raw []byte) string {
	switch b := bytes.TrimLeft(raw, " \t\r\n"); {
	case bytes.HasPrefix(b, []byte("<")):
		return "application/xml"
	case bytes.HasPrefix(b, []byte("{")):
		var probe struct {
			Protected  *string          `json:"protected"`
			Signatures *json.RawMessage `json:"signatures"`
		}
		if json.Unmarshal(b, &probe) == nil && (probe.Protected != nil || probe.Signatures != nil) {
			return "application/jose+json"
		}
		return "application/json"
	default:
		return "application/jose"
	}
}

// decodePayload reads a payload by its media type.
func decodePayload(media string, payload []byte) (*attestation.Submission, error) {
	if strings.HasSuffix(media, "xml") {
		return native.DecodeXML(payload)
	}
	return native.DecodeJSON(payload)
}

// trust says whom to believe: the registry of a home, a trust list, or a
// gateway's list fetched and verified with its JWKS.
func (c *verifyCmd) trust(e *env) (evidence.Directory, []evidence.Log, error) {
	where := c.Trust
	if where == "" {
		if where = e.server; where == "" {
			where = e.home
		}
	}
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		cl, err := client.New(where, "", nil, nil)
		if err != nil {
			return nil, nil, err
		}
		payload, err := cl.TrustList(e.ctx)
		if err != nil {
			return nil, nil, err
		}
		return trusted(payload, e.now())
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, nil, usageError("--trust names no home, file or URL: " + where)
	}
	if info.IsDir() {
		return homeTrust(e, home(where))
	}
	raw, err := e.read(where)
	if err != nil {
		return nil, nil, err
	}
	return trusted(bytes.TrimSpace(raw), e.now())
}

func trusted(raw []byte, now time.Time) (evidence.Directory, []evidence.Log, error) {
	list, err := evidence.ReadTrustFile(raw, now)
	if err != nil {
		return nil, nil, err
	}
	t, err := list.Compile()
	if err != nil {
		return nil, nil, err
	}
	return t, t.Logs(), nil
}

// homeTrust reads the registry of a gateway's home without running it: from a
// list that it keeps beside the archive when it runs, else from the archive.
func homeTrust(e *env, h home) (evidence.Directory, []evidence.Log, error) {
	gw, done, err := openGateway(e, h)
	if err != nil {
		return nil, nil, err
	}
	raw, err := gw.TrustList(e.ctx)
	if err = errors.Join(err, done()); err != nil {
		return nil, nil, err
	}
	return trusted(raw, e.now())
}

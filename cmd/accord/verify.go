package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
)

// verifyCmd reports on a document or a receipt.
type verifyCmd struct {
	Trust     string  `help:"Whom to trust: a gateway home, a trust list file, or the URL of a gateway. Default is --server, else --home." placeholder:"DIR|FILE|URL"`
	At        instant `help:"The time asked for (RFC 3339); default now." placeholder:"TIME"`
	Receipt   string  `help:"Receipt that came with the document: it proves when it was archived." placeholder:"FILE"`
	Signature string  `help:"Detached signature of a raw JSON or XML document." placeholder:"FILE" xor:"detached"`
	Payload   string  `help:"The other way about: the raw document, where FILE is its detached signature." placeholder:"FILE" xor:"detached"`
	Model     string  `help:"Is this model covered?"`
	File      string  `arg:"" help:"A signed document, report, decision or conversion statement, or a receipt (then with --document); - for standard input."`
	Document  string  `help:"The document of a receipt, or either of those of a conversion." placeholder:"FILE"`
}

// Help shows examples.
func (verifyCmd) Help() string {
	return help{
		about: "A home whose gateway runs is locked; then that gateway is asked for its trust list, which must be signed with the key of the home.",
		json:  jsonReport + " | {result, proven?, steps[{name, result, code?, detail?}]} of a receipt | {result, message, iss?, jti?, steps[{name, result, code?, detail?}]} of a signed report, decision or conversion",
		examples: []string{
			"accord verify --trust ./cn certificate.jws",
			"accord verify --trust trust-list.jws --receipt receipt.json certificate.jws",
			"accord verify --trust http://127.0.0.1:8081 --signature certificate.sig certificate.xml",
			"accord verify --trust ./cn --document certificate.jws receipt.json",
			"accord verify --trust ./cn --document certificate.vc.json conversion.jws",
		},
	}.String()
}

// Run prints the report; 0 passed, 1 failed, 3 indeterminate.
func (c *verifyCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	if isReceipt(raw) {
		return c.receipt(e, raw)
	}
	if typ := messageType(raw); typ != "" {
		return c.message(e, typ, raw)
	}
	d, err := c.document(e, raw)
	if err != nil {
		return err
	}
	if c.Receipt != "" {
		if d.Receipt, err = e.read(c.Receipt); err != nil {
			return err
		}
	}
	directory, logs, err := c.trust(e)
	if err != nil {
		return err
	}
	v := evidence.VerifyDocument(d, evidence.Question{At: c.At.Time, Now: e.now(), Model: c.Model}, evidence.Basis{Directory: directory, Logs: logs})
	return c.print(e, v.Report)
}

// document puts octets and signature together.
func (c *verifyCmd) document(e *env, raw []byte) (evidence.Document, error) {
	d := evidence.Document{Octets: bytes.TrimRight(raw, "\r\n"), Ctys: fieldCtys(), Decode: decodePayload}
	var err error
	switch {
	case c.Payload != "":
		d.Signature = strings.TrimSpace(string(raw))
		d.Octets, err = e.read(c.Payload)
	case c.Signature != "":
		var sig []byte
		sig, err = e.read(c.Signature)
		d.Octets, d.Signature = raw, strings.TrimSpace(string(sig))
	case isDetached(bytes.TrimSpace(raw)):
		err = usageError("this is a detached signature; name its document with --payload FILE")
	}
	if err != nil {
		return d, err
	}
	d.MediaType = mediaOf(d.Octets)
	return d, nil
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
		c.printText(e, r)
	}
	return resultStatus(r.Result)
}

func (c *verifyCmd) printText(e *env, r *evidence.Report) {
	e.printf("%s\n", r.Result)
	if s := r.Signature; s != nil {
		e.printf("%s\n", strings.TrimRight(fmt.Sprintf("  signature %s %s %s", s.Result, s.Alg, s.Signer), " "))
		if s.TProof != "" && r.Checkpoint != "" { // without a good receipt it is the present
			e.printf("  existed at %s\n", s.TProof)
		}
	}
	if r.Content != nil {
		e.printf("  content   %s\n", r.Content.Result)
	}
	if r.Model != nil {
		e.printf("  model     %s %s\n", r.Model.Model, r.Model.Result)
	}
	if r.Status != nil {
		e.printf("  status    %s at %s (as the document tells it)\n", r.Status.Effective, r.Status.At)
	}
	for _, f := range r.Findings {
		e.printf("  %s\n", strings.Join(strings.Fields(string(f.Code)+" "+f.At+" "+f.Detail), " "))
		if f.Code == fault.JWSNoSignature && c.Signature == "" {
			e.notef("accord: the file carries no signature; name its detached one with --signature FILE\n")
		}
	}
}

// resultStatus is the exit status of a verification.
func resultStatus(r signing.Result) error {
	switch r {
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

// receiptReport is what a check of a receipt shows.
type receiptReport struct {
	Result signing.Result `json:"result"`
	Proven string         `json:"proven,omitempty"`
	Steps  []receiptStep  `json:"steps"`
}

type receiptStep struct {
	Name   evidence.StepName `json:"name"`
	Result signing.Result    `json:"result"`
	Code   fault.Code        `json:"code,omitempty"` // why it did not pass
	Detail string            `json:"detail,omitempty"`
}

func (c *verifyCmd) receipt(e *env, raw []byte) error {
	if c.Document == "" {
		return usageError("this is a receipt; name its document with --document FILE")
	}
	doc, err := e.read(c.Document)
	if err != nil {
		return err
	}
	_, logs, err := c.trust(e)
	if err != nil {
		return err
	}
	subject := receiptSubject(doc)
	if c.Signature != "" {
		sig, err := e.read(c.Signature)
		if err != nil {
			return err
		}
		subject.Signature = strings.TrimSpace(string(sig))
	}
	check := evidence.CheckReceipt(bytes.TrimSpace(raw), subject, logs, e.now())
	out := receiptReport{Result: check.Result, Steps: []receiptStep{}}
	for _, s := range check.Steps {
		step := receiptStep{Name: s.Name, Result: s.Result}
		if s.Err != nil {
			f := fault.All(s.Err)[0]
			step.Code, step.Detail = f.Code, f.Detail
		}
		out.Steps = append(out.Steps, step)
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
		printSteps(e, out.Steps)
		if out.Proven != "" {
			e.printf("  archived at %s\n", out.Proven)
		}
	}
	return resultStatus(check.Result)
}

func printSteps(e *env, steps []receiptStep) {
	for _, s := range steps {
		e.printf("%s\n", strings.TrimRight(fmt.Sprintf("  %-11s %-13s %s %s", s.Name, s.Result, s.Code, s.Detail), " "))
	}
}

// receiptSubject is the document that a receipt speaks of. A file of a compact
// JWS may end with a line end that is no part of it; a raw body has its digest
// with every octet.
func receiptSubject(doc []byte) evidence.Subject {
	subject := evidence.Subject{Octets: doc}
	if mediaOf(doc) == mediaJOSE {
		subject.Octets = bytes.TrimRight(doc, "\r\n")
	}
	if payload, err := payloadOf(doc); err == nil {
		if _, read, err := readAny(payload, ""); err == nil {
			sub := read.Submission
			subject.Content = sub.Digest()
		}
	}
	return subject
}

// The media types in which a document comes.
const (
	mediaJSON     = "application/json"
	mediaXML      = "application/xml"
	mediaJOSE     = "application/jose"
	mediaJOSEJSON = "application/jose+json"
	mediaVCJWT    = "application/vc+jwt"
)

// mediaOf tells in which form a document comes.
func mediaOf(raw []byte) string {
	switch b := bytes.TrimLeft(raw, " \t\r\n\ufeff"); {
	case bytes.HasPrefix(b, []byte("<")):
		return mediaXML
	case bytes.HasPrefix(b, []byte("{")):
		var probe struct {
			Protected  *string          `json:"protected"`
			Signatures *json.RawMessage `json:"signatures"`
		}
		if json.Unmarshal(b, &probe) == nil && (probe.Protected != nil || probe.Signatures != nil) {
			return mediaJOSEJSON
		}
		return mediaJSON
	default:
		if _, err := signing.ReadCredential(bytes.TrimSpace(raw)); err == nil {
			return mediaVCJWT
		}
		return mediaJOSE
	}
}

// decodePayload reads a payload by its media type.
func decodePayload(media string, payload []byte) (*attestation.Submission, error) {
	format := formats.NativeJSON
	switch c, ok := formats.DialectByMediaType(media); {
	case ok:
		// Several versions share a media type; the document says which it is.
		if format = c.Name; formats.Detect(payload) != "" {
			format = formats.Detect(payload)
		}
	case strings.HasSuffix(media, "xml"):
		format = formats.NativeXML
	}
	read, err := formats.Read(format, payload)
	return read.Submission, err
}

// fieldCtys are the values of cty of the dialects of the field.
func fieldCtys() (ctys []string) {
	for _, c := range formats.Dialects() {
		for _, media := range c.MediaTypes {
			ctys = append(ctys, strings.TrimPrefix(media, "application/"))
		}
	}
	return ctys
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
	if strings.Contains(where, "://") {
		cl, err := client.New(where, "", nil, nil)
		if err != nil {
			return nil, nil, usageError("--trust names no home, file or http URL: " + where)
		}
		payload, err := cl.TrustList(e.ctx)
		if err != nil {
			return nil, nil, err
		}
		return trusted(payload, e.now())
	}
	info, err := os.Stat(where)
	if err != nil {
		return nil, nil, usageError("there is no home, trust list or URL " + where + "; name one with --trust")
	}
	if info.IsDir() {
		return homeTrust(e, home(where))
	}
	raw, err := e.read(where)
	if err != nil {
		return nil, nil, err
	}
	directory, logs, err := trusted(bytes.TrimSpace(raw), e.now())
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.CodeOf(err), where+" is not a trust list that can be used")
	}
	return directory, logs, nil
}

func trusted(raw []byte, now time.Time) (evidence.Directory, []evidence.Log, error) {
	list, err := evidence.ReadTrustFile(raw, now)
	if err != nil {
		return nil, nil, err
	}
	return compiled(list, now)
}

// compiled makes a list ready. Its key set has the keys of the gateway that
// count now; the record of its authority has those that counted before, with
// their end.
func compiled(list *evidence.TrustList, now time.Time) (evidence.Directory, []evidence.Log, error) {
	t, err := list.Compile()
	if err != nil {
		return nil, nil, err
	}
	logs := t.Logs()
	if own := t.Trust(list.Gateway.ID, now); own != nil {
		for i := range logs {
			logs[i].Keys = append(slices.Clone(logs[i].Keys), own.Keys...)
		}
	}
	return t, logs, nil
}

// homeTrust reads the registry of a gateway's home: from its archive, or where
// the gateway runs from the list that it signs.
func homeTrust(e *env, h home) (evidence.Directory, []evidence.Log, error) {
	gw, done, err := openGateway(e, h)
	if errors.Is(err, errInUse) {
		return runningTrust(e, h)
	}
	if err != nil {
		return nil, nil, err
	}
	raw, err := gw.TrustList(e.ctx)
	if err = errors.Join(err, done()); err != nil {
		return nil, nil, err
	}
	return trusted(raw, e.now())
}

func runningTrust(e *env, h home) (evidence.Directory, []evidence.Log, error) {
	cfg, err := h.config()
	if err != nil {
		return nil, nil, err
	}
	keys, err := h.docKeys()
	if err != nil {
		return nil, nil, err
	}
	cl, err := e.running(h, cfg)
	if err != nil {
		return nil, nil, err
	}
	res, err := cl.Get(e.ctx, "/v1/trust-list", nil, "")
	if err != nil {
		return nil, nil, err
	}
	list, err := evidence.OpenTrustList(res.Body, keys, e.now())
	if err != nil {
		return nil, nil, err
	}
	return compiled(list, e.now())
}

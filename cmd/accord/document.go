package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"accord/attestation"
	"accord/formats"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

// payloadOf returns the document inside a JWS, or the bytes themselves where
// they are JSON or XML. Nothing is verified.
func payloadOf(raw []byte) ([]byte, error) {
	if media := mediaOf(raw); media == mediaJSON || media == mediaXML || len(bytes.TrimSpace(raw)) == 0 {
		return raw, nil
	}
	msg, err := signing.Read(bytes.TrimSpace(raw), signing.AttestationProfile())
	if err != nil {
		return nil, err
	}
	return msg.Payload, nil
}

// noReceipt refuses a receipt, which is often at hand beside its document.
func noReceipt(raw []byte) error {
	if isReceipt(raw) {
		return usageError("this is a receipt; check it with `accord verify --document DOCUMENT RECEIPT`")
	}
	return nil
}

// decodeAny reads a submission in either of our forms.
func decodeAny(raw []byte) (*attestation.Submission, error) {
	if bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("<")) {
		return native.DecodeXML(raw)
	}
	return native.DecodeJSON(raw)
}

// validateCmd lists the findings of a document.
type validateCmd struct {
	File string `arg:"" help:"A document or its JWS; - for standard input."`
}

// Help shows an example.
func (validateCmd) Help() string {
	return help{
		about:    "Form and rules of the document are checked, no signature; `accord verify` does that.",
		json:     "{result, content?, findings[" + jsonFinding + "]}",
		examples: []string{"accord validate certificate.json"},
	}.String()
}

// validation is what validate found.
type validation struct {
	Result   string                `json:"result"` // passed or failed
	Content  attestation.Digest    `json:"content,omitempty"`
	Findings []attestation.Finding `json:"findings"`
}

// Run prints every finding; 0 when there is none but warnings, else 1.
func (c *validateCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	if err := noReceipt(raw); err != nil {
		return err
	}
	out := validate(raw, e.now())
	if e.format == "json" {
		if err := e.printJSON(out); err != nil {
			return err
		}
	} else {
		for _, f := range out.Findings {
			e.printf("%-8s %-22s %s  %s\n", f.Severity, f.Code, f.At, f.Detail)
		}
		e.printf("%s", out.Result)
		if out.Content != "" {
			e.printf(" %s", out.Content)
		}
		e.printf("\n")
	}
	if out.Result != "passed" {
		return statusError(exitFailed)
	}
	return nil
}

func validate(raw []byte, now time.Time) validation {
	out := validation{Result: "passed", Findings: []attestation.Finding{}}
	payload, err := payloadOf(raw)
	var sub *attestation.Submission
	if err == nil {
		sub, err = decodeAny(payload)
	}
	if err != nil {
		for _, f := range fault.All(err) {
			out.Findings = append(out.Findings, attestation.Finding{Code: f.Code, At: f.At, Detail: f.Detail, Severity: attestation.SeverityError})
		}
		out.Result = "failed"
		return out
	}
	findings, warnings := sub.Validate(now)
	out.Content = sub.Digest()
	out.Findings = append(append(out.Findings, findings...), warnings...)
	if len(findings) > 0 {
		out.Result = "failed"
	}
	return out
}

// inspectCmd shows a document to a human.
type inspectCmd struct {
	Lang string `help:"Preferred language of texts." default:"en"`
	File string `arg:"" help:"A document or its JWS; - for standard input."`
}

// Help shows an example.
func (inspectCmd) Help() string {
	return help{
		about:    "Nothing is verified. As JSON it is the document itself in our form, native+json.",
		json:     "{modelVersion, …}",
		examples: []string{"accord inspect --lang zh-CN certificate.jws"},
	}.String()
}

// Run prints what the document says.
func (c *inspectCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	if err := noReceipt(raw); err != nil {
		return err
	}
	payload, err := payloadOf(raw)
	if err != nil {
		return err
	}
	sub, err := decodeAny(payload)
	if err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(json.RawMessage(native.AppendJSON(nil, sub)))
	}
	facts := sub.Status(e.now())
	line := func(label, value string) {
		if value = strings.TrimSpace(value); value != "" {
			e.printf("%-14s %s\n", label, value)
		}
	}
	line("Document", c.text(sub.Title))
	for _, id := range sub.Identifiers {
		line("Number", id.Value+"  ("+id.Scheme+")")
	}
	line("Kind", fmt.Sprintf("%s, %s party, %s", sub.Kind, sub.Party, sub.Regime))
	line("Status", fmt.Sprintf("%s (as the document tells it, today)", facts.Effective))
	line("Issuer", c.party(sub.Issuer))
	for _, p := range sub.Parties {
		if p.Ref == "" {
			line(p.Role, c.party(p))
		} else {
			line(p.Role, "as "+p.Ref)
		}
	}
	for _, o := range sub.Objects {
		line("Object", c.text(o.Name)+"  ("+o.Type+")")
		for _, k := range o.Classifications {
			line("  code", k.Code+"  ("+k.System+")")
		}
		for _, m := range o.Models {
			line("  model", strings.TrimSpace(m.Model+"  "+c.text(m.Note)))
		}
	}
	for _, r := range sub.Requirements {
		line("Requirement", strings.TrimSuffix(r.ID+"-"+r.Edition, "-"))
	}
	line("Issued", sub.Dates.Issued.Value)
	if sub.Dates.Expires != nil {
		line("Expires", sub.Dates.Expires.Value)
	}
	for _, ev := range sub.StatusEvents {
		line("Event", fmt.Sprintf("%d %s %s %s", ev.Seq, ev.Effective.Value, ev.Event, c.text(ev.Reason)))
	}
	line("Content", string(sub.Digest()))
	if media := mediaOf(raw); media == mediaJOSE || media == mediaJOSEJSON {
		line("Signature", "present; check it with `accord verify`")
	}
	return nil
}

// text picks the preferred language, else the first.
func (c *inspectCmd) text(t attestation.LText) string {
	for _, v := range t {
		if v.Lang == c.Lang {
			return v.Value
		}
	}
	if len(t) > 0 {
		return t[0].Value
	}
	return ""
}

func (c *inspectCmd) party(p attestation.Party) string {
	out := c.text(p.Name)
	if p.Country != "" {
		out += ", " + string(p.Country)
	}
	for _, id := range p.Identifiers {
		out += "  " + id.Scheme + " " + id.Value
	}
	return out
}

// convertCmd converts a document between forms.
type convertCmd struct {
	From   dialect `help:"Dialect of the file, where it cannot tell." placeholder:"DIALECT"`
	To     dialect `help:"native+json, native+xml, generic+json or generic+xml." required:"" placeholder:"DIALECT"`
	Report string  `help:"Write the loss report to this file." placeholder:"FILE"`
	Strict bool    `help:"Fail on any loss."`
	File   string  `arg:"" help:"The document or its JWS; - for standard input."`
}

// Help shows an example.
func (convertCmd) Help() string {
	return help{
		about: "A signature is of the octets that were signed: what comes out is not signed. The loss report is a list of {path, code, severity, source, target}; losses are told on standard error too.",
		json:  "{from, to, document, losses[{path, code, severity, source, target}]}",
		examples: []string{
			"accord convert --to native+xml certificate.json > certificate.xml",
			"accord convert --from generic+json --to generic+xml --strict document.json",
		},
	}.String()
}

// Run writes the converted document.
func (c *convertCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	if raw, err = payloadOf(raw); err != nil {
		return err
	}
	from := string(c.From)
	if from == "" {
		if from = formats.Detect(raw); from == "" {
			return usageError("the file does not tell its dialect; say --from native+json, native+xml, generic+json or generic+xml")
		}
		// The generic layer takes any XML; what is also our own XML is still
		// XML.
		if c.To == formats.GenericJSON && from == formats.NativeXML {
			from = formats.GenericXML
		}
	}
	out, losses, err := formats.Convert(from, string(c.To), raw, formats.Options{})
	if err != nil {
		return err
	}
	if losses == nil {
		losses = []formats.Loss{}
	}
	if err := c.report(e, losses); err != nil {
		return err
	}
	if c.Strict && len(losses) > 0 {
		return statusError(exitFailed)
	}
	if e.format == "json" {
		return e.printJSON(conversion{From: from, To: string(c.To), Document: string(out), Losses: losses})
	}
	_, err = e.stdout.Write(out)
	return err
}

// conversion is the result of convert as JSON.
type conversion struct {
	From     string         `json:"from"`
	To       string         `json:"to"`
	Document string         `json:"document"` // text of the document
	Losses   []formats.Loss `json:"losses"`
}

// report tells the losses, and writes them to the file of --report.
func (c *convertCmd) report(e *env, losses []formats.Loss) error {
	if c.Report != "" {
		text, err := json.MarshalIndent(losses, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Report, append(text, '\n'), 0o600); err != nil {
			return fmt.Errorf("write loss report: %w", err)
		}
	}
	for _, l := range losses {
		e.notef("loss: %s %s %s\n", l.Severity, l.Code, l.Path)
	}
	if c.Strict && len(losses) > 0 {
		e.notef("accord: nothing is written: --strict takes no loss\n")
	}
	return nil
}

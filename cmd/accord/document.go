package main

import (
	"bytes"
	"time"

	"accord/attestation"
	"accord/formats"
	"accord/formats/untp"
	"accord/internal/fault"
	"accord/signing"
)

// payloadOf returns the document inside a JWS or a secured credential, or the
// bytes themselves where they are none. Nothing is verified.
func payloadOf(raw []byte) ([]byte, error) {
	if jws, ok, err := untp.Unwrap(raw); ok || err != nil {
		raw = jws
		if err != nil {
			return nil, err
		}
	}
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) { // UTF-16
		return nil, formats.Unsafe(raw)
	}
	media := mediaOf(raw)
	if media == mediaJSON || media == mediaXML || len(bytes.TrimSpace(raw)) == 0 || formats.Detect(raw) != "" {
		return raw, nil
	}
	text := bytes.TrimSpace(raw)
	msg, err := signing.Read(text, documentProfile())
	if fault.CodeOf(err) == fault.JWSTypMismatch {
		if cred, err := signing.ReadCredential(text); err == nil {
			return cred.Payload, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return msg.Payload, nil
}

// documentProfile is a JWS around a document in our dialect or one of the field.
func documentProfile() signing.Profile {
	p := signing.AttestationProfile()
	p.Ctys = append(p.Ctys, fieldCtys()...)
	return p
}

// noReceipt refuses a receipt, which is often at hand beside its document.
func noReceipt(raw []byte) error {
	if isReceipt(raw) {
		return usageError("this is a receipt; check it with `accord verify --document DOCUMENT RECEIPT`")
	}
	return nil
}

// readAny reads a document: in the format that is named, else in the one that
// it shows. What shows none is read as ours, which says what is wrong.
func readAny(raw []byte, from string) (format string, r formats.Reading, err error) {
	if from == "" {
		from = formats.Detect(raw)
	}
	switch {
	case from != "" && from != formats.GenericXML:
	case bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("<")):
		from = formats.NativeXML
	default:
		from = formats.NativeJSON
	}
	r, err = formats.Read(from, raw)
	return from, r, err
}

// validateCmd lists the findings of a document.
type validateCmd struct {
	From dialect `help:"Dialect of the file, where it cannot tell." placeholder:"DIALECT"`
	File string  `arg:"" help:"A document or its JWS; - for standard input."`
}

// Help shows an example.
func (validateCmd) Help() string {
	return help{
		about:    "Form and rules of the document are checked, no signature; `accord verify` does that. A document of the field is checked by its own rules, then by ours; what is read otherwise than it is written is a finding conversion.loss, which is no fault.",
		json:     "{result, format?, content?, findings[" + jsonFinding + "]}",
		examples: []string{"accord validate certificate.json", "accord validate --from untp credential.json"},
	}.String()
}

// validation is what validate found.
type validation struct {
	Result   string                `json:"result"` // passed or failed
	Format   string                `json:"format,omitempty"`
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
	out := validate(raw, string(c.From), e.now())
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

// unwrapped returns the document of a file; where a dialect is named that no JWS
// could be in, the file itself.
func unwrapped(raw []byte, from string) ([]byte, error) {
	payload, err := payloadOf(raw)
	if err != nil && from != "" {
		return raw, nil
	}
	return payload, err
}

func validate(raw []byte, from string, now time.Time) validation {
	out := validation{Result: "passed", Findings: []attestation.Finding{}}
	payload, err := unwrapped(raw, from)
	var read formats.Reading
	if err == nil {
		out.Format, read, err = readAny(payload, from)
	}
	if err != nil {
		for _, f := range fault.All(err) {
			out.Findings = append(out.Findings, attestation.Finding{Code: f.Code, At: f.At, Detail: f.Detail, Severity: attestation.SeverityError})
		}
		out.Result = "failed"
		return out
	}
	findings, warnings := read.Submission.Validate(now)
	out.Content = read.Submission.Digest()
	out.Findings = append(append(out.Findings, findings...), warnings...)
	for _, l := range read.Losses {
		out.Findings = append(out.Findings, attestation.Finding{
			Code: fault.ConversionLoss, At: l.Path, Detail: string(l.Severity) + " " + l.Code + ", read from " + l.Source, Severity: attestation.SeverityWarning,
		})
	}
	if len(findings) > 0 {
		out.Result = "failed"
	}
	return out
}

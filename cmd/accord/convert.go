package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"accord/attestation"
	"accord/formats"
	"accord/internal/fault"
)

// convertCmd converts a document between forms.
type convertCmd struct {
	From   dialect `help:"Dialect of the file, where it cannot tell." placeholder:"DIALECT"`
	To     dialect `help:"native+json, native+xml, generic+json, generic+xml, or a dialect as untp or cnca+json (docs/mappings)." required:"" placeholder:"DIALECT"`
	Lang   string  `help:"Language of the texts (BCP 47), where the dialect has room for one." placeholder:"LANG"`
	Blobs  string  `help:"Directory of binaries: those that are lifted out of the document are written there under their SHA-256, those that it needs are read from there." placeholder:"DIR"`
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
			"accord convert --to untp --lang en --report losses.json certificate.json",
			"accord convert --to native+json --blobs ./binaries ecert.xml",
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
	from := string(c.From)
	if raw, err = unwrapped(raw, from); err != nil {
		return err
	}
	if from == "" {
		from = formats.Detect(raw)
		// The generic layer takes any XML and any JSON; what is also in a dialect of
		// the field is still that. Our own JSON has an XML form of its own.
		switch generic := c.To == formats.GenericJSON || c.To == formats.GenericXML; {
		case generic && mediaOf(raw) == mediaJSON && from != formats.NativeJSON && formats.Unsafe(raw) == nil:
			from = formats.GenericJSON
		case c.To == formats.GenericJSON && from != "" && mediaOf(raw) == mediaXML:
			from = formats.GenericXML
		}
		if from == "" {
			if err := formats.Unsafe(raw); err != nil {
				return err
			}
			return usageError("the file does not tell its dialect; say --from " + strings.Join(formats.Names(), ", "))
		}
	}
	lifted, err := c.lifted(from, raw)
	if err != nil {
		return err
	}
	out, losses, err := formats.Convert(from, string(c.To), raw, formats.Options{Lang: c.Lang, Blob: c.octets(lifted.Blobs)})
	if err != nil {
		return err
	}
	losses = append([]formats.Loss{}, losses...)
	if c.Blobs == "" && len(lifted.Blobs) > 0 && !formats.SameDialect(from, string(c.To)) {
		for _, b := range lifted.Blobs {
			losses = append(losses, formats.LostBlob(lifted.Submission, b, string(c.To)))
		}
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

// lifted reads the document and keeps the binaries that this lifts out of it in the directory of --blobs. The generic forms leave them where they are.
func (c *convertCmd) lifted(from string, raw []byte) (formats.Reading, error) {
	if c.To == formats.GenericJSON || c.To == formats.GenericXML {
		return formats.Reading{}, nil
	}
	read, err := formats.Read(from, raw)
	if err != nil || c.Blobs == "" {
		return read, err
	}
	for _, b := range read.Blobs {
		if err := os.MkdirAll(c.Blobs, 0o700); err != nil {
			return read, fmt.Errorf("make the directory of --blobs: %w", err)
		}
		if err := os.WriteFile(c.blobFile(b.Digest), b.Octets, 0o600); err != nil {
			return read, fmt.Errorf("write a binary: %w", err)
		}
	}
	return read, nil
}

func (c *convertCmd) blobFile(d attestation.Digest) string {
	return filepath.Join(c.Blobs, strings.TrimPrefix(string(d), "sha-256:"))
}

// octets finds a binary among those of the document, then in the directory.
func (c *convertCmd) octets(lifted []formats.Blob) func(attestation.Digest) ([]byte, error) {
	return func(d attestation.Digest) ([]byte, error) {
		for _, b := range lifted {
			if b.Digest == d {
				return b.Octets, nil
			}
		}
		if c.Blobs != "" && d.Valid() {
			if octets, err := os.ReadFile(c.blobFile(d)); err == nil {
				return octets, nil
			}
		}
		return nil, fault.Newf(fault.ResourceNotFound, "the document needs the binary %s; name a directory that has it with --blobs", d)
	}
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

package main

import (
	"strings"

	"accord/client"
	"accord/internal/fault"
)

// submitCmd submits a signed document.
type submitCmd struct {
	To        []string `help:"Economy or partner that must be reached; repeatable." placeholder:"NZ"`
	Signature string   `help:"Detached signature (JWS-Signature) of a raw JSON or XML body." placeholder:"FILE"`
	File      string   `arg:"" help:"A JWS, or with --signature a raw document; - for standard input."`
}

// Help shows an example.
func (submitCmd) Help() string {
	return "Example: accord submit --home ./cb --server http://127.0.0.1:8081 --to NZ certificate.jws"
}

// Run submits and prints id, revision, index and warnings.
func (c *submitCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	media, sig := "application/jose", ""
	switch {
	case c.Signature != "":
		s, err := e.read(c.Signature)
		if err != nil {
			return err
		}
		sig, media = strings.TrimSpace(string(s)), "application/json"
		if raw[0] == '<' {
			media = "application/xml"
		}
	case len(raw) > 0 && raw[0] == '{':
		media = "application/jose+json"
	}
	acc, err := cl.Submit(e.ctx, raw, media, sig, c.To...)
	if err != nil {
		return err
	}
	return e.printAccepted(acc)
}

func (e *env) printAccepted(acc *client.Accepted) error {
	if e.format == "json" {
		return e.printJSON(acc)
	}
	word := "accepted"
	if acc.Code == fault.ReplayDuplicate {
		word = "already archived"
	}
	e.printf("%s", word)
	if acc.ID != "" {
		e.printf(" %s revision %d", acc.ID, acc.Revision)
	}
	e.printf(" at ledger index %d\ncontent %s\n", acc.Index, acc.Content)
	for _, w := range acc.Warnings {
		e.printf("warning %s %s %s\n", w.Code, w.Pointer, w.Detail)
	}
	return nil
}

package main

import (
	"bytes"
	"strings"

	"accord/client"
	"accord/internal/fault"
)

// submitCmd submits a signed document.
type submitCmd struct {
	To        []party `help:"Economy or partner that must be reached; repeatable." placeholder:"NZ" sep:"none"`
	Signature string  `help:"Detached signature (JWS-Signature) of a raw JSON or XML body." placeholder:"FILE"`
	File      string  `arg:"" help:"A JWS, or with --signature a raw document; - for standard input."`
}

// Help shows an example.
func (submitCmd) Help() string {
	return help{
		about: "The same content again is not archived again: it gets the same receipt.",
		json:  jsonAccepted,
		examples: []string{
			"accord submit --home ./cb --server http://127.0.0.1:8081 --to NZ certificate.jws",
			"accord submit --home ./cb --server http://127.0.0.1:8081 --signature certificate.sig certificate.xml",
		},
	}.String()
}

// Run submits and prints id, revision, index and warnings.
func (c *submitCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	media, sig := mediaOf(raw), ""
	switch raws := media == mediaJSON || media == mediaXML; {
	case len(bytes.TrimSpace(raw)) == 0:
		return usageError("there is nothing in " + c.File)
	case raws && c.Signature == "":
		return usageError("this document is not signed; sign it with `accord sign`, or name its detached signature with --signature FILE")
	case !raws && c.Signature != "":
		return usageError("this document carries its signature itself; leave --signature out")
	case raws:
		s, err := e.read(c.Signature)
		if err != nil {
			return err
		}
		if sig = strings.TrimSpace(string(s)); strings.Count(sig, ".") != 2 || !strings.Contains(sig, "..") || len(strings.Fields(sig)) != 1 {
			return usageError(c.Signature + " is not a detached signature, HEADER..SIGNATURE; make one with `accord sign --detached`")
		}
	case media == mediaJOSE:
		raw = bytes.TrimRight(raw, "\r\n") // of the file, not of the message
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	to := make([]string, len(c.To))
	for i, p := range c.To {
		to[i] = string(p)
	}
	acc, err := cl.Submit(e.ctx, raw, media, sig, to...)
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
		e.printf("%s\n", strings.Join(strings.Fields("warning "+w.Code+" "+w.Pointer+" "+w.Detail), " "))
	}
	return nil
}

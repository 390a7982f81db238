package main

import (
	"encoding/json"
	"net/url"
	"os"

	"accord/client"
)

// getCmd fetches a document.
type getCmd struct {
	As        string `help:"json or xml: the document with its present status; original: the octets as they came; jose: the same, only where they are a compact JWS; receipt." enum:"json,xml,jose,original,receipt" default:"json"`
	Signature string `help:"With --as original, of a document that came with a detached signature: write that to this file." placeholder:"FILE"`
	ID        string `arg:"" help:"Series id (att_…), sha-256:HEX of received octets, or number as printed."`
}

// Help shows examples.
func (getCmd) Help() string {
	return help{
		about: "With --format json the views as JSON and receipts stay what they are, anything else is text in a member.",
		json:  "{…} | {mediaType, body, signature?}",
		examples: []string{
			"accord get --home ./nz --server http://127.0.0.1:8082 --as xml 2024990708000002",
			"accord get --home ./cb --server http://127.0.0.1:8081 --as original att_ynjd2ezcq4254uueddsqx7jmtbnbqbzk",
		},
	}.String()
}

// Run writes the representation.
func (c *getCmd) Run(e *env) error {
	if c.Signature != "" && c.As != "original" {
		return usageError("--signature goes with --as original")
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	id, err := findNumber(e, cl, c.ID, "")
	if err != nil {
		return err
	}
	path := "/v1/attestations/" + url.PathEscape(id)
	accept := map[string]string{"json": "application/json", "xml": "application/xml", "jose": "application/jose", "receipt": "application/json"}[c.As]
	if c.As == "original" || c.As == "receipt" {
		path += "/" + c.As
	}
	res, err := cl.Get(e.ctx, path, nil, accept)
	if err != nil {
		return err
	}
	return c.write(e, res)
}

func (c *getCmd) write(e *env, res *client.Response) error {
	signature := res.Header.Get("JWS-Signature")
	switch {
	case c.Signature != "" && signature == "":
		return usageError("this document carries its signature itself; leave --signature out")
	case c.Signature != "":
		if err := os.WriteFile(c.Signature, []byte(signature), 0o600); err != nil {
			return usageError("cannot write the signature: " + err.Error())
		}
	case signature != "" && e.format != "json":
		e.notef("accord: the signature of these octets is detached; write it with --signature FILE\n")
	}
	if e.format != "json" {
		_, err := e.stdout.Write(res.Body)
		return err
	}
	if c.As == "json" || c.As == "receipt" {
		return e.printJSON(json.RawMessage(res.Body))
	}
	return e.printJSON(fetched{MediaType: res.Header.Get("Content-Type"), Body: string(res.Body), Signature: signature})
}

// fetched is what get fetched, as JSON; all that a gateway keeps is text.
type fetched struct {
	MediaType string `json:"mediaType"`
	Body      string `json:"body"`
	Signature string `json:"signature,omitempty"` // JWS-Signature
}

package main

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"

	"accord/client"
	"accord/formats"
)

// getCmd fetches a document.
type getCmd struct {
	As        representation `help:"json or xml: the document with its present status; original: the octets as they came; jose: the same, only where they are a compact JWS; receipt; vc+jwt: a signed credential; or a dialect as untp or cnca+json, converted by the gateway." default:"json"`
	Lang      string         `help:"Language of the texts, of a dialect with room for one." placeholder:"LANG"`
	Statement string         `help:"With a dialect: write the gateway's signed statement about the conversion and its losses to this file." placeholder:"FILE"`
	Signature string         `help:"With --as original, of a document that came with a detached signature: write that to this file." placeholder:"FILE"`
	ID        string         `arg:"" help:"Series id (att_…), sha-256:HEX of received octets, or number as printed."`
}

// Help shows examples.
func (getCmd) Help() string {
	return help{
		about: "With --format json the views as JSON and receipts stay what they are, anything else is text in a member.",
		json:  "{…} | {mediaType, body, signature?}",
		examples: []string{
			"accord get --home ./nz --server http://127.0.0.1:8082 --as xml 2024990708000002",
			"accord get --home ./nz --server http://127.0.0.1:8082 --as untp --statement conversion.jws 2024990708000002",
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
	if c.As.converted() {
		return c.convert(e, cl, id)
	}
	if c.Statement != "" || c.Lang != "" {
		return usageError("--statement and --lang go with a dialect")
	}
	path := "/v1/attestations/" + url.PathEscape(id)
	accept := map[string]string{"json": "application/json", "xml": "application/xml", "jose": "application/jose", "receipt": "application/json"}[string(c.As)]
	if c.As == "original" || c.As == "receipt" {
		path += "/" + string(c.As)
	}
	res, err := cl.Get(e.ctx, path, nil, accept)
	if err != nil {
		return err
	}
	return c.write(e, res)
}

// representation is in what form a document is fetched.
type representation string

// The forms that no conversion makes.
var unconverted = []string{"json", "xml", "jose", "original", "receipt"}

// asCredential is a signed credential.
const asCredential = "vc+jwt"

// UnmarshalText reads the flag.
func (r *representation) UnmarshalText(text []byte) error {
	if _, ok := formats.Dialect(string(text)); ok {
		*r = representation(text)
		return nil
	}
	words := append(slices.Clone(unconverted), asCredential)
	for _, d := range formats.Dialects() {
		if d.Encode != nil {
			words = append(words, d.Name)
		}
	}
	return oneWord((*string)(r), text, words)
}

// converted says that the gateway has to convert.
func (r representation) converted() bool { return !slices.Contains(unconverted, string(r)) }

// convert fetches a document in a dialect and tells what it loses.
func (c *getCmd) convert(e *env, cl *client.Client, id string) error {
	format, secured := string(c.As), c.As == asCredential
	if secured {
		format = "untp"
	} else if d, ok := formats.Dialect(format); ok {
		format = d.Name
	}
	res, err := cl.Converted(e.ctx, id, format, c.Lang, secured)
	if err != nil {
		return err
	}
	if c.Statement != "" {
		st, err := cl.Conversion(e.ctx, id, format, c.Lang, true)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Statement, st, 0o600); err != nil {
			return usageError("cannot write the statement: " + err.Error())
		}
	}
	if n := res.Header.Get("Accord-Losses"); n != "" && n != "0" {
		e.notef("accord: the conversion loses something: %s; --statement FILE tells what\n", n)
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

package main

import (
	"net/url"
)

// getCmd fetches a document.
type getCmd struct {
	As string `help:"json, xml, jose, original or receipt." enum:"json,xml,jose,original,receipt" default:"json"`
	ID string `arg:"" help:"Series id (att_…) or sha-256:HEX."`
}

// Help shows an example.
func (getCmd) Help() string {
	return "Example: accord get --home ./nz --server http://127.0.0.1:8082 --as xml att_…"
}

// Run writes the representation.
func (c *getCmd) Run(e *env) error {
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	path := "/v1/attestations/" + url.PathEscape(c.ID)
	accept := map[string]string{"json": "application/json", "xml": "application/xml", "jose": "application/jose", "receipt": "application/json"}[c.As]
	if c.As == "original" || c.As == "receipt" {
		path += "/" + c.As
	}
	res, err := cl.Get(e.ctx, path, nil, accept)
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(res.Body)
	return err
}

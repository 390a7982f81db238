package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"accord/internal/fault"
	"accord/signing"
)

// Accepted is the answer to a submission, a statement or a registry change.
type Accepted struct {
	ID       string          `json:"id,omitempty"`       // series; empty for a registry change
	Revision int             `json:"revision,omitempty"` // 0 for what is no document
	Content  string          `json:"content"`            // payload digest
	Index    uint64          `json:"index"`              // place in the ledger
	Receipt  json.RawMessage `json:"receipt,omitempty"`
	Warnings []Warning       `json:"warnings"`
	Code     fault.Code      `json:"code,omitempty"` // replay.duplicate where it was there before
}

// Warning is a finding that did not prevent acceptance.
type Warning struct {
	Code    string `json:"code"`
	Pointer string `json:"pointer,omitempty"`
	Detail  string `json:"detail"`
}

// Submit sends a document: a JWS, or, with signature, a raw body of the given
// media type. Destinations are economies or partner ids it must reach.
func (c *Client) Submit(ctx context.Context, body []byte, media, signature string, destinations ...string) (*Accepted, error) {
	r := Request{Method: http.MethodPost, Path: "/v1/attestations", Body: body, Header: http.Header{"Content-Type": {media}}}
	if signature != "" {
		r.Header["JWS-Signature"] = []string{signature}
	}
	if len(destinations) > 0 {
		r.Query = url.Values{"destination": destinations}
	}
	return c.accepted(ctx, r)
}

// SetStatus sends a signed status statement.
func (c *Client) SetStatus(ctx context.Context, jws []byte) (*Accepted, error) {
	return c.accepted(ctx, joseRequest("/v1/status", jws))
}

// Register sends a signed registry change to one of partners, agreements,
// designations, sanctions.
func (c *Client) Register(ctx context.Context, collection string, jws []byte) (*Accepted, error) {
	return c.accepted(ctx, joseRequest("/v1/"+collection, jws))
}

func joseRequest(path string, jws []byte) Request {
	media := "application/jose"
	if len(jws) > 0 && jws[0] == '{' {
		media = "application/jose+json"
	}
	return Request{Method: http.MethodPost, Path: path, Body: jws, Header: http.Header{"Content-Type": {media}}}
}

func (c *Client) accepted(ctx context.Context, r Request) (*Accepted, error) {
	res, err := c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	acc := &Accepted{}
	if err := json.Unmarshal(res.Body, acc); err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", r.Path, err)
	}
	return acc, nil
}

// Get fetches a path in a media type.
func (c *Client) Get(ctx context.Context, path string, query url.Values, accept string) (*Response, error) {
	r := Request{Method: http.MethodGet, Path: path, Query: query, Header: http.Header{}}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	return c.Do(ctx, r)
}

// GetJSON fetches a path as JSON into v.
func (c *Client) GetJSON(ctx context.Context, path string, query url.Values, v any) error {
	res, err := c.Get(ctx, path, query, "application/json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(res.Body, v); err != nil {
		return fmt.Errorf("read answer of %s: %w", path, err)
	}
	return nil
}

// Document fetches a document by series id or digest.
func (c *Client) Document(ctx context.Context, id, accept string) ([]byte, error) {
	res, err := c.Get(ctx, "/v1/attestations/"+url.PathEscape(id), nil, accept)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Evaluate asks whether a document is recognised; signed asks for the signed
// and archived decision, as compact JWS.
func (c *Client) Evaluate(ctx context.Context, question any, signed bool) ([]byte, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("encode question: %w", err)
	}
	accept := "application/json"
	if signed {
		accept = "application/jose"
	}
	res, err := c.Do(ctx, Request{
		Method: http.MethodPost, Path: "/v1/decisions:evaluate", Body: body,
		Header: http.Header{"Content-Type": {"application/json"}, "Accept": {accept}},
		Once:   signed, // each signed decision is an entry of its own
	})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Configuration is what /.well-known/accord-configuration says.
type Configuration struct {
	Issuer    string `json:"issuer"`
	JWKSURI   string `json:"jwks_uri"`
	TrustList string `json:"trust_list"`
	OpenAPI   string `json:"openapi"`
	Ledger    struct {
		Prefix string   `json:"prefix"`
		Origin string   `json:"origin"`
		VKeys  []string `json:"vkeys"`
	} `json:"ledger"`
	Auth    []string `json:"auth"`
	Algs    []string `json:"algs"`
	Formats []string `json:"formats"`
	Schemas []string `json:"schemas"`
}

// Discover reads the configuration of the gateway and takes its issuer as the
// audience of tokens.
func (c *Client) Discover(ctx context.Context) (*Configuration, error) {
	conf := &Configuration{}
	stranger := fault.Newf(fault.HTTPUnavailable, "%s does not answer as an Accord gateway does; is it the right URL?", c.base)
	res, err := c.Get(ctx, "/.well-known/accord-configuration", nil, "application/json")
	var p *Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusNotFound:
		return nil, stranger
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(res.Body, conf); err != nil || conf.Issuer == "" {
		return nil, stranger
	}
	c.mu.Lock()
	c.audience, c.token = conf.Issuer, ""
	c.mu.Unlock()
	return conf, nil
}

// TrustList fetches the signed trust list and verifies it with the gateway's
// published keys, over the connection the client was made for.
func (c *Client) TrustList(ctx context.Context) ([]byte, error) {
	list, err := c.Get(ctx, "/v1/trust-list", nil, "")
	if err != nil {
		return nil, err
	}
	set, err := c.Get(ctx, "/.well-known/jwks.json", nil, "")
	if err != nil {
		return nil, err
	}
	keys, _, err := signing.ParseKeySet(set.Body)
	if err != nil {
		return nil, err
	}
	msg, _, err := signing.VerifyCompact(list.Body, signing.TypTrust, keys)
	if err != nil {
		return nil, err
	}
	return msg.Payload, nil
}

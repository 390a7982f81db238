package main

import (
	"net/url"
	"strings"

	"accord/client"
	"accord/internal/fault"
)

// client returns a client of --server for this home.
func (e *env) client(operator bool) (*client.Client, error) {
	return e.clientOf(e.server, operator)
}

func (e *env) clientOf(server string, operator bool) (*client.Client, error) {
	if server == "" {
		return nil, usageError("name the gateway with --server URL or $ACCORD_SERVER")
	}
	who, err := home(e.home).identity(operator)
	if err != nil {
		return nil, err
	}
	return e.discover(server, who)
}

// discover makes a client whose tokens name the gateway by its issuer.
func (e *env) discover(server string, who *client.Identity) (*client.Client, error) {
	anonymous, err := client.New(server, "", nil, nil)
	if err != nil {
		return nil, usageError(err.Error())
	}
	conf, err := anonymous.Discover(e.ctx)
	if err != nil {
		return nil, err
	}
	if who == nil {
		return anonymous, nil
	}
	return client.New(server, conf.Issuer, who, nil)
}

// public returns a client of --server that is nobody in particular.
func (e *env) public() (*client.Client, error) {
	if e.server == "" {
		return nil, usageError("name the gateway with --server URL or $ACCORD_SERVER")
	}
	return e.discover(e.server, nil)
}

// findNumber resolves a number within what this partner may see.
func findNumber(e *env, cl *client.Client, number, issuer string) (string, error) {
	if strings.HasPrefix(number, "att_") || strings.HasPrefix(number, "sha-256:") {
		return number, nil
	}
	query := url.Values{"number": {number}}
	if issuer != "" {
		query.Set("issuer", issuer)
	}
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := cl.GetJSON(e.ctx, "/v1/attestations", query, &page); err != nil {
		return "", err
	}
	switch len(page.Items) {
	case 0:
		return "", fault.New(fault.ResourceNotFound, "this partner sees no document with that number there")
	case 1:
		return page.Items[0].ID, nil
	default:
		return "", usageError("several issuers use this number; say --issuer")
	}
}

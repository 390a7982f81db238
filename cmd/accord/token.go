package main

import (
	"accord/certs"
	"accord/client"
)

// tokenCmd prints a bearer token.
type tokenCmd struct {
	Operator bool    `help:"As an operator of the gateway of --home."`
	Audience httpURL `help:"URL of the gateway it is for: its issuer." required:"" placeholder:"URL"`
	Cert     string  `help:"Client certificate (PEM) that the connection will show: the token is bound to it, and good on no other." placeholder:"FILE"`
}

// Help shows an example.
func (tokenCmd) Help() string {
	return help{
		about:    "The token is good for five minutes. Where a proxy before the gateway asks clients for a certificate, name yours with --cert. In a call of curl it stands as -H \"Authorization: Bearer $(accord token …)\".",
		json:     "{token}",
		examples: []string{"accord token --home ./cb --audience http://127.0.0.1:8081"},
	}.String()
}

// Run prints the token without a line end, so that it can be put into a header.
func (c *tokenCmd) Run(e *env) error {
	who, err := home(e.home).identity(c.Operator)
	if err != nil {
		return err
	}
	if c.Cert != "" {
		chain, err := certs.LoadChain(c.Cert)
		if err != nil {
			return usageError("cannot read the certificate: " + err.Error())
		}
		who.Certificate = chain[0]
	}
	token, err := client.NewToken(*who, string(c.Audience), e.now())
	if err != nil {
		return err
	}
	return e.text("token", []byte(token))
}

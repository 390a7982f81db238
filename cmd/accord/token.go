package main

import "accord/client"

// tokenCmd prints a bearer token.
type tokenCmd struct {
	Operator bool    `help:"As an operator of the gateway of --home."`
	Audience httpURL `help:"URL of the gateway it is for: its issuer." required:"" placeholder:"URL"`
}

// Help shows an example.
func (tokenCmd) Help() string {
	return help{
		about:    "The token is good for five minutes. In a call of curl it stands as -H \"Authorization: Bearer $(accord token …)\".",
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
	token, err := client.NewToken(*who, string(c.Audience), e.now())
	if err != nil {
		return err
	}
	return e.text("token", []byte(token))
}

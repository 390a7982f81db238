package main

import "accord/client"

// tokenCmd prints a bearer token.
type tokenCmd struct {
	Operator bool   `help:"As an operator of the gateway of --home."`
	Audience string `help:"URL of the gateway it is for: its issuer." required:"" placeholder:"URL"`
}

// Help shows an example.
func (tokenCmd) Help() string {
	return "Example: curl -H \"Authorization: Bearer $(accord token --home ./cb --audience http://127.0.0.1:8081)\" http://127.0.0.1:8081/v1/changes"
}

// Run prints the token without a line end, so that it can be put into a header.
func (c *tokenCmd) Run(e *env) error {
	who, err := home(e.home).identity(c.Operator)
	if err != nil {
		return err
	}
	token, err := client.NewToken(*who, c.Audience, e.now())
	if err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(map[string]string{"token": token})
	}
	e.printf("%s", token)
	return nil
}

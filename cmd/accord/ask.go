package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"accord/internal/fault"
	"accord/partners/recognition"
)

// evaluateCmd asks for a decision.
type evaluateCmd struct {
	Partner string   `help:"Who recognises: partner id or economy; default is the asker." placeholder:"NZ"`
	Purpose string   `help:"import, placeOnMarket, continuedSale, tender or information." default:"import"`
	Fact    []string `help:"What the document cannot know, as k=v: model, origin, assembledIn, shippedFrom, shippedDirect, companion; repeatable." placeholder:"K=V"`
	At      string   `help:"The time asked for (RFC 3339)." placeholder:"TIME"`
	KnownAt string   `name:"known-at" help:"As known at a ledger size or time." placeholder:"K"`
	Signed  bool     `help:"Ask for the signed and archived decision."`
	ID      string   `arg:"" help:"Series id, digest or number."`
}

// Help shows an example.
func (evaluateCmd) Help() string {
	return "Example: accord evaluate --home ./nz --server http://127.0.0.1:8082 --partner NZ --fact origin=CN --fact shippedDirect=true 2024990708000002"
}

// Run prints the decision; 0 recognised or conditional, 1 not recognised, 3
// indeterminate.
func (c *evaluateCmd) Run(e *env) error {
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	facts, err := c.facts()
	if err != nil {
		return err
	}
	id, err := findNumber(e, cl, c.ID, "")
	if err != nil {
		return err
	}
	q := map[string]any{"attestation": map[string]string{"id": id}, "purpose": c.Purpose, "facts": facts}
	if c.Partner != "" {
		q["partner"] = c.Partner
	}
	if c.At != "" {
		q["at"] = c.At
	}
	if c.KnownAt != "" {
		q["knownAt"] = c.KnownAt
		if strings.Trim(c.KnownAt, "0123456789") == "" {
			q["knownAt"] = json.RawMessage(c.KnownAt)
		}
	}
	answer, err := cl.Evaluate(e.ctx, q, c.Signed)
	if err != nil {
		return err
	}
	if c.Signed {
		_, err = e.stdout.Write(answer)
		return err
	}
	var d recognition.Decision
	if err := json.Unmarshal(answer, &d); err != nil {
		return fmt.Errorf("read decision: %w", err)
	}
	if e.format == "json" {
		if err := e.printJSON(json.RawMessage(answer)); err != nil {
			return err
		}
	} else {
		printDecision(e, &d)
	}
	switch d.Outcome {
	case recognition.NotRecognised:
		return statusError(exitFailed)
	case recognition.OutcomeIndeterminate:
		return statusError(exitIndeterminate)
	}
	return nil
}

func (c *evaluateCmd) facts() (map[string]any, error) {
	facts := map[string]any{}
	var companions []string
	for _, f := range c.Fact {
		k, v, ok := strings.Cut(f, "=")
		switch {
		case !ok:
			return nil, usageError("write a fact as k=v, as origin=CN")
		case k == "shippedDirect":
			facts[k] = v == "true"
		case k == "companion":
			companions = append(companions, v)
			facts["companions"] = companions
		case k == "model" || k == "origin" || k == "assembledIn" || k == "shippedFrom":
			facts[k] = v
		default:
			return nil, usageError("there is no fact " + k + "; known are model, origin, assembledIn, shippedFrom, shippedDirect, companion")
		}
	}
	return facts, nil
}

// printDecision shows the outcome, its conditions and every check that did not
// simply pass.
func printDecision(e *env, d *recognition.Decision) {
	e.printf("%s for %s by %s (as known at ledger size %d)\n", d.Outcome, d.Purpose, d.Partner, d.KnownAt)
	for _, c := range d.Conditions {
		e.printf("  condition %s (%s %s): %s %s\n", c.Code, c.Check, c.Clause, c.Detail, strings.Join(c.Values, ", "))
	}
	for _, r := range d.Results {
		e.printf("  %s %s: %s\n", r.Agreement, r.Scope, r.Outcome)
		for _, k := range r.Checks {
			if k.Result != recognition.CheckPass && k.Result != recognition.CheckNotApplicable {
				e.printf("    %-5s %-12s %s\n", k.Code, k.Result, k.Detail)
			}
		}
	}
	if !d.ValidUntil.IsZero() {
		e.printf("  good until %s unless something changes\n", d.ValidUntil.Format("2006-01-02T15:04:05Z"))
	}
}

// routesCmd asks the directory question.
type routesCmd struct {
	From     string `help:"Economy or partner of the body." required:""`
	To       string `help:"Economy or partner of the market." required:""`
	Product  string `help:"Code of a product."`
	Standard string `help:"Number of a standard."`
	Activity string `help:"Activity."`
}

// Help shows an example.
func (routesCmd) Help() string {
	return "Example: accord routes --server http://127.0.0.1:8081 --from CN --to NZ --product 0708"
}

// Run prints a line for each route; 3 when there is none.
func (c *routesCmd) Run(e *env) error {
	if e.server == "" {
		return usageError("name the gateway with --server URL or $ACCORD_SERVER")
	}
	cl, err := e.discover(e.server, nil)
	if err != nil {
		return err
	}
	query := url.Values{"from": {c.From}, "to": {c.To}}
	for name, v := range map[string]string{"product": c.Product, "standard": c.Standard, "activity": c.Activity} {
		if v != "" {
			query.Set(name, v)
		}
	}
	var list struct {
		Items []recognition.Route `json:"items"`
		At    string              `json:"at"`
	}
	if err := cl.GetJSON(e.ctx, "/v1/recognition", query, &list); err != nil {
		return err
	}
	if e.format == "json" {
		if err := e.printJSON(list); err != nil {
			return err
		}
	}
	if len(list.Items) == 0 {
		return fault.New(fault.ResourceNotFound, "no body of "+c.From+" is recognised for that by "+c.To)
	}
	if e.format != "json" {
		for _, r := range list.Items {
			e.printf("%s  %s %s (%s)  %s  by %s\n", r.Body, r.Agreement, r.Scope, r.Clause, r.Effect, r.Basis)
		}
	}
	return nil
}

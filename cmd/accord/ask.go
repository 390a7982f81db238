package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"accord/attestation"
	"accord/internal/fault"
	"accord/partners/recognition"
	"accord/signing"
)

// evaluateCmd asks for a decision.
type evaluateCmd struct {
	Partner party      `help:"Who recognises: partner id or economy; default is the asker." placeholder:"NZ"`
	Purpose string     `help:"import, placeOnMarket, continuedSale, tender or information." enum:"import,placeOnMarket,continuedSale,tender,information" default:"import"`
	Fact    []factFlag `help:"What the document cannot know, as k=v: model, origin, assembledIn, shippedFrom, shippedDirect, companion; repeatable." placeholder:"K=V" sep:"none"`
	At      instant    `help:"The time asked for (RFC 3339); default now." placeholder:"TIME"`
	KnownAt knownAt    `name:"known-at" help:"As known at a ledger size or time; default now." placeholder:"K"`
	Issuer  string     `help:"Issuer, where several use the number."`
	Signed  bool       `help:"Ask for the signed and archived decision, and write its JWS."`
	ID      string     `arg:"" help:"Series id, digest or number."`
}

// Help shows an example.
func (evaluateCmd) Help() string {
	return help{
		about: "Exit status 0 says recognised or conditional, 1 not recognised, 3 indeterminate.",
		json:  "{ver, iss, subject{…}, partner, purpose, facts{…}, t, knownAt, outcome, …} | {jws} with --signed",
		examples: []string{
			"accord evaluate --home ./nz --server http://127.0.0.1:8082 --partner NZ --fact origin=CN --fact shippedDirect=true 2024990708000002",
			"accord evaluate --home ./nz --server http://127.0.0.1:8082 --purpose tender --at 2026-01-31T12:00:00Z --signed 2024990708000002",
		},
	}.String()
}

// factFlag is one fact as k=v.
type factFlag struct{ name, value string }

// UnmarshalText reads the flag and holds the value against the kind of the
// fact: what is misspelt must not be taken for something that is not known.
func (f *factFlag) UnmarshalText(text []byte) error {
	name, value, ok := strings.Cut(string(text), "=")
	if !ok {
		return errors.New("write a fact as k=v, as origin=CN")
	}
	switch name {
	case "model":
		ok = value != ""
	case "origin", "assembledIn", "shippedFrom":
		if err := new(economy).UnmarshalText([]byte(value)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	case "shippedDirect":
		ok = value == "true" || value == "false"
	case "companion":
		ok = attestation.Digest(value).Valid()
	default:
		return fmt.Errorf("there is no fact %s; known are model, origin, assembledIn, shippedFrom, shippedDirect, companion", name)
	}
	if !ok {
		return fmt.Errorf("%q is not what %s may be: shippedDirect is true or false, companion the content digest of a document (sha-256:…), model not empty", value, name)
	}
	f.name, f.value = name, value
	return nil
}

// Run prints the decision; 0 recognised or conditional, 1 not recognised, 3
// indeterminate.
func (c *evaluateCmd) Run(e *env) error {
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	id, err := findNumber(e, cl, c.ID, c.Issuer)
	if err != nil {
		return err
	}
	answer, err := cl.Evaluate(e.ctx, c.question(id), c.Signed)
	if err != nil {
		return err
	}
	payload := answer
	if c.Signed {
		msg, err := signing.Read(answer, signing.MessageProfile(signing.TypDecision))
		if err != nil {
			return err
		}
		payload = msg.Payload
	}
	var d recognition.Decision
	if err := json.Unmarshal(payload, &d); err != nil {
		return fmt.Errorf("read decision: %w", err)
	}
	switch {
	case c.Signed:
		err = e.text("jws", answer)
	case e.format == "json":
		err = e.printJSON(json.RawMessage(answer))
	default:
		printDecision(e, &d)
	}
	if err != nil {
		return err
	}
	switch d.Outcome {
	case recognition.NotRecognised:
		return statusError(exitFailed)
	case recognition.OutcomeIndeterminate:
		return statusError(exitIndeterminate)
	}
	return nil
}

// question is the body of the call.
func (c *evaluateCmd) question(id string) map[string]any {
	q := map[string]any{"attestation": map[string]string{"id": id}, "purpose": c.Purpose, "facts": c.facts()}
	if c.Partner != "" {
		q["partner"] = c.Partner
	}
	if !c.At.IsZero() {
		q["at"] = c.At.Time
	}
	switch k := string(c.KnownAt); {
	case k == "":
	case strings.Trim(k, "0123456789") == "":
		q["knownAt"] = json.Number(k)
	default:
		q["knownAt"] = k
	}
	return q
}

func (c *evaluateCmd) facts() map[string]any {
	facts := map[string]any{}
	var companions []string
	for _, f := range c.Fact {
		switch f.name {
		case "shippedDirect":
			facts[f.name] = f.value == "true"
		case "companion":
			companions = append(companions, f.value)
			facts["companions"] = companions
		default:
			facts[f.name] = f.value
		}
	}
	return facts
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
	if len(d.Results) == 0 {
		e.printf("  no agreement in force connects the issuer with %s\n", d.Partner)
	}
	if !d.ValidUntil.IsZero() {
		e.printf("  good until %s unless something changes\n", d.ValidUntil.Format("2006-01-02T15:04:05Z"))
	}
}

// routesCmd asks the directory question.
type routesCmd struct {
	From     party    `help:"Economy or partner of the body." required:"" placeholder:"CN"`
	To       party    `help:"Economy or partner of the market." required:"" placeholder:"NZ"`
	Product  string   `help:"Code of a product." placeholder:"CODE"`
	Standard string   `help:"Number of a standard." placeholder:"NUMBER"`
	Activity activity `help:"testing, inspection, certification, calibration, validation, verification or accreditation." placeholder:"ACTIVITY"`
}

// Help shows an example.
func (routesCmd) Help() string {
	return help{
		json:     "{items[{body, agreement, scope, clause?, effect, basis, …}], at}",
		examples: []string{"accord routes --server http://127.0.0.1:8081 --from CN --to NZ --product 0708"},
	}.String()
}

// Run prints a line for each route; 3 when there is none.
func (c *routesCmd) Run(e *env) error {
	cl, err := e.public()
	if err != nil {
		return err
	}
	query := url.Values{"from": {string(c.From)}, "to": {string(c.To)}}
	for name, v := range map[string]string{"product": c.Product, "standard": c.Standard, "activity": string(c.Activity)} {
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
		return fault.New(fault.ResourceNotFound, "no body of "+string(c.From)+" is recognised for that by "+string(c.To))
	}
	if e.format != "json" {
		for _, r := range list.Items {
			e.printf("%s  %s %s (%s)  %s  by %s\n", r.Body, r.Agreement, r.Scope, r.Clause, r.Effect, r.Basis)
		}
	}
	return nil
}

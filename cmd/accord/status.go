package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats/native"
	"accord/signing"
)

// statusCmd reads and sets statuses.
type statusCmd struct {
	Get statusGetCmd `cmd:"" help:"What is the status of a number?"`
	Set statusSetCmd `cmd:"" help:"Sign a status statement and send it."`
}

type statusGetCmd struct {
	Issuer string `help:"Identifier or name of the issuer."`
	Number string `arg:"" help:"Number as printed."`
}

// Help shows an example.
func (statusGetCmd) Help() string {
	return "Example: accord status get --server http://127.0.0.1:8082 2024990708000002"
}

// Run prints the public verdict; 3 when the number is not known.
func (c *statusGetCmd) Run(e *env) error {
	if e.server == "" {
		return usageError("name the gateway with --server URL or $ACCORD_SERVER")
	}
	cl, err := e.discover(e.server, nil)
	if err != nil {
		return err
	}
	query := url.Values{"number": {c.Number}}
	if c.Issuer != "" {
		query.Set("issuer", c.Issuer)
	}
	var r evidence.Report
	res, err := cl.Get(e.ctx, "/v1/verify", query, "application/json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(res.Body, &r); err != nil {
		return fmt.Errorf("read report: %w", err)
	}
	if e.format == "json" {
		if err := e.printJSON(json.RawMessage(res.Body)); err != nil {
			return err
		}
	} else if r.Found && r.Status != nil {
		e.printf("%s %s at %s (%s)\n", c.Number, r.Status.Effective, r.Status.At, r.Result)
	} else {
		e.printf("%s not found\n", c.Number)
	}
	if !r.Found {
		return statusError(exitIndeterminate)
	}
	return nil
}

type statusSetCmd struct {
	Event     string `arg:"" help:"suspend, restore, withdraw, cancel or supersede."`
	Number    string `arg:"" help:"Number as printed."`
	Reason    string `help:"Why, for people." required:""`
	Lang      string `help:"Language of the reason." default:"en"`
	Effective string `help:"Date it takes effect (YYYY-MM-DD); default today."`
	Zone      string `help:"Zone of the dates." default:"+00:00"`
	Until     string `help:"End of a suspension (YYYY-MM-DD)."`
	Issuer    string `help:"Issuer, where several use the number."`
}

// Help shows an example.
func (statusSetCmd) Help() string {
	return "Example: accord status set --home ./cb --server http://127.0.0.1:8081 --reason \"surveillance failed\" suspend 2024990708000002"
}

// Run makes the statement that follows the history, signs and sends it.
func (c *statusSetCmd) Run(e *env) error {
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	id, err := findNumber(e, cl, c.Number, c.Issuer)
	if err != nil {
		return err
	}
	var h struct {
		Next struct {
			Seq     int                       `json:"seq"`
			Prev    attestation.Digest        `json:"prev"`
			Subject attestation.StatusSubject `json:"subject"`
		} `json:"next"`
	}
	if err := cl.GetJSON(e.ctx, "/v1/attestations/"+id+"/history", nil, &h); err != nil {
		return err
	}
	p, err := home(e.home).partner()
	if err != nil {
		return err
	}
	effective := c.Effective
	if effective == "" {
		effective = e.now().UTC().Format(time.DateOnly)
	}
	st := &attestation.StatusStatement{
		Ver: 1, Iss: p.ID.URN(), JTI: evidence.NewJTI(), Subject: h.Next.Subject, Prev: h.Next.Prev,
		StatusEvent: attestation.StatusEvent{
			Seq: h.Next.Seq, Event: attestation.Event(c.Event), Effective: attestation.DateV{Value: effective, Zone: c.Zone},
			Reason: attestation.LText{{Lang: c.Lang, Value: c.Reason}},
		},
	}
	if c.Until != "" {
		st.Until = &attestation.DateV{Value: c.Until, Zone: c.Zone}
	}
	findings, _ := st.Validate()
	if err := attestation.Err(findings); err != nil {
		return err
	}
	key, err := home(e.home).key(signing.UseDoc)
	if err != nil {
		return err
	}
	jws, err := key.Sign(native.AppendStatusJSON(nil, st), signing.Header{Typ: signing.TypStatus, IssuedAt: e.now()})
	if err != nil {
		return err
	}
	acc, err := cl.SetStatus(e.ctx, jws)
	if err != nil {
		return err
	}
	return e.printAccepted(acc)
}

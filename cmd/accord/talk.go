package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
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
	c, err := client.New(server, "", who, nil)
	if err != nil {
		return nil, err
	}
	anonymous, err := client.New(server, "", nil, nil)
	if err != nil {
		return nil, err
	}
	conf, err := anonymous.Discover(e.ctx)
	if err != nil {
		return nil, err
	}
	if who == nil {
		return anonymous, nil
	}
	if c, err = client.New(server, conf.Issuer, who, nil); err != nil {
		return nil, err
	}
	return c, nil
}

// submitCmd submits a signed document.
type submitCmd struct {
	To        []string `help:"Economy or partner that must be reached; repeatable." placeholder:"NZ"`
	Signature string   `help:"Detached signature (JWS-Signature) of a raw JSON or XML body." placeholder:"FILE"`
	File      string   `arg:"" help:"A JWS, or with --signature a raw document; - for standard input."`
}

// Help shows an example.
func (submitCmd) Help() string {
	return "Example: accord submit --home ./cb --server http://127.0.0.1:8081 --to NZ certificate.jws"
}

// Run submits and prints id, revision, index and warnings.
func (c *submitCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	media, sig := "application/jose", ""
	switch {
	case c.Signature != "":
		s, err := e.read(c.Signature)
		if err != nil {
			return err
		}
		sig, media = strings.TrimSpace(string(s)), "application/json"
		if raw[0] == '<' {
			media = "application/xml"
		}
	case len(raw) > 0 && raw[0] == '{':
		media = "application/jose+json"
	}
	acc, err := cl.Submit(e.ctx, raw, media, sig, c.To...)
	if err != nil {
		return err
	}
	return e.printAccepted(acc)
}

func (e *env) printAccepted(acc *client.Accepted) error {
	if e.format == "json" {
		return e.printJSON(acc)
	}
	word := "accepted"
	if acc.Code == fault.ReplayDuplicate {
		word = "already archived"
	}
	e.printf("%s", word)
	if acc.ID != "" {
		e.printf(" %s revision %d", acc.ID, acc.Revision)
	}
	e.printf(" at ledger index %d\ncontent %s\n", acc.Index, acc.Content)
	for _, w := range acc.Warnings {
		e.printf("warning %s %s %s\n", w.Code, w.Pointer, w.Detail)
	}
	return nil
}

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

// pullCmd pulls the feed.
type pullCmd struct {
	Since string        `help:"Cursor to go on from; default is where the last pull of this home ended." placeholder:"CURSOR"`
	Out   string        `help:"Write each entry and its document into this directory." placeholder:"DIR"`
	Into  string        `help:"Post what was pulled to this gateway of mine, as coming from --as." placeholder:"URL"`
	As    string        `help:"Partner id of the gateway that was pulled (with --into)." placeholder:"PARTNER"`
	Wait  time.Duration `help:"Wait that long for something new."`
}

// Help shows an example.
func (pullCmd) Help() string {
	return "Example: accord pull --home ./nz --server http://127.0.0.1:8081 --into http://127.0.0.1:8082 --as cn-authority"
}

// Run pulls until the feed is at its end.
func (c *pullCmd) Run(e *env) error {
	if (c.Into == "") != (c.As == "") {
		return usageError("--into needs --as, the partner id of the gateway that is pulled")
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	var into *client.Client
	if c.Into != "" {
		if into, err = e.clientOf(c.Into, true); err != nil {
			return err
		}
	}
	state := home(e.home).path("cursor-" + fileName(e.server))
	cursor := c.Since
	if cursor == "" && c.Into != "" {
		saved, _ := os.ReadFile(state) // no file: from the beginning
		cursor = string(saved)
	}
	sum := pullResult{Cursor: cursor}
	for {
		page, err := cl.Changes(e.ctx, client.FeedQuery{Cursor: cursor, Limit: 200, Wait: c.Wait, Include: "document,message,receipt"})
		if err != nil {
			return err
		}
		if err := c.take(e, into, page, &sum); err != nil {
			return err
		}
		cursor, sum.Cursor = page.Next, page.Next
		if c.Into != "" && sum.Refused == 0 {
			if err := os.WriteFile(state, []byte(cursor), 0o600); err != nil {
				return fmt.Errorf("save cursor: %w", err)
			}
		}
		if len(page.Lines) == 0 || c.Wait > 0 || len(page.Lines) < 200 {
			break
		}
	}
	if e.format == "json" {
		err = e.printJSON(sum)
	} else {
		e.printf("%d entries pulled", sum.Entries)
		if into != nil {
			e.printf(", %d posted, %d there already, %d refused", sum.Posted, sum.Replayed, sum.Refused)
		}
		e.printf("\ncursor %s\n", sum.Cursor)
	}
	if err == nil && sum.Refused > 0 {
		return statusError(exitFailed)
	}
	return err
}

type pullResult struct {
	Entries  int    `json:"entries"`
	Posted   int    `json:"posted"`
	Replayed int    `json:"replayed"`
	Refused  int    `json:"refused"`
	Cursor   string `json:"cursor"`
}

func (c *pullCmd) take(e *env, into *client.Client, page *client.FeedPage, sum *pullResult) error {
	sum.Entries += len(page.Lines)
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o700); err != nil {
			return fmt.Errorf("make %s: %w", c.Out, err)
		}
		for _, l := range page.Lines {
			if err := os.WriteFile(filepath.Join(c.Out, fmt.Sprintf("%012d-%s.json", l.Index, l.Kind)), l.Raw, 0o600); err != nil {
				return fmt.Errorf("write entry: %w", err)
			}
		}
	}
	if into == nil {
		return nil
	}
	lines, err := page.Relay()
	if err != nil {
		return err
	}
	return into.Batch(e.ctx, c.As, lines, func(r client.LineResult) error {
		switch {
		case r.Problem != nil:
			sum.Refused++
			e.notef("line %d: %v\n", r.Line, r.Problem)
		case r.Status == 200:
			sum.Replayed++
		default:
			sum.Posted++
		}
		return nil
	})
}

// fileName makes a file name of a URL.
func fileName(u string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":/?#", r) {
			return '_'
		}
		return r
	}, u)
}

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

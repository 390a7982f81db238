package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
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

// Help shows examples.
func (statusCmd) Help() string {
	return help{examples: []string{
		"accord status get --server http://127.0.0.1:8082 2024990708000002",
		"accord status set --home ./cb --server http://127.0.0.1:8081 --reason \"surveillance failed\" suspend 2024990708000002",
	}}.String()
}

type statusGetCmd struct {
	Issuer string `help:"Identifier or name of the issuer."`
	Number string `arg:"" help:"Number as printed."`
}

// Help shows an example.
func (statusGetCmd) Help() string {
	return help{
		about:    "Several issuers may use one number: then there are several reports.",
		json:     jsonReport + " | {items[" + "…" + "]}",
		examples: []string{"accord status get --server http://127.0.0.1:8082 2024990708000002"},
	}.String()
}

// Run prints the public verdict; 3 when the number is not known.
func (c *statusGetCmd) Run(e *env) error {
	cl, err := e.public()
	if err != nil {
		return err
	}
	query := url.Values{"number": {c.Number}}
	if c.Issuer != "" {
		query.Set("issuer", c.Issuer)
	}
	res, err := cl.Get(e.ctx, "/v1/verify", query, "application/json")
	if err != nil {
		return err
	}
	// One report, or a list of them.
	var answer struct {
		evidence.Report
		Items []evidence.Report `json:"items"`
	}
	if err := json.Unmarshal(res.Body, &answer); err != nil {
		return fmt.Errorf("read report: %w", err)
	}
	reports := answer.Items
	if reports == nil {
		reports = []evidence.Report{answer.Report}
	}
	if e.format == "json" {
		err = e.printJSON(json.RawMessage(res.Body))
	} else {
		printStatus(e, c.Number, reports)
	}
	if err == nil && !reports[0].Found {
		return statusError(exitIndeterminate)
	}
	return err
}

func printStatus(e *env, number string, reports []evidence.Report) {
	for i := range reports {
		r := &reports[i]
		switch {
		case !r.Found:
			e.printf("%s not found\n", number)
		case r.Status == nil:
			e.printf("%s no status (%s)\n", number, r.Result)
		case r.Subject.Issuer != "" && len(reports) > 1:
			e.printf("%s of %s %s at %s (%s)\n", number, r.Subject.Issuer, r.Status.Effective, r.Status.At, r.Result)
		default:
			e.printf("%s %s at %s (%s)\n", number, r.Status.Effective, r.Status.At, r.Result)
		}
	}
}

type statusSetCmd struct {
	Event        string     `arg:"" help:"suspend, restore, withdraw, cancel, supersede or correct." enum:"suspend,restore,withdraw,cancel,supersede,correct"`
	Number       string     `arg:"" help:"Number as printed."`
	Reason       string     `help:"Why, for people." required:"" placeholder:"TEXT"`
	Lang         string     `help:"Language of the reason." default:"en"`
	Effective    day        `help:"Date it takes effect (YYYY-MM-DD); default today." placeholder:"DATE"`
	Zone         zone       `help:"Zone of the dates." default:"+00:00"`
	Until        day        `help:"End of a suspension (YYYY-MM-DD)." placeholder:"DATE"`
	SellThrough  day        `name:"sell-through" help:"Until when goods already out may be sold (YYYY-MM-DD); not with restore and correct." placeholder:"DATE"`
	SupersededBy string     `name:"superseded-by" help:"With supersede: content digest, or number of the same issuer, of the document that takes its place." placeholder:"DIGEST|NUMBER"`
	Corrects     int        `help:"With correct: number (seq) of the event that is taken back." placeholder:"SEQ"`
	ReasonCode   correction `name:"reason-code" help:"With correct: enteredInError, appealUpheld or courtOrder." placeholder:"CODE"`
	Issuer       string     `help:"Issuer, where several use the number."`
}

// Help shows examples.
func (statusSetCmd) Help() string {
	return help{
		about: "The statement follows the last event of the document, is signed with the document key of the home and sent.",
		json:  jsonAccepted,
		examples: []string{
			"accord status set --home ./cb --server http://127.0.0.1:8081 --reason \"surveillance failed\" suspend 2024990708000002",
			"accord status set --home ./cb --server http://127.0.0.1:8081 --reason \"new edition\" --superseded-by 2025990708000017 supersede 2024990708000002",
			"accord status set --home ./cb --server http://127.0.0.1:8081 --reason \"wrong number\" --corrects 2 --reason-code enteredInError correct 2024990708000002",
		},
	}.String()
}

// check finds flags that do not go with the event.
func (c *statusSetCmd) check() error {
	type rule struct {
		said bool
		flag string
		with []attestation.Event
		must bool // and cannot be left out there
	}
	ending := []attestation.Event{attestation.EventSuspend, attestation.EventWithdraw, attestation.EventCancel, attestation.EventSupersede}
	for _, r := range []rule{
		{c.Until != "", "--until", []attestation.Event{attestation.EventSuspend}, false},
		{c.SellThrough != "", "--sell-through", ending, false},
		{c.SupersededBy != "", "--superseded-by", []attestation.Event{attestation.EventSupersede}, true},
		{c.Corrects != 0, "--corrects", []attestation.Event{attestation.EventCorrect}, true},
		{c.ReasonCode != "", "--reason-code", []attestation.Event{attestation.EventCorrect}, true},
	} {
		goes := slices.Contains(r.with, attestation.Event(c.Event))
		switch {
		case r.said && !goes:
			return usageError(fmt.Sprintf("%s does not go with %s", r.flag, c.Event))
		case r.must && goes && !r.said:
			return usageError(fmt.Sprintf("%s needs %s", c.Event, r.flag))
		}
	}
	return nil
}

// Run makes the statement that follows the history, signs and sends it.
func (c *statusSetCmd) Run(e *env) error {
	if err := c.check(); err != nil {
		return err
	}
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
	st := &attestation.StatusStatement{
		Ver: 1, Iss: p.ID.URN(), JTI: evidence.NewJTI(), Subject: h.Next.Subject, Prev: h.Next.Prev,
		StatusEvent: c.event(h.Next.Seq, h.Next.Subject, e.now()),
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

// event is what the statement says.
func (c *statusSetCmd) event(seq int, subject attestation.StatusSubject, now time.Time) attestation.StatusEvent {
	effective := c.Effective
	if effective == "" {
		effective = c.Zone.today(now)
	}
	ev := attestation.StatusEvent{
		Seq: seq, Event: attestation.Event(c.Event), Effective: *effective.dated(c.Zone), Until: c.Until.dated(c.Zone),
		Reason: attestation.LText{{Lang: c.Lang, Value: c.Reason}}, Corrects: c.Corrects,
	}
	if c.SellThrough != "" {
		ev.SellThrough = &attestation.SellThrough{Until: c.SellThrough.dated(c.Zone)}
	}
	if c.ReasonCode != "" {
		ev.ReasonCode = &attestation.Code{System: correctionSystem, Code: string(c.ReasonCode)}
	}
	switch by := c.SupersededBy; {
	case by == "":
	case attestation.Digest(by).Valid():
		ev.SupersededBy = &attestation.Target{Digest: attestation.Digest(by)}
	default:
		ev.SupersededBy = &attestation.Target{Issuer: subject.Issuer.URN(), Scheme: subject.Scheme, Number: by}
	}
	return ev
}

// correctionSystem names the list of reasons of a correction.
const correctionSystem = "accord.reason/1"

package main

import (
	"encoding/json"
	"net/url"
	"time"

	"accord/client"
	"accord/configs/agreements"
	"accord/internal/fault"
	"accord/partners"
	"accord/signing"
)

// registryItem is one entry of a registry list.
type registryItem struct {
	ID     string          `json:"id"`
	Index  uint64          `json:"index"`
	Digest string          `json:"digest"`
	Value  json.RawMessage `json:"value"`
	Change json.RawMessage `json:"change"`
}

// collections names the endpoint of each kind of target.
var collections = map[partners.TargetKind]string{
	partners.TargetPartner: "partners", partners.TargetAgreement: "agreements",
	partners.TargetDesignation: "designations", partners.TargetSanction: "sanctions",
}

func listRegistry(e *env, cl *client.Client, kind partners.TargetKind, id string) ([]registryItem, error) {
	var all []registryItem
	query := url.Values{"limit": {"1000"}}
	if id != "" {
		query.Set("id", id)
	}
	for {
		var page struct {
			Items []registryItem `json:"items"`
			Next  string         `json:"next"`
		}
		if err := cl.GetJSON(e.ctx, "/v1/"+collections[kind], query, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		query.Set("cursor", page.Next)
	}
}

// oneOf fetches one value of the registry.
func oneOf(e *env, kind partners.TargetKind, id string) (*registryItem, error) {
	cl, err := e.client(true)
	if err != nil {
		return nil, err
	}
	items, err := listRegistry(e, cl, kind, id)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, fault.Newf(fault.ResourceNotFound, "there is no %s %s", kind, id)
	}
	return &items[0], nil
}

// change signs the next change of a target with the operator key and sends it.
func change(e *env, kind partners.TargetKind, id string, value any, effective string) error {
	cl, err := e.client(true)
	if err != nil {
		return err
	}
	items, err := listRegistry(e, cl, kind, id)
	if err != nil {
		return err
	}
	var last *partners.Change
	at := epoch
	if len(items) > 0 {
		if last, err = partners.ParseChange(items[0].Change); err != nil {
			return err
		}
		at = e.now()
	}
	if effective != "" {
		if at, err = time.Parse(time.RFC3339, effective); err != nil {
			return usageError("--effective is a time of RFC 3339, as 2026-01-01T00:00:00Z")
		}
	}
	iss, err := home(e.home).issuer()
	if err != nil {
		return err
	}
	c, err := partners.NewChange(iss, partners.Target{Kind: kind, ID: id}, value, at, last)
	if err != nil {
		return err
	}
	payload, err := c.Payload()
	if err != nil {
		return err
	}
	key, err := home(e.home).key(signing.UseOperator)
	if err != nil {
		return err
	}
	jws, err := key.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: e.now()})
	if err != nil {
		return err
	}
	acc, err := cl.Register(e.ctx, collections[kind], jws)
	if err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(acc)
	}
	e.printf("%s %s is at ledger index %d\n", kind, id, acc.Index)
	return nil
}

// addCmd puts the value of a file into the registry; it is the same for every
// kind.
type addCmd struct {
	Effective string `help:"When it takes effect (RFC 3339); default at once, for a first value from the beginning." placeholder:"TIME"`
	File      string `arg:"" help:"The value as JSON; - for standard input."`
}

// Help shows an example.
func (addCmd) Help() string {
	return "Example: accord partner add --home ./cn --server http://127.0.0.1:8081 ./cb/partner.json\nThe file holds the whole value; an existing one is replaced by it."
}

// listCmd lists the registry.
type listCmd struct{}

// Help shows an example.
func (listCmd) Help() string {
	return "Example: accord agreement list --home ./cn --server http://127.0.0.1:8081"
}

func list(e *env, kind partners.TargetKind, id string) error {
	cl, err := e.client(true)
	if err != nil {
		return err
	}
	items, err := listRegistry(e, cl, kind, id)
	if err != nil {
		return err
	}
	if id != "" && len(items) == 0 {
		return fault.Newf(fault.ResourceNotFound, "there is no %s %s", kind, id)
	}
	if e.format == "json" || id != "" {
		return e.printJSON(items)
	}
	for _, i := range items {
		e.printf("%-40s index %d\n", i.ID, i.Index)
	}
	return nil
}

// showCmd names one value.
type showCmd struct {
	ID string `arg:"" help:"Id of the value."`
}

type partnerCmd struct {
	Add     partnerAdd     `cmd:"" help:"Put a partner record into the registry."`
	List    partnerList    `cmd:"" help:"List partners."`
	Show    partnerShow    `cmd:"" help:"Show a partner."`
	Suspend partnerSuspend `cmd:"" help:"Suspend a partner from now on."`
}

type partnerAdd struct{ addCmd }

// Run adds a partner.
func (c *partnerAdd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	p, err := partners.ParsePartner(raw)
	if err != nil {
		return err
	}
	return change(e, partners.TargetPartner, string(p.ID), p, c.Effective)
}

type partnerList struct{ listCmd }

// Run lists partners.
func (*partnerList) Run(e *env) error { return list(e, partners.TargetPartner, "") }

type partnerShow struct{ showCmd }

// Run shows a partner.
func (c *partnerShow) Run(e *env) error { return list(e, partners.TargetPartner, c.ID) }

type partnerSuspend struct{ showCmd }

// Help shows an example.
func (partnerSuspend) Help() string {
	return "Example: accord partner suspend --home ./cn --server http://127.0.0.1:8081 cn-example-cb"
}

// Run ends the open period of the partner and begins a suspension.
func (c *partnerSuspend) Run(e *env) error {
	item, err := oneOf(e, partners.TargetPartner, c.ID)
	if err != nil {
		return err
	}
	p, err := partners.ParsePartner(item.Value)
	if err != nil {
		return err
	}
	now := e.now().UTC().Truncate(time.Second)
	for i := range p.Status {
		if p.Status[i].Contains(now) {
			p.Status[i].Until = now
		}
	}
	p.Status = append(p.Status, partners.StatusSpan{Span: partners.Span{From: now}, Status: "suspended"})
	return change(e, partners.TargetPartner, c.ID, p, "")
}

type agreementCmd struct {
	Add  agreementAdd  `cmd:"" help:"Put an agreement into the registry: a file, or the name of a seed of configs/agreements."`
	List agreementList `cmd:"" help:"List agreements."`
	Show agreementShow `cmd:"" help:"Show an agreement."`
	End  agreementEnd  `cmd:"" help:"End an agreement."`
}

type agreementAdd struct{ addCmd }

// Help shows an example.
func (agreementAdd) Help() string {
	return "Example: accord agreement add --home ./cn --server http://127.0.0.1:8081 cn-nz-eeemra-2008\nA file holds the whole value; an existing one is replaced by it."
}

// Run adds an agreement. A seed file {agreement, sources, illustrative} is
// taken as well as the bare value, and the name of an embedded seed.
func (c *agreementAdd) Run(e *env) error {
	var raw []byte
	if seed, err := agreements.Get(c.File); err == nil {
		raw = seed.Agreement
	} else if raw, err = e.read(c.File); err != nil {
		return err
	}
	var seed agreements.Seed
	if json.Unmarshal(raw, &seed) == nil && len(seed.Agreement) > 0 {
		raw = seed.Agreement
	}
	a, err := partners.ParseAgreement(raw)
	if err != nil {
		return err
	}
	return change(e, partners.TargetAgreement, string(a.ID), a, c.Effective)
}

type agreementList struct{ listCmd }

// Run lists agreements.
func (*agreementList) Run(e *env) error { return list(e, partners.TargetAgreement, "") }

type agreementShow struct{ showCmd }

// Run shows an agreement.
func (c *agreementShow) Run(e *env) error { return list(e, partners.TargetAgreement, c.ID) }

type agreementEnd struct{ showCmd }

// Help shows an example.
func (agreementEnd) Help() string {
	return "Example: accord agreement end --home ./cn --server http://127.0.0.1:8081 cn-nz-eeemra-2008"
}

// Run sets the end of the agreement to now; what was decided before stands.
func (c *agreementEnd) Run(e *env) error {
	item, err := oneOf(e, partners.TargetAgreement, c.ID)
	if err != nil {
		return err
	}
	a, err := partners.ParseAgreement(item.Value)
	if err != nil {
		return err
	}
	a.Period.Terminated = e.now().UTC().Truncate(time.Second)
	return change(e, partners.TargetAgreement, c.ID, a, "")
}

type designationCmd struct {
	Add  designationAdd  `cmd:"" help:"Put a designation into the registry."`
	List designationList `cmd:"" help:"List designations."`
}

type designationAdd struct{ addCmd }

// Run adds a designation.
func (c *designationAdd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	d, err := partners.ParseDesignation(raw)
	if err != nil {
		return err
	}
	return change(e, partners.TargetDesignation, d.ID, d, c.Effective)
}

type designationList struct{ listCmd }

// Run lists designations.
func (*designationList) Run(e *env) error { return list(e, partners.TargetDesignation, "") }

type sanctionCmd struct {
	Add  sanctionAdd  `cmd:"" help:"Put a sanction into the registry."`
	List sanctionList `cmd:"" help:"List sanctions."`
}

type sanctionAdd struct{ addCmd }

// Run adds a sanction.
func (c *sanctionAdd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	s, err := partners.ParseSanction(raw)
	if err != nil {
		return err
	}
	return change(e, partners.TargetSanction, s.ID, s, c.Effective)
}

type sanctionList struct{ listCmd }

// Run lists sanctions.
func (*sanctionList) Run(e *env) error { return list(e, partners.TargetSanction, "") }

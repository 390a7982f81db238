package main

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
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
	all := []registryItem{}
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
func change(e *env, kind partners.TargetKind, id string, value any, effective instant) error {
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
	if !effective.IsZero() {
		at = effective.Time
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
	Effective instant `help:"When it takes effect (RFC 3339); default at once, for a first value from the beginning." placeholder:"TIME"`
	File      string  `arg:"" help:"The value as JSON; - for standard input."`
}

// aboutAdd is what every add says of itself.
const aboutAdd = "The file holds the whole value and takes the place of the one that is there; `show` or `list --format json` gives that. The change is signed with the operator key of --home, a gateway's."

// addHelp is the help of an add.
func addHelp(about string, examples ...string) string {
	return help{about: strings.TrimSpace(aboutAdd + " " + about), json: jsonAccepted, examples: examples}.String()
}

// listHelp is the help of a list.
func listHelp(group string) string {
	return help{json: "[" + jsonRegistry + "]", examples: []string{"accord " + group + " list --home ./cn --server http://127.0.0.1:8081"}}.String()
}

// showHelp is the help of a show.
func showHelp(group, id string) string {
	return help{
		about:    "What is printed can be changed and given to `accord " + group + " add`.",
		json:     jsonRegistry,
		examples: []string{"accord " + group + " show --home ./cn --server http://127.0.0.1:8081 " + id},
	}.String()
}

// list prints every value of a kind.
func list(e *env, kind partners.TargetKind) error {
	cl, err := e.client(true)
	if err != nil {
		return err
	}
	items, err := listRegistry(e, cl, kind, "")
	if err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(items)
	}
	for _, i := range items {
		e.printf("%-40s index %d\n", i.ID, i.Index)
	}
	return nil
}

// show prints one value: as text the value alone, so that it can be changed and
// added again, as JSON with its place in the ledger and the change that made it.
func show(e *env, kind partners.TargetKind, id string) error {
	item, err := oneOf(e, kind, id)
	if err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(item)
	}
	return e.printJSON(item.Value)
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

// Help shows examples.
func (partnerCmd) Help() string {
	return help{examples: []string{
		"accord partner add --home ./cn --server http://127.0.0.1:8081 ./cb/partner.json",
		"accord partner list --home ./cn --server http://127.0.0.1:8081",
	}}.String()
}

type partnerAdd struct{ addCmd }

// Help shows an example.
func (partnerAdd) Help() string {
	return addHelp("`accord init` writes the record of a gateway or a body as partner.json into its home.",
		"accord partner add --home ./cn --server http://127.0.0.1:8081 ./cb/partner.json")
}

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

type partnerList struct{}

// Help shows an example.
func (partnerList) Help() string { return listHelp("partner") }

// Run lists partners.
func (*partnerList) Run(e *env) error { return list(e, partners.TargetPartner) }

type partnerShow struct{ showCmd }

// Help shows an example.
func (partnerShow) Help() string { return showHelp("partner", "cn-example-cb") }

// Run shows a partner.
func (c *partnerShow) Run(e *env) error { return show(e, partners.TargetPartner, c.ID) }

type partnerSuspend struct{ showCmd }

// Help shows an example.
func (partnerSuspend) Help() string {
	return help{
		about:    "To let it in again, end the suspension in the record (`accord partner show`) and add that.",
		json:     jsonAccepted,
		examples: []string{"accord partner suspend --home ./cn --server http://127.0.0.1:8081 cn-example-cb"},
	}.String()
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
		s := &p.Status[i]
		if s.Contains(now) && s.Status == partners.StatusSuspended {
			return fault.Newf(fault.RegistryConflict, "%s is suspended since %s", c.ID, s.From.Format(time.RFC3339))
		}
		if s.Contains(now) {
			s.Until = now
		}
	}
	p.Status = append(p.Status, partners.StatusSpan{Span: partners.Span{From: now}, Status: "suspended"})
	return change(e, partners.TargetPartner, c.ID, p, instant{})
}

type agreementCmd struct {
	Add  agreementAdd  `cmd:"" help:"Put an agreement into the registry: a file, or the name of a seed of configs/agreements."`
	List agreementList `cmd:"" help:"List agreements."`
	Show agreementShow `cmd:"" help:"Show an agreement."`
	End  agreementEnd  `cmd:"" help:"End an agreement."`
}

// Help shows examples.
func (agreementCmd) Help() string {
	return help{examples: []string{
		"accord agreement add --home ./cn --server http://127.0.0.1:8081 cn-nz-eeemra-2008",
		"accord agreement list --home ./cn --server http://127.0.0.1:8081",
	}}.String()
}

type agreementAdd struct{ addCmd }

// Help shows examples.
func (agreementAdd) Help() string {
	return addHelp("In place of a file the name of an agreement that comes with accord is taken: "+strings.Join(seedNames(), ", ")+".",
		"accord agreement add --home ./cn --server http://127.0.0.1:8081 cn-nz-eeemra-2008",
		"accord agreement add --home ./cn --server http://127.0.0.1:8081 --effective 2026-01-01T00:00:00Z ./agreement.json")
}

// Run adds an agreement. A seed file {agreement, sources, illustrative} is
// taken as well as the bare value, and the name of an embedded seed.
func (c *agreementAdd) Run(e *env) error {
	var raw []byte
	if seed, err := agreements.Get(c.File); err == nil {
		raw = seed.Agreement
	} else if raw, err = e.read(c.File); err != nil {
		var usage usageError
		if errors.As(err, &usage) {
			err = usageError(string(usage) + "; agreements that come with accord are " + strings.Join(seedNames(), ", "))
		}
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

// seedNames are the agreements that come with the binary.
func seedNames() []string {
	seeds, err := agreements.All()
	if err != nil {
		return nil // a test of the package sees to it
	}
	names := make([]string, len(seeds))
	for i, s := range seeds {
		names[i] = s.Name
	}
	return names
}

type agreementList struct{}

// Help shows an example.
func (agreementList) Help() string { return listHelp("agreement") }

// Run lists agreements.
func (*agreementList) Run(e *env) error { return list(e, partners.TargetAgreement) }

type agreementShow struct{ showCmd }

// Help shows an example.
func (agreementShow) Help() string { return showHelp("agreement", "cn-nz-eeemra-2008") }

// Run shows an agreement.
func (c *agreementShow) Run(e *env) error { return show(e, partners.TargetAgreement, c.ID) }

type agreementEnd struct{ showCmd }

// Help shows an example.
func (agreementEnd) Help() string {
	return help{
		about:    "It ends now; what was decided before stands.",
		json:     jsonAccepted,
		examples: []string{"accord agreement end --home ./cn --server http://127.0.0.1:8081 cn-nz-eeemra-2008"},
	}.String()
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
	now := e.now().UTC().Truncate(time.Second)
	if end := a.Period.Terminated; !end.IsZero() && !end.After(now) {
		return fault.Newf(fault.RegistryConflict, "%s was ended at %s", c.ID, end.Format(time.RFC3339))
	}
	a.Period.Terminated = now
	return change(e, partners.TargetAgreement, c.ID, a, instant{})
}

type designationCmd struct {
	Add  designationAdd  `cmd:"" help:"Put a designation into the registry."`
	List designationList `cmd:"" help:"List designations."`
}

// Help shows examples.
func (designationCmd) Help() string {
	return help{
		about: "A designation is withdrawn, limited or suspended by a value with further periods: {\"from\": \"2026-01-01T00:00:00Z\", \"status\": \"withdrawn\"}.",
		examples: []string{
			"accord designation add --home ./cn --server http://127.0.0.1:8081 ./designation.json",
			"accord designation list --home ./cn --server http://127.0.0.1:8081 --format json",
		},
	}.String()
}

type designationAdd struct{ addCmd }

// Help shows an example.
func (designationAdd) Help() string {
	return addHelp("", "accord designation add --home ./cn --server http://127.0.0.1:8081 ./designation.json")
}

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

type designationList struct{}

// Help shows an example.
func (designationList) Help() string { return listHelp("designation") }

// Run lists designations.
func (*designationList) Run(e *env) error { return list(e, partners.TargetDesignation) }

type sanctionCmd struct {
	Add  sanctionAdd  `cmd:"" help:"Put a sanction into the registry."`
	List sanctionList `cmd:"" help:"List sanctions."`
}

// Help shows examples.
func (sanctionCmd) Help() string {
	return help{examples: []string{
		"accord sanction add --home ./nz --server http://127.0.0.1:8082 ./sanction.json",
		"accord sanction list --home ./nz --server http://127.0.0.1:8082 --format json",
	}}.String()
}

type sanctionAdd struct{ addCmd }

// Help shows an example.
func (sanctionAdd) Help() string {
	return addHelp("", "accord sanction add --home ./nz --server http://127.0.0.1:8082 ./sanction.json")
}

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

type sanctionList struct{}

// Help shows an example.
func (sanctionList) Help() string { return listHelp("sanction") }

// Run lists sanctions.
func (*sanctionList) Run(e *env) error { return list(e, partners.TargetSanction) }

package gateway

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage"
)

// Register takes a signed change of the registry in. It is signed by as many
// operator keys as the configuration demands.
func (g *Gateway) Register(ctx context.Context, caller Caller, kind partners.TargetKind, in Inbound) (Accepted, error) {
	defer g.archive.Enter()()
	acc, err := g.register(ctx, caller, kind, in)
	if err != nil {
		return Accepted{}, g.refuse(caller, in.Body, err)
	}
	return acc, nil
}

func (g *Gateway) register(ctx context.Context, caller Caller, kind partners.TargetKind, in Inbound) (Accepted, error) {
	if in.Media != MediaJOSE && in.Media != MediaJOSEJSON {
		return Accepted{}, fault.New(fault.HTTPMediaType, "send the change as application/jose or application/jose+json")
	}
	msg, err := g.verifier.Read(in.Body, signing.MessageProfile(signing.TypRegistry))
	if err != nil {
		return Accepted{}, err
	}
	now := g.now().UTC()
	v := g.verifier.VerifyQuorum(msg, g.operators, signing.UseOperator, now, max(g.cfg.Approvals, 1))
	if !v.OK() {
		return Accepted{}, v.Err
	}
	c, err := partners.ParseChange(msg.Payload)
	if err != nil {
		return Accepted{}, err
	}
	if err := c.CheckApprovals(approvals(v), max(g.cfg.Approvals, 1)); err != nil {
		return Accepted{}, err
	}
	if c.Target.Kind != kind {
		return Accepted{}, fault.At(fault.SchemaFormat, "/target/kind", "this endpoint takes changes of kind "+string(kind))
	}
	if c.Iss != g.cfg.Issuer {
		return Accepted{}, fault.At(fault.IssuerMismatch, "/iss", "iss is not this gateway")
	}
	if e, err := g.archive.ByContent(ctx, c.Digest()); err != nil {
		return Accepted{}, err
	} else if e != nil {
		return g.acceptedEntry(ctx, caller, e)
	}
	stored, err := g.appendChange(ctx, c, in)
	if err != nil {
		return Accepted{}, err
	}
	return g.accepted(caller, Accepted{}, stored)
}

// approvals counts the distinct keys whose signatures are good.
func approvals(v signing.Verification) int {
	keys := make(map[string]bool)
	for _, a := range append([]signing.Verification{v}, v.Further...) {
		if a.OK() {
			keys[a.Key.Thumbprint()] = true
		}
	}
	return len(keys)
}

// appendChange judges a change by the directory and archives it. It counts from
// the moment it is shown; here it is in the directory before the answer.
func (g *Gateway) appendChange(ctx context.Context, c *partners.Change, in Inbound) (*storage.Stored, error) {
	stored, err := g.appendChecked(ctx, func(m moment) (*storage.Draft, error) {
		if err := m.snap.Check(c); err != nil {
			return nil, err
		}
		series, err := g.archive.Series(ctx, "registry/"+string(c.Target.Kind)+"/"+c.Target.ID)
		if err != nil {
			return nil, err
		}
		guard, err := series.Guard()
		if err != nil {
			return nil, err
		}
		guard.Size = min(m.size, series.Size)
		return &storage.Draft{
			Kind: ledger.KindRegistry, Dir: ledger.In, Partner: g.cfg.Authority, Issuer: g.cfg.Authority, Type: signing.TypRegistry,
			Digest: attestation.DigestOf(in.Body), Content: c.Digest(), Registry: m.snap.Index(), Body: in.Body, Media: string(in.Media),
			Audience: g.registryAudience(m, c), Guard: guard, Fields: storage.Fields{Number: c.Target.ID, Kind: string(c.Target.Kind)},
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return stored, g.follow(ctx)
}

// registryAudience says who sees a change in its feed: agreements,
// designations and sanctions concern every partner, partner records only the
// authority.
func (g *Gateway) registryAudience(m moment, c *partners.Change) []attestation.PartnerID {
	out := []attestation.PartnerID{g.cfg.Authority}
	if c.Target.Kind == partners.TargetPartner {
		return out
	}
	for _, p := range m.snap.Partners(m.now) {
		if p.ActiveAt(m.now) {
			out = append(out, p.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// RegistryQuery asks for the values of one kind of target.
type RegistryQuery struct {
	Kind   partners.TargetKind
	ID     string    // only this one
	At     time.Time // zero: now
	Cursor string
	Limit  int
}

// RegistryPage is a page of values with the change that made each: the next
// change follows it.
type RegistryPage struct {
	Items []RegistryItem `json:"items"`
	Next  string         `json:"next,omitempty"`
}

// RegistryItem is one target: its value at the time asked for, the ledger
// index of the change that gave it, and the payload of the last change.
type RegistryItem struct {
	ID     string             `json:"id"`
	Index  uint64             `json:"index"`
	Digest attestation.Digest `json:"digest"`
	Value  any                `json:"value"`
	Change json.RawMessage    `json:"change"`
}

// Registry lists current values, by id.
func (g *Gateway) Registry(ctx context.Context, caller Caller, q RegistryQuery) (RegistryPage, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return RegistryPage{}, err
	}
	at := q.At
	if at.IsZero() {
		at = m.now
	}
	endpoint := "registry/" + string(q.Kind)
	start, err := g.cfg.Cursors.open(caller.Partner, endpoint, q.ID, q.Cursor)
	if err != nil {
		return RegistryPage{}, err
	}
	page := RegistryPage{Items: []RegistryItem{}}
	values := registryValues(m.snap, q.Kind, at)
	for i, v := range values {
		if uint64(i) < start.After || (q.ID != "" && v.id != q.ID) {
			continue
		}
		if len(page.Items) == q.Limit {
			page.Next = g.cfg.Cursors.seal(caller.Partner, endpoint, q.ID, position{After: uint64(i)})
			break
		}
		t := partners.Target{Kind: q.Kind, ID: v.id}
		last := m.snap.Last(t)
		payload, err := last.Payload()
		if err != nil {
			return RegistryPage{}, err
		}
		item := RegistryItem{ID: v.id, Value: v.value, Change: payload}
		item.Index, item.Digest, _ = m.snap.Entry(t, at)
		page.Items = append(page.Items, item)
	}
	return page, nil
}

type registryValue struct {
	id    string
	value any
}

func registryValues(s *partners.Snapshot, kind partners.TargetKind, t time.Time) []registryValue {
	var out []registryValue
	switch kind {
	case partners.TargetPartner:
		for _, p := range s.Partners(t) {
			out = append(out, registryValue{string(p.ID), p})
		}
	case partners.TargetAgreement:
		for _, a := range s.Agreements(t) {
			out = append(out, registryValue{string(a.ID), a})
		}
	case partners.TargetDesignation:
		for _, d := range s.Designations(t) {
			out = append(out, registryValue{d.ID, d})
		}
	case partners.TargetSanction:
		for _, x := range s.Sanctions(t) {
			out = append(out, registryValue{x.ID, x})
		}
	}
	return out
}

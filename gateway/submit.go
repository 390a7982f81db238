package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage"
)

// checked is a document whose signature, text and rules hold, and who its
// issuer is. What depends on the state of the archive is judged when its turn
// comes.
type checked struct {
	opened
	sender   attestation.PartnerID
	issuer   attestation.PartnerID
	sub      *attestation.Submission
	lifted   []formats.Blob
	content  attestation.Digest
	warnings []Warning
}

// Submit takes a signed document in: reads, opens, verifies, decodes, checks,
// routes and commits it. The same content again answers with the first receipt
// and Replay.
func (g *Gateway) Submit(ctx context.Context, caller Caller, in Inbound) (Accepted, error) {
	defer g.archive.Enter()()
	acc, err := g.submit(ctx, caller, in, false)
	if err != nil {
		return Accepted{}, g.refuse(caller, in.Body, err)
	}
	return acc, nil
}

// Validate is Submit without keeping anything.
func (g *Gateway) Validate(ctx context.Context, caller Caller, in Inbound) (Accepted, error) {
	acc, err := g.submit(ctx, caller, in, true)
	if err != nil {
		return Accepted{}, g.refuse(caller, in.Body, err)
	}
	return acc, nil
}

func (g *Gateway) submit(ctx context.Context, caller Caller, in Inbound, dry bool) (Accepted, error) {
	o, err := g.open(in)
	if err != nil {
		return Accepted{}, err
	}
	m, err := g.moment(ctx)
	if err != nil {
		return Accepted{}, err
	}
	c, err := g.check(o, caller, m)
	if err != nil {
		return Accepted{}, err
	}
	if dry {
		d, acc, err := g.route(ctx, c, m)
		if twin, ok := errors.AsType[*twinError](err); ok {
			acc, err := g.acceptedEntry(ctx, caller, twin.entry)
			if acc.Receipt != nil { // the caller is one of those who may know the others
				acc.Audience = twin.entry.Audience
			}
			return acc, err
		}
		if err != nil {
			return Accepted{}, err
		}
		acc.Audience = d.Audience
		return acc, nil
	}
	if err := g.keepLifted(ctx, caller.Partner, c.lifted); err != nil {
		return Accepted{}, err
	}
	var acc Accepted
	stored, err := g.appendChecked(ctx, func(now moment) (*storage.Draft, error) {
		if now.differs(m) {
			if c, err = g.check(o, caller, now); err != nil {
				return nil, err
			}
			m = now
		}
		d, a, err := g.route(ctx, c, now)
		acc = a
		return d, err
	})
	if twin, ok := errors.AsType[*twinError](err); ok {
		return g.acceptedEntry(ctx, caller, twin.entry)
	}
	if err != nil {
		return Accepted{}, err
	}
	g.settleBlobs(ctx, caller.Partner, c.sub)
	return g.accepted(caller, acc, stored)
}

// twinError says that the content is archived already: the answer is its first
// receipt.
type twinError struct{ entry *storage.Entry }

func (*twinError) Error() string { return "the content is archived already" }

// twin looks for the content of a document in its series: the same content
// names the same series, so it can stand nowhere else.
func twin(series storage.Series, content attestation.Digest) error {
	for _, e := range series.Entries {
		rec, err := e.Parsed()
		if err != nil {
			return err
		}
		if e.Kind == ledger.KindAttestation && rec.Content == content {
			return &twinError{e}
		}
	}
	return nil
}

// check verifies, decodes and judges a document by everything but the state of
// the archive.
func (g *Gateway) check(o opened, caller Caller, m moment) (*checked, error) {
	c := &checked{opened: o, sender: caller.Partner}
	if o.in.Relay != nil {
		return c, g.checkRelayed(c, m)
	}
	if err := g.verify(o.msg, m, caller.Partner, m.now); err != nil {
		return nil, err
	}
	if err := o.counts(m.now); err != nil {
		return nil, err
	}
	if err := c.decode(m); err != nil {
		return nil, err
	}
	return c, g.mayIssue(m, caller.Partner, c.issuer)
}

// verify checks the signature with the keys of one partner at the proven time.
func (g *Gateway) verify(msg *signing.Message, m moment, signer attestation.PartnerID, proven time.Time) error {
	p, ok := m.snap.Partner(signer, m.now)
	if !ok || !p.ActiveAt(m.now) {
		return fault.New(fault.AuthForbidden, "the signer is not an active partner of this gateway")
	}
	trust := m.snap.Trust(signer, m.now)
	if trust == nil {
		return fault.New(fault.JWSKeyUnknown, "no key is registered for this partner")
	}
	if v := g.verifier.Verify(msg, trust, signing.UseDoc, proven); !v.OK() {
		return v.Err
	}
	return nil
}

// checkRelayed judges what was pulled from a relay: the keys are those of the
// partner that owns the issuer, and the source's receipt proves the time.
func (g *Gateway) checkRelayed(c *checked, m moment) error {
	if err := c.decode(m); err != nil {
		return err
	}
	proven, err := g.relayTime(c.in.Relay, evidence.Subject{Octets: c.in.Body, Signature: c.in.Signature, Content: c.content}, m)
	if err != nil {
		return err
	}
	c.sender = c.in.Relay.From
	if err := g.verify(c.msg, m, c.issuer, proven); err != nil {
		return err
	}
	return c.counts(proven)
}

// relayTime verifies the receipt of a relay by the vkeys in its partner record
// and returns the time at which the source archived the octets.
func (g *Gateway) relayTime(r *Relay, subject evidence.Subject, m moment) (time.Time, error) {
	p, ok := m.snap.Partner(r.From, m.now)
	if !ok || !p.ActiveAt(m.now) || !p.Relay {
		return time.Time{}, fault.New(fault.AuthForbidden, "?from= names no active partner that is a relay")
	}
	log := evidence.Log{Issuer: p.Trust.Issuer}
	for _, v := range p.Trust.VKeys {
		log.VKeys = append(log.VKeys, evidence.VKey{VKey: v})
	}
	if keys, err := ledger.NewVKeys(p.Trust.VKeys...); err == nil {
		log.Origin = keys.Origin()
	}
	if trust := m.snap.Trust(r.From, m.now); trust != nil {
		log.Keys = trust.Keys
	}
	check := evidence.CheckReceipt(r.Receipt, subject, []evidence.Log{log}, m.now)
	proven, ok := check.Proven()
	if !ok {
		return time.Time{}, check.Err()
	}
	return proven, nil
}

// decode reads the payload and judges it by the rules of the document.
func (c *checked) decode(m moment) error {
	read, err := decode(c.msg.Payload, c.format)
	if err != nil {
		return err
	}
	c.sub, c.lifted = read.Submission, read.Blobs
	findings, warnings := c.sub.Validate(m.now)
	if err := attestation.Err(findings); err != nil {
		return err
	}
	for _, w := range warnings {
		c.warnings = append(c.warnings, Warning{Code: w.Code, At: w.At, Detail: w.Detail})
	}
	for _, l := range read.Losses {
		c.warnings = append(c.warnings, readWarning(l))
	}
	c.content = c.sub.Digest()
	if c.issuer, err = m.snap.Owner(c.sub.Issuer.Identifiers, m.now); err != nil {
		return err
	}
	c.warnings = append(c.warnings, numberWarnings(c.sub, c.issuer, m)...)
	return nil
}

// readWarning says what was read otherwise than it was written; severity and
// kind of the loss stand in front.
func readWarning(l formats.Loss) Warning {
	return Warning{Code: fault.ConversionLoss, At: l.Path, Detail: string(l.Severity) + " " + l.Code + ": read from " + l.Source + " otherwise than it is written"}
}

// mayIssue says whether a sender may hand in documents of an issuer.
func (g *Gateway) mayIssue(m moment, sender, issuer attestation.PartnerID) error {
	if sender == issuer {
		return nil
	}
	if p, ok := m.snap.Partner(sender, m.now); ok && p.ActsForAt(issuer, m.now) {
		return nil
	}
	return fault.At(fault.IssuerMismatch, "/issuer/identifiers", "the issuer is not the partner whose key signed, and that partner does not act for it")
}

// acceptedEntry answers with what is archived already: sender, issuer and
// audience get the receipt, anybody else the id alone.
func (g *Gateway) acceptedEntry(ctx context.Context, caller Caller, e *storage.Entry) (Accepted, error) {
	proof, err := g.archive.Proof(ctx, e)
	if err != nil {
		return Accepted{}, err
	}
	return g.accepted(caller, Accepted{}, &storage.Stored{Entry: e, Replay: true, Proof: proof})
}

// route judges a document by the state of the archive and the directory, and
// drafts its entry.
func (g *Gateway) route(ctx context.Context, c *checked, m moment) (*storage.Draft, Accepted, error) {
	id := c.sub.SeriesOf(c.issuer)
	series, err := g.archive.Series(ctx, string(id))
	if err != nil {
		return nil, Accepted{}, err
	}
	if err := twin(series, c.content); err != nil {
		return nil, Accepted{}, err
	}
	s, err := g.standingOf(ctx, series, series.Size, m.snap)
	if err != nil {
		return nil, Accepted{}, err
	}
	var head *attestation.Submission
	var headContent attestation.Digest
	if s.exists() {
		head, headContent = s.head.submission, s.headRec.Content
	}
	if err := attestation.CheckRevision(head, c.sub, headContent, s.history); err != nil {
		return nil, Accepted{}, err
	}
	personal := slices.ContainsFunc(c.warnings, func(w Warning) bool { return w.Code == fault.WarnPersonalData })
	q := partners.AudienceQuestion{Issuer: c.issuer, Sender: c.sender, Kind: c.sub.Kind, PersonalData: personal, At: m.now}
	if err := m.snap.CheckDestinations(q, c.in.Destinations); err != nil {
		return nil, Accepted{}, err
	}
	audience := m.snap.Audience(q)
	warnings := c.warnings
	if len(audience) <= 2 && !reachesOthers(audience, c.sender, c.issuer) {
		warnings = append(warnings[:len(warnings):len(warnings)], Warning{Code: fault.WarnNoRecipient, Detail: "no agreement lets another partner see this document; it is archived for sender and issuer"})
	}
	guard, err := series.Guard()
	if err != nil {
		return nil, Accepted{}, err
	}
	guard.Size, guard.NotAfter = min(m.size, series.Size), m.snap.NextBoundary(m.now)
	revision := len(s.revisions) + 1
	d := &storage.Draft{
		Kind: ledger.KindAttestation, Dir: ledger.In, Partner: c.sender, Issuer: c.issuer, Type: c.typ, ID: id, Revision: revision,
		Digest: c.digest, Signature: c.in.Signature, Content: c.content, Registry: m.snap.Index(), Body: c.in.Body, Media: string(c.in.Media),
		Audience: union(audience, series.Audience()), Fields: fieldsOf(c.sub, c.issuer, m), Guard: guard,
	}
	return d, Accepted{ID: id, Revision: revision, Content: c.content, Warnings: warnings}, nil
}

func reachesOthers(audience []attestation.PartnerID, sender, issuer attestation.PartnerID) bool {
	for _, p := range audience {
		if p != sender && p != issuer {
			return true
		}
	}
	return false
}

// accepted makes the answer out of what is stored.
func (g *Gateway) accepted(caller Caller, acc Accepted, stored *storage.Stored) (Accepted, error) {
	rec, err := stored.Entry.Parsed()
	if err != nil {
		return Accepted{}, err
	}
	acc.ID, acc.Revision, acc.Content, acc.Index, acc.Replay = rec.ID, rec.Revision, rec.Content, stored.Entry.Index, stored.Replay
	if stored.Entry.Sees(caller.Partner) || caller.Operator {
		acc.Receipt = evidence.AppendReceipt(nil, g.cfg.Issuer, stored.Entry.Issuer, stored.Entry.Record, stored.Proof)
	} else {
		acc.Index = 0
	}
	return acc, nil
}

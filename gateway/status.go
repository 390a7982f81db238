package gateway

import (
	"context"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
	"accord/storage"
)

// SetStatus takes a signed status statement in: of the issuer, or of an
// authority that designated it.
func (g *Gateway) SetStatus(ctx context.Context, caller Caller, in Inbound) (Accepted, error) {
	defer g.archive.Enter()()
	acc, err := g.setStatus(ctx, caller, in)
	if err != nil {
		return Accepted{}, g.refuse(caller, in.Body, err)
	}
	return acc, nil
}

func (g *Gateway) setStatus(ctx context.Context, caller Caller, in Inbound) (Accepted, error) {
	if in.Media != MediaJOSE && in.Media != MediaJOSEJSON {
		return Accepted{}, fault.New(fault.HTTPMediaType, "send the statement as application/jose or application/jose+json")
	}
	msg, err := g.verifier.Read(in.Body, signing.MessageProfile(signing.TypStatus))
	if err != nil {
		return Accepted{}, err
	}
	m, err := g.moment(ctx)
	if err != nil {
		return Accepted{}, err
	}
	if err := g.verifyStatement(caller, in, msg, m); err != nil {
		return Accepted{}, err
	}
	st, err := native.DecodeStatus(msg.Payload)
	if err != nil {
		return Accepted{}, err
	}
	findings, warnings := st.Validate()
	if err := attestation.Err(findings); err != nil {
		return Accepted{}, err
	}
	canonical, err := strictjson.Canonical(msg.Payload)
	if err != nil {
		return Accepted{}, err
	}
	s := &statement{in: in, st: st, payload: canonical, content: attestation.DigestOf(canonical), sender: caller.Partner}
	for _, w := range warnings {
		s.warnings = append(s.warnings, Warning{Code: w.Code, At: w.At, Detail: w.Detail})
	}
	if err := g.checkSpeaker(s, msg, m); err != nil {
		return Accepted{}, err
	}
	if e, err := g.archive.ByContent(ctx, s.content); err != nil {
		return Accepted{}, err
	} else if e != nil && e.Kind == ledger.KindStatus {
		return g.acceptedEntry(ctx, caller, e)
	}
	stored, err := g.appendChecked(ctx, func(now moment) (*storage.Draft, error) {
		if now.differs(m) {
			if err := g.verifyStatement(caller, in, msg, now); err != nil {
				return nil, err
			}
			if err := g.checkSpeaker(s, msg, now); err != nil {
				return nil, err
			}
			m = now
		}
		return g.draftStatus(ctx, s, now)
	})
	if err != nil {
		return Accepted{}, err
	}
	return g.accepted(caller, Accepted{Warnings: s.warnings}, stored)
}

// verifyStatement holds what a caller sends against the caller's keys, before it
// is read. What comes from a relay is verified when its speaker is known.
func (g *Gateway) verifyStatement(caller Caller, in Inbound, msg *signing.Message, m moment) error {
	if in.Relay != nil {
		return nil
	}
	return g.verify(msg, m, caller.Partner, m.now)
}

// statement is a status statement whose text and rules hold.
type statement struct {
	in       Inbound
	st       *attestation.StatusStatement
	payload  []byte // RFC 8785 form
	content  attestation.Digest
	sender   attestation.PartnerID
	speaker  attestation.PartnerID // whose iss it is
	warnings []Warning
}

// checkSpeaker says whether iss may speak: it is the signer, and either the
// issuer of the document or an authority that designated it.
func (g *Gateway) checkSpeaker(s *statement, msg *signing.Message, m moment) error {
	speaker, ok := partnerOfIss(m.snap, s.st.Iss, m.now)
	if !ok {
		return fault.At(fault.IssuerMismatch, "/iss", "iss is not a partner of this gateway")
	}
	s.speaker = speaker
	if s.in.Relay != nil {
		proven, err := g.relayTime(s.in.Relay, evidence.Subject{Octets: s.in.Body, Content: s.content}, m)
		if err != nil {
			return err
		}
		s.sender = s.in.Relay.From
		if err := g.verify(msg, m, speaker, proven); err != nil {
			return err
		}
	} else if speaker != s.sender {
		if err := g.mayIssue(m, s.sender, speaker); err != nil {
			return err
		}
	}
	issuer := s.st.Subject.Issuer
	if speaker == issuer || designated(m.snap, speaker, issuer, m.now) {
		return nil
	}
	if p, ok := m.snap.Partner(speaker, m.now); ok && p.ActsForAt(issuer, m.now) {
		return nil
	}
	return fault.At(fault.IssuerMismatch, "/iss", "only the issuer, or an authority that designated it, changes the status of its documents")
}

// designated says whether an authority has designated a body.
func designated(snap *partners.Snapshot, authority, body attestation.PartnerID, t time.Time) bool {
	for _, d := range snap.Designations(t) {
		if d.Body != body || d.DesignatedBy != authority {
			continue
		}
		for _, p := range d.Periods {
			if p.Contains(t) {
				return true
			}
		}
	}
	return false
}

// draftStatus judges a statement by where its series stands.
func (g *Gateway) draftStatus(ctx context.Context, s *statement, m moment) (*storage.Draft, error) {
	sub := s.st.Subject
	id := attestation.SeriesID(sub.Issuer, sub.Scheme, sub.Number, sub.IssueNumber)
	series, err := g.archive.Series(ctx, string(id))
	if err != nil {
		return nil, err
	}
	where, err := g.standingOf(ctx, series, series.Size, m.snap)
	if err != nil {
		return nil, err
	}
	if !where.exists() {
		return nil, fault.At(fault.ResourceNotFound, "/subject", "no document of this series is archived here; submit it first")
	}
	var by *attestation.Party
	if s.speaker != sub.Issuer {
		by = authorityParty(m.snap, s.st, m.now)
	}
	err = attestation.CheckStatement(attestation.Standing{
		Head: where.head.submission, Content: where.headRec.Content, History: where.history, Last: where.last,
	}, s.st, by)
	if err != nil {
		return nil, err
	}
	guard, err := series.Guard()
	if err != nil {
		return nil, err
	}
	guard.Size, guard.NotAfter = min(m.size, series.Size), m.snap.NextBoundary(m.now)
	events := append(where.history[:len(where.history):len(where.history)], s.st.Event(by))
	facts := attestation.StatusAt(events, &where.head.submission.Dates, m.now)
	q := partners.AudienceQuestion{Issuer: sub.Issuer, Sender: s.sender, Kind: where.head.submission.Kind, At: m.now}
	return &storage.Draft{
		Kind: ledger.KindStatus, Dir: ledger.In, Partner: s.sender, Issuer: sub.Issuer, Type: signing.TypStatus, ID: id, Revision: where.headRec.Revision,
		Digest: attestation.DigestOf(s.in.Body), Content: s.content, Registry: m.snap.Index(), Body: s.in.Body, Media: string(s.in.Media),
		Audience: union(m.snap.Audience(q), series.Audience()), Status: s.payload, Guard: guard,
		Fields: storage.Fields{Seq: s.st.Seq, Asserted: string(facts.Asserted), Number: sub.Number, Scheme: sub.Scheme},
	}, nil
}

package gateway

import (
	"context"
	"sync"
	"time"

	"accord/attestation"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/storage"
)

// document is an archived attestation, read again from its octets.
type document struct {
	submission *attestation.Submission
	format     Format
	alg, kid   string
	chain      []string
}

// documentCache keeps read documents by content: what is asked for is asked
// for again, and reading costs more than all the rest of an answer.
type documentCache struct {
	mu      sync.RWMutex
	entries map[attestation.Digest]*document // guarded by mu
}

// maxDocuments bounds the cache to about 16 MiB.
const maxDocuments = 1024

func (c *documentCache) get(content attestation.Digest) (*document, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	d, ok := c.entries[content]
	return d, ok
}

func (c *documentCache) put(content attestation.Digest, d *document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxDocuments {
		clear(c.entries)
	}
	c.entries[content] = d
}

// documentOf reads the attestation of an entry. It was verified when it was
// archived; here it is only read.
func (g *Gateway) documentOf(ctx context.Context, e *storage.Entry) (*document, error) {
	rec, err := e.Parsed()
	if err != nil {
		return nil, err
	}
	if d, ok := g.documents.get(rec.Content); ok {
		return d, nil
	}
	body, err := g.archive.Body(ctx, e)
	if err != nil {
		return nil, err
	}
	o, err := g.open(Inbound{Body: body, Media: MediaType(e.Media), Signature: rec.Signature})
	if err != nil {
		return nil, err
	}
	read, err := decode(o.msg.Payload, o.format)
	if err != nil {
		return nil, err
	}
	sig := o.msg.Signatures[0]
	d := &document{submission: read.Submission, format: o.format, alg: string(sig.Alg), kid: sig.KID}
	for _, c := range sig.Chain {
		d.chain = append(d.chain, string(attestation.DigestOf(c.Raw)))
	}
	g.documents.put(rec.Content, d)
	return d, nil
}

// standing is where a series stands at a log size: its head revision and
// everything that happened.
type standing struct {
	series    storage.Series
	id        attestation.ID
	head      *document
	headEntry *storage.Entry
	headRec   *ledger.Record
	history   []attestation.StatusEvent
	recorded  []string           // when each event of history was recorded
	last      attestation.Digest // what the next statement names in prev
	revisions []*storage.Entry
}

// exists says whether the series has a revision.
func (s *standing) exists() bool { return s.head != nil }

// standingOf reads a series from its entries with an index below k.
func (g *Gateway) standingOf(ctx context.Context, series storage.Series, k uint64, snap *partners.Snapshot) (*standing, error) {
	s := &standing{series: series}
	var statements []*storage.Entry
	for _, e := range series.Entries {
		if e.Index >= k {
			break
		}
		switch e.Kind {
		case ledger.KindAttestation:
			s.headEntry, statements = e, nil
			s.revisions = append(s.revisions, e)
		case ledger.KindStatus:
			statements = append(statements, e)
		}
	}
	if s.headEntry == nil {
		return s, nil
	}
	var err error
	if s.headRec, err = s.headEntry.Parsed(); err != nil {
		return nil, err
	}
	if s.head, err = g.documentOf(ctx, s.headEntry); err != nil {
		return nil, err
	}
	s.id, s.last = s.headRec.ID, s.headRec.Content
	s.history = append(s.history, s.head.submission.StatusEvents...)
	if err := s.recordTimes(); err != nil {
		return nil, err
	}
	for _, e := range statements {
		if err := s.addStatement(e, snap); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// recordTimes gives each event of the head the time of the entry that first
// carried it.
func (s *standing) recordTimes() error {
	times := map[int]string{}
	for _, e := range s.series.Entries {
		rec, err := e.Parsed()
		if err != nil {
			return err
		}
		if _, ok := times[e.Fields.Seq]; !ok {
			times[e.Fields.Seq] = rec.Received
		}
	}
	for _, ev := range s.history {
		t, ok := times[ev.Seq]
		if !ok {
			t = s.headRec.Received // came with a history that was made elsewhere
		}
		s.recorded = append(s.recorded, t)
	}
	return nil
}

func (s *standing) addStatement(e *storage.Entry, snap *partners.Snapshot) error {
	st, err := native.DecodeStatus(e.Status)
	if err != nil {
		return err
	}
	rec, err := e.Parsed()
	if err != nil {
		return err
	}
	at, err := rec.ReceivedAt()
	if err != nil {
		return err
	}
	s.history = append(s.history, st.Event(authorityParty(snap, st, at)))
	s.recorded = append(s.recorded, rec.Received)
	s.last = rec.Content
	return nil
}

// authorityParty returns who made a statement, where that is not the issuer.
func authorityParty(snap *partners.Snapshot, st *attestation.StatusStatement, t time.Time) *attestation.Party {
	id, ok := partnerOfIss(snap, st.Iss, t)
	if !ok || id == st.Subject.Issuer {
		return nil
	}
	p, ok := snap.Partner(id, t)
	if !ok {
		return nil
	}
	return &attestation.Party{Name: p.Name, Identifiers: p.Identifiers}
}

// facts returns the status at t as this standing knows it.
func (s *standing) facts(t time.Time) attestation.StatusFacts {
	return attestation.StatusAt(s.history, &s.head.submission.Dates, t)
}

// seriesByQuery finds the series of a document query for a caller: by id, or
// by the digest of received octets. What is not there and what the caller may
// not see answer alike.
func (g *Gateway) seriesByQuery(ctx context.Context, caller Caller, id string) (storage.Series, error) {
	notFound := fault.New(fault.ResourceNotFound, "there is no such document for this caller")
	key := id
	if d, err := attestation.ParseDigest(id); err == nil {
		e, err := g.archive.ByDigest(ctx, d)
		if err != nil {
			return storage.Series{}, err
		}
		if e == nil || !g.maySee(caller, e) {
			return storage.Series{}, notFound
		}
		key = e.Key
	} else if _, err := attestation.ParseID(id); err != nil {
		return storage.Series{}, notFound
	}
	s, err := g.archive.Series(ctx, key)
	if err != nil {
		return s, err
	}
	visible := s.Entries[:0:0]
	for _, e := range s.Entries {
		if g.maySee(caller, e) {
			visible = append(visible, e)
		}
	}
	s.Entries = visible
	if len(s.Entries) == 0 {
		return s, notFound
	}
	return s, nil
}

// maySee says whether an entry may be shown to a caller: it is in the
// audience. The authority that runs the gateway is a partner like the others.
func (g *Gateway) maySee(caller Caller, e *storage.Entry) bool { return e.Sees(caller.Partner) }

// pinned is a document query resolved: the series at the size and revision
// asked for.
func (g *Gateway) pinned(ctx context.Context, caller Caller, q DocumentQuery) (*standing, moment, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return nil, m, err
	}
	series, err := g.seriesByQuery(ctx, caller, q.ID)
	if err != nil {
		return nil, m, err
	}
	k := series.Size
	if q.Revision > 0 {
		found := false
		for _, e := range series.Entries {
			rec, err := e.Parsed()
			if err != nil {
				return nil, m, err
			}
			if rec.Revision == q.Revision && e.Kind == ledger.KindAttestation {
				k, found = e.Index+1, true
			}
		}
		if !found {
			return nil, m, fault.New(fault.ResourceNotFound, "the series has no such revision for this caller")
		}
	}
	s, err := g.standingOf(ctx, series, k, m.snap)
	if err == nil && !s.exists() {
		err = fault.New(fault.ResourceNotFound, "there is no such document for this caller")
	}
	return s, m, err
}

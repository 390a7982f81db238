package gateway

import (
	"context"
	"encoding/json"

	"accord/attestation"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
)

// Document returns a document in a format, with its status at the time asked
// for. Events recorded later are part of the history that is known now.
func (g *Gateway) Document(ctx context.Context, caller Caller, q DocumentQuery, format Format) (Representation, error) {
	s, m, err := g.pinned(ctx, caller, q)
	if err != nil {
		return Representation{}, err
	}
	if format == FormatJOSE {
		if MediaType(s.headEntry.Media) != MediaJOSE {
			return Representation{}, fault.New(fault.HTTPNotAcceptable, "the document did not come as compact JWS; available are: application/json, application/xml")
		}
		body, err := g.archive.Body(ctx, s.headEntry)
		return Representation{Media: MediaJOSE, Body: body, Digest: s.headRec.Digest}, err
	}
	at := q.At
	if at.IsZero() {
		at = m.now
	}
	facts := s.facts(at)
	sub := *s.head.submission
	sub.StatusEvents = s.history
	view := &attestation.View{
		Submission: sub, ID: s.id, Revision: s.headRec.Revision, Recorded: s.recorded,
		Source: attestation.Source{
			Format: string(s.head.format), MediaType: s.headEntry.Media, Digest: s.headRec.Digest, Size: s.headEntry.BodyLen,
			ReceivedAt: s.headRec.Received, From: s.headRec.Partner,
		},
		Proofs: []attestation.Proof{{Type: "jws", Alg: s.head.alg, KID: s.head.kid, Verified: true, At: s.headRec.Received, Chain: s.head.chain}},
		Status: attestation.StatusView{
			Asserted: facts.Asserted, Temporal: facts.Temporal, Credential: "valid", Effective: facts.Effective,
			At: ledger.FormatTime(at), Overdue: facts.Overdue, LastIndex: s.series.Entries[len(s.series.Entries)-1].Index,
		},
	}
	if format == FormatNativeXML {
		return Representation{Media: MediaXML, Body: native.AppendViewXML(nil, view), Digest: s.headRec.Digest}, nil
	}
	return Representation{Media: MediaJSON, Body: native.AppendViewJSON(make([]byte, 0, 2*s.headEntry.BodyLen), view), Digest: s.headRec.Digest}, nil
}

// Original returns the received octets of a document.
func (g *Gateway) Original(ctx context.Context, caller Caller, q DocumentQuery) (Original, error) {
	e, err := g.entryOf(ctx, caller, q)
	if err != nil {
		return Original{}, err
	}
	rec, err := e.Parsed()
	if err != nil {
		return Original{}, err
	}
	body, err := g.archive.Body(ctx, e)
	return Original{Media: MediaType(e.Media), Body: body, Signature: rec.Signature}, err
}

// entryOf returns the entry a query names: by digest exactly that one, by
// series id the head or the revision asked for.
func (g *Gateway) entryOf(ctx context.Context, caller Caller, q DocumentQuery) (*storage.Entry, error) {
	if d, err := attestation.ParseDigest(q.ID); err == nil && q.Revision == 0 {
		e, err := g.archive.ByDigest(ctx, d)
		if err == nil && (e == nil || !g.maySee(caller, e)) {
			err = fault.New(fault.ResourceNotFound, "there is no such document for this caller")
		}
		return e, err
	}
	s, _, err := g.pinned(ctx, caller, q)
	if err != nil {
		return nil, err
	}
	return s.headEntry, nil
}

// Receipt returns the receipt of a document as JSON, or the same payload
// signed on request.
func (g *Gateway) Receipt(ctx context.Context, caller Caller, q DocumentQuery, signed bool) ([]byte, error) {
	e, err := g.entryOf(ctx, caller, q)
	if err != nil {
		return nil, err
	}
	body, err := g.receiptOf(ctx, e)
	if err != nil || !signed {
		return body, err
	}
	r, err := evidence.ParseReceipt(body)
	if err != nil {
		return nil, err
	}
	return r.Sign(g.cfg.Signer, g.now())
}

func (g *Gateway) receiptOf(ctx context.Context, e *storage.Entry) ([]byte, error) {
	proof, err := g.archive.Proof(ctx, e)
	if err != nil {
		return nil, err
	}
	return evidence.AppendReceipt(nil, g.cfg.Issuer, e.Issuer, e.Record, proof), nil
}

// History is everything a caller may see of a series, in ledger order, and
// what the next statement has to name.
type History struct {
	ID      attestation.ID     `json:"id"`
	Entries []HistoryEntry     `json:"entries"`
	Next    HistoryNext        `json:"next"`
	Head    attestation.Digest `json:"head"` // content digest of the head revision
}

// HistoryEntry is one revision or statement.
type HistoryEntry struct {
	Index    uint64             `json:"index"`
	Kind     ledger.Kind        `json:"kind"`
	Revision int                `json:"revision,omitempty"`
	Digest   attestation.Digest `json:"digest"`
	Content  attestation.Digest `json:"content"`
	Received string             `json:"received"`
	From     string             `json:"from"`
	Status   json.RawMessage    `json:"status,omitempty"` // payload of a statement
}

// HistoryNext is what the next statement says of its place.
type HistoryNext struct {
	Seq     int                       `json:"seq"`
	Prev    attestation.Digest        `json:"prev"`
	Subject attestation.StatusSubject `json:"subject"`
}

// History lists revisions and statements of a series.
func (g *Gateway) History(ctx context.Context, caller Caller, q DocumentQuery) (History, error) {
	s, _, err := g.pinned(ctx, caller, q)
	if err != nil {
		return History{}, err
	}
	first := s.head.submission.Identifiers[0]
	h := History{ID: s.id, Head: s.headRec.Content, Next: HistoryNext{
		Seq: len(s.history) + 1, Prev: s.last,
		Subject: attestation.StatusSubject{
			Issuer: s.headEntry.Issuer, Scheme: first.Scheme, Number: first.Value,
			IssueNumber: s.head.submission.IssueNumber, Content: s.headRec.Content,
		},
	}}
	for _, e := range s.series.Entries {
		rec, err := e.Parsed()
		if err != nil {
			return History{}, err
		}
		h.Entries = append(h.Entries, HistoryEntry{
			Index: e.Index, Kind: e.Kind, Revision: rec.Revision, Digest: rec.Digest, Content: rec.Content,
			Received: rec.Received, From: string(rec.Partner), Status: e.Status,
		})
	}
	return h, nil
}

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/partners/recognition"
	"accord/signing"
	"accord/storage"
)

// question is the body of POST /v1/decisions:evaluate.
type question struct {
	Attestation json.RawMessage     `json:"attestation"` // {id} | {number, issuer} | a document, see brief
	Partner     string              `json:"partner"`     // absent: the caller
	Purpose     recognition.Purpose `json:"purpose"`
	At          time.Time           `json:"at"`
	KnownAt     json.RawMessage     `json:"knownAt"` // a ledger size, or a time
	Facts       recognition.Facts   `json:"facts"`
}

type reference struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Issuer string `json:"issuer"`
}

// Evaluate decides whether a document is recognised. A signed decision is
// archived as an entry for the asker; an unsigned one leaves no trace. The
// answer is the decision as JSON or as compact JWS.
func (g *Gateway) Evaluate(ctx context.Context, caller Caller, body []byte, signed bool) ([]byte, error) {
	q, err := parseQuestion(body)
	if err != nil {
		return nil, g.refuse(caller, body, err)
	}
	m, err := g.moment(ctx)
	if err != nil {
		return nil, err
	}
	if q.Partner == "" {
		q.Partner = string(caller.Partner)
	}
	if q.At.IsZero() {
		q.At = m.now
	}
	k, err := g.knownAt(ctx, q.KnownAt, m.size)
	if err != nil {
		return nil, err
	}
	rq, series, err := g.brief(ctx, caller, q, k, m)
	if err != nil {
		return nil, err
	}
	decision := recognition.Recognise(g.directory.AsOf(k), rq)
	d := evidence.NewDecision(g.cfg.Issuer, decision)
	if !signed {
		return d.Payload()
	}
	raw, err := d.Sign(g.cfg.Signer, m.now)
	if err != nil {
		return nil, err
	}
	return raw, g.keepDecision(ctx, caller, d, raw, series)
}

func parseQuestion(body []byte) (*question, error) {
	q := &question{}
	if err := strictjson.Unmarshal(body, q); err != nil {
		return nil, err
	}
	var l fault.List
	if len(q.Attestation) == 0 {
		l = append(l, fault.At(fault.SchemaMissingField, "/attestation", "name a document: {id}, {number, issuer}, or the document itself"))
	}
	if !q.Purpose.Valid() {
		l = append(l, fault.At(fault.SchemaFormat, "/purpose", "purpose is import, placeOnMarket, continuedSale, tender or information"))
	}
	return q, l.ErrorOrNil()
}

// knownAt reads K: a ledger size, or a time, which maps to the size after the
// last entry at or before it.
func (g *Gateway) knownAt(ctx context.Context, raw json.RawMessage, size uint64) (uint64, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return size, nil
	}
	bad := fault.At(fault.SchemaFormat, "/knownAt", "knownAt is a ledger size up to the present one, or a time of RFC 3339")
	if raw[0] != '"' {
		n, err := strconv.ParseUint(string(raw), 10, 63)
		if err != nil || n > size {
			return 0, bad
		}
		return n, nil
	}
	var t time.Time
	if err := json.Unmarshal(raw, &t); err != nil {
		return 0, bad
	}
	// Times never go back along the log, so the place is found by halving.
	low, high := uint64(0), size
	for low < high {
		mid := (low + high) / 2
		e, err := g.archive.At(ctx, mid)
		if err != nil {
			return 0, err
		}
		rec, err := e.Parsed()
		if err != nil {
			return 0, err
		}
		at, err := rec.ReceivedAt()
		if err != nil {
			return 0, err
		}
		if at.After(t) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low, nil
}

// brief gathers what the checks need to know of the document, from the entries
// below k.
func (g *Gateway) brief(ctx context.Context, caller Caller, q *question, k uint64, m moment) (recognition.Question, storage.Series, error) {
	rq := recognition.Question{Partner: q.Partner, Purpose: q.Purpose, At: q.At, KnownAt: k, Facts: q.Facts}
	octets, media, err := q.upload()
	if err != nil {
		return rq, storage.Series{}, within("/attestation", err)
	}
	if octets != nil {
		rq, err = g.briefUpload(rq, octets, media, m)
		return rq, storage.Series{}, within("/attestation", err)
	}
	var ref reference
	if err := strictjson.Unmarshal(q.Attestation, &ref); err != nil {
		return rq, storage.Series{}, within("/attestation", err)
	}
	if ref.ID == "" {
		id, err := g.idByNumber(ctx, caller, ref.Number, ref.Issuer)
		if err != nil {
			return rq, storage.Series{}, err
		}
		ref.ID = string(id)
	}
	series, err := g.seriesByQuery(ctx, caller, ref.ID)
	if err != nil {
		return rq, series, err
	}
	s, err := g.standingOf(ctx, series, k, m.snap)
	if err != nil {
		return rq, series, err
	}
	if !s.exists() {
		return rq, series, fault.New(fault.ResourceNotFound, "the document was not known at that ledger size")
	}
	rq.Subject = recognition.Subject{ID: s.id, Revision: s.headRec.Revision, Content: s.headRec.Content}
	rq.Document, rq.Issuer = s.head.submission, s.headEntry.Issuer
	rq.Known = recognition.Known{
		Proof:   recognition.Proof{Result: recognition.Passed, Signer: s.headEntry.Issuer},
		Content: recognition.Content{Result: recognition.Passed},
		Head:    attestation.True,
		Status:  s.facts(q.At),
		Fresh:   g.freshness(ctx, s, k),
	}
	if rq.Known.Accreditations, err = g.accreditations(ctx, caller, s, k, m); err != nil {
		return rq, series, err
	}
	for _, e := range series.Entries {
		if e.Index >= k {
			break
		}
		rec, err := e.Parsed()
		if err != nil {
			return rq, series, err
		}
		rq.Inputs = append(rq.Inputs, recognition.Input{Kind: string(e.Kind), ID: string(rec.ID), Index: e.Index, Digest: rec.Digest})
	}
	return rq, series, nil
}

// upload returns the document that stands in the question itself: a compact JWS
// as a string, a JWS in the JSON serialization, or a document of ours that
// nobody signed; nil if the question only names one.
func (q *question) upload() ([]byte, MediaType, error) {
	raw := bytes.TrimSpace(q.Attestation)
	if raw[0] == '"' {
		var jws string
		err := strictjson.Unmarshal(raw, &jws)
		return []byte(jws), MediaJOSE, err
	}
	var members map[string]json.RawMessage
	if err := strictjson.Unmarshal(raw, &members); err != nil {
		return nil, "", err
	}
	if _, ok := members["payload"]; ok {
		return raw, MediaJOSEJSON, nil
	}
	if _, ok := members["modelVersion"]; ok {
		return raw, MediaJSON, nil
	}
	return nil, "", nil
}

// within puts the pointers of findings below the member that they were found in.
func within(member string, err error) error {
	if err == nil {
		return nil
	}
	all := fault.All(err)
	for i, f := range all {
		if f.At == "" || f.At[0] == '/' {
			at := *f
			at.At = member + f.At
			all[i] = &at
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// briefUpload is for a document that is not archived: its signature is judged
// now and its status is only what it says itself.
func (g *Gateway) briefUpload(rq recognition.Question, octets []byte, media MediaType, m moment) (recognition.Question, error) {
	if media == MediaJSON {
		if _, err := decodeMedia(string(media), octets); err != nil {
			return rq, err
		}
	}
	v := evidence.VerifyDocument(evidence.Document{Octets: octets, MediaType: string(media), Decode: decodeMedia},
		evidence.Question{At: rq.At, Now: m.now}, evidence.Basis{Directory: m.snap, Verifier: g.verifier})
	if v.Submission == nil {
		return rq, v.Signature.Err
	}
	rq.Subject = recognition.Subject{Content: v.Submission.Digest()}
	rq.Document = v.Submission
	if owner, err := m.snap.Owner(v.Submission.Issuer.Identifiers, m.now); err == nil {
		rq.Issuer = owner
	}
	proof := recognition.Proof{Result: recognition.Answer(v.Signature.Result), Signer: v.Signature.Signer}
	if v.Signature.Err != nil {
		proof.Code = fault.CodeOf(v.Signature.Err)
	}
	content := recognition.Content{Result: recognition.Indeterminate}
	if v.Report.Content != nil {
		content.Result = recognition.Answer(v.Report.Content.Result)
	}
	rq.Known = recognition.Known{Proof: proof, Content: content, Head: attestation.Unset, Status: v.Submission.Status(rq.At)}
	return rq, nil
}

// freshness says how old our knowledge of a status is: for what came from its
// issuer our own ledger is the master, for what came by a relay the last mark
// of that relay below k counts.
func (g *Gateway) freshness(ctx context.Context, s *standing, k uint64) recognition.Freshness {
	if s.headRec.Partner == s.headEntry.Issuer {
		return recognition.Freshness{Mastered: true}
	}
	var f recognition.Freshness
	marks, err := g.archive.Series(ctx, "mark/"+string(s.headRec.Partner))
	if err != nil {
		return f
	}
	for _, e := range marks.Entries {
		if e.Index >= k {
			break
		}
		if rec, err := e.Parsed(); err == nil {
			f.Learned, _ = rec.ReceivedAt() // a record of ours has a time
		}
	}
	return f
}

// accreditations finds what the archive knows of accreditations of the issuer.
func (g *Gateway) accreditations(ctx context.Context, caller Caller, s *standing, k uint64, m moment) ([]recognition.Accreditation, error) {
	var out []recognition.Accreditation
	act := s.head.submission.ActDate()
	for _, id := range s.head.submission.Issuer.Identifiers {
		entries, _, err := g.archive.Search(ctx, storage.ReaderOf(caller.Partner), []string{storage.Term(storage.TermHolder, id.Value)}, k, 50, func(e *storage.Entry) bool {
			return e.Kind == ledger.KindAttestation && e.Fields.Kind == string(attestation.AccreditationKind)
		})
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			series, err := g.archive.Series(ctx, e.Key)
			if err != nil {
				return nil, err
			}
			a, err := g.standingOf(ctx, series, k, m.snap)
			if err != nil {
				return nil, err
			}
			if a.exists() && a.headEntry.Index == e.Index {
				out = append(out, recognition.AccreditationOf(a.head.submission, e.Issuer, a.id, a.facts(act).Effective))
			}
		}
	}
	return out, nil
}

// idByNumber finds the one series with a number as printed, of the issuer
// where it is named.
func (g *Gateway) idByNumber(ctx context.Context, caller Caller, number, issuer string) (attestation.ID, error) {
	page, err := g.Search(ctx, caller, SearchQuery{Number: number, Issuer: issuer, Limit: 2})
	if err != nil {
		return "", err
	}
	switch {
	case number == "" || len(page.Items) == 0:
		return "", fault.New(fault.ResourceNotFound, "there is no such document for this caller")
	case len(page.Items) > 1:
		return "", fault.At(fault.SchemaFormat, "/attestation/issuer", "several issuers use this number; name the issuer")
	}
	return page.Items[0].ID, nil
}

// keepDecision archives a signed decision for the asker.
func (g *Gateway) keepDecision(ctx context.Context, caller Caller, d *evidence.Decision, raw []byte, about storage.Series) error {
	payload, err := d.Payload()
	if err != nil {
		return err
	}
	_, err = g.appendChecked(ctx, func(m moment) (*storage.Draft, error) {
		series, err := g.archive.Series(ctx, decisionKey(about.Key, caller))
		if err != nil {
			return nil, err
		}
		guard, err := series.Guard()
		if err != nil {
			return nil, err
		}
		return &storage.Draft{
			Kind: ledger.KindDecision, Dir: ledger.Out, Partner: caller.Partner, Issuer: caller.Partner, Type: signing.TypDecision,
			ID: attestation.ID(about.Key), Digest: attestation.DigestOf(raw), Content: attestation.DigestOf(payload), Registry: m.snap.Index(),
			Body: raw, Media: string(MediaJOSE), Audience: []attestation.PartnerID{caller.Partner}, Guard: guard,
		}, nil
	})
	return err
}

func decisionKey(series string, caller Caller) string {
	return "decision/" + series + "/" + string(caller.Partner)
}

// DecisionList is what was decided for a caller about a series.
type DecisionList struct {
	Items []DecisionItem `json:"items"`
}

// DecisionItem is one archived decision.
type DecisionItem struct {
	Index    uint64             `json:"index"`
	Digest   attestation.Digest `json:"digest"`
	Received string             `json:"received"`
	Message  string             `json:"message"` // accord-decision+jwt
}

// Decisions lists the signed decisions made for the caller about a series.
func (g *Gateway) Decisions(ctx context.Context, caller Caller, q DocumentQuery) (DecisionList, error) {
	list := DecisionList{Items: []DecisionItem{}}
	s, _, err := g.pinned(ctx, caller, q)
	if err != nil {
		return list, err
	}
	series, err := g.archive.Series(ctx, decisionKey(string(s.id), caller))
	if err != nil {
		return list, err
	}
	for _, e := range series.Entries {
		rec, err := e.Parsed()
		if err != nil {
			return list, err
		}
		body, err := g.archive.Body(ctx, e)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, DecisionItem{Index: e.Index, Digest: rec.Digest, Received: rec.Received, Message: string(body)})
	}
	return list, nil
}

// RouteQuestion is the directory question, without a document.
type RouteQuestion = recognition.RouteQuestion

// RouteList answers it.
type RouteList struct {
	Items []recognition.Route `json:"items"`
	At    string              `json:"at"`
}

// Routes says which bodies of one side may attest what for the other.
func (g *Gateway) Routes(ctx context.Context, q RouteQuestion) (RouteList, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return RouteList{}, err
	}
	if q.At.IsZero() {
		q.At = m.now
	}
	if q.From == "" || q.To == "" {
		return RouteList{}, fault.New(fault.SchemaMissingField, "from and to are needed: economies (CN, NZ) or partner ids")
	}
	return RouteList{Items: recognition.Routes(m.snap, q), At: ledger.FormatTime(q.At)}, nil
}

package gateway

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
	"accord/storage"
)

// numberPattern is a number as printed (reliability.md, "Codes").
var numberPattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}./()\- ]{1,63}$`)

// NumberQuestion asks for the verdict on a number as printed.
type NumberQuestion struct {
	Number, Issuer, Model, Nonce string
	At                           time.Time
}

// publicKinds are the documents about which the public may ask: never reports.
var publicKinds = map[string]bool{
	string(attestation.Certification): true, string(attestation.Declaration): true, string(attestation.AccreditationKind): true,
}

// VerifyNumber answers the public: is there such a document, and what is its
// status? Unknown and hidden give the same answer. Several hits give a list.
func (g *Gateway) VerifyNumber(ctx context.Context, q NumberQuestion, signed bool) ([]byte, error) {
	if !numberPattern.MatchString(q.Number) {
		return nil, fault.At(fault.SchemaFormat, "/number", "number is the number as printed: 2 to 64 letters, digits and . / ( ) - or space")
	}
	m, err := g.moment(ctx)
	if err != nil {
		return nil, err
	}
	at := q.At
	if at.IsZero() {
		at = m.now
	}
	terms := SearchQuery{Number: q.Number, Issuer: q.Issuer}.terms()
	var reports []*evidence.Report
	var failed error
	_, _, err = g.archive.Search(ctx, storage.Itself(), terms, 1<<62, maxNumberHits, func(e *storage.Entry) bool {
		if failed != nil || e.Kind != ledger.KindAttestation || !publicKinds[e.Fields.Kind] {
			return false
		}
		r, err := g.numberReport(ctx, e, q, at, m)
		if err != nil {
			failed = err
		}
		if r == nil {
			return false
		}
		reports = append(reports, r)
		return true
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	switch len(reports) {
	case 0:
		r := evidence.NotFound(q.Number, q.Issuer, at)
		return g.finishReport(r, q.Nonce, m, signed)
	case 1:
		return g.finishReport(reports[0], q.Nonce, m, signed)
	}
	return g.finishReports(reports, q.Nonce, m, signed)
}

// maxNumberHits bounds the list of issuers that use one number.
const maxNumberHits = 20

// numberReport judges the head of a hit; nil where the entry is not the head.
func (g *Gateway) numberReport(ctx context.Context, e *storage.Entry, q NumberQuestion, at time.Time, m moment) (*evidence.Report, error) {
	series, err := g.archive.Series(ctx, e.Key)
	if err != nil {
		return nil, err
	}
	s, err := g.standingOf(ctx, series, series.Size, m.snap)
	if err != nil || !s.exists() || s.headEntry.Index != e.Index {
		return nil, err
	}
	sub := s.head.submission
	r := evidence.NewReport(evidence.ReportSubject{Number: sub.Identifiers[0].Value, Issuer: string(e.Issuer)}, at)
	r.Found = true
	received, err := s.headRec.ReceivedAt()
	if err != nil {
		return nil, err
	}
	r.SetSignature(signing.Verification{Result: signing.Passed, Alg: signing.Alg(s.head.alg), KID: s.head.kid, Signer: e.Issuer, TProof: received})
	findings, _ := sub.Validate(m.now)
	r.SetContent(findings)
	last := s.series.Entries[len(s.series.Entries)-1].Index
	r.Status = &evidence.StatusReport{Effective: s.facts(at).Effective, At: ledger.FormatTime(at), LastIndex: &last}
	if q.Model != "" {
		r.Model = &evidence.ModelReport{Model: q.Model, Result: modelResult(sub, q.Model)}
	}
	r.KnownAt = series.Size
	return r, nil
}

// modelResult says whether a model is listed; an incomplete list leaves it
// open.
func modelResult(sub *attestation.Submission, model string) signing.Result {
	complete := true
	for _, o := range sub.Objects {
		for _, x := range o.Models {
			if x.Model == model {
				return signing.Passed
			}
		}
		complete = complete && o.ModelsComplete == attestation.True
	}
	if complete {
		return signing.Failed
	}
	return signing.Indeterminate
}

func (g *Gateway) finishReport(r *evidence.Report, nonce string, m moment, signed bool) ([]byte, error) {
	if err := g.stamp(r, nonce); err != nil {
		return nil, err
	}
	if signed {
		return r.Sign(g.cfg.Signer, m.now)
	}
	return r.Payload()
}

func (g *Gateway) finishReports(reports []*evidence.Report, nonce string, m moment, signed bool) ([]byte, error) {
	items := make([]json.RawMessage, 0, len(reports))
	for _, r := range reports {
		text, err := g.finishReport(r, nonce, m, signed)
		if err != nil {
			return nil, err
		}
		if signed {
			if text, err = json.Marshal(string(text)); err != nil {
				return nil, err
			}
		}
		items = append(items, text)
	}
	return json.Marshal(map[string]any{"items": items})
}

// stamp adds what only the gateway can say.
func (g *Gateway) stamp(r *evidence.Report, nonce string) error {
	r.Settle()
	checkpoint, err := g.archive.Checkpoint()
	if err != nil {
		return err
	}
	r.Iss, r.JTI, r.Nonce, r.Checkpoint = g.cfg.Issuer, evidence.NewJTI(), nonce, string(checkpoint)
	if r.KnownAt == 0 {
		r.KnownAt = g.archive.Size()
	}
	return nil
}

// VerifyUpload judges an uploaded document. Nothing is fetched and nothing is
// kept; content that is archived has its status from the archive.
func (g *Gateway) VerifyUpload(ctx context.Context, in Inbound, at time.Time, nonce string, signed bool) ([]byte, error) {
	switch in.Media {
	case MediaJOSE, MediaJOSEJSON, MediaVCJWT, MediaJSON, MediaXML:
	default:
		return nil, fault.New(fault.HTTPMediaType, "send application/jose, application/jose+json, application/vc+jwt, or application/json or application/xml with JWS-Signature")
	}
	m, err := g.moment(ctx)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = m.now
	}
	d := evidence.Document{Octets: in.Body, MediaType: string(in.Media), Signature: in.Signature, Ctys: ctysField, Decode: decodeMedia}
	basis := evidence.Basis{Directory: m.snap, Verifier: g.verifier, Logs: []evidence.Log{{
		Issuer: g.cfg.Issuer, Origin: g.cfg.Origin, VKeys: g.cfg.VKeys, Keys: g.ownKeys(m.snap, m.now),
	}}}
	// A document that is archived here has its proof of time here.
	entry, err := g.archive.ByDigest(ctx, attestation.DigestOf(in.Body))
	if err != nil {
		return nil, err
	}
	if entry != nil {
		if d.Receipt, err = g.receiptOf(ctx, entry); err != nil {
			return nil, err
		}
	}
	v := evidence.VerifyDocument(d, evidence.Question{At: at, Now: m.now, Nonce: nonce}, basis)
	if entry != nil && entry.Kind == ledger.KindAttestation && publicKinds[entry.Fields.Kind] {
		series, err := g.archive.Series(ctx, entry.Key)
		if err != nil {
			return nil, err
		}
		s, err := g.standingOf(ctx, series, series.Size, m.snap)
		if err != nil {
			return nil, err
		}
		last := series.Entries[len(series.Entries)-1].Index
		v.Report.Status = &evidence.StatusReport{Effective: s.facts(at).Effective, At: ledger.FormatTime(at), LastIndex: &last}
	}
	return g.finishReport(v.Report, nonce, m, signed)
}

// decodeMedia reads a payload by its media type, for evidence.
func decodeMedia(media string, payload []byte) (*attestation.Submission, error) {
	format := FormatNativeJSON
	switch f, ok := dialectCtys[strings.TrimPrefix(media, "application/")]; {
	case ok:
		format = f
	case media == string(MediaVC):
		format = credentialFormat(payload)
	case media == string(MediaXML):
		format = FormatNativeXML
	}
	read, err := decode(payload, format)
	return read.Submission, err
}

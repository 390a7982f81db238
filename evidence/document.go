package evidence

import (
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/signing"
)

// Directory says whom an identifier belongs to and which keys a partner has at
// a time. The partner directory of a gateway is one, a trust list another. Both
// methods are safe for concurrent use and do not block; Trust returns the same
// value for as long as the partner's record stands, nil for an unknown partner.
type Directory interface {
	Owner(ids []attestation.Identifier, t time.Time) (attestation.PartnerID, error)
	Trust(id attestation.PartnerID, t time.Time) *signing.Trust
}

// The media types in which a document is verified.
const (
	mediaJSON     = "application/json"
	mediaXML      = "application/xml"
	mediaJOSE     = "application/jose"
	mediaJOSEJSON = "application/jose+json"
	mediaVCJWT    = "application/vc+jwt"
	mediaVC       = "application/vc"
)

// Document is what is to be verified, as it was found.
type Document struct {
	Octets    []byte
	MediaType string // application/jose, jose+json, vc+jwt, json or xml, without parameters
	Signature string // JWS-Signature of a raw body; empty: none
	Receipt   []byte // JSON or accord-receipt+jwt that came with it; nil: none
	// Ctys are dialects of the field that Decode reads besides our own: values of
	// cty, which are media types without "application/".
	Ctys []string
	// Decode reads a payload of application/json, application/xml, application/vc
	// or one of Ctys strictly.
	Decode func(mediaType string, payload []byte) (*attestation.Submission, error)

	credential *signing.Credential // of a vc+jwt, once it is read
}

// Question is what is asked about a document.
type Question struct {
	At    time.Time // T; zero: Now
	Now   time.Time
	Model string // empty: no model is asked for
	Nonce string
}

// Basis is what a verifier believes.
type Basis struct {
	Directory Directory
	Logs      []Log             // for receipts
	Verifier  *signing.Verifier // nil: one without memory
}

// Verified is a report and what it was made of.
type Verified struct {
	Report     *Report
	Submission *attestation.Submission // nil when it cannot be read
	Signature  signing.Verification
	Receipt    *ReceiptCheck // nil when none came
}

// VerifyDocument verifies a document without asking anybody: the receipt, if
// one came, proves since when it has existed; the signature must be of the
// partner that owns the issuer's identifier, good at that time; the content must
// keep every rule that the document alone can break. What it says of the status
// is what the document says: a later suspension is in the ledger.
func VerifyDocument(d Document, q Question, b Basis) *Verified {
	if q.At.IsZero() {
		q.At = q.Now
	}
	if b.Verifier == nil {
		b.Verifier = signing.NewVerifier()
	}
	subject := ReportSubject{Digest: attestation.DigestOf(d.Octets), MediaType: d.MediaType}
	v := &Verified{Report: NewReport(subject, q.At)}
	v.Report.Nonce = q.Nonce

	m, payload, media, err := d.unwrap(b.Verifier)
	if payload != nil {
		v.content(d, media, payload, q)
	}
	proven := v.receipt(d, q.Now, b.Logs)
	switch {
	case err == nil:
		v.signature(m, b, proven)
		v.counts(d.credential, proven)
	case fault.CodeOf(err) == fault.JWSNoSignature && payload != nil:
		// Without a signature nothing proves the document good or bad.
		v.set(signing.Verification{Result: signing.Indeterminate, SubIndication: signing.SubNoKey, TProof: proven, Err: err})
	default:
		v.set(signing.Unreadable(err))
	}
	v.Report.Settle()
	v.doubt()
	return v
}

// doubt fails the report where the receipt does: whoever gives one along says
// that the document was archived, and must not be told that all is well where
// the receipt was forged or speaks of another document. One of a log that is not
// known here proves nothing and spoils nothing.
func (v *Verified) doubt() {
	if v.Receipt != nil && v.Receipt.Result == signing.Failed {
		v.Report.Result = signing.Failed
	}
}

// unwrap reads the signature and finds the payload. Of an unsigned raw body the
// payload comes together with jws.no_signature.
func (d *Document) unwrap(r *signing.Verifier) (m *signing.Message, payload []byte, media string, err error) {
	profile := signing.AttestationProfile()
	profile.Ctys = append(profile.Ctys, d.Ctys...)
	switch d.MediaType {
	case mediaJOSE, mediaJOSEJSON:
		if m, err = r.Read(d.Octets, profile); err != nil {
			return nil, nil, "", err
		}
		return m, m.Payload, d.mediaOf(m.Cty(), mediaJSON), nil
	case mediaVCJWT:
		if d.credential, err = r.ReadCredential(d.Octets); err != nil {
			return nil, nil, "", err
		}
		return d.credential.Message, d.credential.Payload, mediaVC, nil
	case mediaJSON, mediaXML:
		if d.Signature == "" {
			return nil, d.Octets, d.MediaType, fault.New(fault.JWSNoSignature, "the document carries no signature")
		}
		if m, err = r.ReadDetached(d.Signature, d.Octets, profile); err != nil {
			return nil, d.Octets, d.MediaType, err
		}
		// signing.md, "Detached signature": the media type itself is not signed.
		if suffix := "+" + strings.TrimPrefix(d.MediaType, "application/"); !strings.HasSuffix(m.Cty(), suffix) {
			return nil, d.Octets, d.MediaType, fault.New(fault.JWSTypMismatch, "cty is not that of the media type")
		}
		return m, d.Octets, d.mediaOf(m.Cty(), d.MediaType), nil
	default:
		return nil, nil, "", fault.New(fault.HTTPMediaType, "not a media type of signed documents")
	}
}

// mediaOf returns the media type of a payload by its cty.
func (d *Document) mediaOf(cty, otherwise string) string {
	switch {
	case cty == signing.CtyXML:
		return mediaXML
	case cty == signing.CtyJSON:
		return mediaJSON
	case slices.Contains(d.Ctys, cty):
		return "application/" + cty
	default:
		return otherwise
	}
}

// content decodes the payload and holds it against the rules.
func (v *Verified) content(d Document, media string, payload []byte, q Question) {
	doc, err := d.Decode(media, payload)
	if err != nil {
		v.Report.SetContent(Findings(err))
		return
	}
	v.Submission = doc
	findings, warnings := doc.Validate(q.Now)
	v.Report.SetContent(slices.Concat(findings, warnings))
	v.Report.Status = &StatusReport{Effective: doc.Status(q.At).Effective, At: instant(q.At)}
	if q.Model != "" {
		v.Report.Model = &ModelReport{Model: q.Model, Result: coversModel(doc, q.Model)}
	}
}

// receipt checks the receipt and returns the proven time: that of the log, else
// now (signing.md, "Trust").
func (v *Verified) receipt(d Document, now time.Time, logs []Log) time.Time {
	if d.Receipt == nil {
		return now
	}
	subject := Subject{Octets: d.Octets, Signature: d.Signature}
	if v.Submission != nil {
		subject.Content = v.Submission.Digest()
	}
	v.Receipt = CheckReceipt(d.Receipt, subject, logs, now)
	v.Report.AddFault(v.Receipt.Err())
	proven, ok := v.Receipt.Proven()
	if !ok {
		return now
	}
	v.Report.Checkpoint = string(v.Receipt.Receipt.proof.Checkpoint)
	return proven
}

// signature finds whose keys count, and verifies.
func (v *Verified) signature(m *signing.Message, b Basis, proven time.Time) {
	unknown := signing.Verification{
		Result: signing.Indeterminate, SubIndication: signing.SubNoKey, TProof: proven,
		Alg: m.Signatures[0].Alg, KID: m.Signatures[0].KID, TClaim: m.Signatures[0].IAT,
	}
	if v.Submission == nil {
		unknown.Err = fault.New(fault.JWSPayloadInvalid, "the payload does not say who issued it")
		v.set(unknown)
		return
	}
	owner, err := b.Directory.Owner(v.Submission.Issuer.Identifiers, proven)
	if err == nil && owner == "" {
		err = fault.New(fault.IssuerMismatch, "no partner owns an identifier of the issuer")
	}
	if err != nil {
		unknown.Err = err
		v.set(unknown)
		return
	}
	v.set(b.Verifier.Verify(m, b.Directory.Trust(owner, proven), signing.UseDoc, proven))
}

// counts holds exp and nbf of a credential against the proven time.
func (v *Verified) counts(c *signing.Credential, proven time.Time) {
	if c == nil || v.Signature.Result != signing.Passed {
		return
	}
	if err := c.GoodAt(proven); err != nil {
		failed := v.Signature
		failed.Result, failed.Err = signing.Failed, err
		v.set(failed)
	}
}

func (v *Verified) set(s signing.Verification) {
	v.Signature = s
	v.Report.SetSignature(s)
}

// coversModel says whether a model is listed; where no list is complete the
// answer is open (domain.md, check S04).
func coversModel(doc *attestation.Submission, model string) signing.Result {
	complete := false
	for _, o := range doc.Objects {
		for _, m := range o.Models {
			if m.Model == model {
				return signing.Passed
			}
		}
		listed := len(o.Models) > 0 || o.ModelsComplete != attestation.Unset || o.ModelsAttachment != nil
		if listed && o.ModelsComplete != attestation.True {
			return signing.Indeterminate
		}
		complete = complete || listed
	}
	if complete {
		return signing.Failed
	}
	return signing.Indeterminate
}

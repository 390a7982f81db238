package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats"
	"accord/formats/dialect"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/partners"
	"accord/storage"
)

// ConversionQuery asks for a document in a dialect of the field.
type ConversionQuery struct {
	DocumentQuery
	Format Format
	Lang   string // BCP 47; of dialects with room for one language
}

// Converted is a document in a dialect of the field, and what of it that does
// not carry.
type Converted struct {
	Representation
	Format  Format
	Mapping dialect.Mapping
	Losses  []formats.Loss
	Own     bool // the issuer's own credential, as it was received: nothing was converted

	id      attestation.ID
	rec     *ledger.Record
	source  evidence.ConvertedOctets
	lang    string
	knownAt uint64
}

// ConvertedFormats are the dialects in which a document can be asked for.
func ConvertedFormats() []Format {
	var out []Format
	for _, c := range formats.Dialects() {
		if c.Encode != nil {
			out = append(out, Format(c.Name))
		}
	}
	return out
}

// FormatOf returns the dialect of a media type that can be written.
func FormatOf(media MediaType) (Format, bool) {
	for _, c := range formats.Dialects() {
		if c.Encode != nil && slices.Contains(c.MediaTypes, string(media)) {
			return Format(c.Name), true
		}
	}
	return "", false
}

// MediaTypeOf returns the media type in which a dialect is answered; "" if it
// cannot be written.
func MediaTypeOf(format Format) MediaType {
	if c, ok := formats.Dialect(string(format)); ok && c.Encode != nil {
		return MediaType(c.MediaTypes[0])
	}
	return ""
}

// Convert returns a document in a dialect of the field, with its whole history
// and the status of now. It is a statement of the gateway: a proof does not
// survive a conversion. What an agreement forbids to lose is refused.
func (g *Gateway) Convert(ctx context.Context, caller Caller, q ConversionQuery) (Converted, error) {
	s, m, err := g.pinned(ctx, caller, q.DocumentQuery)
	if err != nil {
		return Converted{}, err
	}
	return g.converted(ctx, caller, s, m, q)
}

func (g *Gateway) converted(ctx context.Context, caller Caller, s *standing, m moment, q ConversionQuery) (Converted, error) {
	c, ok := formats.Dialect(string(q.Format))
	if !ok || c.Encode == nil {
		return Converted{}, fault.At(fault.SchemaFormat, "/format", fmt.Sprintf("format is one of %v", ConvertedFormats()))
	}
	if q.Lang != "" && !attestation.ValidLanguage(q.Lang) {
		return Converted{}, fault.At(fault.SchemaFormat, "/lang", "lang is a language tag of BCP 47")
	}
	out := Converted{
		Format: Format(c.Name), Mapping: c.Mapping, id: s.id, rec: s.headRec, lang: q.Lang, knownAt: m.size,
		source: evidence.ConvertedOctets{Digest: s.headRec.Digest, MediaType: s.headEntry.Media, Format: string(s.head.format)},
	}
	sub := *s.head.submission
	sub.StatusEvents = s.history
	o, err := g.conversionOptions(ctx, s, q.Lang)
	if err != nil {
		return Converted{}, err
	}
	body, losses, err := formats.Write(c.Name, &sub, o)
	if err != nil {
		return Converted{}, unwritable(err, c.Name)
	}
	out.Losses = losses
	out.Representation = Representation{Media: MediaType(c.MediaTypes[0]), Body: body, Digest: s.headRec.Digest}
	return out, g.mayLose(m, caller, s, losses)
}

// unwritable says that a dialect has no word for a document, or a binary that it
// needs is not here: there is no such representation.
func unwritable(err error, format string) error {
	code := fault.CodeOf(err)
	if code == fault.Internal || fault.Lookup(code).Retry == fault.Later {
		return err
	}
	return fault.Wrap(err, fault.HTTPNotAcceptable, "the document cannot be written as "+format+": "+fault.All(err)[0].Detail)
}

// conversionOptions says who converts what: never the issuer of the original
// (domain.md, section 4.1).
func (g *Gateway) conversionOptions(ctx context.Context, s *standing, lang string) (formats.Options, error) {
	place, err := g.statusPlace(ctx, s)
	return formats.Options{
		Lang: lang, By: dialect.Author{ID: g.DID(), Name: g.cfg.Name}, Status: place,
		Original: dialect.Original{
			URL:    g.cfg.Issuer + "/v1/attestations/" + string(s.id) + "/original?revision=" + strconv.Itoa(s.headRec.Revision),
			Digest: string(s.headRec.Digest), MediaType: s.headEntry.Media,
		},
		Blob: func(d attestation.Digest) ([]byte, error) { return g.blobOctets(ctx, d) },
	}, err
}

// mayLose holds losses against the agreement by which the caller sees the
// document (rules.maxLossSeverity); what is too much is told in full.
func (g *Gateway) mayLose(m moment, caller Caller, s *standing, losses []formats.Loss) error {
	limit := m.snap.LossLimit(partners.AudienceQuestion{
		Issuer: s.headEntry.Issuer, Sender: s.headRec.Partner, Kind: s.head.submission.Kind, At: m.now,
	}, caller.Partner)
	if limit.Severity == "" {
		return nil
	}
	var refused fault.List
	for _, l := range dialect.Above(losses, dialect.Severity(limit.Severity)) {
		refused = append(refused, fault.At(fault.ConversionLoss, l.Path,
			fmt.Sprintf("agreement %s allows no loss above %s: %s %s, from %s to %s", limit.Agreement, limit.Severity, l.Severity, l.Code, l.Source, l.Target)))
	}
	return refused.ErrorOrNil()
}

// ownCredential says whether the head came as a credential that its issuer
// secured.
func (s *standing) ownCredential() bool { return s.headEntry.Media == string(MediaVCJWT) }

// Credential returns a document as a credential of UNTP (format untp or another
// that travels as application/vc). The issuer's own is answered as it was
// received, or its payload where it is not to be secured; else the gateway
// makes one and, secured, signs it as itself.
func (g *Gateway) Credential(ctx context.Context, caller Caller, q ConversionQuery, secured bool) (Converted, error) {
	s, m, err := g.pinned(ctx, caller, q.DocumentQuery)
	if err != nil {
		return Converted{}, err
	}
	if s.ownCredential() && s.head.format == q.Format {
		return g.issuersOwn(ctx, s, secured)
	}
	c, err := g.converted(ctx, caller, s, m, q)
	if err != nil || !secured {
		return c, err
	}
	c.Media = MediaVCJWT
	c.Body, err = g.signCredential(c.Body, m.now)
	return c, err
}

func (g *Gateway) issuersOwn(ctx context.Context, s *standing, secured bool) (Converted, error) {
	body, err := g.archive.Body(ctx, s.headEntry)
	if err != nil {
		return Converted{}, err
	}
	out := Converted{Format: s.head.format, Own: true, Representation: Representation{Media: MediaVCJWT, Body: body, Digest: s.headRec.Digest}}
	if secured {
		return out, nil
	}
	msg, err := g.verifier.ReadCredential(body)
	if err != nil {
		return Converted{}, err
	}
	out.Media, out.Body = MediaVC, msg.Payload
	return out, nil
}

// Conversion returns the statement about a conversion that the gateway hands
// out (wire.md, "later issues"; decision 0037), as JSON or signed.
func (g *Gateway) Conversion(ctx context.Context, caller Caller, q ConversionQuery, signed bool) ([]byte, error) {
	c, err := g.Convert(ctx, caller, q)
	if err != nil {
		return nil, err
	}
	now := g.now()
	st := c.statement(g.cfg.Issuer, now)
	if signed {
		return st.Sign(g.cfg.Signer, now)
	}
	return st.Payload()
}

func (c *Converted) statement(iss string, now time.Time) *evidence.Conversion {
	st := evidence.NewConversion(iss, now)
	st.Subject = evidence.ConversionSubject{ID: c.id, Revision: c.rec.Revision, Content: c.rec.Content}
	st.Source = c.source
	st.Target = evidence.ConvertedOctets{Digest: attestation.DigestOf(c.Body), MediaType: string(c.Media), Format: string(c.Format), Lang: c.lang}
	st.Mapping = evidence.ConversionMapping(c.Mapping)
	st.KnownAt = c.knownAt
	for _, l := range c.Losses {
		st.Losses = append(st.Losses, evidence.ConversionLoss{
			Path: l.Path, Code: l.Code, Severity: string(l.Severity), Source: l.Source, Target: l.Target,
		})
	}
	return st
}

// conversionLine is what stands beside a converted document in a feed line.
type conversionLine struct {
	Format    Format          `json:"format"`
	MediaType MediaType       `json:"mediaType,omitempty"`
	Mapping   dialect.Mapping `json:"mapping,omitzero"`
	Losses    []formats.Loss  `json:"losses"`
	Code      fault.Code      `json:"code,omitempty"`   // why there is no document
	Detail    string          `json:"detail,omitempty"` // in words
}

// appendConverted adds a document in a dialect to a feed line, and beside it
// what was lost. One that cannot be converted, or may not, stays out with the
// reason: a feed has no gap for it.
func (g *Gateway) appendConverted(ctx context.Context, caller Caller, e *storage.Entry, q ChangesQuery, dst []byte) ([]byte, error) {
	rec, err := e.Parsed()
	if err != nil {
		return nil, err
	}
	c, err := g.Convert(ctx, caller, ConversionQuery{DocumentQuery: DocumentQuery{ID: string(rec.ID), Revision: rec.Revision}, Format: q.Format, Lang: q.Lang})
	beside := conversionLine{Format: q.Format, Losses: []formats.Loss{}}
	switch code := fault.CodeOf(err); {
	case err == nil:
		beside.MediaType, beside.Mapping = c.Media, c.Mapping
		beside.Losses = append(beside.Losses, c.Losses...)
		if dst, err = appendDocument(append(dst, `,"document":`...), c.Body); err != nil {
			return nil, err
		}
	case code == fault.Internal || fault.Lookup(code).Retry == fault.Later:
		return nil, err
	default:
		beside.Losses = append(beside.Losses, c.Losses...)
		beside.Code, beside.Detail = code, fault.All(err)[0].Detail
	}
	text, err := strictjson.CanonicalOf(beside)
	if err != nil {
		return nil, err
	}
	return append(append(dst, `,"conversion":`...), text...), nil
}

// appendDocument puts a document into a line: JSON as it is, anything else as
// a string.
func appendDocument(dst, body []byte) ([]byte, error) {
	if strictjson.Check(body, strictjson.DefaultLimits()) == nil {
		b := bytes.NewBuffer(dst)
		err := json.Compact(b, body) // a line has no line ends
		return b.Bytes(), err
	}
	return strictjson.AppendString(dst, string(body)), nil
}

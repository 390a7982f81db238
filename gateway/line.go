package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/signing"
	"accord/storage"
)

// relayLine is a line pulled from a relay: a message with the receipt of the
// source, or its high-water mark.
type relayLine struct {
	Message   json.RawMessage `json:"message"`
	Receipt   json.RawMessage `json:"receipt"`
	HighWater string          `json:"highWater"`
	Next      string          `json:"next"`
}

// SubmitLine takes one line of a batch in: a JSON string (compact JWS) or
// object (JSON serialization) of an attestation or a status statement; from a
// relay {message, receipt} or {highWater}.
func (g *Gateway) SubmitLine(ctx context.Context, caller Caller, from attestation.PartnerID, line []byte) (Accepted, error) {
	in, mark, err := readLine(line, from)
	if err != nil {
		return Accepted{}, g.refuse(caller, line, err)
	}
	if mark != "" {
		return g.keepMark(ctx, caller, from, mark)
	}
	if typ := peekType(in); typ == signing.TypStatus {
		return g.SetStatus(ctx, caller, in)
	}
	return g.Submit(ctx, caller, in)
}

func readLine(line []byte, from attestation.PartnerID) (in Inbound, mark string, err error) {
	if text, ok := compactLine(line); ok && from == "" {
		return Inbound{Body: text, Media: MediaJOSE}, "", nil
	}
	if err := strictjson.Check(line, strictjson.DefaultLimits()); err != nil {
		return in, "", err
	}
	if from == "" {
		in, err = readMessage(line)
		return in, "", err
	}
	var l relayLine
	if err := strictjson.Unmarshal(line, &l); err != nil {
		return in, "", err
	}
	if l.HighWater != "" {
		return in, l.HighWater, nil
	}
	if len(l.Message) == 0 || len(l.Receipt) == 0 {
		return in, "", fault.New(fault.SchemaMissingField, "a line from a relay is {message, receipt} or {highWater}")
	}
	if in, err = readMessage(l.Message); err != nil {
		return in, "", err
	}
	in.Relay = &Relay{From: from, Receipt: l.Receipt}
	return in, "", nil
}

// compactLine returns what stands in a line that is a compact JWS between
// quotes: with nothing to unescape, nothing has to be read.
func compactLine(line []byte) ([]byte, bool) {
	if len(line) < 3 || line[0] != '"' || line[len(line)-1] != '"' {
		return nil, false
	}
	text := line[1 : len(line)-1]
	for _, c := range text {
		if !compactChars[c] {
			return nil, false
		}
	}
	return text, true
}

// compactChars are those of a compact JWS (RFC 7515, section 7.1).
var compactChars = func() (set [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_." {
		set[c] = true
	}
	return set
}()

// readMessage reads a message as messageOf writes it.
func readMessage(raw []byte) (Inbound, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '"' {
		var text string
		if err := strictjson.Unmarshal(raw, &text); err != nil {
			return Inbound{}, err
		}
		in := Inbound{Body: []byte(text), Media: MediaJOSE}
		if len(text) > 0 && text[0] == '{' {
			in.Media = MediaJOSEJSON
		}
		return in, nil
	}
	var m RawMessage
	if err := strictjson.Unmarshal(raw, &m); err == nil && m.Body != "" {
		return Inbound{Body: []byte(m.Body), Media: MediaType(m.MediaType), Signature: m.Signature}, nil
	}
	return Inbound{Body: raw, Media: MediaJOSEJSON}, nil
}

// peekType reads the typ of a message to choose its endpoint; the endpoint
// reads it again and accepts only its own.
func peekType(in Inbound) string {
	if in.Signature != "" {
		return signing.TypAttestation
	}
	if head, _, ok := bytes.Cut(in.Body, []byte(".")); ok && in.Media == MediaJOSE {
		// Most lines are attestations: their header does not name the other type
		// and has no escapes in which it could hide.
		if h, err := base64.RawURLEncoding.DecodeString(string(head)); err == nil && !bytes.Contains(h, []byte(signing.TypStatus)) && !bytes.Contains(h, []byte(`\`)) {
			return signing.TypAttestation
		}
	}
	if _, err := signing.Read(in.Body, signing.MessageProfile(signing.TypStatus)); err == nil {
		return signing.TypStatus
	}
	return signing.TypAttestation
}

// keepMark archives the high-water mark of a relay: it is the freshness of
// that source.
func (g *Gateway) keepMark(ctx context.Context, caller Caller, from attestation.PartnerID, mark string) (Accepted, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return Accepted{}, err
	}
	trust := m.snap.Trust(from, m.now)
	if trust == nil {
		return Accepted{}, g.refuse(caller, []byte(mark), fault.New(fault.JWSKeyUnknown, "the relay is not a partner of this gateway"))
	}
	h, err := evidence.OpenHighWater([]byte(mark), trust.Keys, m.now)
	if err != nil {
		return Accepted{}, g.refuse(caller, []byte(mark), err)
	}
	payload, err := h.Payload()
	if err != nil {
		return Accepted{}, err
	}
	content := attestation.DigestOf(payload)
	if e, err := g.archive.ByContent(ctx, content); err != nil {
		return Accepted{}, err
	} else if e != nil {
		return g.acceptedEntry(ctx, caller, e)
	}
	stored, err := g.appendChecked(ctx, func(m moment) (*storage.Draft, error) {
		series, err := g.archive.Series(ctx, "mark/"+string(from))
		if err != nil {
			return nil, err
		}
		guard, err := series.Guard()
		if err != nil {
			return nil, err
		}
		return &storage.Draft{
			Kind: ledger.KindMark, Dir: ledger.In, Partner: from, Issuer: g.cfg.Authority, Type: signing.TypFeed,
			Digest: attestation.DigestOf([]byte(mark)), Content: content, Registry: m.snap.Index(), Body: []byte(mark), Media: string(MediaJOSE),
			Audience: []attestation.PartnerID{g.cfg.Authority}, Guard: guard,
		}, nil
	})
	if err != nil {
		return Accepted{}, err
	}
	return g.accepted(caller, Accepted{}, stored)
}

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/storage"
)

// ChangesQuery asks for a page of the feed.
type ChangesQuery struct {
	Cursor                     string
	Limit                      int
	Wait                       time.Duration // long poll while there is nothing
	Document, Message, Receipt bool          // what to include
	Format                     Format        // of included documents
	Lang                       string        // BCP 47; of dialects with room for one language
}

// ChangesPage is a page of the feed: lines of JSON in ledger order, where to
// go on, and the signed high-water mark.
type ChangesPage struct {
	Lines     [][]byte
	Next      string
	HighWater string
}

// Size returns the octets of the lines.
func (p ChangesPage) Size() int {
	n := 0
	for _, l := range p.Lines {
		n += len(l) + 1
	}
	return n
}

// Changes returns what a partner may see, in ledger order and without a gap.
// The cursor carries the running hash of everything before it.
func (g *Gateway) Changes(ctx context.Context, caller Caller, q ChangesQuery) (ChangesPage, error) {
	at, err := g.cfg.Cursors.open(caller.Partner, "changes", "", q.Cursor)
	if err != nil {
		return ChangesPage{}, err
	}
	lines, bound, err := g.feed(ctx, caller.Partner, at.After, q)
	if err != nil {
		return ChangesPage{}, err
	}
	page := ChangesPage{Lines: make([][]byte, 0, len(lines))}
	next := position{After: bound, Count: at.Count, Acc: at.Acc}
	acc := ledger.FeedAcc(at.Acc)
	for _, l := range lines {
		acc = acc.Add(l.Hash)
		text, err := g.include(ctx, caller, l, q)
		if err != nil {
			return ChangesPage{}, err
		}
		page.Lines = append(page.Lines, text)
	}
	next.Count += uint64(len(lines))
	next.Acc = acc
	page.Next = g.cfg.Cursors.seal(caller.Partner, "changes", "", next)
	checkpoint, err := g.archive.Checkpoint()
	if err != nil {
		return ChangesPage{}, err
	}
	mark := evidence.NewHighWater(g.cfg.Issuer, caller.Partner, at.After, evidence.Feed{To: bound, Count: next.Count, Acc: acc}, checkpoint)
	signed, err := mark.Sign(g.cfg.Signer, g.now())
	if err != nil {
		return ChangesPage{}, err
	}
	page.HighWater = string(signed)
	return page, nil
}

// feed reads lines, and waits for one where the query says so.
func (g *Gateway) feed(ctx context.Context, who attestation.PartnerID, after uint64, q ChangesQuery) ([]storage.FeedLine, uint64, error) {
	deadline := time.Now().Add(q.Wait)
	for {
		lines, bound, err := g.archive.Feed(ctx, who, after, q.Limit)
		if err != nil || len(lines) > 0 {
			return lines, bound, err
		}
		left := time.Until(deadline)
		if left <= 0 {
			return lines, bound, nil
		}
		waiting, cancel := context.WithTimeout(ctx, left)
		err = g.archive.Wait(waiting, bound)
		cancel()
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if err != nil {
			return lines, bound, nil // the time is up
		}
	}
}

// RawMessage is a document that came as a raw body with a detached signature,
// as one value: what a relay carries.
type RawMessage struct {
	MediaType string `json:"mediaType"`
	Signature string `json:"signature"` // JWS-Signature
	Body      string `json:"body"`
}

// include adds to a line what the query asks for; a plain line is copied.
func (g *Gateway) include(ctx context.Context, caller Caller, l storage.FeedLine, q ChangesQuery) ([]byte, error) {
	if !q.Document && !q.Message && !q.Receipt {
		return l.JSON, nil
	}
	e, err := g.archive.At(ctx, l.Index)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Write(l.JSON[:len(l.JSON)-1])
	if q.Document && e.Kind == ledger.KindAttestation {
		text, err := g.documentText(ctx, caller, e, q)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	if q.Message {
		text, err := g.messageOf(ctx, e)
		if err != nil {
			return nil, err
		}
		b.WriteString(`,"message":`)
		b.Write(text)
	}
	if q.Receipt {
		receipt, err := g.receiptOf(ctx, e)
		if err != nil {
			return nil, err
		}
		b.WriteString(`,"receipt":`)
		b.Write(receipt)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// documentText returns the member of a line with its document, and what was lost
// where it is in a dialect.
func (g *Gateway) documentText(ctx context.Context, caller Caller, e *storage.Entry, q ChangesQuery) ([]byte, error) {
	if q.Format != FormatNativeJSON && q.Format != FormatNativeXML {
		return g.appendConverted(ctx, caller, e, q, nil)
	}
	d, err := g.documentOf(ctx, e)
	if err != nil {
		return nil, err
	}
	out := []byte(`,"document":`)
	if q.Format == FormatNativeJSON {
		return native.AppendJSON(out, d.submission), nil
	}
	return strictjson.AppendString(out, string(native.AppendXML(nil, d.submission))), nil
}

// messageOf returns the signed original as a JSON value: a string with the
// JWS, or a RawMessage.
func (g *Gateway) messageOf(ctx context.Context, e *storage.Entry) ([]byte, error) {
	rec, err := e.Parsed()
	if err != nil {
		return nil, err
	}
	body, err := g.archive.Body(ctx, e)
	if err != nil {
		return nil, err
	}
	if rec.Signature != "" {
		return json.Marshal(RawMessage{MediaType: e.Media, Signature: rec.Signature, Body: string(body)})
	}
	// Also for a JSON serialization: as an object it would lose its white space
	// on the way, and with it the digest.
	return json.Marshal(string(body))
}

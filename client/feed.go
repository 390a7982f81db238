package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"

	"accord/internal/fault"
)

// FeedLine is one entry of the feed (wire.md). Raw is the line as it came.
type FeedLine struct {
	Index    uint64          `json:"index"`
	Kind     string          `json:"kind"`
	ID       string          `json:"id"`
	Revision int             `json:"revision"`
	Digest   string          `json:"digest"`
	Received string          `json:"received"`
	Status   json.RawMessage `json:"status"`
	Document json.RawMessage `json:"document"`
	// Conversion says what a document in a dialect lost, or why there is none.
	Conversion json.RawMessage `json:"conversion"`
	Message    json.RawMessage `json:"message"`
	Receipt    json.RawMessage `json:"receipt"`
	Raw        []byte          `json:"-"`
}

// FeedPage is one page of the feed with the signed high-water mark.
type FeedPage struct {
	Lines     []FeedLine
	Next      string
	HighWater string
}

// FeedQuery says what a page holds.
type FeedQuery struct {
	Cursor  string
	Limit   int           // 0: the server's default
	Wait    time.Duration // long poll; whole seconds, rounded up
	Include string        // document,message,receipt
	Format  string
	Lang    string // of a dialect with room for one language
}

// Changes fetches one page of the feed as NDJSON. A page without its last
// line, which carries cursor and mark, was cut off and is an error.
func (c *Client) Changes(ctx context.Context, q FeedQuery) (*FeedPage, error) {
	query := url.Values{}
	for name, value := range map[string]string{"cursor": q.Cursor, "include": q.Include, "format": q.Format, "lang": q.Lang} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if q.Limit > 0 {
		query.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Wait > 0 {
		query.Set("wait", strconv.Itoa(int(math.Ceil(q.Wait.Seconds()))))
	}
	res, err := c.Get(ctx, "/v1/changes", query, "application/x-ndjson")
	if err != nil {
		return nil, err
	}
	return parseFeed(res.Body)
}

func parseFeed(body []byte) (*FeedPage, error) {
	page := &FeedPage{}
	for line := range bytes.SplitSeq(bytes.TrimSpace(body), []byte("\n")) {
		if page.HighWater != "" {
			return nil, fault.New(fault.JSONTrailingData, "the feed goes on after its high-water mark")
		}
		var end struct {
			Next      *string `json:"next"`
			HighWater string  `json:"highWater"`
		}
		if err := json.Unmarshal(line, &end); err != nil {
			return nil, fmt.Errorf("read feed line: %w", err)
		}
		if end.Next != nil {
			page.Next, page.HighWater = *end.Next, end.HighWater
			continue
		}
		l := FeedLine{Raw: line}
		if err := json.Unmarshal(line, &l); err != nil {
			return nil, fmt.Errorf("read feed line: %w", err)
		}
		page.Lines = append(page.Lines, l)
	}
	if page.HighWater == "" {
		return nil, fault.New(fault.HTTPUnavailable, "the page of the feed broke off before its high-water mark; pull again")
	}
	return page, nil
}

// Relayable says whether an entry is one that another gateway takes over: a
// document or a status statement with its message and its receipt.
func (l *FeedLine) Relayable() bool {
	return len(l.Message) > 0 && len(l.Receipt) > 0 && (l.Kind == "attestation" || l.Kind == "status")
}

// Relay turns a page of a feed into the lines that carry it into another
// gateway: message and receipt of each entry that is [FeedLine.Relayable], then
// the mark.
func (p *FeedPage) Relay() ([][]byte, error) {
	var lines [][]byte
	for i := range p.Lines {
		l := &p.Lines[i]
		if !l.Relayable() {
			continue
		}
		line, err := json.Marshal(map[string]json.RawMessage{"message": l.Message, "receipt": l.Receipt})
		if err != nil {
			return nil, fmt.Errorf("encode relay line: %w", err)
		}
		lines = append(lines, line)
	}
	mark, err := json.Marshal(map[string]string{"highWater": p.HighWater})
	if err != nil {
		return nil, fmt.Errorf("encode mark: %w", err)
	}
	return append(lines, mark), nil
}

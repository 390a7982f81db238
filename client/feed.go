package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
	Message  json.RawMessage `json:"message"`
	Receipt  json.RawMessage `json:"receipt"`
	Raw      []byte          `json:"-"`
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
	Wait    time.Duration // long poll
	Include string        // document,message,receipt
	Format  string
}

// maxFeedLine bounds one line of the feed: a document of 1 MiB, the message it
// came in (base64, 4/3) and a receipt.
const maxFeedLine = 8 << 20

// Changes fetches one page of the feed as NDJSON. A page without its last
// line, which carries cursor and mark, was cut off and is an error.
func (c *Client) Changes(ctx context.Context, q FeedQuery) (*FeedPage, error) {
	query := url.Values{}
	for name, value := range map[string]string{"cursor": q.Cursor, "include": q.Include, "format": q.Format} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if q.Limit > 0 {
		query.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Wait > 0 {
		query.Set("wait", strconv.Itoa(int(q.Wait.Seconds())))
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

// LineResult is the answer to one line of a batch.
type LineResult struct {
	Line     int       `json:"line"`
	Status   int       `json:"status"`
	ID       string    `json:"id"`
	Index    *uint64   `json:"index"`
	Warnings []Warning `json:"warnings"`
	Problem  *Problem  `json:"problem"`
}

// Batch sends lines as one NDJSON batch and calls each for every result, in
// the order of the lines. From names the relay the lines were pulled from;
// only an operator may say so.
func (c *Client) Batch(ctx context.Context, from string, lines [][]byte, each func(LineResult) error) error {
	r := Request{Method: http.MethodPost, Path: "/v1/messages:batch", Header: http.Header{
		"Content-Type": {"application/x-ndjson"}, "Accept": {"application/x-ndjson"},
	}}
	if from != "" {
		r.Query = url.Values{"from": {from}}
	}
	res, err := c.Send(ctx, r, bytes.NewReader(append(bytes.Join(lines, []byte("\n")), '\n')))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err != nil {
			return fault.Wrap(err, fault.HTTPUnavailable, "the answer broke off")
		}
		return problemOf(res, body)
	}
	scan := bufio.NewScanner(res.Body)
	scan.Buffer(make([]byte, 0, 64<<10), maxFeedLine)
	n := 0
	for scan.Scan() {
		var l LineResult
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			return fmt.Errorf("read batch result: %w", err)
		}
		n++
		if err := each(l); err != nil {
			return err
		}
	}
	if err := scan.Err(); err != nil {
		return fault.Wrap(err, fault.HTTPUnavailable, "the answer broke off; send the same lines again")
	}
	if n != len(lines) {
		return fault.Newf(fault.HTTPUnavailable, "%d of %d lines were answered; send the same lines again", n, len(lines))
	}
	return nil
}

// Relay turns a page of a feed into the lines that carry it into another
// gateway: each entry's message with its receipt, then the mark.
func (p *FeedPage) Relay() ([][]byte, error) {
	var lines [][]byte
	for _, l := range p.Lines {
		if len(l.Message) == 0 || len(l.Receipt) == 0 || (l.Kind != "attestation" && l.Kind != "status") {
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

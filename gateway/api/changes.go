package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"accord/gateway"
	"accord/internal/fault"
)

// Pages of lists and feeds: the default suits a person, the largest a machine
// that follows (a page of 1,000 records is about 300 KiB without bodies).
const (
	defaultLimit = 100
	maxLimit     = 1000
)

func limitParam(values url.Values) (int, error) {
	v := values.Get("limit")
	if v == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxLimit {
		return 0, fault.At(fault.SchemaFormat, "/limit", "limit is a whole number from 1 to 1000")
	}
	return n, nil
}

func (s *Server) changes(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := changesQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if q.Wait = min(q.Wait, s.limits.MaxWait); q.Wait > 0 {
		if err := s.await(r, c, q); err != nil {
			return err
		}
		q.Wait = 0
	}
	page, err := s.gw.Changes(r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	next := url.Values{"cursor": {page.Next}}
	for _, name := range []string{"limit", "include", "format", "lang"} {
		if v := r.URL.Query().Get(name); v != "" {
			next.Set(name, v)
		}
	}
	w.Header().Set("Link", "</v1/changes?"+next.Encode()+`>; rel="next"`)
	if c.media == typeNDJSON {
		return writeBody(w, http.StatusOK, c.media, renderNDJSON(page))
	}
	return writeBody(w, http.StatusOK, c.media, renderPage(page))
}

func changesQuery(values url.Values) (gateway.ChangesQuery, error) {
	q := gateway.ChangesQuery{Cursor: values.Get("cursor"), Format: gateway.FormatNativeJSON}
	var err error
	if q.Limit, err = limitParam(values); err != nil {
		return q, err
	}
	if v := values.Get("wait"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return q, fault.At(fault.SchemaFormat, "/wait", "wait is a whole number of seconds")
		}
		q.Wait = time.Duration(min(n, 3600)) * time.Second
	}
	if v := values.Get("include"); v != "" {
		for part := range strings.SplitSeq(v, ",") {
			switch part {
			case "document":
				q.Document = true
			case "message":
				q.Message = true
			case "receipt":
				q.Receipt = true
			default:
				return q, fault.At(fault.SchemaFormat, "/include", "include takes document, message and receipt")
			}
		}
	}
	q.Lang = values.Get("lang")
	if f := gateway.Format(values.Get("format")); f != "" {
		if !slices.Contains(formatNames(), f) {
			return q, badFormat(formatNames()...)
		}
		q.Format = f
	}
	return q, nil
}

// feedEnd is the last line of an NDJSON answer and the tail of a JSON page.
type feedEnd struct {
	Next      string `json:"next"`
	HighWater string `json:"highWater"`
}

// The lines of a page are JSON already and are copied, never encoded again.
func renderNDJSON(p gateway.ChangesPage) []byte {
	var b bytes.Buffer
	b.Grow(p.Size() + 1024)
	for _, line := range p.Lines {
		b.Write(line)
		b.WriteByte('\n')
	}
	end, _ := json.Marshal(feedEnd{p.Next, p.HighWater}) // two strings always encode
	b.Write(end)
	b.WriteByte('\n')
	return b.Bytes()
}

func renderPage(p gateway.ChangesPage) []byte {
	var b bytes.Buffer
	b.Grow(p.Size() + 1024)
	b.WriteString(`{"items":[`)
	for i, line := range p.Lines {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(line)
	}
	b.WriteString(`],`)
	end, _ := json.Marshal(feedEnd{p.Next, p.HighWater}) // two strings always encode
	b.Write(end[1:])
	return b.Bytes()
}

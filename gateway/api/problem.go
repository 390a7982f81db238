package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"accord/internal/fault"
)

// retryAfter is what a caller is told to wait with 503, and with 429 where the
// time is not known: long enough to let a burst pass, short enough not to be
// noticed in a feed.
const retryAfter = 2 * time.Second

// Problem is an RFC 9457 problem document with the members of api.md.
type Problem struct {
	Type      string    `json:"type"` // urn:accord:error:{code}
	Title     string    `json:"title"`
	Status    int       `json:"status"`
	Detail    string    `json:"detail,omitempty"`
	Instance  string    `json:"instance,omitempty"`
	Code      string    `json:"code"`
	Retryable bool      `json:"retryable"`
	Errors    []Finding `json:"errors,omitempty"`
	Available []string  `json:"available,omitempty"` // with 406: what there is
	Resync    string    `json:"resync,omitempty"`    // with 410: where to start again
	Trace     string    `json:"trace,omitempty"`     // trace id, as in the log line of the request
}

// Finding is one of several faults of one input.
type Finding struct {
	Pointer string `json:"pointer,omitempty"` // JSON Pointer (RFC 6901)
	XPath   string `json:"xpath,omitempty"`   // element path of an XML input
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// problemOf maps an error to its problem document; the one mapper between
// faults inside and answers at the edge.
func problemOf(err error, instance string) Problem {
	faults := fault.All(tooLarge(err))
	row := fault.Lookup(faults[0].Code)
	p := Problem{
		Type: "urn:accord:error:" + string(row.Code), Title: row.Meaning, Status: row.Status,
		Code: string(row.Code), Retryable: row.Retry == fault.Later, Instance: instance,
	}
	if row.Code == fault.Internal {
		return p // nothing of an unclassified error is shown
	}
	p.Detail = faults[0].Detail
	if len(faults) > 1 || faults[0].At != "" {
		for _, f := range faults {
			finding := Finding{Code: string(f.Code), Detail: f.Detail}
			if isXPath(f.At) {
				finding.XPath = f.At
			} else {
				finding.Pointer = f.At
			}
			p.Errors = append(p.Errors, finding)
		}
	}
	return p
}

// tooLarge gives net/http's error about a long body its code.
func tooLarge(err error) error {
	if limit, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Newf(fault.HTTPBodyTooLarge, "the body is larger than %d octets", limit.Limit)
	}
	return err
}

// isXPath tells an element path (/at:Attestation[1]/…) from a JSON Pointer:
// only the former has a prefix of ours or an index in brackets.
func isXPath(at string) bool {
	for i := 0; i < len(at); i++ {
		if at[i] == '[' || at[i] == ':' {
			return true
		}
	}
	return false
}

// writeProblem answers with the problem document of err.
func (s *Server) writeProblem(rec *recorder, r *http.Request, err error) {
	if rec.status != 0 {
		s.log.ErrorContext(r.Context(), "fault after the answer had begun", slog.Any("error", err))
		return
	}
	if _, ok := errors.AsType[badFraming](err); ok {
		rec.Header().Set("Connection", "close")
		_ = writeBody(rec, http.StatusBadRequest, typeText, []byte("400 Bad Request: "+fault.All(err)[0].Detail)) // it returns nil
		return
	}
	p := problemOf(err, r.URL.Path)
	if p.Code == string(fault.Internal) {
		// Whoever is told only that something went wrong can say which line of
		// the log is meant.
		rec.trace = newTraceID()
		s.log.ErrorContext(r.Context(), "internal error", slog.String("path", r.URL.Path), slog.String("trace_id", rec.traceID(r)), slog.Any("error", err))
	}
	p.Trace = rec.traceID(r)
	if p.Code == string(fault.CursorExpired) {
		p.Resync = resync(r.URL)
	}
	if u, ok := errors.AsType[unacceptable](err); ok {
		p.Available = u.available
	}
	wait := later{after: retryAfter}
	if l, ok := errors.AsType[later](err); ok {
		wait = l
	}
	writeProblemDocument(rec, p, wait.seconds())
}

// resync is the same question from the beginning.
func resync(u *url.URL) string {
	q := u.Query()
	q.Del("cursor")
	q.Del("wait")
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

func writeProblemDocument(rec *recorder, p Problem, retry int) {
	h := rec.Header()
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(retry))
	}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="accord"`)
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		h.Set("Connection", "close")
	}
	rec.code = p.Code
	body, err := json.Marshal(p)
	if err != nil {
		http.Error(rec, "internal error", http.StatusInternalServerError)
		return
	}
	// What a handler said of the answer it did not give is no longer true.
	for _, name := range []string{"Cache-Control", "Location", "Link"} {
		h.Del(name)
	}
	_ = writeBody(rec, p.Status, typeProblem, body) // it returns nil
}

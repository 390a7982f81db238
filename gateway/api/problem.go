package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"accord/internal/fault"
)

// retryAfter is what a caller is told to wait with 429 and 503: long enough to
// let a burst pass, short enough not to be noticed in a feed.
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
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err, r.URL.Path)
	if p.Code == string(fault.Internal) {
		s.log.ErrorContext(r.Context(), "internal error", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	s.writeProblemDocument(w, p)
}

func (s *Server) writeProblemDocument(w http.ResponseWriter, p Problem) {
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="accord"`)
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		w.Header().Set("Connection", "close")
	}
	body, err := json.Marshal(p)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a reader that went away cannot be told so
	if rec, ok := w.(*recorder); ok {
		rec.code = p.Code
	}
}

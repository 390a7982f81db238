package client

import (
	"encoding/json"
	"fmt"
	"net/http"

	"accord/internal/fault"
)

// Problem is the problem document of a refused call (RFC 9457).
type Problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail,omitempty"`
	Instance  string         `json:"instance,omitempty"`
	Code      fault.Code     `json:"code"`
	Retryable bool           `json:"retryable"`
	Errors    []ProblemError `json:"errors,omitempty"`
	Available []string       `json:"available,omitempty"` // with 406: what there is
	Resync    string         `json:"resync,omitempty"`    // with 410: where to start again
}

// ProblemError is one finding of a problem.
type ProblemError struct {
	Pointer string `json:"pointer,omitempty"`
	XPath   string `json:"xpath,omitempty"`
	Code    string `json:"code"`
	Detail  string `json:"detail,omitempty"`
}

// Error returns status, code and detail in one line.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Title)
	}
	return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
}

// problemOf reads the problem document of an answer. Its status is that of the
// answer, whatever the document says. What is no problem document comes from a
// proxy or from something that is no gateway, and gets a code by its status.
func problemOf(res *http.Response, body []byte) *Problem {
	p := &Problem{}
	if err := json.Unmarshal(body, p); err != nil || p.Code == "" {
		p = &Problem{
			Title: http.StatusText(res.StatusCode), Code: codeOf(res.StatusCode),
			Detail: "the answer is not a problem document; is this the URL of an Accord gateway?",
		}
		p.Retryable = p.Code != fault.Internal
	}
	p.Status = res.StatusCode
	return p
}

// codeOf is the code of an answer that brings none.
func codeOf(status int) fault.Code {
	switch status {
	case http.StatusTooManyRequests:
		return fault.HTTPRateLimited
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fault.HTTPUnavailable
	default:
		return fault.Internal
	}
}

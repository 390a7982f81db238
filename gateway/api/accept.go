package api

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"accord/internal/fault"
)

// accepted is one range of an Accept field with its weight.
type accepted struct {
	mediaType string
	q         float64
	exact     int // 2: type/subtype, 1: type/*, 0: */*
}

// negotiate picks the first of the offered media types that the Accept field
// weighs highest (RFC 9110, 12.5.1). No field takes the first offer. Nothing
// acceptable is http.not_acceptable with the list of what there is.
func negotiate(r *http.Request, offers []string) (string, error) {
	fields := r.Header["Accept"]
	if len(fields) == 0 || (len(fields) == 1 && fields[0] == "*/*") {
		return offers[0], nil
	}
	ranges := parseAccept(strings.Join(fields, ","))
	best, bestQ := "", 0.0
	for _, offer := range offers {
		if q := weight(ranges, offer); q > bestQ {
			best, bestQ = offer, q
		}
	}
	if best == "" {
		return "", notAcceptable(offers)
	}
	return best, nil
}

// unacceptable is http.not_acceptable with what there is.
type unacceptable struct {
	error
	available []string
}

func (u unacceptable) Unwrap() error { return u.error }

func notAcceptable(offers []string) error {
	return unacceptable{fault.New(fault.HTTPNotAcceptable, "available are: "+strings.Join(offers, ", ")), offers}
}

func parseAccept(field string) []accepted {
	var out []accepted
	for part := range strings.SplitSeq(field, ",") {
		mt, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		a := accepted{mediaType: mt, q: 1, exact: 2}
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			a.q = min(max(q, 0), 1)
		}
		switch {
		case mt == "*/*":
			a.exact = 0
		case strings.HasSuffix(mt, "/*"):
			a.exact = 1
		}
		out = append(out, a)
	}
	// The most exact range that fits an offer decides its weight.
	slices.SortStableFunc(out, func(x, y accepted) int { return cmp.Compare(y.exact, x.exact) })
	return out
}

// weight is that of the most exact range that fits an offer, whose parameters
// (charset) do not count.
func weight(ranges []accepted, offer string) float64 {
	offer, _, _ = strings.Cut(offer, ";")
	kind, _, _ := strings.Cut(offer, "/")
	for _, a := range ranges {
		if a.mediaType == offer || a.mediaType == "*/*" || a.mediaType == kind+"/*" {
			return a.q
		}
	}
	return 0
}

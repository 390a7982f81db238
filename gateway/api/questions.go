package api

import (
	"net/http"
	"net/url"
	"regexp"
	"time"

	"accord/gateway"
	"accord/internal/fault"
	"accord/ledger"
)

func (s *Server) search(w http.ResponseWriter, r *http.Request, c call) error {
	values := r.URL.Query()
	limit, err := limitParam(values)
	if err != nil {
		return err
	}
	q := gateway.SearchQuery{
		Number: values.Get("number"), Issuer: values.Get("issuer"), Holder: values.Get("holder"),
		Product: values.Get("product"), Standard: values.Get("standard"), Status: values.Get("status"),
		IssuedFrom: values.Get("issued_from"), IssuedTo: values.Get("issued_to"),
		Cursor: values.Get("cursor"), Limit: limit,
	}
	page, err := s.gw.Search(r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	if page.Next != "" {
		next := values
		next.Set("cursor", page.Next)
		w.Header().Set("Link", "</v1/attestations?"+next.Encode()+`>; rel="next"`)
	}
	return writeJSON(w, http.StatusOK, page)
}

func (s *Server) evaluate(w http.ResponseWriter, r *http.Request, c call) error {
	media, err := mediaType(r.Header)
	if err != nil {
		return err
	}
	if media != gateway.MediaJSON {
		return fault.New(fault.HTTPMediaType, "send the question as application/json")
	}
	body, err := s.readBody(w, r)
	if err != nil {
		return err
	}
	signed := c.media == typeJOSE
	answer, err := s.gw.Evaluate(r.Context(), c.caller, body, signed)
	if err != nil {
		return err
	}
	if signed {
		s.metrics.Appended(string(ledger.KindDecision))
	}
	return writeBody(w, http.StatusOK, c.media, answer)
}

func (s *Server) recognition(w http.ResponseWriter, r *http.Request, _ call) error {
	values := r.URL.Query()
	at, err := timeParam(values, "at")
	if err != nil {
		return err
	}
	routes, err := s.gw.Routes(r.Context(), gateway.RouteQuestion{
		From: values.Get("from"), To: values.Get("to"), Product: values.Get("product"),
		Standard: values.Get("standard"), Activity: values.Get("activity"), At: at,
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, routes)
}

// nonceForm is what a nonce may be: it is repeated in what we sign, so it is a
// number, a UUID or base64, and no text.
var nonceForm = regexp.MustCompile(`^[A-Za-z0-9+/=._~:-]{0,256}$`)

// verification reads ?at= and ?nonce=.
func verification(values url.Values) (at time.Time, nonce string, err error) {
	nonce = values.Get("nonce")
	if !nonceForm.MatchString(nonce) {
		return at, "", fault.At(fault.SchemaFormat, "/nonce", "nonce is at most 256 characters of base64, hex or a UUID")
	}
	at, err = timeParam(values, "at")
	return at, nonce, err
}

func (s *Server) verifyNumber(w http.ResponseWriter, r *http.Request, c call) error {
	values := r.URL.Query()
	at, nonce, err := verification(values)
	if err != nil {
		return err
	}
	body, err := s.gw.VerifyNumber(r.Context(), gateway.NumberQuestion{
		Number: values.Get("number"), Issuer: values.Get("issuer"), Model: values.Get("model"), Nonce: nonce, At: at,
	}, c.media == typeJOSE)
	if err != nil {
		return err
	}
	if len(body) > 0 && body[0] == '{' {
		c.media = typeJSON // several issuers use the number: a list, of reports or of signed ones
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

func (s *Server) verifyUpload(w http.ResponseWriter, r *http.Request, c call) error {
	at, nonce, err := verification(r.URL.Query())
	if err != nil {
		return err
	}
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	body, err := s.gw.VerifyUpload(r.Context(), in, at, nonce, c.media == typeJOSE)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

// readyDeadline bounds what a probe may wait for.
const readyDeadline = 2 * time.Second

package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"accord/attestation"
	"accord/gateway"
	"accord/internal/fault"
)

// acceptedBody is the answer to a submission, a statement or a change.
type acceptedBody struct {
	ID       string            `json:"id,omitempty"`
	Revision int               `json:"revision,omitempty"`
	Content  string            `json:"content"`
	Index    uint64            `json:"index"`
	Receipt  json.RawMessage   `json:"receipt,omitempty"`
	Warnings []gateway.Warning `json:"warnings"`
	Code     fault.Code        `json:"code,omitempty"` // replay.duplicate with 200
}

// inbound reads the body of a submission into the value the use cases take.
func (s *Server) inbound(w http.ResponseWriter, r *http.Request) (gateway.Inbound, error) {
	media, err := mediaType(r.Header)
	if err != nil {
		return gateway.Inbound{}, err
	}
	sig, err := signatureField(r.Header)
	if err != nil {
		return gateway.Inbound{}, err
	}
	body, err := s.readBody(w, r)
	if err != nil {
		return gateway.Inbound{}, err
	}
	return gateway.Inbound{Body: body, Media: media, Signature: sig, Destinations: r.URL.Query()["destination"]}, nil
}

func (s *Server) submit(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	acc, err := s.gw.Submit(r.Context(), caller, in)
	if err != nil {
		return err
	}
	return writeAccepted(w, acc)
}

func (s *Server) status(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	acc, err := s.gw.SetStatus(r.Context(), caller, in)
	if err != nil {
		return err
	}
	return writeAccepted(w, acc)
}

func writeAccepted(w http.ResponseWriter, acc gateway.Accepted) error {
	body := acceptedBody{
		ID: string(acc.ID), Revision: acc.Revision, Content: string(acc.Content),
		Index: acc.Index, Receipt: acc.Receipt, Warnings: acc.Warnings,
	}
	if body.Warnings == nil {
		body.Warnings = []gateway.Warning{}
	}
	status := http.StatusCreated
	if acc.Replay {
		status, body.Code = http.StatusOK, fault.ReplayDuplicate
	} else if acc.ID != "" {
		w.Header().Set("Location", "/v1/attestations/"+string(acc.ID))
	}
	return writeJSON(w, status, body)
}

func (s *Server) validate(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	acc, err := s.gw.Validate(r.Context(), caller, in)
	if err != nil {
		return err
	}
	if acc.Warnings == nil {
		acc.Warnings = []gateway.Warning{}
	}
	if acc.Audience == nil {
		acc.Audience = []attestation.PartnerID{} // it is archived already; who saw it is not told again
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"id": acc.ID, "revision": acc.Revision, "content": acc.Content,
		"audience": acc.Audience, "warnings": acc.Warnings,
	})
}

// documentQuery reads {id}, ?revision= and ?at=.
func documentQuery(r *http.Request) (gateway.DocumentQuery, error) {
	id, err := url.PathUnescape(mux.Vars(r)["id"])
	if err != nil {
		return gateway.DocumentQuery{}, fault.New(fault.ResourceNotFound, "no such document")
	}
	q := gateway.DocumentQuery{ID: id}
	values := r.URL.Query()
	if v := values.Get("revision"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return q, fault.At(fault.SchemaFormat, "/revision", "revision is a whole number from 1")
		}
		q.Revision = n
	}
	q.At, err = timeParam(values, "at")
	return q, err
}

// timeParam reads a time of RFC 3339; absent is zero.
func timeParam(values url.Values, name string) (time.Time, error) {
	v := values.Get(name)
	if v == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return time.Time{}, fault.At(fault.SchemaFormat, "/"+name, name+" is a time of RFC 3339, as 2026-01-31T12:00:00Z")
	}
	return t.UTC(), nil
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	media, err := negotiate(r, "application/json", "application/xml", "application/jose")
	if err != nil {
		return err
	}
	format := map[string]gateway.Format{
		"application/json": gateway.FormatNativeJSON,
		"application/xml":  gateway.FormatNativeXML,
		"application/jose": gateway.FormatJOSE,
	}[media]
	rep, err := s.gw.Document(r.Context(), caller, q, format)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, string(rep.Media), rep.Body)
}

func (s *Server) original(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	o, err := s.gw.Original(r.Context(), caller, q)
	if err != nil {
		return err
	}
	if o.Signature != "" {
		w.Header().Set("JWS-Signature", o.Signature)
	}
	return writeBody(w, http.StatusOK, string(o.Media), o.Body)
}

func (s *Server) receipt(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	media, err := negotiate(r, "application/json", "application/jose")
	if err != nil {
		return err
	}
	body, err := s.gw.Receipt(r.Context(), caller, q, media == "application/jose")
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, media, body)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	h, err := s.gw.History(r.Context(), caller, q)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, h)
}

func (s *Server) decisions(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	d, err := s.gw.Decisions(r.Context(), caller, q)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

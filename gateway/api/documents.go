package api

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"accord/attestation"
	"accord/gateway"
	"accord/internal/fault"
)

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
	in := gateway.Inbound{Body: body, Media: media, Signature: sig}
	if r.URL.RawQuery != "" {
		in.Destinations = r.URL.Query()["destination"]
	}
	return in, nil
}

func (s *Server) submit(w http.ResponseWriter, r *http.Request, c call) error {
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	acc, err := s.gw.Submit(r.Context(), c.caller, in)
	s.settled(acc, err)
	if err != nil {
		return err
	}
	return writeAccepted(w, acc)
}

func (s *Server) status(w http.ResponseWriter, r *http.Request, c call) error {
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	acc, err := s.gw.SetStatus(r.Context(), c.caller, in)
	s.settled(acc, err)
	if err != nil {
		return err
	}
	return writeAccepted(w, acc)
}

// validated is the answer to a submission that is not kept.
type validated struct {
	ID       attestation.ID          `json:"id"`
	Revision int                     `json:"revision"`
	Content  attestation.Digest      `json:"content"`
	Audience []attestation.PartnerID `json:"audience"`
	Warnings []gateway.Warning       `json:"warnings"`
}

func (s *Server) validate(w http.ResponseWriter, r *http.Request, c call) error {
	in, err := s.inbound(w, r)
	if err != nil {
		return err
	}
	acc, err := s.gw.Validate(r.Context(), c.caller, in)
	if err != nil {
		return err
	}
	if acc.Warnings == nil {
		acc.Warnings = []gateway.Warning{}
	}
	if acc.Audience == nil {
		acc.Audience = []attestation.PartnerID{} // it is archived already; who saw it is not told again
	}
	return writeJSON(w, http.StatusOK, validated{acc.ID, acc.Revision, acc.Content, acc.Audience, acc.Warnings})
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

func (s *Server) get(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	want, err := readWanted(r, c.media)
	if err != nil {
		return err
	}
	if !want.native() {
		return s.getConverted(w, r, c, q, want)
	}
	room := takeBuffer()
	defer room.giveBack()
	rep, err := s.views.Append(r.Context(), s.gw, c.caller, q, want.format, room.b)
	if fault.CodeOf(err) == fault.HTTPNotAcceptable {
		return unacceptable{err, []string{typeJSON, typeXML}} // it did not come as compact JWS
	}
	if err != nil {
		return err
	}
	room.b = rep.Body
	return writeBody(w, http.StatusOK, string(rep.Media), rep.Body)
}

func (s *Server) original(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	o, err := s.gw.Original(r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	if _, err := negotiate(r, []string{string(o.Media)}); err != nil {
		return err
	}
	if o.Signature != "" {
		w.Header().Set("JWS-Signature", o.Signature)
	}
	return writeBody(w, http.StatusOK, string(o.Media), o.Body)
}

func (s *Server) receipt(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	body, err := s.gw.Receipt(r.Context(), c.caller, q, c.media == typeJOSE)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	h, err := s.gw.History(r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, h)
}

func (s *Server) decisions(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	d, err := s.gw.Decisions(r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

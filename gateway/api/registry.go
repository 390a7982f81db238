package api

import (
	"net/http"

	"accord/gateway"
	"accord/partners"
)

// register takes a signed change of one kind of target.
func (s *Server) register(kind partners.TargetKind) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request, c call) error {
		in, err := s.inbound(w, r)
		if err != nil {
			return err
		}
		acc, err := s.gw.Register(r.Context(), c.caller, kind, in)
		s.settled(acc, err)
		if err != nil {
			return err
		}
		return writeAccepted(w, acc)
	}
}

// list shows the current values of one kind of target.
func (s *Server) list(kind partners.TargetKind) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request, c call) error {
		values := r.URL.Query()
		limit, err := limitParam(values)
		if err != nil {
			return err
		}
		at, err := timeParam(values, "at")
		if err != nil {
			return err
		}
		page, err := s.gw.Registry(r.Context(), c.caller, gateway.RegistryQuery{
			Kind: kind, ID: values.Get("id"), At: at, Cursor: values.Get("cursor"), Limit: limit,
		})
		if err != nil {
			return err
		}
		if page.Next != "" {
			values.Set("cursor", page.Next)
			w.Header().Set("Link", "<"+r.URL.Path+"?"+values.Encode()+`>; rel="next"`)
		}
		return writeJSON(w, http.StatusOK, page)
	}
}

package api

import (
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"accord/internal/fault"
)

// statusList answers with a status list as of now, or as of ?timestamp=, a
// dateTimeStamp (Bitstring Status List v1.0, "timestamp").
func (s *Server) statusList(w http.ResponseWriter, r *http.Request, c call) error {
	var at time.Time
	if v := r.URL.Query().Get("timestamp"); v != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, v); err != nil {
			return fault.At(fault.SchemaFormat, "/timestamp", "timestamp is a time of RFC 3339, as 2026-01-31T12:00:00Z")
		}
	}
	body, err := s.gw.StatusList(r.Context(), mux.Vars(r)["id"], at.UTC())
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

package api

import (
	"context"
	_ "embed"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"accord/formats/native"
	"accord/internal/fault"
)

//go:embed openapi.yaml
var openapiYAML []byte

// OpenAPI returns the OpenAPI 3.1 document of the API.
func OpenAPI() []byte { return openapiYAML }

func (s *Server) openapi(w http.ResponseWriter, _ *http.Request, c call) error {
	return writeBody(w, http.StatusOK, c.media, openapiYAML)
}

func (s *Server) schema(w http.ResponseWriter, r *http.Request, _ call) error {
	name := mux.Vars(r)["name"]
	body, ok := native.Schemas()[name]
	if !ok {
		return fault.New(fault.ResourceNotFound, "there is no such schema; /.well-known/accord-configuration lists them")
	}
	offers := []string{typeSchema, typeJSON}
	if strings.HasSuffix(name, ".xsd") {
		offers = []string{typeXML}
	}
	media, err := negotiate(r, offers)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, media, body)
}

func (s *Server) discovery(w http.ResponseWriter, _ *http.Request, _ call) error {
	d := s.gw.Discovery()
	for name := range native.Schemas() {
		d.Schemas = append(d.Schemas, d.Issuer+"/v1/schemas/"+name)
	}
	return writeJSON(w, http.StatusOK, d)
}

func (s *Server) jwks(w http.ResponseWriter, _ *http.Request, c call) error {
	return writeBody(w, http.StatusOK, c.media, s.gw.JWKS())
}

func (s *Server) trustList(w http.ResponseWriter, r *http.Request, c call) error {
	body, err := s.gw.TrustList(r.Context())
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

func (s *Server) checkpoint(w http.ResponseWriter, r *http.Request, c call) error {
	body, err := s.gw.Checkpoint(r.Context())
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

// tile serves C2SP tlog-tiles. A full tile never changes and may be kept.
func (s *Server) tile(w http.ResponseWriter, r *http.Request, c call) error {
	path := mux.Vars(r)["path"]
	body, err := s.gw.Tile(r.Context(), "tile/"+path)
	if err != nil {
		return err
	}
	if !strings.Contains(path, ".p/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

func (s *Server) proof(w http.ResponseWriter, r *http.Request, c call) error {
	index, err := uintParam(r, "index")
	if err != nil {
		return err
	}
	size, err := uintParam(r, "size")
	if err != nil {
		return err
	}
	body, err := s.gw.Proof(r.Context(), index, size)
	if err != nil {
		return err
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

// uintParam reads a whole number; absent is zero, which means "the newest"
// where a size is asked for.
func uintParam(r *http.Request, name string) (uint64, error) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 10, 63)
	if err != nil {
		return 0, fault.At(fault.SchemaFormat, "/"+name, name+" is a whole number")
	}
	return n, nil
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request, _ call) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request, _ call) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyDeadline)
	defer cancel()
	if err := s.gw.Ready(ctx); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

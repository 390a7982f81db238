package api

import (
	"net/http"

	"github.com/gorilla/mux"
)

// Static returns a handler that answers every document with the same octets,
// behind the same kind of router: the floor that `accord bench` holds point
// reads against.
func Static(body []byte) http.Handler {
	router := mux.NewRouter().UseEncodedPath()
	router.HandleFunc("/v1/attestations/{id}", func(w http.ResponseWriter, _ *http.Request) {
		_ = writeBody(w, http.StatusOK, "application/json", body) // it returns nil
	}).Methods(http.MethodGet)
	return router
}

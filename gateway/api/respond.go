package api

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// writeJSON answers with a JSON value.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeBody(w, status, "application/json", body)
}

// writeBody answers with a whole body: its length is always announced and its
// type never guessed by a reader.
func writeBody(w http.ResponseWriter, status int, media string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that went away cannot be told so
	return nil
}

package api

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"accord/attestation"
	"accord/internal/fault"
	"accord/storage"
)

// blobStep is how much of a blob has to arrive within the body timeout: slower
// than that, a large body would hold its slot for hours.
const blobStep = 1 << 20

// stored is the answer to a blob that is kept.
type stored struct {
	Digest attestation.Digest `json:"digest"`
	Size   int64              `json:"size"`
}

// putBlob streams a binary in. The same again answers the same.
func (s *Server) putBlob(w http.ResponseWriter, r *http.Request, c call) error {
	if err := checkEncoding(r.Header); err != nil {
		return err
	}
	if r.ContentLength > storage.MaxBlob {
		return fault.Newf(fault.HTTPBodyTooLarge, "a blob has at most %d octets", storage.MaxBlob)
	}
	body := &steady{r: r.Body, ctl: http.NewResponseController(w), within: s.limits.BodyTimeout}
	b, err := s.gw.PutBlob(r.Context(), c.caller, "sha-256:"+mux.Vars(r)["sha256"], body)
	if body.err != nil {
		return bodyFault(body.err)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, stored{b.Digest, b.Size})
}

// getBlob streams a binary out to whoever may see a document that names it.
func (s *Server) getBlob(w http.ResponseWriter, r *http.Request, c call) error {
	body, size, err := s.gw.Blob(r.Context(), c.caller, "sha-256:"+mux.Vars(r)["sha256"])
	if err != nil {
		return err
	}
	h := w.Header()
	setType(h, c.media)
	h["Content-Length"] = []string{strconv.FormatInt(size, 10)}
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = noPage
	h["Cache-Control"] = noStore
	h.Set("Content-Disposition", "attachment") // whatever it is, a browser does not show it
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, body) // a reader that went away cannot be told so
	}
	return body.Close()
}

// steady reads a body that has to keep coming: each step of it within a time.
type steady struct {
	r      io.Reader
	ctl    *http.ResponseController
	within time.Duration
	left   int   // of the step
	err    error // of the body itself, but for its end
}

// Read fulfils io.Reader.
func (s *steady) Read(p []byte) (int, error) {
	if s.left <= 0 {
		s.left = blobStep
		if err := s.ctl.SetReadDeadline(time.Now().Add(s.within)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return 0, err
		}
	}
	n, err := s.r.Read(p)
	if s.left -= n; err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

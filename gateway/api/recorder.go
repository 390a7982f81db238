package api

import "net/http"

// recorder notes what a handler answered, for the one log line and the metrics
// of a request.
type recorder struct {
	http.ResponseWriter
	status int
	code   string // of the problem, if there was one
	bytes  int64
	turn   turn
	trace  string // made here because the request had none; see traceID
}

// traceID returns the trace id the request came with, else the one that was
// made for it, else "".
func (r *recorder) traceID(req *http.Request) string {
	if t, ok := parseTraceparent(req.Header); ok {
		return t.trace
	}
	return r.trace
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the octets of the body.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

package api

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
)

// traceparent is the W3C Trace Context a request came with.
type traceparent struct {
	trace  string // trace-id, 32 hex digits
	parent string // parent-id: the caller's span, 16 hex digits
}

// Lengths of W3C Trace Context, section 3.2.2: version "-" trace-id "-"
// parent-id "-" trace-flags.
const (
	traceparentLength = 2 + 1 + 32 + 1 + 16 + 1 + 2
	traceAt           = 3
	parentAt          = 36
	flagsAt           = 53
)

// parseTraceparent reads the traceparent field. One that is not valid is as if
// it were not there (W3C Trace Context, section 3.2.2.3 to 3.2.4): version ff,
// upper case, ids of zeros, several fields, anything after the flags of version
// 00. Of a later version what we know is read.
func parseTraceparent(h http.Header) (traceparent, bool) {
	fields := h["Traceparent"]
	if len(fields) != 1 || len(fields[0]) < traceparentLength {
		return traceparent{}, false
	}
	f := fields[0]
	if f[traceAt-1] != '-' || f[parentAt-1] != '-' || f[flagsAt-1] != '-' {
		return traceparent{}, false
	}
	version, rest := f[:2], f[traceparentLength:]
	if version == "ff" || (version == "00" && rest != "") || (rest != "" && rest[0] != '-') {
		return traceparent{}, false
	}
	t := traceparent{f[traceAt : parentAt-1], f[parentAt : flagsAt-1]}
	if !lowerHex(version) || !lowerHex(t.trace) || !lowerHex(t.parent) || !lowerHex(f[flagsAt:traceparentLength]) || zeros(t.trace) || zeros(t.parent) {
		return traceparent{}, false
	}
	return t, true
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func zeros(s string) bool {
	for i := range len(s) {
		if s[i] != '0' {
			return false
		}
	}
	return true
}

// newTraceID makes the trace id of a request that came without one.
func newTraceID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	return hex.EncodeToString(id[:])
}

package api_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/gateway/api"
)

// logged keeps what a logger writes.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// last returns the last line about a request, which may come after its answer.
func (l *logged) last(t *testing.T, route string) map[string]any {
	t.Helper()
	var line map[string]any
	require.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		lines := strings.Split(strings.TrimSpace(l.b.String()), "\n")
		line = nil
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
			return false
		}
		return line["msg"] == "request" && line["route"] == route
	}, 5*time.Second, time.Millisecond)
	return line
}

// W3C Trace Context: a valid traceparent goes into the log line and the problem
// document; any other is as if it were not there.
func TestTraceparent(t *testing.T) {
	t.Parallel()
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	out := &logged{}
	w := newWorldIn(t, setting{cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 8}, log: out})
	token := w.token(w.cb)
	for _, row := range []struct {
		name, field string
		valid       bool
	}{
		{"sampled", "00-" + trace + "-" + span + "-01", true},
		{"not sampled", "00-" + trace + "-" + span + "-00", true},
		{"later version", "01-" + trace + "-" + span + "-01-more", true},
		{"later version, as long", "cc-" + trace + "-" + span + "-01", true},
		{"later version, glued", "01-" + trace + "-" + span + "-01more", false},
		{"version ff", "ff-" + trace + "-" + span + "-01", false},
		{"more in version 00", "00-" + trace + "-" + span + "-01-more", false},
		{"upper case", "00-" + strings.ToUpper(trace) + "-" + span + "-01", false},
		{"zero trace", "00-" + strings.Repeat("0", 32) + "-" + span + "-01", false},
		{"zero parent", "00-" + trace + "-" + strings.Repeat("0", 16) + "-01", false},
		{"flags", "00-" + trace + "-" + span + "-zz", false},
		{"version", "0g-" + trace + "-" + span + "-01", false},
		{"short", "00-" + trace + "-" + span, false},
		{"other separator", "00_" + trace + "-" + span + "-01", false},
		{"text", "<script>alert(1)</script>", false},
		{"none", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			header := map[string]string{}
			if row.field != "" {
				header["traceparent"] = row.field
			}
			_, body := w.do(t, ask{method: "GET", path: "/v1/attestations/nothing", token: token, header: header, want: 404})
			line := out.last(t, "/v1/attestations/{id}")
			if row.valid {
				assert.Contains(t, string(body), `"trace":"`+trace+`"`)
				assert.Equal(t, trace, line["trace_id"])
				assert.Equal(t, span, line["parent_id"])
				return
			}
			assert.NotContains(t, string(body), "trace")
			assert.NotContains(t, line, "trace_id")
			assert.NotContains(t, line, "parent_id")
		})
	}
}

package obs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"accord/internal/obs"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestSecret_isNeverWritten(t *testing.T) {
	t.Parallel()
	const content = "swordfish"
	s := obs.NewSecret([]byte(content))
	var out bytes.Buffer
	for _, format := range []obs.Format{obs.FormatText, obs.FormatJSON} {
		log := obs.NewLogger(&out, format, slog.LevelDebug)
		log.Info("secret", slog.Any("value", s), slog.Any("inside", struct{ Key obs.Secret }{s}))
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb, s)
		fmt.Fprintf(&out, verb, &s)
		fmt.Fprintf(&out, verb, struct{ Key obs.Secret }{s})
	}
	if err := json.NewEncoder(&out).Encode(map[string]any{"key": s}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{content, fmt.Sprintf("%x", content), fmt.Sprint([]byte(content))} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("%q was written: %s", bad, out.String())
		}
	}
	if string(s.Reveal()) != content || s.IsZero() || !(obs.Secret{}).IsZero() {
		t.Error("the content is lost")
	}
}

func TestNewLogger_keepsALineALine(t *testing.T) {
	t.Parallel()
	for _, format := range []obs.Format{obs.FormatText, obs.FormatJSON} {
		var out bytes.Buffer
		log := obs.NewLogger(&out, format, slog.LevelInfo)
		log.Debug("not this")
		log.Info("request", slog.String("number", "1\nlevel=ERROR msg=forged"))
		if got := strings.Count(out.String(), "\n"); got != 1 || strings.Contains(out.String(), "not this") {
			t.Errorf("%s: %s", format, out.String())
		}
	}
}

func TestParse_refusesUnknownNames(t *testing.T) {
	t.Parallel()
	if _, err := obs.ParseLevel("loud"); err == nil {
		t.Error("a level was made up")
	}
	if _, err := obs.ParseFormat("xml"); err == nil {
		t.Error("a format was made up")
	}
	if l, err := obs.ParseLevel(""); err != nil || l != slog.LevelInfo {
		t.Errorf("got %v, %v", l, err)
	}
}

func TestMetrics_count(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	m := obs.NewMetrics(reg)
	m.Request("/v1/attestations", 201, "", 2*time.Millisecond)
	m.Request("/v1/attestations", 422, "schema.type", time.Millisecond)
	m.Appended("attestation")
	m.Appended("attestation")
	m.Appended("status")
	m.InFlight(2)
	m.InFlight(-1)
	m.Waiting(1)
	m.Refused("schema.type")
	m.ViewLag(func() obs.Lag { return obs.Lag{Entries: 7, Age: 1500 * time.Millisecond} })
	m.Verified("")
	m.Verified("jws.signature_invalid")
	m.RateLimited(obs.QuotaPartner)
	m.Ready(true)
	const want = `
# HELP accord_archive_ready 1 when the archive takes documents, 0 when it does not.
# TYPE accord_archive_ready gauge
accord_archive_ready 1
# HELP accord_http_requests_total Answered requests by route, status and fault code.
# TYPE accord_http_requests_total counter
accord_http_requests_total{code="",route="/v1/attestations",status="201"} 1
accord_http_requests_total{code="schema.type",route="/v1/attestations",status="422"} 1
# HELP accord_ledger_entries_total Entries that requests to this process appended to the ledger, by kind.
# TYPE accord_ledger_entries_total counter
accord_ledger_entries_total{kind="attestation"} 2
accord_ledger_entries_total{kind="status"} 1
# HELP accord_http_in_flight Requests that are served now; long polls that wait are not among them.
# TYPE accord_http_in_flight gauge
accord_http_in_flight 1
# HELP accord_views_lag_seconds Age of the oldest entry that the views have not taken in yet.
# TYPE accord_views_lag_seconds gauge
accord_views_lag_seconds 1.5
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want),
		"accord_archive_ready", "accord_http_requests_total", "accord_ledger_entries_total",
		"accord_http_in_flight", "accord_views_lag_seconds"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg); err != nil || n != 14 {
		t.Errorf("%d series, %v", n, err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	for _, row := range []struct{ opened, takes, want bool }{{true, true, true}, {true, false, false}, {false, true, false}} {
		m.Ready(row.opened)
		m.ReadyFunc(func() bool { return row.takes })
		value := "0"
		if row.want {
			value = "1"
		}
		const head = "# HELP accord_archive_ready 1 when the archive takes documents, 0 when it does not.\n# TYPE accord_archive_ready gauge\naccord_archive_ready "
		if err := testutil.GatherAndCompare(reg, strings.NewReader(head+value+"\n"), "accord_archive_ready"); err != nil {
			t.Error(err)
		}
	}
}

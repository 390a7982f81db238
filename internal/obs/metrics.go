package obs

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the gateway does. Labels have few values: routes as
// registered, codes of the fault table, never a name or path of a caller. Its
// methods may be called by many goroutines.
type Metrics struct {
	requests    *prometheus.CounterVec
	latency     *prometheus.HistogramVec
	appended    prometheus.Counter
	batches     prometheus.Histogram
	verified    *prometheus.CounterVec
	rateLimited *prometheus.CounterVec
	ready       prometheus.Gauge
}

// latencyBuckets reach from a point read of 50 µs to the timeouts of 10 s, and
// have bounds where the figures to hold are: 10 ms and 40 ms.
var latencyBuckets = []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .02, .04, .1, .25, 1, 2.5, 10}

// NewMetrics returns metrics that are registered with reg. It panics when they
// are registered there already, which is a programmer's error at start-up.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_http_requests_total",
			Help: "Answered requests by route, status and fault code.",
		}, []string{"route", "status", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "accord_http_request_seconds",
			Help:    "Time from the end of the request's header to the end of the answer.",
			Buckets: latencyBuckets,
		}, []string{"route"}),
		appended: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "accord_ledger_entries_total",
			Help: "Entries appended to the ledger by this process.",
		}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "accord_ledger_batch_entries",
			Help:    "Entries in one durable batch.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 12),
		}),
		verified: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_signatures_verified_total",
			Help: "Verified signatures by fault code; an empty code is a passed one.",
		}, []string{"code"}),
		rateLimited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_rate_limited_total",
			Help: "Requests refused by a quota: of a partner, an address, or the whole gateway.",
		}, []string{"quota"}),
		ready: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "accord_archive_ready",
			Help: "1 when the archive takes documents, 0 when it does not.",
		}),
	}
	reg.MustRegister(m.requests, m.latency, m.appended, m.batches, m.verified, m.rateLimited, m.ready)
	return m
}

// Request notes one answered request. Code is empty where nothing was refused.
func (m *Metrics) Request(route string, status int, code string, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status), code).Inc()
	m.latency.WithLabelValues(route).Observe(took.Seconds())
}

// Appended notes one durable batch of that many entries.
func (m *Metrics) Appended(entries int) {
	m.appended.Add(float64(entries))
	m.batches.Observe(float64(entries))
}

// Verified notes one verified signature by the code of its fault; "" means
// that it passed.
func (m *Metrics) Verified(code string) { m.verified.WithLabelValues(code).Inc() }

// Quota says whose quota was reached.
type Quota string

// The quotas.
const (
	QuotaPartner  Quota = "partner"
	QuotaAddress  Quota = "address"
	QuotaInFlight Quota = "in_flight"
)

// RateLimited notes one request that was refused by a quota.
func (m *Metrics) RateLimited(q Quota) { m.rateLimited.WithLabelValues(string(q)).Inc() }

// Ready notes whether the archive takes documents.
func (m *Metrics) Ready(ready bool) {
	if ready {
		m.ready.Set(1)
	} else {
		m.ready.Set(0)
	}
}

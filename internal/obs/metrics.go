package obs

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the gateway does. Labels have few values: routes as
// registered, codes of the fault table, never a name or path of a caller. Its
// methods may be called by many goroutines.
type Metrics struct {
	requests    *prometheus.CounterVec
	latency     *prometheus.HistogramVec
	inFlight    prometheus.Gauge
	waiting     prometheus.Gauge
	appended    *prometheus.CounterVec
	verified    *prometheus.CounterVec
	refused     *prometheus.CounterVec
	rateLimited *prometheus.CounterVec
	ready       atomic.Bool
	takes       atomic.Pointer[func() bool] // nil: nothing is known but ready
	reg         prometheus.Registerer
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
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "accord_http_in_flight",
			Help: "Requests that are served now; long polls that wait are not among them.",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "accord_http_waiting",
			Help: "Long polls that wait now.",
		}),
		appended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_ledger_entries_total",
			Help: "Entries that requests to this process appended to the ledger, by kind.",
		}, []string{"kind"}),
		verified: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_signatures_verified_total",
			Help: "Verified signatures of documents, statements, changes and marks by fault code; an empty code is one that passed.",
		}, []string{"code"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_inputs_refused_total",
			Help: "Refused inputs, lines of batches among them, by fault code. Each leaves one audit line unless a retry can help.",
		}, []string{"code"}),
		rateLimited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accord_rate_limited_total",
			Help: "Requests refused by a quota: of a partner, of an address, of the requests in flight, of the long polls.",
		}, []string{"quota"}),
		reg: reg,
	}
	ready := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "accord_archive_ready",
		Help: "1 when the archive takes documents, 0 when it does not.",
	}, m.isReady)
	reg.MustRegister(m.requests, m.latency, m.inFlight, m.waiting, m.appended, m.verified, m.refused, m.rateLimited, ready)
	return m
}

// Request notes one answered request. Code is empty where nothing was refused.
func (m *Metrics) Request(route string, status int, code string, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status), code).Inc()
	m.latency.WithLabelValues(route).Observe(took.Seconds())
}

// InFlight adds to the requests that are served now.
func (m *Metrics) InFlight(delta int) { m.inFlight.Add(float64(delta)) }

// Waiting adds to the long polls that wait now.
func (m *Metrics) Waiting(delta int) { m.waiting.Add(float64(delta)) }

// Appended notes one entry that was appended to the ledger, by its kind, which
// is one of the few of ledger.Kind.
func (m *Metrics) Appended(kind string) { m.appended.WithLabelValues(kind).Inc() }

// Verified notes one verified signature by the code of its fault; "" means
// that it passed.
func (m *Metrics) Verified(code string) { m.verified.WithLabelValues(code).Inc() }

// Refused notes one refused input by the code of its fault.
func (m *Metrics) Refused(code string) { m.refused.WithLabelValues(code).Inc() }

// Lag says how far the views are behind the log.
type Lag struct {
	Entries int           // in the log and not in the views
	Age     time.Duration // of the oldest of them; 0 when there is none
}

// ViewLag registers gauges that ask for the lag of the views whenever metrics
// are collected; lag may be called by many goroutines and must be quick. It
// panics when it is called twice, which is a programmer's error at start-up.
func (m *Metrics) ViewLag(lag func() Lag) {
	m.reg.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "accord_views_lag_entries",
			Help: "Entries of the ledger that the views have not taken in yet.",
		}, func() float64 { return float64(lag().Entries) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "accord_views_lag_seconds",
			Help: "Age of the oldest entry that the views have not taken in yet.",
		}, func() float64 { return lag().Age.Seconds() }),
	)
}

// Quota says whose quota was reached.
type Quota string

// The quotas.
const (
	QuotaPartner  Quota = "partner"
	QuotaAddress  Quota = "address"
	QuotaInFlight Quota = "in_flight"
	QuotaWaiting  Quota = "waiting"
)

// RateLimited notes one request that was refused by a quota.
func (m *Metrics) RateLimited(q Quota) { m.rateLimited.WithLabelValues(string(q)).Inc() }

// Ready notes whether the process has opened what it needs to serve.
func (m *Metrics) Ready(ready bool) { m.ready.Store(ready) }

// ReadyFunc gives what to ask, whenever metrics are collected, whether the
// archive takes documents; takes may be called by many goroutines and must be
// quick.
func (m *Metrics) ReadyFunc(takes func() bool) { m.takes.Store(&takes) }

func (m *Metrics) isReady() float64 {
	if takes := m.takes.Load(); !m.ready.Load() || (takes != nil && !(*takes)()) {
		return 0
	}
	return 1
}

package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"
	"golang.org/x/time/rate"

	"accord/gateway"
	"accord/internal/fault"
	"accord/partners"
)

// headerTimeout is how long the header of a request may take; a slower one is
// closed without an answer (reliability.md, 31).
const headerTimeout = 10 * time.Second

// idleTimeout closes connections that nobody uses.
const idleTimeout = 60 * time.Second

// maxHeader bounds the header: a 16 KiB token, a 16 KiB signature and room.
const maxHeader = 64 << 10

// Metrics is what the API counts; internal/obs implements it.
type Metrics interface {
	// Request notes one answered request; code is empty where nothing was
	// refused.
	Request(route string, status int, code string, took time.Duration)
}

// Limits are the bounds of load (reliability.md, 46).
type Limits struct {
	InFlight     int     // requests served at a time; more answer 503
	PartnerRate  float64 // requests a second of one partner; 0: no limit
	PartnerBurst int
	PublicRate   float64 // requests a second of one address without a token; 0: no limit
	PublicBurst  int
}

// Server is the HTTP face of one gateway.
type Server struct {
	gw        *gateway.Gateway
	log       *slog.Logger
	metrics   Metrics
	inflight  chan struct{}
	byPartner *limiters
	byAddr    *limiters
}

// New returns the server of a gateway.
func New(gw *gateway.Gateway, log *slog.Logger, m Metrics, l Limits) *Server {
	return &Server{
		gw: gw, log: log, metrics: m,
		inflight:  make(chan struct{}, max(l.InFlight, 1)),
		byPartner: newLimiters(l.PartnerRate, l.PartnerBurst),
		byAddr:    newLimiters(l.PublicRate, l.PublicBurst),
	}
}

func newLimiters(perSecond float64, burst int) *limiters {
	if perSecond <= 0 {
		return &limiters{limit: rate.Inf}
	}
	return &limiters{limit: rate.Limit(perSecond), burst: max(burst, 1)}
}

// HTTP returns a server with the timeouts of reliability.md for the given
// handler; it has no write timeout because feeds and batches stream.
func HTTP(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
}

// Route is one registered endpoint; the test of openapi.yaml compares them.
type Route struct {
	Method string
	Path   string
	who    access
	handle handlerFunc
}

// routes is the one list of endpoints (api.md).
func (s *Server) routes() []Route {
	return []Route{
		{"POST", "/v1/attestations", partner, s.submit},
		{"POST", "/v1/attestations:validate", partner, s.validate},
		{"GET", "/v1/attestations", partner, s.search},
		{"GET", "/v1/attestations/{id}", partner, s.get},
		{"GET", "/v1/attestations/{id}/original", partner, s.original},
		{"GET", "/v1/attestations/{id}/receipt", partner, s.receipt},
		{"GET", "/v1/attestations/{id}/history", partner, s.history},
		{"GET", "/v1/attestations/{id}/decisions", partner, s.decisions},
		{"POST", "/v1/messages:batch", partner, s.batch},
		{"POST", "/v1/status", partner, s.status},
		{"GET", "/v1/changes", partner, s.changes},
		{"POST", "/v1/decisions:evaluate", partner, s.evaluate},
		{"GET", "/v1/recognition", public, s.recognition},
		{"GET", "/v1/verify", public, s.verifyNumber},
		{"POST", "/v1/verify", public, s.verifyUpload},
		{"GET", "/v1/trust-list", public, s.trustList},
		{"GET", "/v1/ledger/checkpoint", public, s.checkpoint},
		{"GET", "/v1/ledger/tile/{path:.*}", public, s.tile},
		{"GET", "/v1/ledger/proof", public, s.proof},
		{"GET", "/v1/partners", operator, s.list(partners.TargetPartner)},
		{"POST", "/v1/partners", operator, s.register(partners.TargetPartner)},
		{"GET", "/v1/agreements", operator, s.list(partners.TargetAgreement)},
		{"POST", "/v1/agreements", operator, s.register(partners.TargetAgreement)},
		{"GET", "/v1/designations", operator, s.list(partners.TargetDesignation)},
		{"POST", "/v1/designations", operator, s.register(partners.TargetDesignation)},
		{"GET", "/v1/sanctions", operator, s.list(partners.TargetSanction)},
		{"POST", "/v1/sanctions", operator, s.register(partners.TargetSanction)},
		{"GET", "/v1/schemas/{name}", public, s.schema},
		{"GET", "/.well-known/accord-configuration", public, s.discovery},
		{"GET", "/.well-known/jwks.json", public, s.jwks},
		{"GET", "/openapi.yaml", public, s.openapi},
		{"GET", "/healthz", public, s.healthz},
		{"GET", "/readyz", public, s.readyz},
	}
}

// Routes returns method and path of every endpoint.
func (s *Server) Routes() []Route { return s.routes() }

// Handler registers every route and answers what none matches.
func (s *Server) Handler() http.Handler {
	router := mux.NewRouter().UseEncodedPath()
	for _, r := range s.routes() {
		methods := []string{r.Method}
		if r.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		router.Handle(r.Path, s.handle(r.Path, r.who, r.handle)).Methods(methods...)
	}
	router.NotFoundHandler = s.handle("unmatched", public, func(http.ResponseWriter, *http.Request, gateway.Caller) error {
		return fault.New(fault.ResourceNotFound, "there is no such endpoint; /openapi.yaml lists them")
	})
	router.MethodNotAllowedHandler = s.handle("unmatched", public, func(w http.ResponseWriter, r *http.Request, _ gateway.Caller) error {
		// RFC 9110, section 15.5.6: the answer lists what is allowed.
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			var match mux.RouteMatch
			other := r.Clone(r.Context())
			other.Method = method
			if router.Match(other, &match) && match.MatchErr == nil {
				w.Header().Add("Allow", method)
			}
		}
		return fault.New(fault.HTTPMethod, "this endpoint does not take that method; /openapi.yaml lists them")
	})
	return router
}

package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"accord/gateway"
	"accord/internal/fault"
	"accord/internal/obs"
	"accord/partners"
)

// maxHeader bounds the header: a 16 KiB token, a 16 KiB signature and room.
const maxHeader = 64 << 10

// Metrics is what the API counts; internal/obs implements it.
type Metrics interface {
	// Request notes one answered request; code is empty where nothing was
	// refused.
	Request(route string, status int, code string, took time.Duration)
	// RateLimited notes a request that a quota refused.
	RateLimited(q obs.Quota)
	// InFlight adds to the requests that are served now, and Waiting to the
	// long polls that wait.
	InFlight(delta int)
	Waiting(delta int)
	// Appended notes one new entry of the ledger by kind.
	Appended(kind string)
	// Verified notes the signature of one input: "" passed, else the code it
	// was refused with.
	Verified(code string)
	// ViewLag gives what to ask for the lag of the views whenever metrics are
	// collected.
	ViewLag(lag func() obs.Lag)
	// ReadyFunc gives what to ask whether the gateway takes documents.
	ReadyFunc(takes func() bool)
	// Refused notes one refused input by the code of its fault.
	Refused(code string)
}

// Server is the HTTP face of one gateway.
type Server struct {
	gw        *gateway.Gateway
	log       *slog.Logger
	metrics   Metrics
	limits    Limits
	inflight  slots
	polls     *polls
	views     *gateway.ViewCache
	byPartner *limiters
	byAddr    *limiters
}

// New returns the server of a gateway.
func New(gw *gateway.Gateway, log *slog.Logger, m Metrics, l Limits) *Server {
	l = l.withDefaults()
	m.ViewLag(func() obs.Lag {
		lag := gw.Lag()
		return obs.Lag{Entries: lag.Entries, Age: lag.Age}
	})
	m.ReadyFunc(func() bool { return gw.Ready(context.Background()) == nil })
	return &Server{
		gw: gw, log: log, metrics: m, limits: l,
		inflight:  newSlots(l.InFlight, m.InFlight),
		polls:     newPolls(l.Waiting, m.Waiting),
		views:     gateway.NewViewCache(),
		byPartner: newLimiters(l.PartnerRate, l.PartnerBurst),
		byAddr:    newLimiters(l.PublicRate, l.PublicBurst),
	}
}

// HTTP returns a server with the timeouts of reliability.md for a handler; it
// has no write timeout because feeds and batches stream. When it shuts down,
// long polls of a [Server]'s handler end with what there is.
func HTTP(h http.Handler) *http.Server {
	l := Limits{}.withDefaults()
	own, ok := h.(*handler)
	if ok {
		l = own.server.limits
	}
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: l.HeaderTimeout,
		IdleTimeout:       l.IdleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
	if ok {
		s.RegisterOnShutdown(own.server.polls.close)
	}
	return s
}

// Route is one registered endpoint; the test of openapi.yaml compares them.
type Route struct {
	Method string
	Path   string
	who    access
	offers []string // media types of a good answer, the first is the default; nil: the handler knows
	handle handlerFunc
}

// The media types of answers.
const (
	typeJSON    = "application/json"
	typeXML     = "application/xml"
	typeJOSE    = "application/jose"
	typeNDJSON  = "application/x-ndjson"
	typeText    = "text/plain; charset=utf-8"
	typeTile    = "application/octet-stream"
	typeYAML    = "application/yaml"
	typeJWKS    = "application/jwk-set+json"
	typeSchema  = "application/schema+json"
	typeProblem = "application/problem+json"
)

// What endpoints offer; Accept chooses.
var (
	asJSON   = []string{typeJSON}
	asSigned = []string{typeJSON, typeJOSE}
	asFeed   = []string{typeJSON, typeNDJSON}
	asView   = []string{typeJSON, typeXML, typeJOSE}
	asText   = []string{typeText}
)

// routes is the one list of endpoints (api.md).
func (s *Server) routes() []Route {
	// The router tries them in this order: what is asked most stands first.
	return []Route{
		{"GET", "/v1/attestations/{id}", partner, viewOffers(), s.get},
		{"POST", "/v1/attestations", partner, asJSON, s.submit},
		{"POST", "/v1/attestations:validate", partner, asJSON, s.validate},
		{"GET", "/v1/attestations", partner, asJSON, s.search},
		{"GET", "/v1/attestations/{id}/original", partner, nil, s.original},
		{"GET", "/v1/attestations/{id}/receipt", partner, asSigned, s.receipt},
		{"GET", "/v1/attestations/{id}/history", partner, asJSON, s.history},
		{"GET", "/v1/attestations/{id}/decisions", partner, asJSON, s.decisions},
		{"GET", "/v1/attestations/{id}/conversion", partner, asSigned, s.conversion},
		{"PUT", "/v1/blobs/{sha256}", partner, asJSON, s.putBlob},
		{"GET", "/v1/blobs/{sha256}", partner, []string{typeTile}, s.getBlob},
		{"POST", "/v1/messages:batch", partner, []string{typeNDJSON}, s.batch},
		{"POST", "/v1/status", partner, asJSON, s.status},
		{"GET", "/v1/changes", partner, asFeed, s.changes},
		{"POST", "/v1/decisions:evaluate", partner, asSigned, s.evaluate},
		{"GET", "/v1/recognition", public, asJSON, s.recognition},
		{"GET", "/v1/verify", public, asSigned, s.verifyNumber},
		{"POST", "/v1/verify", public, asSigned, s.verifyUpload},
		{"GET", "/v1/trust-list", public, []string{typeJOSE}, s.trustList},
		{"GET", "/v1/status-lists/{id}", public, []string{typeVCJWT}, s.statusList},
		{"GET", "/v1/ledger/checkpoint", lasting, asText, s.checkpoint},
		{"GET", "/v1/ledger/tile/{path:.*}", lasting, []string{typeTile}, s.tile},
		{"GET", "/v1/ledger/proof", lasting, asText, s.proof},
		{"GET", "/v1/partners", operator, asJSON, s.list(partners.TargetPartner)},
		{"POST", "/v1/partners", operator, asJSON, s.register(partners.TargetPartner)},
		{"GET", "/v1/agreements", operator, asJSON, s.list(partners.TargetAgreement)},
		{"POST", "/v1/agreements", operator, asJSON, s.register(partners.TargetAgreement)},
		{"GET", "/v1/designations", operator, asJSON, s.list(partners.TargetDesignation)},
		{"POST", "/v1/designations", operator, asJSON, s.register(partners.TargetDesignation)},
		{"GET", "/v1/sanctions", operator, asJSON, s.list(partners.TargetSanction)},
		{"POST", "/v1/sanctions", operator, asJSON, s.register(partners.TargetSanction)},
		{"GET", "/v1/schemas/{name}", fixed, nil, s.schema},
		{"GET", "/.well-known/accord-configuration", fixed, asJSON, s.discovery},
		{"GET", "/.well-known/jwks.json", fixed, []string{typeJWKS, typeJSON}, s.jwks},
		{"GET", "/.well-known/did.json", fixed, []string{"application/did+json", typeJSON}, s.did},
		{"GET", "/openapi.yaml", fixed, []string{typeYAML}, s.openapi},
		{"GET", "/healthz", probe, asJSON, s.healthz},
		{"GET", "/readyz", probe, asJSON, s.readyz},
	}
}

// Routes returns method and path of every endpoint.
func (s *Server) Routes() []Route { return s.routes() }

// handler is the router of a server; HTTP finds the server through it.
type handler struct {
	*mux.Router
	server *Server
}

// Handler registers every route and answers what none matches.
func (s *Server) Handler() http.Handler {
	router := mux.NewRouter().UseEncodedPath()
	for _, r := range s.routes() {
		methods := []string{r.Method}
		if r.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		router.Handle(r.Path, s.handle(r)).Methods(methods...)
	}
	router.NotFoundHandler = s.handle(Route{Path: unmatched, who: fixed, handle: func(http.ResponseWriter, *http.Request, call) error {
		return fault.New(fault.ResourceNotFound, "there is no such endpoint; /openapi.yaml lists them")
	}})
	router.MethodNotAllowedHandler = s.handle(Route{Path: unmatched, who: fixed, handle: func(w http.ResponseWriter, r *http.Request, _ call) error {
		// RFC 9110, section 15.5.6: the answer lists what is allowed.
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut} {
			var match mux.RouteMatch
			other := r.Clone(r.Context())
			other.Method = method
			if router.Match(other, &match) && match.MatchErr == nil {
				w.Header().Add("Allow", method)
			}
		}
		return fault.New(fault.HTTPMethod, "this endpoint does not take that method; /openapi.yaml lists them")
	}})
	return &handler{router, s}
}

// unmatched stands for the route of a request that has none.
const unmatched = "unmatched"

package api

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"accord/gateway"
	"accord/internal/fault"
	"accord/internal/obs"
)

// call is what a handler gets of a request besides the request itself.
type call struct {
	caller gateway.Caller
	known  uint64 // how much of the registry the caller was judged by
	media  string // of the answer: what Accept chose of the route's offers
	turn   *turn  // the request's slot of those in flight
}

// handlerFunc is a handler that returns its fault instead of writing it.
type handlerFunc func(w http.ResponseWriter, r *http.Request, c call) error

// access says who may call an endpoint.
type access uint8

const (
	public   access = iota // anonymous; a token is not looked at
	partner                // a bearer token of a partner or an operator
	operator               // a bearer token of an operator
	lasting                // anonymous, and true for ever once it is: it goes on with what is known when the ledger cannot be asked
	fixed                  // anonymous, and the same whatever the archive holds
	probe                  // anonymous, and answered under any load
)

// handle wraps a handler with what every request gets: recovery, one log line,
// metrics, the in-flight limit, the caller, the caller's rate and the media
// type of the answer.
func (s *Server) handle(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", slog.String("route", route.Path), slog.Any("value", p), slog.String("stack", string(debug.Stack())))
				if rec.status == 0 {
					s.writeProblem(rec, r, errPanic)
				}
			}
			s.observe(r, route.Path, rec, time.Since(start))
		}()
		if err := s.serve(rec, r, route); err != nil {
			s.writeProblem(rec, r, err)
		}
	})
}

var errPanic = fault.New(fault.Internal, "")

func (s *Server) serve(rec *recorder, r *http.Request, route Route) (err error) {
	c := call{caller: gateway.Caller{Addr: s.limits.clientAddr(r)}, turn: &rec.turn}
	if len(r.TransferEncoding) > 0 && r.ProtoMajor == 1 {
		// RFC 9112, section 6.1: where Content-Length came along, the connection
		// must be closed, or what follows could be taken for a request that its
		// sender did not mean. net/http hides whether it came.
		rec.Header().Set("Connection", "close")
	}
	if r.Method == http.MethodPost {
		defer func() {
			if err != nil {
				s.gw.Refused(c.caller, tooLarge(err)) // a refused input leaves one audit line
				s.metrics.Refused(string(fault.CodeOf(tooLarge(err))))
			}
		}()
	}
	if route.who != probe {
		// Shed before the body is read: what is refused must cost little.
		rec.turn.of = &s.inflight
		if !rec.turn.take() {
			s.metrics.RateLimited(obs.QuotaInFlight)
			return fault.New(fault.HTTPUnavailable, "too many requests are in flight; try again")
		}
		defer rec.turn.release()
		if c.caller, c.known, err = s.identify(r, route.who); err != nil {
			return err
		}
	}
	if route.offers != nil {
		if c.media, err = negotiate(r, route.offers); err != nil {
			return err
		}
	}
	return route.handle(rec, r, c)
}

// identify says who calls by what every gateway of the ledger knows, and takes
// one token of the caller's rate. What is known here already comes first: it
// decides whose rate pays for a look at the ledger.
func (s *Server) identify(r *http.Request, who access) (c gateway.Caller, known uint64, err error) {
	known = s.gw.Known()
	c, err = s.caller(r, who)
	paying := c
	if err != nil {
		// Whoever cannot say who it is counts by its address, or guessing tokens
		// would be free.
		paying = gateway.Caller{Addr: c.Addr}
	}
	if limited := s.admit(paying); limited != nil {
		return c, known, limited
	}
	if _, ok := errors.AsType[noToken](err); ok || who >= fixed {
		return c, known, err // nothing in the ledger can change it
	}
	return s.anew(r, who, c, known, err)
}

// anew looks at the ledger and asks for the caller again where the registry has
// grown: a partner suspended or a key revoked at another gateway is refused, and
// a partner registered there is known. An archive that one gateway has for
// itself never pays for the second.
func (s *Server) anew(r *http.Request, who access, c gateway.Caller, known uint64, err error) (gateway.Caller, uint64, error) {
	if who == lasting && s.gw.Ready(r.Context()) != nil {
		return c, known, err // nobody waits for a ledger that is known to be away
	}
	if stale := s.gw.Fresh(r.Context()); stale != nil && who != lasting {
		return c, known, stale
	}
	now := s.gw.Known()
	if who == public || who == lasting || now == known {
		return c, known, err
	}
	c, err = s.caller(r, who)
	return c, now, err
}

// noToken is the fault of a request that carries nothing like a token.
type noToken struct{ error }

func (n noToken) Unwrap() error { return n.error }

// caller authenticates the request where the endpoint asks for it, by the
// registry as it is known here.
func (s *Server) caller(r *http.Request, who access) (gateway.Caller, error) {
	addr := s.limits.clientAddr(r)
	if who == public || who == lasting || who == fixed {
		return gateway.Caller{Addr: addr}, nil
	}
	field := r.Header.Get("Authorization")
	scheme, token, ok := strings.Cut(field, " ")
	// RFC 9110, section 11.1: the scheme is compared without regard to case.
	if !ok || !strings.EqualFold(scheme, "Bearer") || len(token) > 16<<10 {
		return gateway.Caller{Addr: addr}, noToken{fault.New(fault.AuthMissing, "send Authorization: Bearer with a token of type accord-auth+jwt")}
	}
	shown, err := s.limits.clientChain(r)
	if err != nil {
		return gateway.Caller{Addr: addr}, err
	}
	c, err := s.gw.Authenticate(token, shown...)
	c.Addr = addr
	if err != nil {
		return c, err
	}
	if who == operator && !c.Operator {
		return c, fault.New(fault.AuthForbidden, "only operators of this gateway may do this")
	}
	return c, nil
}

// observe writes the one log line of a request and counts it. What the caller
// sent appears only where it cannot be anything else than what it is meant to
// be: a registered route, a method, a trace id.
func (s *Server) observe(r *http.Request, route string, rec *recorder, took time.Duration) {
	s.metrics.Request(route, rec.status, rec.code, took)
	level := slog.LevelDebug
	if rec.status >= 500 {
		level = slog.LevelWarn
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("route", route), slog.String("method", r.Method), slog.Int("status", rec.status), slog.String("code", rec.code),
		slog.Duration("took", took), slog.Int64("bytes", rec.bytes),
	}
	if id := rec.traceID(r); id != "" {
		attrs = append(attrs, slog.String("trace_id", id))
	}
	if t, ok := parseTraceparent(r.Header); ok {
		attrs = append(attrs, slog.String("parent_id", t.parent))
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}

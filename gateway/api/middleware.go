package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"accord/gateway"
	"accord/internal/fault"
)

// bodyTimeout is how long a body may take to arrive; a slower one answers 408
// (reliability.md, 31).
const bodyTimeout = 30 * time.Second

// maxBody is the limit of a body (reliability.md, 30). A calibration
// certificate with its images is the largest document of the field that fits.
const maxBody = 1 << 20

// handlerFunc is a handler that returns its fault instead of writing it.
type handlerFunc func(w http.ResponseWriter, r *http.Request, caller gateway.Caller) error

// access says who may call an endpoint.
type access uint8

const (
	public   access = iota // anonymous; a token is not looked at
	partner                // a bearer token of a partner or an operator
	operator               // a bearer token of an operator
)

// handle wraps a handler with what every request gets: recovery, one log line,
// metrics, the in-flight limit, the caller and the caller's rate.
func (s *Server) handle(route string, who access, h handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic", slog.String("route", route), slog.Any("value", p), slog.String("stack", string(debug.Stack())))
				if rec.status == 0 {
					s.writeProblem(rec, r, errPanic)
				}
			}
			s.observe(r, route, rec, time.Since(start))
		}()
		if err := s.serve(rec, r, who, h); err != nil {
			s.writeProblem(rec, r, err)
		}
	})
}

var errPanic = fault.New(fault.Internal, "")

func (s *Server) serve(rec *recorder, r *http.Request, who access, h handlerFunc) (err error) {
	caller := gateway.Caller{Addr: remoteAddr(r)}
	defer func() {
		if err != nil && r.Method == http.MethodPost {
			s.gw.Refused(caller, tooLarge(err)) // a refused input leaves one audit line
		}
	}()
	// Shed before the body is read: what is refused must cost little.
	select {
	case s.inflight <- struct{}{}:
		defer func() { <-s.inflight }()
	default:
		return fault.New(fault.HTTPUnavailable, "too many requests are in flight; try again")
	}
	if caller, err = s.caller(r, who); err != nil {
		// Whoever cannot say who it is counts by its address, or guessing
		// tokens would be free.
		if !s.byAddr.allow(remoteAddr(r)) {
			return fault.New(fault.HTTPRateLimited, "too many requests without a good token; try again after the time in Retry-After")
		}
		return err
	}
	if !s.allow(caller, r) {
		return fault.New(fault.HTTPRateLimited, "the quota is reached; try again after the time in Retry-After")
	}
	return h(rec, r, caller)
}

// caller authenticates the request where the endpoint asks for it.
func (s *Server) caller(r *http.Request, who access) (gateway.Caller, error) {
	addr := remoteAddr(r)
	if who == public {
		return gateway.Caller{Addr: addr}, nil
	}
	field := r.Header.Get("Authorization")
	scheme, token, ok := strings.Cut(field, " ")
	// RFC 9110, section 11.1: the scheme is compared without regard to case.
	if !ok || !strings.EqualFold(scheme, "Bearer") || len(token) > 16<<10 {
		return gateway.Caller{Addr: addr}, fault.New(fault.AuthMissing, "send Authorization: Bearer with a token of type accord-auth+jwt")
	}
	c, err := s.gw.Authenticate(token)
	c.Addr = addr
	if err != nil {
		return c, err
	}
	if who == operator && !c.Operator {
		return c, fault.New(fault.AuthForbidden, "only operators of this gateway may do this")
	}
	return c, nil
}

func remoteAddr(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// limiters holds a token bucket for each partner and, for everybody else, each
// address. It is bounded: when full, it starts again.
type limiters struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter // guarded by mu
	limit   rate.Limit
	burst   int
}

// maxBuckets bounds the memory of the limiters to about 8 MiB.
const maxBuckets = 1 << 16

func (l *limiters) allow(key string) bool {
	if l.limit == rate.Inf {
		return true
	}
	l.mu.Lock()
	b, ok := l.buckets[key]
	if !ok {
		if l.buckets == nil || len(l.buckets) >= maxBuckets {
			l.buckets = make(map[string]*rate.Limiter)
		}
		b = rate.NewLimiter(l.limit, l.burst)
		l.buckets[key] = b
	}
	l.mu.Unlock()
	return b.Allow()
}

func (s *Server) allow(c gateway.Caller, r *http.Request) bool {
	if c.Public() {
		return s.byAddr.allow(remoteAddr(r))
	}
	return s.byPartner.allow(string(c.Partner))
}

// readBody reads a whole body within its limits: identity encoding, at most
// maxBody octets, within bodyTimeout.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, fault.New(fault.HTTPContentEncoding, "send the body without Content-Encoding")
	}
	if r.ContentLength > maxBody {
		return nil, fault.Newf(fault.HTTPBodyTooLarge, "the body is larger than %d octets", maxBody)
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)); err != nil {
		return nil, err
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, maxBody), r.ContentLength)
	if err != nil {
		return nil, bodyFault(err)
	}
	return body, checkContentDigest(r.Header, body)
}

// bodyFault names what happened to a body that did not arrive.
func bodyFault(err error) error {
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		return fault.Wrap(err, fault.HTTPTimeout, "the body did not arrive in time")
	}
	return err
}

func (s *Server) observe(r *http.Request, route string, rec *recorder, took time.Duration) {
	s.metrics.Request(route, rec.status, rec.code, took)
	level := slog.LevelDebug
	if rec.status >= 500 {
		level = slog.LevelWarn
	}
	if s.log.Enabled(context.Background(), level) {
		s.log.LogAttrs(r.Context(), level, "request", slog.String("route", route), slog.String("method", r.Method),
			slog.Int("status", rec.status), slog.String("code", rec.code), slog.Duration("took", took), slog.Int64("bytes", rec.bytes))
	}
}

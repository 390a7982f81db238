package api

import (
	"context"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"accord/gateway"
	"accord/internal/fault"
	"accord/internal/obs"
)

// Limits are the bounds of load and time (reliability.md, rows 30, 31 and 46).
// A zero means the default that is named with the field.
type Limits struct {
	InFlight     int     // requests served at a time; more answer 503 (1)
	Waiting      int     // long polls that wait at a time, beside those; more answer 503 (4,096)
	PartnerRate  float64 // requests a second of one partner (no limit)
	PartnerBurst int
	PublicRate   float64 // requests a second of one address without a token (no limit)
	PublicBurst  int

	// Proxies are the addresses whose word about the client is believed: its
	// address and its certificate.
	Proxies []netip.Prefix

	HeaderTimeout time.Duration // of a request's header: closed without an answer (10 s)
	IdleTimeout   time.Duration // of a connection that nobody uses (60 s)
	BodyTimeout   time.Duration // of a body: 408 (30 s)
	LineTimeout   time.Duration // of one line of a batch (30 s)
	MaxWait       time.Duration // of a long poll, below what proxies usually allow (55 s)
}

// withDefaults fills in what is not given.
func (l Limits) withDefaults() Limits {
	l.InFlight = max(l.InFlight, 1)
	if l.Waiting <= 0 {
		l.Waiting = 4096 // about 64 MiB of connections and goroutines
	}
	for _, d := range []struct {
		of *time.Duration
		to time.Duration
	}{
		{&l.HeaderTimeout, 10 * time.Second}, {&l.IdleTimeout, 60 * time.Second},
		{&l.BodyTimeout, 30 * time.Second}, {&l.LineTimeout, 30 * time.Second}, {&l.MaxWait, 55 * time.Second},
	} {
		if *d.of <= 0 {
			*d.of = d.to
		}
	}
	return l
}

// slots bounds how many do something at a time.
type slots struct {
	taken chan struct{}
	count func(delta int)
}

func newSlots(n int, count func(int)) slots { return slots{make(chan struct{}, n), count} }

// try takes a slot if there is one.
func (s *slots) try() bool {
	select {
	case s.taken <- struct{}{}:
		s.count(1)
		return true
	default:
		return false
	}
}

// turn is the slot of one request. It belongs to the goroutine that serves it.
type turn struct {
	of   *slots
	held bool
}

// take takes a slot if there is one.
func (t *turn) take() bool {
	t.held = t.of.try()
	return t.held
}

// release gives the slot back; it may be called more than once.
func (t *turn) release() {
	if t.held {
		t.held = false
		<-t.of.taken
		t.of.count(-1)
	}
}

// retake waits for a slot. Who waits comes before new requests, which are shed
// meanwhile.
func (t *turn) retake(ctx context.Context) error {
	select {
	case t.of.taken <- struct{}{}:
		t.held = true
		t.of.count(1)
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.HTTPUnavailable, "the request ended while it waited for its turn")
	}
}

// limiters holds a token bucket for each partner or each address. It is
// bounded: when full, it starts again.
type limiters struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter // guarded by mu
	limit   rate.Limit
	burst   int
}

// maxBuckets bounds the memory of the limiters to about 8 MiB.
const maxBuckets = 1 << 16

func newLimiters(perSecond float64, burst int) *limiters {
	if perSecond <= 0 {
		return &limiters{limit: rate.Inf}
	}
	return &limiters{limit: rate.Limit(perSecond), burst: max(burst, 1)}
}

// wait takes one token of a bucket; where there is none it returns after which
// time there will be one.
func (l *limiters) wait(key string) time.Duration {
	if l.limit == rate.Inf {
		return 0
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
	r := b.Reserve()
	if d := r.Delay(); d > 0 {
		r.Cancel() // who is refused takes nothing
		return d
	}
	return 0
}

// later is a fault with the time after which a retry can help.
type later struct {
	error
	after time.Duration
}

func (l later) Unwrap() error { return l.error }

// seconds rounds up: a retry before the time would be refused again.
func (l later) seconds() int { return max(int(math.Ceil(l.after.Seconds())), 1) }

// admit takes a token of the caller's bucket: a partner's own, or that of the
// address of everybody else.
func (s *Server) admit(c gateway.Caller) error {
	bucket, key, quota := s.byPartner, string(c.Partner), obs.QuotaPartner
	if c.Public() {
		bucket, key, quota = s.byAddr, addrKey(c.Addr), obs.QuotaAddress
	}
	after := bucket.wait(key)
	if after == 0 {
		return nil
	}
	s.metrics.RateLimited(quota)
	return later{fault.New(fault.HTTPRateLimited, "the quota is reached; try again after the time in Retry-After"), after}
}

// addrKey is what a bucket of an address is found by: of IPv6 the first 64
// bits, since who has one address there has them all.
func addrKey(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil || ip.Unmap().Is4() {
		return addr
	}
	p, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return addr
	}
	return p.String()
}

package did

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"accord/internal/fault"
	"accord/internal/safehttp"
)

// How long documents and failures are kept, and how many: a partner has one DID
// or a few.
const (
	keepDocument = 15 * time.Minute
	keepFailure  = time.Minute
	maxKept      = 1024
)

// Resolver fetches documents of DIDs whose hosts were agreed on, and keeps them
// for a while. It is safe for concurrent use.
type Resolver struct {
	// Fetch returns the octets behind a URL of one of the hosts, at most
	// [MaxDocument] of them; see internal/safehttp.
	Fetch func(ctx context.Context, url string, hosts []string) ([]byte, error)
	// Now is the clock; nil for time.Now.
	Now func() time.Time

	mu   sync.Mutex
	kept map[string]*resolution // guarded by mu
}

// NewResolver makes a resolver that fetches with a client.
func NewResolver(c *safehttp.Client) *Resolver {
	return &Resolver{Fetch: func(ctx context.Context, url string, hosts []string) ([]byte, error) {
		r, err := c.Get(ctx, url, hosts, "application/did+json, application/did+ld+json, application/json")
		if err != nil {
			return nil, err
		}
		return r.Body, nil
	}}
}

// resolution is what became of a question; done is closed when it is known.
type resolution struct {
	done  chan struct{}
	doc   *Document
	err   error
	until time.Time
}

// Resolve returns the document of a did:web whose host is one of hosts, which the
// partner record names. A DID of another host is key.rejected and nothing is
// fetched; a document that cannot be had is http.unavailable. The document is
// shared: it must not be changed.
func (r *Resolver) Resolve(ctx context.Context, did string, hosts []string) (*Document, error) {
	host, err := Host(did)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return nil, fault.New(fault.KeyRejected, "the host of the DID is not one that the partner record names")
	}
	q, mine := r.question(did)
	if mine {
		q.doc, q.err = r.fetch(ctx, did, hosts)
		r.answered(ctx, did, q)
	}
	select {
	case <-q.done:
		return q.doc, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *Resolver) fetch(ctx context.Context, did string, hosts []string) (*Document, error) {
	at, err := URL(did)
	if err != nil {
		return nil, err
	}
	src, err := r.Fetch(ctx, at, hosts)
	if err != nil {
		return nil, fault.Wrap(err, fault.HTTPUnavailable, "the DID document could not be fetched")
	}
	return Parse(src, did)
}

// question returns what is known or being asked; mine is true for the first who
// asks.
func (r *Resolver) question(did string) (q *resolution, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if q, ok := r.kept[did]; ok && (q.until.IsZero() || r.now().Before(q.until)) {
		return q, false
	}
	if r.kept == nil {
		r.kept = make(map[string]*resolution)
	}
	if len(r.kept) >= maxKept {
		for k, old := range r.kept { // any of them: hosts were agreed on, so this is far off
			if !old.until.IsZero() {
				delete(r.kept, k)
				break
			}
		}
	}
	q = &resolution{done: make(chan struct{})}
	r.kept[did] = q
	return q, true
}

// answered keeps the answer. One that failed because its asker went away is no
// answer.
func (r *Resolver) answered(ctx context.Context, did string, q *resolution) {
	r.mu.Lock()
	defer r.mu.Unlock()
	keep := keepDocument
	if q.err != nil {
		keep = keepFailure
	}
	q.until = r.now().Add(keep)
	if ctx.Err() != nil && r.kept[did] == q {
		delete(r.kept, did)
	}
	close(q.done)
}

func (r *Resolver) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

package gateway

import (
	"bytes"
	"context"
	"sync"
	"time"

	"accord/ledger"
)

// ViewCache keeps views as they were written, because writing one is most of
// what a point read costs. A view depends on what the caller sees of the
// series, on the directory, and on the time only where the status changes; the
// time itself stands in it once and is put in anew. It is safe for concurrent
// use.
type ViewCache struct {
	mu    sync.RWMutex
	views map[viewKey]*writtenView // guarded by mu
	size  int                      // octets of views; guarded by mu
}

// Bounds of the cache: about as many series as a busy hour asks for. Larger
// views are rare and written each time.
const (
	maxViewsSize = 8 << 20
	maxViewSize  = 64 << 10
)

// viewKey is everything a view of the head depends on but the time. What a
// caller sees of a series is its end: who is in one audience is in all later
// ones. So the last entry and their number name it.
type viewKey struct {
	series    string
	last      uint64
	entries   int
	directory uint64
	format    Format
}

// writtenView is a view around the time of its status.
type writtenView struct {
	rep         Representation // without Body
	head, tail  []byte         // what stands before and after the time
	from, until time.Time      // while the status stays as it is; no until: for ever
}

// NewViewCache returns an empty cache. It serves one gateway.
func NewViewCache() *ViewCache { return &ViewCache{views: map[viewKey]*writtenView{}} }

// Append is [Gateway.Document] with the body appended to dst, from the cache
// where nothing has changed. Only heads with the status of now are kept.
func (c *ViewCache) Append(ctx context.Context, g *Gateway, caller Caller, q DocumentQuery, format Format, dst []byte) (Representation, error) {
	if q.Revision > 0 || !q.At.IsZero() || format == FormatJOSE {
		return appended(dst)(g.Document(ctx, caller, q, format))
	}
	key, now, err := g.viewKey(ctx, caller, q, format)
	if err != nil {
		return Representation{}, err
	}
	if v := c.get(key, now); v != nil {
		return v.append(dst, now), nil
	}
	q.At = now
	s, _, err := g.pinned(ctx, caller, q)
	if err != nil {
		return Representation{}, err
	}
	rep, err := g.Document(ctx, caller, q, format)
	if err != nil {
		return Representation{}, err
	}
	// Something may have come meanwhile; then it is written again next time.
	if again, _, err := g.viewKey(ctx, caller, q, format); err == nil && again == key {
		c.put(key, rep, now, s.facts(now).Next)
	}
	return appended(dst)(rep, nil)
}

// appended puts the body behind dst.
func appended(dst []byte) func(Representation, error) (Representation, error) {
	return func(rep Representation, err error) (Representation, error) {
		rep.Body = append(dst, rep.Body...)
		return rep, err
	}
}

func (g *Gateway) viewKey(ctx context.Context, caller Caller, q DocumentQuery, format Format) (viewKey, time.Time, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return viewKey{}, m.now, err
	}
	series, err := g.seriesByQuery(ctx, caller, q.ID)
	if err != nil {
		return viewKey{}, m.now, err
	}
	return viewKey{
		series: series.Key, last: series.Entries[len(series.Entries)-1].Index, entries: len(series.Entries),
		directory: m.snap.Index(), format: format,
	}, m.now, nil
}

func (c *ViewCache) get(key viewKey, now time.Time) *writtenView {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.views[key]
	if !ok || now.Before(v.from) || (!v.until.IsZero() && !now.Before(v.until)) {
		return nil
	}
	return v
}

func (c *ViewCache) put(key viewKey, rep Representation, now, until time.Time) {
	// Where the same time stands for something else too, as right after a
	// submission, there is no telling them apart.
	t := []byte(ledger.FormatTime(now))
	if len(rep.Body) > maxViewSize || bytes.Count(rep.Body, t) != 1 {
		return
	}
	head, tail, _ := bytes.Cut(bytes.Clone(rep.Body), t)
	v := &writtenView{rep: rep, head: head, tail: tail, from: now, until: until}
	v.rep.Body = nil
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.views[key]; ok {
		c.size -= old.size()
	}
	if c.size += v.size(); c.size > maxViewsSize {
		clear(c.views) // keeping an order would cost more than writing them again
		c.size = v.size()
	}
	c.views[key] = v
}

func (v *writtenView) size() int { return len(v.head) + len(v.tail) }

// append returns the view with the time put in, its body behind dst.
func (v *writtenView) append(dst []byte, now time.Time) Representation {
	rep := v.rep
	dst = append(dst, v.head...)
	dst = append(dst, ledger.FormatTime(now)...)
	rep.Body = append(dst, v.tail...)
	return rep
}

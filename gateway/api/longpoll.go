package api

import (
	"context"
	"net/http"
	"sync"

	"accord/attestation"
	"accord/gateway"
	"accord/internal/fault"
	"accord/internal/obs"
)

// polls are the long polls that wait. They are bounded beside the requests that
// are served, of which they take no slot, and one partner has at most a quarter
// of the places.
type polls struct {
	mu     sync.Mutex
	limit  int
	ends   map[int]context.CancelFunc    // guarded by mu
	of     map[attestation.PartnerID]int // guarded by mu
	last   int                           // key of the newest of ends; guarded by mu
	closed bool                          // nobody waits any more; guarded by mu
	count  func(delta int)
}

func newPolls(limit int, count func(int)) *polls {
	return &polls{limit: limit, ends: map[int]context.CancelFunc{}, of: map[attestation.PartnerID]int{}, count: count}
}

// enter takes a place until leave; end is called when waiting must end before.
// It says no when there is no place.
func (p *polls) enter(who attestation.PartnerID, end context.CancelFunc) (leave func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ends) >= p.limit || p.of[who] >= max(p.limit/4, 1) {
		return nil, false
	}
	if p.closed {
		end()
	}
	p.last++
	key := p.last
	p.ends[key] = end
	p.of[who]++
	p.count(1)
	return func() { p.leave(key, who) }, true
}

func (p *polls) leave(key int, who attestation.PartnerID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.ends, key)
	if p.of[who]--; p.of[who] == 0 {
		delete(p.of, who)
	}
	p.count(-1)
}

// close ends all waiting: a server that shuts down answers with what there is.
func (p *polls) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, end := range p.ends {
		end()
	}
}

// await waits for something behind the cursor, without holding a slot of the
// requests in flight meanwhile. That the time is up is no error: the page that
// follows is empty.
func (s *Server) await(r *http.Request, c call, q gateway.ChangesQuery) error {
	ctx, cancel := context.WithTimeout(r.Context(), q.Wait)
	defer cancel()
	leave, ok := s.polls.enter(c.caller.Partner, cancel)
	if !ok {
		s.metrics.RateLimited(obs.QuotaWaiting)
		return fault.New(fault.HTTPUnavailable, "too many long polls are waiting; try again, or ask without wait")
	}
	defer leave()
	c.turn.release()
	err := s.gw.Await(ctx, c.caller, q.Cursor)
	if again := c.turn.retake(r.Context()); again != nil {
		return again
	}
	if ctx.Err() == nil && err != nil {
		return err
	}
	// Whoever was suspended meanwhile is shown nothing. That the time is up is no
	// error: the page says whether something came at the last moment.
	_, _, err = s.anew(r, partner, c.caller, c.known, nil)
	return err
}

package bitstring

import (
	"container/list"
	"context"
	"net/url"
	"sync"
	"time"
)

// How long a fetched list is kept, whatever its ttl says, and how much of them
// all: a list of an hour may miss a suspension of that hour, one of no time would
// be fetched for every question.
const (
	minKept   = 10 * time.Second
	maxKept   = time.Hour
	keepOnFar = 5 * time.Minute // where no ttl is said (section 2.2: default 300,000 ms)
	maxHeld   = 64 << 20        // octets of unpacked lists
)

// Client fetches lists, has them verified, keeps them for their ttl and checks
// entries in them. It is safe for concurrent use.
type Client struct {
	// Fetch returns the octets behind the URL of a list; it decides whether the
	// host may be called, and bounds time and size.
	Fetch func(ctx context.Context, url string) ([]byte, error)
	// Verify checks the signature of what was fetched, and that its issuer may
	// speak of the lists at this URL, and returns the credential inside.
	Verify func(ctx context.Context, url string, raw []byte) (payload []byte, err error)
	// Now is the clock; nil for time.Now.
	Now func() time.Time

	mu    sync.Mutex
	held  map[heldKey]*list.Element // guarded by mu
	order list.List                 // guarded by mu; *held, the latest first
	bytes int                       // guarded by mu
}

// heldKey tells lists by URL and by the bits of their entries.
type heldKey struct {
	url  string
	size int
}

// held is a list that was fetched and verified.
type held struct {
	key        heldKey
	credential *Credential // without the encoded list
	list       *List
	until      time.Time
}

// Check returns what the list of an entry says now. Its errors are those of the
// specification: a list that cannot be had is a STATUS_RETRIEVAL_ERROR, one whose
// signature or purpose does not fit a STATUS_VERIFICATION_ERROR.
func (c *Client) Check(ctx context.Context, e *Entry) (Status, error) {
	now := c.now()
	if h := c.kept(heldKey{e.List, e.Size}, now); h != nil {
		return h.check(e, now)
	}
	h, err := c.load(ctx, e.List, e, now)
	if err != nil {
		return Status{}, err
	}
	c.keep(h)
	return h.check(e, now)
}

// CheckAt returns what the list said at a time, if its issuer answers that
// (section 2.3: the query parameter timestamp). Nothing is kept.
func (c *Client) CheckAt(ctx context.Context, e *Entry, at time.Time) (Status, error) {
	u, err := url.Parse(e.List)
	if err != nil {
		return Status{}, malformed("/credentialStatus/statusListCredential", "not a URL")
	}
	q := u.Query()
	q.Set("timestamp", at.UTC().Format(time.RFC3339))
	u.RawQuery = q.Encode()
	h, err := c.load(ctx, u.String(), e, at)
	if err != nil {
		return Status{}, err
	}
	return h.check(e, at)
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// load fetches, verifies and unpacks a list.
func (c *Client) load(ctx context.Context, from string, e *Entry, at time.Time) (*held, error) {
	raw, err := c.Fetch(ctx, from)
	if err != nil {
		return nil, retrieval(err)
	}
	payload, err := c.Verify(ctx, e.List, raw)
	if err != nil {
		return nil, unverified(err, "the status list does not verify")
	}
	credential, err := Parse(payload)
	if err != nil {
		return nil, err
	}
	if err := credential.covers(e, at); err != nil {
		return nil, err
	}
	l, err := Decode(credential.Encoded, e.Size)
	if err != nil {
		return nil, err
	}
	credential.Encoded = "" // the list holds it
	ttl := credential.TTL
	if ttl == 0 {
		ttl = keepOnFar
	}
	return &held{heldKey{e.List, e.Size}, credential, l, at.Add(min(max(ttl, minKept), maxKept))}, nil
}

func (h *held) check(e *Entry, at time.Time) (Status, error) {
	if err := h.credential.covers(e, at); err != nil {
		return Status{}, err
	}
	return read(e, h.list)
}

// kept returns a list that is still fresh.
func (c *Client) kept(key heldKey, now time.Time) *held {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.held[key]
	if !ok {
		return nil
	}
	h := el.Value.(*held)
	if !now.Before(h.until) {
		c.drop(el)
		return nil
	}
	c.order.MoveToFront(el)
	return h
}

// keep holds a list and lets go of the oldest ones beyond the bound.
func (c *Client) keep(h *held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = make(map[heldKey]*list.Element)
	}
	if el, ok := c.held[h.key]; ok {
		c.drop(el)
	}
	c.held[h.key] = c.order.PushFront(h)
	c.bytes += len(h.list.octets)
	for c.bytes > maxHeld && c.order.Len() > 1 {
		c.drop(c.order.Back())
	}
}

// drop lets go of a list; the caller holds the lock.
func (c *Client) drop(el *list.Element) {
	h := c.order.Remove(el).(*held)
	delete(c.held, h.key)
	c.bytes -= len(h.list.octets)
}

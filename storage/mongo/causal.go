package mongo

import (
	"context"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// causal makes what one gateway asks and writes a single causally consistent
// history: a primary that was elected a moment ago must not answer from before
// what the last one acknowledged. A session serves one command at a time, so
// each command has its own, and hands on how far it has seen.
type causal struct {
	client *driver.Client

	mu      sync.Mutex
	cluster bson.Raw        // guarded by mu
	seen    *bson.Timestamp // guarded by mu
}

// read calls f in a session that sees whatever this gateway has seen or
// written.
func (c *causal) read(ctx context.Context, f func(context.Context) error) error {
	return c.in(ctx, true, f)
}

// write calls f in a session whose end is seen from then on. The write itself
// waits for nothing: an _id decides it, on a majority.
func (c *causal) write(ctx context.Context, f func(context.Context) error) error {
	return c.in(ctx, false, f)
}

func (c *causal) in(ctx context.Context, consistent bool, f func(context.Context) error) error {
	s, err := c.begin(consistent)
	if err != nil {
		return err
	}
	defer s.EndSession(context.WithoutCancel(ctx))
	defer c.end(s)
	return f(driver.NewSessionContext(ctx, s))
}

func (c *causal) begin(consistent bool) (*driver.Session, error) {
	s, err := c.client.StartSession(options.Session().SetCausalConsistency(consistent))
	if err != nil {
		return nil, fmt.Errorf("begin a session: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cluster != nil {
		if err := s.AdvanceClusterTime(c.cluster); err != nil {
			return nil, fmt.Errorf("begin a session: %w", err)
		}
	}
	if c.seen != nil {
		if err := s.AdvanceOperationTime(c.seen); err != nil {
			return nil, fmt.Errorf("begin a session: %w", err)
		}
	}
	return s, nil
}

// end takes over how far a session has seen; it only ever grows.
func (c *causal) end(s *driver.Session) {
	at := s.OperationTime()
	if at == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || at.After(*c.seen) {
		c.seen, c.cluster = at, s.ClusterTime()
	}
}

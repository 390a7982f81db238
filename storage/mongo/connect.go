package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"accord/internal/fault"
)

// Connection is a checked way to one database of a replica set. Log, index and
// migrations share it. It is safe for concurrent use.
type Connection struct {
	client *driver.Client
	db     *driver.Database
	server Server
	watch  *watch
}

// Connect reaches the primary and checks the deployment. It returns within
// Options.Timeout, but for the look-up of an SRV record, which the resolver
// bounds. Every error is [fault.HTTPUnavailable]: it names hosts and reasons, or
// what makes the deployment unsafe and what to do about it, and never holds a
// password.
func Connect(ctx context.Context, o Options) (*Connection, error) {
	u, err := splitURI(o.URI)
	if err != nil {
		return nil, unavailable(err)
	}
	client, err := o.client(u)
	if err != nil {
		return nil, unavailable(err)
	}
	name, err := o.database(u.database)
	if err != nil {
		return nil, unavailable(err)
	}
	w := newWatch()
	conn, err := driver.Connect(client.SetServerMonitor(w.monitor()))
	if err != nil {
		return nil, unavailable(fmt.Errorf("%s: %w", u.shown, err))
	}
	c := &Connection{client: conn, db: conn.Database(name), watch: w}
	ctx, cancel := context.WithTimeout(ctx, o.timeout())
	defer cancel()
	if c.server, err = c.check(ctx, o.AllowUnverified); err != nil {
		_ = c.Close(context.WithoutCancel(ctx)) // err says more than this could
		return nil, unavailable(fmt.Errorf("%s: %w", u.shown, err))
	}
	return c, nil
}

// Database returns the database, with the concerns of the archive.
func (c *Connection) Database() *driver.Database { return c.db }

// Server returns what the start learnt of the deployment.
func (c *Connection) Server() Server { return c.server }

// Lost returns nil while a primary is known, else an error that names hosts and
// reasons. It asks nobody: it tells what the driver's own checks found.
func (c *Connection) Lost() error {
	if c.watch.hasPrimary() {
		return nil
	}
	return unavailable(fmt.Errorf("MongoDB has no primary that can be reached: %s", c.watch))
}

// Clock returns how far the primary's clock is before ours, to within half the
// round trip.
func (c *Connection) Clock(ctx context.Context) (time.Duration, error) {
	begin := time.Now()
	h, err := c.hello(ctx)
	if err != nil {
		return 0, err
	}
	if h.LocalTime.IsZero() {
		return 0, errors.New("the primary does not tell its time")
	}
	trip := time.Since(begin)
	return h.LocalTime.Sub(begin.Add(trip / 2)), nil
}

// Close gives the connections back; it is idempotent. Operations that are
// under way end with an error.
func (c *Connection) Close(ctx context.Context) error {
	err := c.client.Disconnect(ctx)
	if errors.Is(err, driver.ErrClientDisconnected) {
		return nil
	}
	return err
}

// admin runs a command that the administration database answers.
func (c *Connection) admin(ctx context.Context, command bson.D, answer any) error {
	return c.client.Database("admin").RunCommand(ctx, command).Decode(answer)
}

// unavailable classifies an error of the deployment for people and exit status.
func unavailable(err error) error {
	return fault.Wrap(err, fault.HTTPUnavailable, "the archive's database cannot be used")
}

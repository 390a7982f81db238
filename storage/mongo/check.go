package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// oldestWire is the wire version of MongoDB 5.0, the first release in which
// reads of the majority's data cannot be turned off (enableMajorityReadConcern);
// 6.0 is 17, 7.0 is 21, 8.0 is 25.
const oldestWire = 13

// oldestFeatures is the feature compatibility version to the same end: a newer
// server that was told to behave like an older one.
const oldestFeatures = 5

// Codes of a server that does not tell
// (mongodb.com/docs/manual/reference/error-codes).
const (
	codeUnauthorized    = 13
	codeCommandNotFound = 59
)

// Server says what is known of a deployment.
type Server struct {
	Set        string   // name of the replica set; empty behind a router
	Primary    string   // host and port, as the set names it
	Hosts      []string // all that can become primary
	Wire       int      // highest wire version of the primary
	Features   string   // feature compatibility version, like "7.0"; empty if not known
	Unverified []string // what the server did not tell, a sentence each
}

// hello is what matters of a server's answer to that command.
type hello struct {
	Set       string    `bson:"setName"`
	Message   string    `bson:"msg"`
	Me        string    `bson:"me"`
	Hosts     []string  `bson:"hosts"`
	MaxWire   int       `bson:"maxWireVersion"`
	Sessions  *int      `bson:"logicalSessionTimeoutMinutes"`
	LocalTime time.Time `bson:"localTime"`
}

// router reports whether it is a mongos of a sharded cluster.
func (h hello) router() bool { return h.Message == "isdbgrid" }

func (c *Connection) hello(ctx context.Context) (h hello, err error) {
	if err := c.admin(ctx, bson.D{{Key: "hello", Value: 1}}, &h); err != nil {
		return h, c.explain(err)
	}
	return h, nil
}

// explain turns an error into one that names hosts and reasons, if it was the
// primary that could not be found.
func (c *Connection) explain(err error) error {
	if c.watch.hasPrimary() {
		return err
	}
	return fmt.Errorf("MongoDB has no primary that can be reached: %s: %w", c.watch, brief{err})
}

// brief shortens the driver's description of a whole deployment, which
// explain tells better, to what errors.Is and errors.As can tell of it.
type brief struct{ error }

func (b brief) Error() string {
	if errors.Is(b.error, context.DeadlineExceeded) || driver.IsTimeout(b.error) {
		return "time is up"
	}
	if errors.Is(b.error, context.Canceled) {
		return "canceled"
	}
	return b.error.Error()
}

func (b brief) Unwrap() error { return b.error }

// check reaches the primary and refuses an unsafe deployment.
func (c *Connection) check(ctx context.Context, allowUnverified bool) (Server, error) {
	h, err := c.hello(ctx)
	if err != nil {
		return Server{}, err
	}
	s := Server{Set: h.Set, Primary: h.Me, Hosts: h.Hosts, Wire: h.MaxWire}
	switch {
	case h.Set == "" && !h.router():
		return s, errors.New("the server is standalone; the archive needs a replica set, of one member at least (replSet in its configuration, then rs.initiate())")
	case h.MaxWire < oldestWire:
		return s, fmt.Errorf("the server is older than MongoDB 5.0 (wire version %d, not %d)", h.MaxWire, oldestWire)
	case h.Sessions == nil:
		return s, errors.New("the server has no logical sessions, so writes cannot be sent again safely")
	}
	for _, ask := range []func(context.Context, hello, *Server) (unverified string, err error){c.checkJournal, c.checkFeatures} {
		unverified, err := ask(ctx, h, &s)
		if err != nil {
			return s, err
		}
		if unverified == "" {
			continue
		}
		if !allowUnverified {
			return s, errors.New(unverified + "; allow an unverified deployment only if you know the answer")
		}
		s.Unverified = append(s.Unverified, unverified)
	}
	return s, nil
}

// checkJournal refuses a set whose majority may be one of memories.
func (c *Connection) checkJournal(ctx context.Context, h hello, _ *Server) (unverified string, err error) {
	if h.router() {
		return "a router of a sharded cluster does not tell whether writeConcernMajorityJournalDefault is true on each shard", nil
	}
	var answer struct {
		Config struct {
			Journal *bool `bson:"writeConcernMajorityJournalDefault"`
		} `bson:"config"`
	}
	err = c.admin(ctx, bson.D{{Key: "replSetGetConfig", Value: 1}}, &answer)
	if why := untold(err); why != "" {
		return "the server does not tell whether writeConcernMajorityJournalDefault is true (replSetGetConfig: " + why + ")", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the configuration of the replica set: %w", c.explain(err))
	}
	// The server's default, where the member is left out, is true.
	if answer.Config.Journal != nil && !*answer.Config.Journal {
		return "", errors.New("writeConcernMajorityJournalDefault is false: a write could be acknowledged that no disk has; set it to true with rs.reconfig()")
	}
	return "", nil
}

// checkFeatures refuses a server that behaves like one that is too old.
func (c *Connection) checkFeatures(ctx context.Context, h hello, s *Server) (unverified string, err error) {
	if h.router() {
		return "", nil // shards have it; a router has none
	}
	var answer struct {
		Features struct {
			Version string `bson:"version"`
		} `bson:"featureCompatibilityVersion"`
	}
	err = c.admin(ctx, bson.D{{Key: "getParameter", Value: 1}, {Key: "featureCompatibilityVersion", Value: 1}}, &answer)
	if why := untold(err); why != "" {
		return "the server does not tell its feature compatibility version (getParameter: " + why + ")", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the feature compatibility version: %w", c.explain(err))
	}
	s.Features = answer.Features.Version
	var major, minor int
	if _, err := fmt.Sscanf(s.Features, "%d.%d", &major, &minor); err != nil {
		return "", fmt.Errorf("the server's feature compatibility version is %q", s.Features)
	}
	if major < oldestFeatures {
		return "", fmt.Errorf("the server's feature compatibility version is %s; raise it to %d.0 at least (setFeatureCompatibilityVersion)", s.Features, oldestFeatures)
	}
	return "", nil
}

// untold says why a server did not answer a question; empty if it did, or if
// it failed.
func untold(err error) string {
	refused, ok := errors.AsType[driver.CommandError](err)
	switch {
	case !ok:
		return ""
	case refused.Code == codeCommandNotFound:
		return "no such command"
	case refused.Code == codeUnauthorized:
		return "not authorized; give the user the role clusterMonitor"
	}
	return ""
}

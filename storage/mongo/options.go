package mongo

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"accord/internal/obs"
)

// Defaults of Options.
const (
	defaultAppName = "accord"
	// A request is answered 503 after 10 s (reliability.md, 40), so nothing it
	// asks of the database needs longer; nor does a start.
	defaultTimeout = 10 * time.Second
	// A server that is halted keeps its connections; a check of it that takes
	// longer than this says so. With the next line: found within 10 s, of the
	// 20 s in which another primary must be in use.
	checkTimeout  = 5 * time.Second
	checkInterval = 5 * time.Second
)

// Options say which database holds an archive, and how to reach it. What the
// log's safety rests on (concerns, read preference, retries) is no option.
type Options struct {
	// URI is the connection string (mongodb:// or mongodb+srv://). A password
	// in it is taken out before anything else happens; it is better given as
	// Password. Options of it that would weaken the archive are refused.
	URI string
	// Password belongs to the URI's user.
	Password obs.Secret
	// Database is the database's name; empty means the one in the URI's path.
	Database string
	// TLS is used for every connection. Nil means that the URI decides.
	TLS *tls.Config
	// AppName is shown in the server's log and currentOp; empty means "accord".
	AppName string
	// Timeout bounds the start, and each operation whose context has no
	// deadline; 0 means 10 s.
	Timeout time.Duration
	// AllowUnverified accepts a server that does not say whether it is safe: it
	// does not know replSetGetConfig, does not let this user ask, or is a
	// router of a sharded cluster. What it does say is held against it all the
	// same.
	AllowUnverified bool
}

// client returns the driver's options for a split URI. Its errors never hold a
// password.
func (o Options) client(u parsedURI) (*options.ClientOptions, error) {
	password := o.Password
	switch {
	case password.IsZero():
		password = u.password
	case !u.password.IsZero():
		return nil, errors.New("the URI holds a password, and another one is given beside it")
	}
	client := options.Client().ApplyURI(u.clean)
	if err := client.Validate(); err != nil {
		return nil, fmt.Errorf("the URI %s: %w", u.shown, err)
	}
	if client.Auth != nil && client.Auth.AuthMechanism != x509Mechanism {
		if password.IsZero() {
			return nil, fmt.Errorf("the URI %s names a user, but there is no password", u.shown)
		}
		client.Auth.Password, client.Auth.PasswordSet = string(password.Reveal()), true
	}
	if client.Auth == nil && !password.IsZero() {
		return nil, fmt.Errorf("there is a password, but the URI %s names no user", u.shown)
	}
	if o.TLS != nil {
		client.SetTLSConfig(o.TLS.Clone())
	}
	return o.fixed(client), nil
}

// fixed sets what the archive itself decides.
func (o Options) fixed(client *options.ClientOptions) *options.ClientOptions {
	journal := true
	return client.
		SetAppName(cmp.Or(o.AppName, defaultAppName)).
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal}).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).
		SetRetryReads(true).
		SetTimeout(o.timeout()).
		SetServerSelectionTimeout(o.timeout()).
		SetConnectTimeout(min(checkTimeout, o.timeout())).
		SetHeartbeatInterval(checkInterval)
}

func (o Options) timeout() time.Duration { return cmp.Or(o.Timeout, defaultTimeout) }

// maxDatabase is MongoDB's limit for a name of a database, in bytes.
const maxDatabase = 63

// database returns the name of the database, and refuses what MongoDB refuses
// on any system, and its own databases.
func (o Options) database(inURI string) (string, error) {
	name := cmp.Or(o.Database, inURI)
	switch {
	case name == "":
		return "", errors.New("no database is named, neither in the URI nor beside it")
	case name == "admin" || name == "local" || name == "config":
		return "", fmt.Errorf("the database %s is the server's own", name)
	case len(name) > maxDatabase || strings.ContainsAny(name, "/\\. \"$*<>:|?\x00"):
		return "", fmt.Errorf("%q cannot be the name of a database", name)
	}
	return name, nil
}

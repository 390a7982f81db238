package mongo_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/goleak"

	"accord/internal/fault"
	"accord/storage/mongo"
	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func proxy(t *testing.T, opt wiretest.Options) *wiretest.Proxy {
	t.Helper()
	return wiretest.Start(t, ferrettest.Start(t).Addr(), opt)
}

// connect connects through a proxy, and closes at the test's end.
func connect(t *testing.T, o mongo.Options) (*mongo.Connection, error) {
	t.Helper()
	if o.Database == "" {
		o.Database = "accord"
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	c, err := mongo.Connect(t.Context(), o)
	if err == nil {
		t.Cleanup(func() { _ = c.Close(context.Background()) })
	} else {
		require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err))
		require.NotContains(t, err.Error(), canary)
	}
	return c, err
}

func TestConnect_replicaSet(t *testing.T) {
	t.Parallel()
	for _, members := range []int{1, 3} {
		p := proxy(t, wiretest.Options{Members: members})
		c, err := connect(t, mongo.Options{URI: p.URI()})
		require.NoError(t, err)
		s := c.Server()
		require.Equal(t, "accord", s.Set)
		require.Equal(t, p.Addr(0), s.Primary)
		require.Len(t, s.Hosts, members)
		require.Equal(t, 21, s.Wire)
		require.Equal(t, "7.0", s.Features)
		require.Empty(t, s.Unverified)
		require.NoError(t, c.Lost())

		// What is done with the database is safe without a word at each call.
		ctx := t.Context()
		_, err = c.Database().Collection("batches").InsertOne(ctx, bson.D{{Key: "_id", Value: "1"}})
		require.NoError(t, err)
		require.NoError(t, c.Database().Collection("batches").FindOne(ctx, bson.D{{Key: "_id", Value: "1"}}).Err())
		require.Len(t, p.Commands().Writes("batches"), 1)
		require.Len(t, p.Commands().Reads("batches"), 1)
		p.AssertSafe(t)

		require.NoError(t, c.Close(ctx))
		require.NoError(t, c.Close(ctx))
	}
}

// One host of the set is enough to find the others.
func TestConnect_seed(t *testing.T) {
	t.Parallel()
	p := proxy(t, wiretest.Options{Members: 3})
	p.MovePrimary(2)
	c, err := connect(t, mongo.Options{URI: "mongodb://" + p.Addr(1)})
	require.NoError(t, err)
	require.Equal(t, p.Addr(2), c.Server().Primary)
}

func TestConnect_refusesUnsafeDeployments(t *testing.T) {
	t.Parallel()
	wire := func(v int32) func(bson.M) { return func(h bson.M) { h["maxWireVersion"] = v } }
	router := func(h bson.M) {
		for _, name := range []string{"setName", "setVersion", "hosts", "primary", "me", "secondary", "electionId"} {
			delete(h, name)
		}
		h["msg"] = "isdbgrid"
	}
	features := func(version string) *wiretest.Rule {
		return &wiretest.Rule{Match: wiretest.On("getParameter", ""), Do: wiretest.Reply(bson.D{
			{Key: "featureCompatibilityVersion", Value: bson.D{{Key: "version", Value: version}}}, {Key: "ok", Value: 1}})}
	}
	refuse := func(command string, code int) *wiretest.Rule {
		return &wiretest.Rule{Match: wiretest.On(command, ""), Do: wiretest.Refuse(code)}
	}
	for _, test := range []struct {
		what, want string
		opt        wiretest.Options
		rule       *wiretest.Rule
		allowed    bool // with AllowUnverified
	}{
		{"standalone", "standalone", wiretest.Options{Standalone: true}, nil, false},
		{"majority of memories", "writeConcernMajorityJournalDefault is false", wiretest.Options{NoJournalDefault: true}, nil, false},
		{"MongoDB 4.4", "older than MongoDB 5.0", wiretest.Options{Hello: wire(9)}, nil, false},
		{"MongoDB 4.0", "requires at least", wiretest.Options{Hello: wire(7)}, nil, false},
		{"no sessions", "no logical sessions", wiretest.Options{Hello: func(h bson.M) { delete(h, "logicalSessionTimeoutMinutes") }}, nil, false},
		{"features of 4.4", "is 4.4; raise it to 5.0", wiretest.Options{}, features("4.4"), false},
		{"strange features", `is "new"`, wiretest.Options{}, features("new"), false},
		{"router", "router of a sharded cluster", wiretest.Options{Hello: router}, nil, true},
		{"no replSetGetConfig", "replSetGetConfig: no such command", wiretest.Options{}, refuse("replSetGetConfig", wiretest.CodeCommandNotFound), true},
		{"may not ask", "clusterMonitor", wiretest.Options{}, refuse("replSetGetConfig", wiretest.CodeUnauthorized), true},
		{"may not ask features", "getParameter: not authorized", wiretest.Options{}, refuse("getParameter", wiretest.CodeUnauthorized), true},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			p := proxy(t, test.opt)
			for _, allow := range []bool{false, true} {
				if test.rule != nil {
					p.Arm(*test.rule)
				}
				c, err := connect(t, mongo.Options{URI: "mongodb://" + p.Addr(0), AllowUnverified: allow, Timeout: 2 * time.Second})
				if allow && test.allowed {
					require.NoError(t, err)
					require.Len(t, c.Server().Unverified, 1)
					require.Contains(t, c.Server().Unverified[0], test.want)
					continue
				}
				require.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestConnect_unreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := l.Addr().String()
	require.NoError(t, l.Close())
	silent := proxy(t, wiretest.Options{})
	silent.Arm(wiretest.Rule{Match: wiretest.Any, Times: wiretest.Always, Do: wiretest.Hold()})
	headless := proxy(t, wiretest.Options{Members: 3})
	headless.MovePrimary(wiretest.Nobody)

	for _, test := range []struct {
		uri  string
		want []string
	}{
		{"mongodb://u:" + canary + "@" + closed + "/", []string{closed, "connection refused"}},
		{"mongodb://u:" + canary + "@no-such-host.invalid:27017/", []string{"no-such-host.invalid"}},
		{"mongodb://" + headless.Addr(0) + "/?replicaSet=other", []string{headless.Addr(0), "replica set that it names"}},
		{silent.URI(), []string{silent.Addr(0)}},
		{headless.URI(), []string{headless.Addr(0) + ": RSSecondary", headless.Addr(2) + ": RSSecondary", "no primary"}},
	} {
		begin := time.Now()
		_, err := connect(t, mongo.Options{URI: test.uri, Timeout: time.Second})
		require.Less(t, time.Since(begin), 3*time.Second, test.uri)
		for _, want := range test.want {
			require.ErrorContains(t, err, want)
		}
		t.Log(err)
	}
}

func TestConnect_canceled(t *testing.T) {
	t.Parallel()
	p := proxy(t, wiretest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := mongo.Connect(ctx, mongo.Options{URI: p.URI(), Database: "accord"})
	require.ErrorIs(t, err, context.Canceled)
}

func TestConnect_wrongPassword(t *testing.T) {
	t.Parallel()
	p := proxy(t, wiretest.Options{})
	p.Arm(wiretest.Rule{Match: wiretest.On("saslStart", ""), Times: wiretest.Always, Do: wiretest.Refuse(wiretest.CodeAuthenticationFailed)})
	uri := strings.Replace(p.URI(), "://", "://gateway:"+canary+"@", 1)
	_, err := connect(t, mongo.Options{URI: uri})
	require.ErrorContains(t, err, "AuthenticationFailed")
	t.Log(err)
}

func TestConnect_tls(t *testing.T) {
	t.Parallel()
	certificate, trusted := selfSigned(t)
	p := proxy(t, wiretest.Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	_, err := connect(t, mongo.Options{URI: p.URI(), TLS: &tls.Config{RootCAs: trusted}})
	require.NoError(t, err)

	_, other := selfSigned(t)
	_, err = connect(t, mongo.Options{URI: p.URI(), TLS: &tls.Config{RootCAs: other}, Timeout: time.Second})
	require.ErrorContains(t, err, p.Addr(0))
	require.ErrorContains(t, err, "certificate signed by unknown authority")
}

// selfSigned makes a certificate for the loopback address, and a pool of it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestConnection_lostAndFound(t *testing.T) {
	t.Parallel()
	p := proxy(t, wiretest.Options{})
	c, err := connect(t, mongo.Options{URI: p.URI(), Timeout: time.Second})
	require.NoError(t, err)
	p.Down(0)
	ping := func() error { return c.Database().RunCommand(t.Context(), bson.D{{Key: "ping", Value: 1}}).Err() }
	require.Eventually(t, func() bool { return ping() != nil && c.Lost() != nil }, 10*time.Second, 10*time.Millisecond)
	require.ErrorContains(t, c.Lost(), p.Addr(0))
	require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(c.Lost()))
	require.NoError(t, p.Up(0))
	require.Eventually(t, func() bool { return ping() == nil && c.Lost() == nil }, 10*time.Second, 10*time.Millisecond)
}

// An operation without a deadline of its own ends when the connection says,
// though the server is halted.
func TestConnection_haltedServer(t *testing.T) {
	t.Parallel()
	server := ferrettest.Start(t)
	p := wiretest.Start(t, server.Addr(), wiretest.Options{})
	c, err := connect(t, mongo.Options{URI: p.URI(), Timeout: time.Second})
	require.NoError(t, err)
	require.NoError(t, server.Stop())
	begin := time.Now()
	_, err = c.Database().Collection("batches").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "1"}})
	require.Error(t, err)
	require.Less(t, time.Since(begin), 3*time.Second)
	require.NoError(t, server.Continue())
	require.Eventually(t, func() bool {
		_, err := c.Database().Collection("batches").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "2"}})
		return err == nil
	}, 20*time.Second, 100*time.Millisecond, "accepting again within 20 s")
}

func TestConnection_clock(t *testing.T) {
	t.Parallel()
	const ahead = 3 * time.Second
	p := proxy(t, wiretest.Options{Hello: func(h bson.M) {
		h["localTime"] = h["localTime"].(bson.DateTime) + bson.DateTime(ahead.Milliseconds())
	}})
	c, err := connect(t, mongo.Options{URI: p.URI()})
	require.NoError(t, err)
	got, err := c.Clock(t.Context())
	require.NoError(t, err)
	require.InDelta(t, ahead.Seconds(), got.Seconds(), 1)
}

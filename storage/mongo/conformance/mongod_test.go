package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// replicaSet is a set of mongod processes of this test.
type replicaSet struct {
	bin     string
	ports   []int
	dirs    []string
	running []*exec.Cmd // nil while it is down
}

// startSet starts a replica set of n members and waits for its primary.
func startSet(t testing.TB, bin string, n int) *replicaSet {
	t.Helper()
	s := &replicaSet{bin: bin, running: make([]*exec.Cmd, n)}
	t.Cleanup(func() {
		for i := range s.running {
			_ = s.kill(i)
		}
	})
	var members bson.A
	for i := range n {
		s.ports, s.dirs = append(s.ports, freePort(t)), append(s.dirs, t.TempDir())
		require.NoError(t, s.start(i))
		members = append(members, bson.D{{Key: "_id", Value: i}, {Key: "host", Value: s.host(i)}})
	}
	c := s.direct(t, 0)
	require.Eventually(t, func() bool { return c.Ping(t.Context(), nil) == nil }, time.Minute, 100*time.Millisecond, "mongod does not answer")
	require.NoError(t, c.Database("admin").RunCommand(t.Context(), bson.D{{Key: "replSetInitiate", Value: bson.D{
		{Key: "_id", Value: "accordtest"}, {Key: "members", Value: members},
		{Key: "settings", Value: bson.D{{Key: "electionTimeoutMillis", Value: 2000}}}}}}).Err())
	require.Eventually(t, func() bool { return s.primary(t) >= 0 }, time.Minute, 100*time.Millisecond, "the set has no primary")
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *replicaSet) host(i int) string { return fmt.Sprintf("127.0.0.1:%d", s.ports[i]) }

func (s *replicaSet) uri() string {
	hosts := make([]string, len(s.ports))
	for i := range s.ports {
		hosts[i] = s.host(i)
	}
	return "mongodb://" + strings.Join(hosts, ",") + "/?replicaSet=accordtest"
}

func (s *replicaSet) start(i int) error {
	cmd := exec.Command(s.bin, "--dbpath", s.dirs[i], "--port", fmt.Sprint(s.ports[i]), "--bind_ip", "127.0.0.1",
		"--replSet", "accordtest", "--logpath", filepath.Join(s.dirs[i], "log"), "--logappend", "--wiredTigerCacheSizeGB", "0.25")
	if err := cmd.Start(); err != nil {
		return err
	}
	s.running[i] = cmd
	return nil
}

// kill ends a member at once.
func (s *replicaSet) kill(i int) error {
	if s.running[i] == nil {
		return nil
	}
	err := s.running[i].Process.Kill()
	_ = s.running[i].Wait() // it was killed
	s.running[i] = nil
	return err
}

func (s *replicaSet) signal(i int, sig os.Signal) error { return s.running[i].Process.Signal(sig) }

// direct connects to one member.
func (s *replicaSet) direct(t testing.TB, i int) *driver.Client {
	t.Helper()
	c, err := driver.Connect(options.Client().ApplyURI("mongodb://" + s.host(i) + "/?directConnection=true").SetTimeout(time.Second))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Disconnect(context.Background()) })
	return c
}

// primary returns the place of the primary, -1 for none.
func (s *replicaSet) primary(t testing.TB) int {
	t.Helper()
	for i := range s.ports {
		if s.running[i] == nil {
			continue
		}
		c, err := driver.Connect(options.Client().ApplyURI("mongodb://" + s.host(i) + "/?directConnection=true").SetTimeout(time.Second))
		require.NoError(t, err)
		var hello struct {
			Primary bool `bson:"isWritablePrimary"`
		}
		err = c.Database("admin").RunCommand(t.Context(), bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
		_ = c.Disconnect(context.Background())
		if err == nil && hello.Primary {
			return i
		}
	}
	return -1
}

// stepDown makes the primary give its place up.
func (s *replicaSet) stepDown(t testing.TB) error {
	i := s.primary(t)
	if i < 0 {
		return errors.New("there is no primary")
	}
	err := s.direct(t, i).Database("admin").RunCommand(t.Context(), bson.D{{Key: "replSetStepDown", Value: 10}}).Err()
	if driver.IsNetworkError(err) {
		return nil
	}
	return err
}

// halt stops the primary for a time.
func (s *replicaSet) halt(t testing.TB, d time.Duration) error {
	i := s.primary(t)
	if i < 0 {
		return errors.New("there is no primary")
	}
	if err := s.signal(i, syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(d)
	return s.signal(i, syscall.SIGCONT)
}

// crash kills the primary and starts it again after a time.
func (s *replicaSet) crash(t testing.TB, d time.Duration) error {
	i := s.primary(t)
	if i < 0 {
		return errors.New("there is no primary")
	}
	if err := s.kill(i); err != nil {
		return err
	}
	time.Sleep(d)
	return s.start(i)
}

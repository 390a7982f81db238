package conformance_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/storage/mongo"
	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// serverURI names the variable with the connection string of a MongoDB replica
// set to test on; its own databases are left alone.
const serverURI = "ACCORD_TEST_MONGODB_URI"

// servers calls test on each MongoDB deployment there is: the one that is
// named, or sets of one and three members that are started here.
func servers(t *testing.T, test func(t *testing.T, uri string, set *replicaSet)) {
	t.Helper()
	if uri := os.Getenv(serverURI); uri != "" {
		test(t, uri, nil)
		return
	}
	bin, err := exec.LookPath("mongod")
	if err != nil {
		t.Skipf("no MongoDB server: set %s, or put mongod on the PATH", serverURI)
	}
	for name, members := range map[string]int{"one member": 1, "three members": 3} {
		t.Run(name, func(t *testing.T) {
			set := startSet(t, bin, members)
			test(t, set.uri(), set)
		})
	}
}

// onServer is a database of a random name, dropped at the end.
func onServer(t testing.TB, uri string) *world {
	t.Helper()
	token := make([]byte, 8)
	_, _ = rand.Read(token)
	// Everything is asked of the database: what memory answers, others test.
	w := &world{uri: uri, database: "accord_test_" + hex.EncodeToString(token), timeout: 10 * time.Second, settings: mongo.Settings{Recent: -1}}
	t.Cleanup(func() {
		conn := w.connect(t)
		if err := conn.Database().Drop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func TestMongoDB_passesTheSuite(t *testing.T) {
	servers(t, func(t *testing.T, uri string, _ *replicaSet) {
		storagetest.Run(t, func(t testing.TB) storagetest.Opener { return onServer(t, uri).opener(t) })
	})
}

func TestMongoDB_isSharedByGateways(t *testing.T) {
	servers(t, func(t *testing.T, uri string, _ *replicaSet) {
		storagetest.RunShared(t, func(t testing.TB) storagetest.Opener { return onServer(t, uri).opener(t) })
	})
}

// No question scans a collection or sorts what it found.
func TestMongoDB_answersFromIndexes(t *testing.T) {
	servers(t, func(t *testing.T, uri string, _ *replicaSet) {
		w := onServer(t, uri)
		h := storagetest.NewHome(t, w.opener(t))
		for i := range 50 {
			h.Put(t, document(i))
		}
		require.NoError(t, h.Reopen(t)) // the views have them
		conn := w.connect(t)
		defer func() { require.NoError(t, conn.Close(context.Background())) }()
		for _, s := range mongo.Shapes(1) {
			var answer bson.M
			err := conn.Database().RunCommand(t.Context(), bson.D{{Key: "explain", Value: s.Command()}, {Key: "verbosity", Value: "queryPlanner"}}).Decode(&answer)
			require.NoError(t, err, "%s", s)
			stages, indexes := plan(answer)
			require.NotContains(t, stages, "COLLSCAN", "%s", s)
			require.NotContains(t, stages, "SORT", "%s", s)
			byID := slices.ContainsFunc([]string{"IDHACK", "EXPRESS_IXSCAN", "EXPRESS_UPDATE"}, func(name string) bool { return slices.Contains(stages, name) })
			if s.Index != "_id_" || !byID {
				require.Contains(t, indexes, s.Index, "%s: %v", s, stages)
			}
		}
	})
}

// plan collects stages and indexes of the winning plan, wherever the server's
// version puts them.
func plan(v any) (stages, indexes []string) {
	walk := func(key string, value any) {
		if key == "rejectedPlans" {
			return
		}
		if name, ok := value.(string); ok {
			switch key {
			case "stage":
				stages = append(stages, name)
			case "indexName":
				indexes = append(indexes, name)
			}
			return
		}
		s, i := plan(value)
		stages, indexes = append(stages, s...), append(indexes, i...)
	}
	switch v := v.(type) {
	case bson.M:
		for key, value := range v {
			walk(key, value)
		}
	case bson.D:
		for _, e := range v {
			walk(e.Key, e.Value)
		}
	case bson.A:
		for _, value := range v {
			walk("", value)
		}
	}
	return stages, indexes
}

// The primary is killed, halted and steps down under load.
func TestMongoDB_failover(t *testing.T) {
	servers(t, func(t *testing.T, uri string, set *replicaSet) {
		if set == nil || len(set.ports) < 3 {
			t.Skip("only a set of three that was started here is broken")
		}
		open := onServer(t, uri).opener(t)
		one, two := sharedHome(t, open), sharedHome(t, open)
		l := startLoad(t, 8, one, two)
		for what, act := range map[string]func() error{
			"killed":       func() error { return set.crash(t, 3*time.Second) },
			"halted":       func() error { return set.halt(t, 30*time.Second) },
			"stepped down": func() error { return set.stepDown(t) },
		} {
			l.accepts(t)
			require.NoError(t, act(), what)
			begun := time.Now()
			l.accepts(t)
			t.Logf("%s: taken again after %v", what, time.Since(begun).Round(time.Millisecond))
			require.Eventually(t, func() bool { return set.primary(t) >= 0 }, time.Minute, 200*time.Millisecond)
		}
		l.stop(t)
	})
}

// The tests on a server touch no database but their own.
func TestServer_databaseOfItsOwn(t *testing.T) {
	t.Parallel()
	// The tests drop and list databases, which the archive never does: so this
	// proxy is not asked what it saw.
	w := &world{uri: wiretest.Start(t, ferrettest.Start(t).Addr(), wiretest.Options{}).URI(), database: "accord", timeout: 10 * time.Second}
	w.create(t)
	var name string
	t.Run("test", func(t *testing.T) {
		own := onServer(t, w.uri)
		name = own.database
		h := storagetest.NewHome(t, own.opener(t))
		h.Put(t, document(1))
		require.NotEqual(t, w.database, name)
	})
	conn := w.connect(t)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	names, err := conn.Database().Client().ListDatabaseNames(t.Context(), bson.D{})
	require.NoError(t, err)
	require.Contains(t, names, w.database)
	require.NotContains(t, names, name)
}

package conformance_test

import (
	"context"
	"flag"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"accord/storage"
	"accord/storage/mongo"
	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// longTests names the variable that asks for the whole of the suite: FerretDB
// reads a collection from its beginning for most questions.
const longTests = "ACCORD_TEST_MONGODB_LONG"

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(longTests) == "" {
		if err := flag.Set("test.short", "true"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// identity is that of the ledgers here.
var identity = mongo.Identity{Origin: "log.example/v1/ledger", Issuer: "https://log.example", LogKey: "log.example+1", CursorKey: "c1", Operators: "o1"}

// world is a database of its own.
type world struct {
	uri      string
	database string
	settings mongo.Settings
	proxy    *wiretest.Proxy // nil on a MongoDB server
	timeout  time.Duration
}

// ferret starts FerretDB behind a proxy; at the end every command that was sent
// has to have been safe and of a declared shape.
func ferret(t testing.TB, opt wiretest.Options) *world {
	t.Helper()
	w := behind(t, ferrettest.Start(t), opt)
	return w
}

// behind puts a proxy before a server.
func behind(t testing.TB, s *ferrettest.Server, opt wiretest.Options) *world {
	t.Helper()
	w := &world{database: "accord", timeout: 10 * time.Second}
	w.proxy = wiretest.Start(t, s.Addr(), opt)
	w.uri = w.proxy.URI()
	t.Cleanup(func() { w.safe(t) })
	return w
}

// generation finds the number in the name of a collection of the views.
var generation = regexp.MustCompile(`(?:entries|tiles)_([0-9]+) `)

// safe fails the test if a command was sent that should not be.
func (w *world) safe(t testing.TB) {
	t.Helper()
	w.proxy.AssertSafe(t)
	declared := shapes(1)
	for _, s := range w.proxy.Shapes() {
		if m := generation.FindStringSubmatch(s); m != nil {
			n, _ := strconv.ParseUint(m[1], 10, 64) // the expression lets nothing else through
			declared = append(declared, shapes(n)...)
		}
	}
	w.proxy.AssertShapes(t, declared...)
}

func shapes(generation uint64) (out []string) {
	for _, s := range mongo.Shapes(generation) {
		out = append(out, s.String())
	}
	return out
}

// connect opens a connection to the database.
func (w *world) connect(t testing.TB) *mongo.Connection {
	t.Helper()
	conn, err := mongo.Connect(context.Background(), mongo.Options{URI: w.uri, Database: w.database, Timeout: w.timeout})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// create makes the archive.
func (w *world) create(t testing.TB) {
	t.Helper()
	conn := w.connect(t)
	if err := mongo.Create(context.Background(), conn, identity); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// open opens the archive as another process does.
func (w *world) open(t testing.TB) (storage.Log, storage.Index) {
	t.Helper()
	conn := w.connect(t)
	log, index, err := mongo.Open(context.Background(), conn, identity, w.settings)
	if err != nil {
		_ = conn.Close(context.Background())
		t.Fatal(err)
	}
	return log, index
}

// opener returns an Opener of a new archive.
func (w *world) opener(t testing.TB) storagetest.Opener {
	t.Helper()
	w.create(t)
	return w.open
}

// sharedHome opens an archive of several on one database.
func sharedHome(t testing.TB, open storagetest.Opener) *storagetest.Home {
	t.Helper()
	h := storagetest.NewHome(t, open)
	h.Adjust = func(o *storage.Options) { o.Shared = true }
	if err := h.Reopen(t); err != nil {
		t.Fatal(err)
	}
	return h
}

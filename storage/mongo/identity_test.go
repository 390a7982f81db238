package mongo_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/internal/fault"
	"accord/storage/mongo"
	"accord/storage/mongo/wiretest"
)

var owner = mongo.Identity{Origin: "log.example/v1/ledger", Issuer: "https://log.example", LogKey: "log.example+1", CursorKey: "c1", Operators: "o1"}

// archive makes an archive in a database of its own and returns a connection.
func archive(t *testing.T) (*mongo.Connection, *wiretest.Proxy) {
	t.Helper()
	p := proxy(t, wiretest.Options{})
	conn, err := connect(t, mongo.Options{URI: p.URI()})
	require.NoError(t, err)
	require.NoError(t, mongo.Create(t.Context(), conn, owner))
	return conn, p
}

func TestCreate_refusesWhatExists(t *testing.T) {
	t.Parallel()
	conn, p := archive(t)
	err := mongo.Create(t.Context(), conn, owner)
	require.Equal(t, fault.LedgerFork, fault.CodeOf(err))
	require.ErrorContains(t, err, owner.Origin)

	other, err := connect(t, mongo.Options{URI: p.URI(), Database: "other"})
	require.NoError(t, err)
	_, _, err = mongo.Open(t.Context(), other, owner, mongo.Settings{})
	require.ErrorContains(t, err, "no archive in the database")
	_, err = other.Collection("batches").InsertOne(t.Context(), bson.D{{Key: "_id", Value: mongo.Position(0)}})
	require.NoError(t, err)
	require.Equal(t, fault.LedgerFork, fault.CodeOf(mongo.Create(t.Context(), other, owner)))
	p.AssertSafe(t)
}

// The driver sends an insert again whose answer was lost, and finds its own.
func TestCreate_knowsItsOwn(t *testing.T) {
	t.Parallel()
	p := proxy(t, wiretest.Options{})
	conn, err := connect(t, mongo.Options{URI: p.URI()})
	require.NoError(t, err)
	p.Arm(wiretest.Rule{Match: wiretest.On("insert", "meta"), Do: wiretest.DropAnswer()})
	require.NoError(t, mongo.Create(t.Context(), conn, owner))
}

// Of several at a time one makes it, and the others are told.
func TestCreate_once(t *testing.T) {
	t.Parallel()
	p := proxy(t, wiretest.Options{})
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		conn, err := connect(t, mongo.Options{URI: p.URI()})
		require.NoError(t, err)
		wg.Go(func() { errs[i] = mongo.Create(t.Context(), conn, owner) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			require.Equal(t, fault.LedgerFork, fault.CodeOf(err))
		}
	}
	require.Equal(t, 1, made)
}

func TestOpen_refusesAnothersLedger(t *testing.T) {
	t.Parallel()
	conn, _ := archive(t)
	for what, change := range map[string]func(*mongo.Identity){
		"origin":               func(id *mongo.Identity) { id.Origin = "x" },
		"issuer":               func(id *mongo.Identity) { id.Issuer = "x" },
		"log key":              func(id *mongo.Identity) { id.LogKey = "x" },
		"cursor key":           func(id *mongo.Identity) { id.CursorKey = "x" },
		"set of operator keys": func(id *mongo.Identity) { id.Operators = "x" },
	} {
		id := owner
		change(&id)
		_, _, err := mongo.Open(t.Context(), conn, id, mongo.Settings{})
		require.Equal(t, fault.LedgerFork, fault.CodeOf(err))
		require.ErrorContains(t, err, "its "+what+" is")
	}
	_, _, err := mongo.Open(t.Context(), conn, mongo.Identity{Origin: owner.Origin}, mongo.Settings{})
	require.NoError(t, err, "what is not known is not compared")
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	conn, p := archive(t)
	meta := conn.Collection("meta")
	set := func(schema int) {
		_, err := meta.UpdateByID(t.Context(), "ledger", bson.D{{Key: "$set", Value: bson.D{{Key: "schema", Value: schema}}}})
		require.NoError(t, err)
	}
	for schema := range mongo.Schema() {
		set(schema)
		_, _, err := mongo.Open(t.Context(), conn, owner, mongo.Settings{})
		require.ErrorContains(t, err, "accord archive migrate")
		from, to, err := mongo.Migrate(t.Context(), conn, owner)
		require.NoError(t, err)
		require.Equal(t, []int{schema, mongo.Schema()}, []int{from, to})
		for range 2 {
			from, to, err = mongo.Migrate(t.Context(), conn, owner)
			require.NoError(t, err)
			require.Equal(t, []int{mongo.Schema(), mongo.Schema()}, []int{from, to})
		}
		_, _, err = mongo.Open(t.Context(), conn, owner, mongo.Settings{})
		require.NoError(t, err)
	}
	set(mongo.Schema() + 1)
	_, _, err := mongo.Open(t.Context(), conn, owner, mongo.Settings{})
	require.ErrorContains(t, err, "newer version")
	_, _, err = mongo.Migrate(t.Context(), conn, owner)
	require.ErrorContains(t, err, "newer version")
	_, _, err = mongo.Migrate(t.Context(), conn, mongo.Identity{Origin: "x"})
	require.Equal(t, fault.LedgerFork, fault.CodeOf(err))
	p.AssertSafe(t)
}

func TestRekey(t *testing.T) {
	t.Parallel()
	conn, _ := archive(t)
	next := owner
	next.LogKey = "log.example+2"
	require.Error(t, mongo.Rekey(t.Context(), conn, next, owner), "it does not have that key")
	require.Error(t, mongo.Rekey(t.Context(), conn, owner, mongo.Identity{}))
	require.Error(t, mongo.Rekey(t.Context(), conn, owner, mongo.Identity{Origin: "other"}))
	require.NoError(t, mongo.Rekey(t.Context(), conn, owner, mongo.Identity{LogKey: next.LogKey}))
	_, _, err := mongo.Open(t.Context(), conn, next, mongo.Settings{})
	require.NoError(t, err)
	_, _, err = mongo.Open(t.Context(), conn, owner, mongo.Settings{})
	require.Equal(t, fault.LedgerFork, fault.CodeOf(err))
}

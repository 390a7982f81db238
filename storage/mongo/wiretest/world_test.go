package wiretest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.uber.org/goleak"

	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a server of its own and a proxy before it.
func start(t *testing.T, opt wiretest.Options) *wiretest.Proxy {
	t.Helper()
	return wiretest.Start(t, ferrettest.Start(t).Addr(), opt)
}

// safe are the options of the archive.
func safe(uri string) *options.ClientOptions {
	journal := true
	return options.Client().ApplyURI(uri).
		SetWriteConcern(&writeconcern.WriteConcern{W: "majority", Journal: &journal}).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).
		SetHeartbeatInterval(500 * time.Millisecond).
		SetServerSelectionTimeout(5 * time.Second)
}

// connect returns a collection of a client that is closed at the test's end.
func connect(t *testing.T, opt *options.ClientOptions) *mongo.Collection {
	t.Helper()
	client, err := mongo.Connect(opt)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database("accord").Collection("batches")
}

func id(v string) bson.D { return bson.D{{Key: "_id", Value: v}} }

// ids returns the _id of every document, in order.
func ids(t *testing.T, c *mongo.Collection) (found []string) {
	t.Helper()
	cursor, err := c.Find(t.Context(), bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	require.NoError(t, err)
	var docs []struct {
		ID string `bson:"_id"`
	}
	require.NoError(t, cursor.All(t.Context(), &docs))
	for _, d := range docs {
		found = append(found, d.ID)
	}
	return found
}

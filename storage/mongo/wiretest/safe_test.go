package wiretest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"accord/storage/mongo/wiretest"
)

// A checker that finds nothing wrong in what is wrong is itself broken.
func TestAssertSafe_catches(t *testing.T) {
	t.Parallel()
	insert := func(ctx context.Context, c *mongo.Collection) { _, _ = c.InsertOne(ctx, id("1")) }
	find := func(ctx context.Context, c *mongo.Collection) { _ = c.FindOne(ctx, id("1")).Err() }
	two := []any{id("1"), id("2")}
	no := false
	for _, test := range []struct {
		what    string
		options func(*options.ClientOptions) *options.ClientOptions
		do      func(context.Context, *mongo.Collection)
		want    string
	}{
		{"a safe insert", nil, insert, ""},
		{"a safe find", nil, find, ""},
		{"one member's acknowledgement", func(o *options.ClientOptions) *options.ClientOptions {
			return o.SetWriteConcern(writeconcern.W1())
		}, insert, `writes without {w: "majority", j: true}`},
		{"a majority without its journals", func(o *options.ClientOptions) *options.ClientOptions {
			return o.SetWriteConcern(&writeconcern.WriteConcern{W: "majority", Journal: &no})
		}, insert, `writes without {w: "majority", j: true}`},
		{"no acknowledgement", func(o *options.ClientOptions) *options.ClientOptions {
			return o.SetWriteConcern(writeconcern.Unacknowledged())
		}, insert, "is not acknowledged"},
		{"a local read", func(o *options.ClientOptions) *options.ClientOptions {
			return o.SetReadConcern(readconcern.Local())
		}, find, "reads without readConcern majority"},
		{"a read of any member", func(o *options.ClientOptions) *options.ClientOptions {
			return o.SetReadPreference(readpref.Nearest())
		}, find, "reads from others than the primary"},
		{"no retries", func(o *options.ClientOptions) *options.ClientOptions {
			return o.SetRetryWrites(false)
		}, insert, "is not retryable"},
		{"an ordered bulk", nil, func(ctx context.Context, c *mongo.Collection) {
			_, _ = c.InsertMany(ctx, two)
		}, "is a bulk without ordered: false"},
		{"an unordered bulk", nil, func(ctx context.Context, c *mongo.Collection) {
			_, _ = c.InsertMany(ctx, two, options.InsertMany().SetOrdered(false))
		}, ""},
		{"a count", nil, func(ctx context.Context, c *mongo.Collection) {
			_ = c.Database().RunCommand(ctx, bson.D{{Key: "count", Value: "batches"}}).Err()
		}, "is not on the list of commands"},
		{"a findAndModify", nil, func(ctx context.Context, c *mongo.Collection) {
			_ = c.FindOneAndDelete(ctx, id("1")).Err()
		}, "is not on the list of commands"},
		{"a transaction", nil, func(ctx context.Context, c *mongo.Collection) {
			session, err := c.Database().Client().StartSession()
			if err != nil || session.StartTransaction() != nil {
				return
			}
			defer session.EndSession(ctx)
			insert(mongo.NewSessionContext(ctx, session), c)
			_ = session.CommitTransaction(ctx)
		}, "is part of a transaction"},
	} {
		p := start(t, wiretest.Options{Members: 2})
		opt := safe(p.URI())
		if test.options != nil {
			opt = test.options(opt)
		}
		test.do(t.Context(), connect(t, opt))
		require.Eventually(t, func() bool { return len(p.Commands().Where(wiretest.Work)) > 0 }, 5*time.Second, time.Millisecond, test.what)
		got := strings.Join(p.Unsafe(), "\n")
		if test.want == "" {
			require.Empty(t, got, test.what)
		} else {
			require.Contains(t, got, test.want, test.what)
		}
	}
}

func TestShapes_nameWhatAnIndexMustHold(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	c := connect(t, safe(p.URI()))
	ctx := t.Context()
	after := bson.D{{Key: "partner", Value: "AE"}, {Key: "index", Value: bson.D{{Key: "$gt", Value: 5}, {Key: "$lte", Value: 9}}}}
	for range 2 {
		_, err := c.Find(ctx, after, options.Find().SetSort(bson.D{{Key: "partner", Value: 1}, {Key: "index", Value: -1}}))
		require.NoError(t, err)
	}
	_, err := c.ReplaceOne(ctx, bson.D{{Key: "_id", Value: "a"}, {Key: "at", Value: bson.D{{Key: "$lt", Value: 3}}}}, bson.D{{Key: "at", Value: 3}}, options.Replace().SetUpsert(true))
	require.NoError(t, err)
	_, err = c.Find(ctx, bson.D{{Key: "$or", Value: bson.A{id("a"), bson.D{{Key: "n", Value: bson.D{{Key: "$exists", Value: true}}}}}}})
	require.NoError(t, err)
	_, err = c.Aggregate(ctx, bson.A{bson.D{{Key: "$match", Value: after}}, bson.D{{Key: "$count", Value: "n"}}})
	require.NoError(t, err)
	require.Equal(t, []string{
		"aggregate batches $match {partner =, index $gt $lte} | $count",
		"find batches {$or [{_id =}, {n $exists}]}",
		"find batches {partner =, index $gt $lte} sort {partner 1, index -1}",
		"update batches {_id =, at $lt}",
	}, p.Shapes())
}

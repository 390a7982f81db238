package ferrettest_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"accord/storage/mongo/ferrettest"
)

func connect(t *testing.T, s *ferrettest.Server) *mongo.Collection {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(s.URI()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client.Database("accord").Collection("batches")
}

func TestServer_keepsWhatItAcknowledgedWhenKilled(t *testing.T) {
	t.Parallel()
	s := ferrettest.Start(t)
	addr := s.Addr()
	batches := connect(t, s)
	for i := range int32(50) {
		_, err := batches.InsertOne(t.Context(), bson.D{{Key: "_id", Value: i}})
		require.NoError(t, err)
	}
	require.NoError(t, s.Kill())
	require.NoError(t, s.Kill(), "a server that is down stays so")
	require.Error(t, s.Stop())

	require.NoError(t, s.Restart())
	require.Equal(t, addr, s.Addr())
	n, err := batches.CountDocuments(t.Context(), bson.D{})
	require.NoError(t, err)
	require.EqualValues(t, 50, n)
	_, err = batches.InsertOne(t.Context(), bson.D{{Key: "_id", Value: int32(7)}})
	require.True(t, mongo.IsDuplicateKeyError(err), "%v", err)
}

func TestServer_stoppedIsSilent(t *testing.T) {
	t.Parallel()
	s := ferrettest.Start(t)
	batches := connect(t, s)
	_, err := batches.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a"}})
	require.NoError(t, err)

	require.NoError(t, s.Stop())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, batches.FindOne(ctx, bson.D{}).Err(), context.DeadlineExceeded)

	require.NoError(t, s.Continue())
	require.NoError(t, batches.FindOne(t.Context(), bson.D{}).Err())
}

func TestServer_thatEndedByItselfIsAnError(t *testing.T) {
	t.Parallel()
	s := ferrettest.Start(t)
	require.NoError(t, syscall.Kill(s.PID(), syscall.SIGTERM))
	require.Eventually(t, func() bool { return syscall.Kill(s.PID(), 0) != nil }, 10*time.Second, 10*time.Millisecond)
	require.ErrorContains(t, s.Kill(), "ended by itself")
	require.NoError(t, s.Restart())
}

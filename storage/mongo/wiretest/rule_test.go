package wiretest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"accord/storage/mongo/wiretest"
)

var inserts = wiretest.On("insert", "batches")

func TestRule_requestIsDropped(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	fault := p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.DropRequest()})
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err, "the driver's own retry is new to the server")
	require.Equal(t, 1, fault.Hits())

	p.Arm(wiretest.Rule{Match: inserts, Times: 2, Do: wiretest.DropRequest()})
	_, err = batches.InsertOne(t.Context(), id("2"))
	require.True(t, mongo.IsNetworkError(err), "%v", err)
	require.Equal(t, []string{"1"}, ids(t, batches))
}

func TestRule_answerIsDropped(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.DropAnswer()})
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.True(t, mongo.IsDuplicateKeyError(err), "it stood already: %v", err)
	require.Equal(t, []string{"1"}, ids(t, batches))
	writes := p.Commands().Writes()
	require.Zero(t, writes[0].AnswerBytes)
	require.Equal(t, []int{wiretest.CodeDuplicateKey}, writes[1].WriteErrors)
}

func TestRule_skipsAndCounts(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()).SetRetryWrites(false))
	fault := p.Arm(wiretest.Rule{Match: inserts, Skip: 1, Times: 2, Do: wiretest.Refuse(wiretest.CodeOutOfDiskSpace)})
	var failed []int
	for i, v := range []string{"0", "1", "2", "3"} {
		if _, err := batches.InsertOne(t.Context(), id(v)); err != nil {
			failed = append(failed, i)
		}
	}
	require.Equal(t, []int{1, 2}, failed)
	require.Equal(t, 2, fault.Hits())
	always := p.Arm(wiretest.Rule{Match: inserts, Times: wiretest.Always, Do: wiretest.Refuse(wiretest.CodeOutOfDiskSpace)})
	for range 3 {
		_, err := batches.InsertOne(t.Context(), id("4"))
		require.Error(t, err)
	}
	always.Disarm()
	_, err := batches.InsertOne(t.Context(), id("4"))
	require.NoError(t, err)
}

// A command that waits in the network is applied though its sender has given
// up, even died.
func TestRule_heldCommandIsAppliedLate(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	fault := p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.Hold()})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := batches.InsertOne(ctx, id("1"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	<-fault.Hit()
	require.Empty(t, ids(t, batches))
	fault.Release()
	require.Eventually(t, func() bool { return len(ids(t, batches)) == 1 }, 5*time.Second, 10*time.Millisecond)
}

func TestRule_answerIsHeld(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	fault := p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.Action{HoldAnswer: true}})
	done := make(chan error, 1)
	go func() {
		_, err := batches.InsertOne(t.Context(), id("1"))
		done <- err
	}()
	<-fault.Hit()
	require.Eventually(t, func() bool { return len(ids(t, batches)) == 1 }, 5*time.Second, 10*time.Millisecond)
	require.Empty(t, done)
	fault.Release()
	require.NoError(t, <-done)
}

func TestRule_delayAndSilence(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.Delay(200 * time.Millisecond)})
	begin := time.Now()
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(begin), 200*time.Millisecond)

	p.Arm(wiretest.Rule{Match: inserts, Times: wiretest.Always, Do: wiretest.Silence(30 * time.Second)})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = batches.InsertOne(ctx, id("2"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, []string{"1"}, ids(t, batches), "reads go on; the silent insert is lost")
}

// Everything is silent, the driver's own commands too.
func TestRule_wholeServerIsSilent(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	require.Empty(t, ids(t, batches))
	fault := p.Arm(wiretest.Rule{Match: wiretest.Any, Times: wiretest.Always, Do: wiretest.Hold()})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, batches.FindOne(ctx, id("1")).Err(), context.DeadlineExceeded)
	fault.Disarm()
	fault.Release()
	require.Empty(t, ids(t, batches))
}

// What the driver retries by itself is retried; the codes are those of a
// primary that goes.
func TestRule_codesOfAPrimaryThatGoes(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	for _, code := range []int{wiretest.CodeNotWritablePrimary, wiretest.CodePrimarySteppedDown,
		wiretest.CodeInterruptedByReplChange, wiretest.CodeShutdownInProgress, wiretest.CodeInterruptedAtShutdown} {
		p.Reset()
		p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.Refuse(code)})
		_, err := batches.InsertOne(t.Context(), bson.D{{Key: "_id", Value: code}})
		require.NoError(t, err, code)
		writes := p.Commands().Writes()
		require.Len(t, writes, 2, code)
		require.Equal(t, code, writes[0].Code)
		require.True(t, writes[1].Retry)

		p.Arm(wiretest.Rule{Match: inserts, Times: wiretest.Always, Do: wiretest.Refuse(code)}).Disarm()
		reads := wiretest.On("find", "batches")
		p.Arm(wiretest.Rule{Match: reads, Do: wiretest.Refuse(code)})
		require.NoError(t, batches.FindOne(t.Context(), bson.D{{Key: "_id", Value: code}}).Err(), code)
	}
}

func TestRule_concernOfTheMajority(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.Concern(wiretest.CodeWriteConcernFailed)})
	_, err := batches.InsertOne(t.Context(), id("1"))
	var failed mongo.WriteException
	require.ErrorAs(t, err, &failed)
	require.Empty(t, failed.WriteErrors)
	require.Equal(t, wiretest.CodeWriteConcernFailed, failed.WriteConcernError.Code)
	require.Equal(t, []string{"1"}, ids(t, batches), "it stands on the primary")

	// 91 is retryable: the retry finds the document there.
	p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.Concern(wiretest.CodeShutdownInProgress)})
	_, err = batches.InsertOne(t.Context(), id("2"))
	require.True(t, mongo.IsDuplicateKeyError(err), "%v", err)
}

// This is the answer that IsDuplicateKeyError hides: a duplicate, another
// document that was not written, and a majority that is not known.
func TestRule_mixedBulk(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	_, err := batches.InsertOne(t.Context(), id("2"))
	require.NoError(t, err)
	do := wiretest.FailDocuments(wiretest.CodeOutOfDiskSpace, 1)
	do.Concern = wiretest.CodeShutdownInProgress
	p.Arm(wiretest.Rule{Match: inserts, Times: 2, Do: do})
	_, err = batches.InsertMany(t.Context(), []any{id("0"), id("1"), id("2"), id("3")}, options.InsertMany().SetOrdered(false))
	var failed mongo.BulkWriteException
	require.ErrorAs(t, err, &failed)
	require.True(t, mongo.IsDuplicateKeyError(err))
	codes := map[int]int{}
	for _, e := range failed.WriteErrors {
		codes[e.Index] = e.Code
	}
	require.Equal(t, wiretest.CodeOutOfDiskSpace, codes[1])
	require.Equal(t, wiretest.CodeDuplicateKey, codes[2])
	require.Equal(t, wiretest.CodeShutdownInProgress, failed.WriteConcernError.Code)
	require.Equal(t, []string{"0", "2", "3"}, ids(t, batches))
}

func TestRule_everyDocumentFails(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	p.Arm(wiretest.Rule{Match: inserts, Do: wiretest.FailDocuments(wiretest.CodeOutOfDiskSpace, 0)})
	_, err := batches.InsertOne(t.Context(), id("0"))
	failed, ok := errors.AsType[mongo.WriteException](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, wiretest.CodeOutOfDiskSpace, failed.WriteErrors[0].Code)
	require.Empty(t, ids(t, batches))
}

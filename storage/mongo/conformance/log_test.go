package conformance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
	"accord/storage/mongo"
	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
)

// batch returns a batch of n entries with bodies of some octets each.
func batch(number, base uint64, n, octets int) *storage.Batch {
	b := &storage.Batch{Number: number, Base: base, Previous: ledger.Head{Size: base}, Key: 7, Time: time.Unix(1_750_000_000, 5).UTC(), Checkpoint: []byte("checkpoint")}
	_, _ = rand.Read(b.Nonce[:])
	for i := range n {
		body := make([]byte, octets)
		_, _ = rand.Read(body)
		b.Bodies = append(b.Bodies, body)
		b.Entries = append(b.Entries, &storage.Entry{
			Index: base + uint64(i), BatchEnd: base + uint64(n), Kind: ledger.KindAttestation, Leaf: []byte(fmt.Sprint("leaf ", i)),
			Record: bytes.Repeat([]byte("r"), 800), Key: fmt.Sprint("key ", i), Audience: []attestation.PartnerID{"alpha", "beta"},
		})
	}
	return b
}

// again returns the same batch as another process has it.
func again(b *storage.Batch) *storage.Batch {
	c := *b
	c.Entries = nil
	for _, e := range b.Entries {
		d := *e
		d.Ref, d.BodyLen = 0, 0
		c.Entries = append(c.Entries, &d)
	}
	return &c
}

// holds says that a log has just these batches, with their bodies.
func holds(t *testing.T, log storage.Log, want ...*storage.Batch) {
	t.Helper()
	var got []*storage.Batch
	require.NoError(t, log.Batches(t.Context(), 0, true, func(b *storage.Batch) error { got = append(got, b); return nil }))
	require.Len(t, got, len(want))
	for i, b := range got {
		require.Equal(t, want[i].Nonce, b.Nonce)
		require.Equal(t, want[i].Time, b.Time)
		require.Equal(t, want[i].Checkpoint, b.Checkpoint)
		require.Len(t, b.Entries, len(want[i].Entries))
		for j, e := range b.Entries {
			require.True(t, bytes.Equal(want[i].Bodies[j], b.Bodies[j]), "body %d of batch %d", j, i)
			require.Equal(t, storage.AppendEntry(nil, want[i].Entries[j]), storage.AppendEntry(nil, e))
			body, err := log.Body(t.Context(), e.Ref, e.BodyLen)
			require.NoError(t, err)
			require.True(t, bytes.Equal(want[i].Bodies[j], body))
		}
	}
}

var (
	ofBodies  = wiretest.On("insert", "bodies")
	ofBatches = wiretest.On("insert", "batches")
)

// answer is what an append may come to.
type answer string

const (
	stands   answer = "stands"
	unknown  answer = "unknown"
	conflict answer = "conflict"
	full     answer = "full"
)

func answerOf(t *testing.T, err error) answer {
	t.Helper()
	switch {
	case err == nil:
		return stands
	case errors.Is(err, storage.ErrUnknown):
		return unknown
	case errors.Is(err, storage.ErrConflict):
		return conflict
	case fault.CodeOf(err) == fault.HTTPStorageFull:
		return full
	}
	t.Fatalf("the log must not be used any more: %v", err)
	return ""
}

// both makes a bulk fail in part and leaves the majority in doubt.
func both(fail, concern int, at ...int) wiretest.Action {
	do := wiretest.FailDocuments(fail, at...)
	do.Concern = concern
	return do
}

// The driver sends again what may be sent again, until time is up: so a fault
// that it can hide has to last to be seen.
func TestLog_everyFaultHasItsAnswer(t *testing.T) {
	t.Parallel()
	const lasting = 0
	for _, c := range []struct {
		what  string
		match func(*wiretest.Command) bool
		do    wiretest.Action
		times int
		want  []answer // of each append of the same batch; then it stands
	}{
		{"bodies: request lost", ofBodies, wiretest.DropRequest(), 1, nil},
		{"bodies: requests lost", ofBodies, wiretest.DropRequest(), lasting, []answer{unknown}},
		{"bodies: answer lost", ofBodies, wiretest.DropAnswer(), 1, nil},
		{"bodies: answers lost", ofBodies, wiretest.DropAnswer(), lasting, []answer{unknown}},
		{"bodies: silence", ofBodies, wiretest.Silence(time.Minute), lasting, []answer{unknown}},
		{"batch: request lost", ofBatches, wiretest.DropRequest(), 1, nil},
		{"batch: requests lost", ofBatches, wiretest.DropRequest(), lasting, []answer{unknown}},
		{"batch: answer lost", ofBatches, wiretest.DropAnswer(), 1, nil},
		{"batch: answers lost", ofBatches, wiretest.DropAnswer(), lasting, []answer{unknown}},
		{"batch: silence", ofBatches, wiretest.Silence(time.Minute), lasting, []answer{unknown}},
		{"bodies: not primary for a moment", ofBodies, wiretest.Refuse(wiretest.CodeNotWritablePrimary), 1, nil},
		{"bodies: not primary", ofBodies, wiretest.Refuse(wiretest.CodeNotWritablePrimary), lasting, []answer{unknown}},
		{"batch: not primary for a moment", ofBatches, wiretest.Refuse(wiretest.CodeNotWritablePrimary), 1, nil},
		{"batch: not primary", ofBatches, wiretest.Refuse(wiretest.CodeNotWritablePrimary), lasting, []answer{unknown}},
		{"batch: stepped down", ofBatches, wiretest.Refuse(wiretest.CodePrimarySteppedDown), lasting, []answer{unknown}},
		{"batch: interrupted", ofBatches, wiretest.Refuse(wiretest.CodeInterruptedByReplChange), lasting, []answer{unknown}},
		{"batch: shutting down", ofBatches, wiretest.Refuse(wiretest.CodeShutdownInProgress), lasting, []answer{unknown}},
		{"bodies: on too few members", ofBodies, wiretest.Concern(wiretest.CodeWriteConcernFailed), 1, []answer{unknown}},
		{"bodies: there, on too few members", ofBodies, wiretest.Concern(wiretest.CodeWriteConcernFailed), 2, []answer{unknown, unknown}},
		{"bodies: shutting down", ofBodies, wiretest.Concern(wiretest.CodeShutdownInProgress), lasting, []answer{unknown, unknown}},
		{"batch: on too few members", ofBatches, wiretest.Concern(wiretest.CodeWriteConcernFailed), 1, []answer{unknown}},
		{"batch: there, on too few members", ofBatches, wiretest.Concern(wiretest.CodeWriteConcernFailed), 2, []answer{unknown, unknown}},
		{"batch: there, shutting down", ofBatches, wiretest.Concern(wiretest.CodeShutdownInProgress), lasting, []answer{unknown, unknown}},
		{"bodies: no space", ofBodies, wiretest.Refuse(wiretest.CodeOutOfDiskSpace), 1, []answer{full}},
		{"bodies: no space for one, the others there", ofBodies, wiretest.FailDocuments(wiretest.CodeOutOfDiskSpace, 1), 2, []answer{full, full}},
		{"bodies: no space for one, on too few members", ofBodies, both(wiretest.CodeOutOfDiskSpace, wiretest.CodeWriteConcernFailed, 1), 2, []answer{unknown, unknown}},
		{"bodies: one not primary, the others there", ofBodies, wiretest.FailDocuments(wiretest.CodeNotWritablePrimary, 1), 2, []answer{unknown, unknown}},
		{"batch: no space, as far as this answer tells", ofBatches, wiretest.Refuse(wiretest.CodeOutOfDiskSpace), 1, []answer{unknown}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			w := ferret(t, wiretest.Options{})
			log, index := w.opener(t)(t)
			defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
			first, b := batch(0, 0, 2, 100), batch(1, 2, 3, 100)
			require.NoError(t, log.Append(t.Context(), first))
			times := c.times
			if times == lasting {
				times = wiretest.Always
			}
			f := w.proxy.Arm(wiretest.Rule{Match: c.match, Times: times, Do: c.do})
			for i, want := range c.want {
				var err error
				if c.times == lasting {
					err = appendUntil(t, f, log, b)
				} else {
					err = log.Append(t.Context(), b)
				}
				require.Equal(t, want, answerOf(t, err), "append %d", i)
			}
			if c.times == lasting {
				f.Disarm()
			}
			require.Equal(t, stands, answerOf(t, log.Append(t.Context(), b)))
			require.GreaterOrEqual(t, f.Hits(), max(c.times, len(c.want)))
			holds(t, log, first, b)
			require.Equal(t, stands, answerOf(t, log.Append(t.Context(), again(b))))
			require.Equal(t, conflict, answerOf(t, log.Append(t.Context(), batch(1, 2, 1, 10))))
		})
	}
}

// appendUntil gives an append up a moment after a fault has acted on it.
func appendUntil(t *testing.T, f *wiretest.Fault, log storage.Log, b *storage.Batch) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- log.Append(ctx, b) }()
	select {
	case <-f.Hit():
	case err := <-done:
		return err
	}
	select {
	case <-time.After(200 * time.Millisecond):
		cancel()
		return <-done
	case err := <-done:
		return err
	}
}

// A server that is silent is given up, and what it does later is known again.
func TestLog_lateApply(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	log, index := w.opener(t)(t)
	defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
	other, otherIndex := w.open(t)
	defer func() { require.NoError(t, errors.Join(otherIndex.Close(), other.Close())) }()

	held := func(b *storage.Batch) *wiretest.Fault {
		f := w.proxy.Arm(wiretest.Rule{Match: ofBatches, Do: wiretest.Hold()})
		require.Equal(t, unknown, answerOf(t, appendUntil(t, f, log, b)))
		require.Equal(t, 1, f.Hits())
		return f
	}
	mine := batch(0, 0, 2, 100)
	f := held(mine)
	f.Release()
	require.Equal(t, stands, answerOf(t, log.Append(t.Context(), mine)))
	holds(t, log, mine)

	// Another gateway takes the number while ours is on its way.
	late, theirs := batch(1, 2, 2, 100), batch(1, 2, 1, 100)
	f = held(late)
	require.NoError(t, other.Append(t.Context(), theirs))
	f.Release()
	require.Equal(t, conflict, answerOf(t, log.Append(t.Context(), late)))
	holds(t, log, mine, theirs)

	// What was sent for the number that was lost is not sent again for the next.
	w.proxy.Reset()
	next := batch(2, 3, 2, 100)
	next.Bodies = late.Bodies
	require.NoError(t, log.Append(t.Context(), next))
	require.Empty(t, w.proxy.Commands().Writes("bodies"))
	holds(t, other, mine, theirs, next)
}

// A duplicate whose owner a majority does not know settles nothing.
func TestLog_winnerThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	log, index := w.opener(t)(t)
	defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
	b := batch(0, 0, 2, 100)
	nothing := wiretest.Action{Lose: true, Reply: bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "accord.batches"}, {Key: "firstBatch", Value: bson.A{}}}}, {Key: "ok", Value: 1.0}}}
	w.proxy.Arm(wiretest.Rule{Match: ofBatches, Do: wiretest.DropAnswer()})
	f := w.proxy.Arm(wiretest.Rule{Match: wiretest.On("find", "batches"), Do: nothing})
	require.Equal(t, unknown, answerOf(t, log.Append(t.Context(), b)))
	require.Equal(t, 1, f.Hits())
	require.Equal(t, stands, answerOf(t, log.Append(t.Context(), b)))
	holds(t, log, b)
}

// A log is not continued above a hole.
func TestLog_refusesAHole(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	log, index := w.opener(t)(t)
	defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
	require.ErrorContains(t, log.Append(t.Context(), batch(1, 2, 1, 10)), "does not have the batch before")
	holds(t, log)
}

// Two gateways that try for one number name different bodies; so do equal
// octets of two entries.
func TestLog_bodiesAreTheEntrysOwn(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	log, index := w.opener(t)(t)
	defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
	b := batch(0, 0, 3, 50)
	b.Bodies[1] = b.Bodies[0]
	b.Bodies[2] = nil
	require.NoError(t, log.Append(t.Context(), b))
	require.NotEqual(t, b.Entries[0].Ref, b.Entries[1].Ref)
	holds(t, log, b)

	// 24 equal bits of the nonce and other octets: another nonce is asked for.
	orphan := batch(1, 3, 1, 50)
	f := w.proxy.Arm(wiretest.Rule{Match: ofBatches, Times: wiretest.Always, Do: wiretest.DropRequest()})
	require.Equal(t, unknown, answerOf(t, appendUntil(t, f, log, orphan)))
	f.Disarm()
	rival := batch(1, 3, 1, 50)
	copy(rival.Nonce[:3], orphan.Nonce[:3])
	other, otherIndex := w.open(t)
	defer func() { require.NoError(t, errors.Join(otherIndex.Close(), other.Close())) }()
	require.Equal(t, conflict, answerOf(t, other.Append(t.Context(), rival)))
	rival.Nonce[0]++
	require.NoError(t, other.Append(t.Context(), rival))
	holds(t, other, b, rival)
}

// A body that is larger than a document lies in several.
func TestLog_largeBodies(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	log, index := w.opener(t)(t)
	defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
	b := batch(0, 0, 2, 16<<20)
	b.Bodies[1] = b.Bodies[1][:8<<20]
	err := log.Append(t.Context(), b)
	for n := 0; n < 5 && errors.Is(err, storage.ErrUnknown); n++ { // a busy server takes longer than an attempt may
		err = log.Append(t.Context(), b)
	}
	require.NoError(t, err)
	holds(t, log, b)
}

// What was sent by a gateway that was killed between the two writes, or that
// lost its number, is listed; what a batch names is not, whenever it was sent.
func TestLog_orphans(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	open := w.opener(t)
	one, oneIndex := open(t)
	two, twoIndex := open(t)
	defer func() { require.NoError(t, errors.Join(oneIndex.Close(), one.Close(), twoIndex.Close(), two.Close())) }()
	list := func() (ids []string) {
		require.NoError(t, one.(*mongo.Log).Orphans(t.Context(), func(id string) error { ids = append(ids, id); return nil }))
		return ids
	}
	require.Empty(t, list())
	require.NoError(t, one.Append(t.Context(), batch(0, 0, 3, 50)))
	require.Empty(t, list())

	lost := batch(1, 3, 2, 50)
	lost.Bodies[0] = make([]byte, 8<<20+1) // in two parts
	require.NoError(t, two.Append(t.Context(), batch(1, 3, 1, 50)))
	require.Equal(t, conflict, answerOf(t, one.Append(t.Context(), lost)))
	require.Len(t, list(), 2)
	next := batch(2, 4, 1, 50)
	next.Bodies[0] = lost.Bodies[1]
	require.NoError(t, one.Append(t.Context(), next))
	require.Equal(t, []string{fmt.Sprintf("%016x", lost.Entries[0].Ref)}, list())

	f := w.proxy.Arm(wiretest.Rule{Match: ofBatches, Times: wiretest.Always, Do: wiretest.DropRequest()})
	killed := batch(3, 5, 2, 50)
	require.Equal(t, unknown, answerOf(t, appendUntil(t, f, one, killed)))
	f.Disarm()
	require.Len(t, list(), 3)
	require.NoError(t, two.Append(t.Context(), batch(3, 5, 1, 50)))
	require.Len(t, list(), 3)
	enough := errors.New("enough")
	require.ErrorIs(t, one.(*mongo.Log).Orphans(t.Context(), func(string) error { return enough }), enough)
}

// A log that was changed or cut by hand is refused, not read on.
func TestLog_damaged(t *testing.T) {
	t.Parallel()
	server := ferrettest.Start(t)
	w := behind(t, server, wiretest.Options{})
	log, index := w.opener(t)(t)
	defer func() { require.NoError(t, errors.Join(index.Close(), log.Close())) }()
	for i := range uint64(3) {
		require.NoError(t, log.Append(t.Context(), batch(i, 2*i, 2, 20)))
	}
	hand, err := driver.Connect(options.Client().ApplyURI(server.URI())) // past the proxy, which lets no such command through
	require.NoError(t, err)
	defer func() { require.NoError(t, hand.Disconnect(context.Background())) }()
	batches, id := hand.Database(w.database).Collection("batches"), bson.D{{Key: "_id", Value: "0000000000000001"}}
	var whole bson.D
	require.NoError(t, batches.FindOne(t.Context(), id).Decode(&whole))
	read := func() error { return log.Batches(t.Context(), 0, false, func(*storage.Batch) error { return nil }) }
	for _, c := range []struct {
		field string
		value any
	}{
		{"entries", []byte{}}, {"entries", []byte("xxx")}, {"digest", make([]byte, 32)}, {"prev", []byte("x")},
		{"nonce", []byte("x")}, {"base", int64(3)}, {"seal", true}, {"count", int64(1)}, {"time", int64(1)}, {"checkpoint", []byte("x")},
	} {
		_, err := batches.UpdateByID(t.Context(), "0000000000000001", bson.D{{Key: "$set", Value: bson.D{{Key: c.field, Value: c.value}}}})
		require.NoError(t, err)
		require.ErrorContains(t, read(), "batch 1 is damaged", c.field)
		_, err = batches.UpdateByID(t.Context(), "0000000000000001", bson.D{{Key: "$set", Value: whole[1:]}})
		require.NoError(t, err)
		require.NoError(t, read())
	}
	_, err = batches.DeleteOne(t.Context(), id)
	require.NoError(t, err)
	require.ErrorContains(t, read(), "the log has batch 2 where 1 belongs")
}

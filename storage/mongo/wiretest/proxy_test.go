package wiretest_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"accord/storage/mongo/wiretest"
)

// topology follows what the driver knows of the set.
type topology struct {
	mu   sync.Mutex
	last event.TopologyDescription
}

func (o *topology) monitor() *event.ServerMonitor {
	return &event.ServerMonitor{TopologyDescriptionChanged: func(e *event.TopologyDescriptionChangedEvent) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.last = e.NewDescription
	}}
}

func (o *topology) kinds() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	kinds := map[string]string{"": o.last.Kind}
	for _, s := range o.last.Servers {
		kinds[s.Addr.String()] = s.Kind
	}
	return kinds
}

func TestProxy_isAReplicaSet(t *testing.T) {
	t.Parallel()
	for _, members := range []int{1, 3} {
		p := start(t, wiretest.Options{Members: members})
		var seen topology
		batches := connect(t, safe(p.URI()).SetServerMonitor(seen.monitor()))
		_, err := batches.InsertOne(t.Context(), id("1"))
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, ids(t, batches))

		want := map[string]string{"": "ReplicaSetWithPrimary", p.Addr(0): "RSPrimary"}
		for i := 1; i < members; i++ {
			want[p.Addr(i)] = "RSSecondary"
		}
		require.Eventually(t, func() bool {
			got := seen.kinds()
			for addr, kind := range want {
				if got[addr] != kind {
					return false
				}
			}
			return len(got) == len(want)
		}, 5*time.Second, 10*time.Millisecond, "%v", want)
		p.AssertSafe(t)
	}
}

func TestProxy_standaloneIsTheServerItself(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{Standalone: true})
	var seen topology
	batches := connect(t, safe(p.URI()).SetServerMonitor(seen.monitor()))
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err)
	require.Equal(t, "Standalone", seen.kinds()[p.Addr(0)])
}

func TestProxy_helloCanBeChanged(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{Hello: func(doc bson.M) { doc["maxWireVersion"] = int32(6) }})
	_, err := connect(t, safe(p.URI())).InsertOne(t.Context(), id("1"))
	require.ErrorContains(t, err, "reports wire version 6")
}

func TestProxy_writesDownWhatWasSent(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	bodies := batches.Database().Collection("bodies")
	_, err := bodies.InsertMany(t.Context(), []any{id("a"), id("b")}, options.InsertMany().SetOrdered(false))
	require.NoError(t, err)
	_, err = batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, ids(t, batches))

	all := p.Commands()
	require.Len(t, all.Writes(), 2)
	require.Len(t, all.Writes("bodies"), 1)
	require.Len(t, all.Reads("batches"), 1)
	bulk := all.Writes("bodies")[0]
	require.Equal(t, "insert", bulk.Name)
	require.Equal(t, "accord", bulk.DB)
	require.Equal(t, 2, bulk.Bulk)
	require.Equal(t, "a", bulk.IDs[0].StringValue())
	require.False(t, *bulk.Ordered)
	require.NotEmpty(t, bulk.Session)
	require.NotNil(t, bulk.TxnNumber)
	require.Greater(t, bulk.Bytes, len(bulk.Body))
	require.Positive(t, bulk.Duration)
	require.Positive(t, bulk.AnswerBytes)
	require.Equal(t, bulk.Bytes+all.Writes("batches").Bytes(), all.Writes().Bytes())
	require.Equal(t, []string{"find batches {} sort {_id 1}"}, p.Shapes())
	p.AssertSafe(t)
	p.Reset()
	require.Empty(t, p.Commands().Where(wiretest.Work))
}

func TestProxy_primaryMoves(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{Members: 3})
	batches := connect(t, safe(p.URI()))
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err)
	p.MovePrimary(2)
	_, err = batches.InsertOne(t.Context(), id("2"))
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, ids(t, batches))

	writes := p.Commands().Writes()
	require.Len(t, writes, 3, "%s", writes)
	refused, taken := writes[1], writes[2]
	require.Equal(t, 0, refused.Member)
	require.False(t, refused.Primary)
	require.Equal(t, wiretest.CodeNotWritablePrimary, refused.Code)
	require.Equal(t, 2, taken.Member)
	require.True(t, taken.Primary)
	require.True(t, taken.Retry)
	p.AssertSafe(t)
}

func TestProxy_readsOfTheOldPrimaryAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{Members: 2})
	batches := connect(t, safe(p.URI()))
	require.Empty(t, ids(t, batches))
	p.MovePrimary(1)
	require.Empty(t, ids(t, batches))
	reads := p.Commands().Reads()
	require.Equal(t, wiretest.CodeNotPrimaryNoSecondaryOk, reads[1].Code)
	require.Equal(t, 1, reads[2].Member)
}

func TestProxy_nobodyIsPrimary(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{Members: 3})
	batches := connect(t, safe(p.URI()).SetServerSelectionTimeout(300*time.Millisecond))
	p.MovePrimary(wiretest.Nobody)
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.Error(t, err)
	// The driver reports the first refusal when its retry finds no server, and
	// the selection when it knew before that there is none.
	if !strings.Contains(err.Error(), "server selection") {
		require.ErrorContains(t, err, "NotWritablePrimary")
	}
	p.MovePrimary(1)
	require.Eventually(t, func() bool {
		_, err := batches.InsertOne(t.Context(), id("1"))
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
}

func TestProxy_downAndUp(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()).SetServerSelectionTimeout(300*time.Millisecond))
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err)
	p.Down(0)
	require.Eventually(t, func() bool {
		_, err := batches.InsertOne(t.Context(), id("2"))
		return err != nil && strings.Contains(err.Error(), "connection refused")
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, p.Up(0))
	require.Eventually(t, func() bool {
		_, err := batches.InsertOne(t.Context(), id("2"))
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
}

func TestProxy_cutConnectionsAreMadeAnew(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	_, err := batches.InsertOne(t.Context(), id("1"))
	require.NoError(t, err)
	p.CutAll()
	_, err = batches.InsertOne(t.Context(), id("2"))
	require.NoError(t, err, "the driver sends it again on a new connection")
	require.Equal(t, []string{"1", "2"}, ids(t, batches))
}

// The tail and the view are read in one causally consistent session: the
// second read says after which time, and the server never sees that.
func TestProxy_causalSessions(t *testing.T) {
	t.Parallel()
	p := start(t, wiretest.Options{})
	batches := connect(t, safe(p.URI()))
	session, err := batches.Database().Client().StartSession()
	require.NoError(t, err)
	defer session.EndSession(t.Context())
	ctx := mongo.NewSessionContext(t.Context(), session)
	for range 2 {
		require.ErrorIs(t, batches.FindOne(ctx, id("1")).Err(), mongo.ErrNoDocuments)
	}
	reads := p.Commands().Reads()
	require.Len(t, reads, 2)
	require.Equal(t, reads[0].Session, reads[1].Session)
	_, _, first := reads[0].ReadConcern.Lookup("afterClusterTime").TimestampOK()
	_, _, second := reads[1].ReadConcern.Lookup("afterClusterTime").TimestampOK()
	require.False(t, first)
	require.True(t, second)
	p.AssertSafe(t)
}

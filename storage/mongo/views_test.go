package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
	"accord/storage/mongo"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// past is what a log has, an entry in each batch, and the watermarks.
type past struct {
	entries []*storage.Entry
	marks   []storage.Watermark
}

func pastOf(t *testing.T, n int) past {
	t.Helper()
	log, index := &storagetest.Log{}, &storagetest.Index{}
	h := storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, index })
	p := past{marks: []storage.Watermark{{}}}
	tree := ledger.NewTree(nil)
	for i := range n {
		e := h.Put(t, h.Draft(t, fmt.Sprint("key ", i), fmt.Sprint("content ", i))).Entry
		p.entries = append(p.entries, e)
		tree.Append(e.Hash())
		s := tree.Snapshot()
		p.marks = append(p.marks, storage.Watermark{Batch: uint64(i) + 1, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()})
	}
	return p
}

func (p past) apply(t *testing.T, x interface {
	Apply(context.Context, []*storage.Entry, []ledger.FullTile, storage.Watermark) error
}, from, to int) {
	t.Helper()
	require.NoError(t, x.Apply(t.Context(), p.entries[from:to], nil, p.marks[to]))
}

// has says that a view has just n entries.
func (p past) has(t *testing.T, x *mongo.Index, n int) {
	t.Helper()
	lines, err := x.Feed(t.Context(), "beta", 0, 1<<40, len(p.entries)+1)
	require.NoError(t, err)
	require.Len(t, lines, n)
}

// gateway opens the archive as another gateway does, with a clock of its own.
func gateway(t *testing.T, p *wiretest.Proxy) (*mongo.Index, *mongo.Connection, *clock) {
	t.Helper()
	conn, err := connect(t, mongo.Options{URI: p.URI()})
	require.NoError(t, err)
	_, x, err := mongo.Open(t.Context(), conn, owner, mongo.Settings{Recent: -1})
	require.NoError(t, err)
	c := &clock{}
	x.SetNow(c.now)
	return x, conn, c
}

type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// renew makes the next generation with n entries and lets it answer.
func (p past) renew(t *testing.T, x *mongo.Index, n int) {
	t.Helper()
	r, err := x.Renew(t.Context())
	require.NoError(t, err)
	if n > 0 {
		p.apply(t, r, 0, n)
	}
	require.NoError(t, r.Switch(t.Context()))
}

// renewDuring is renew, with something that happens after the generation was
// found to have enough and before it answers.
func (p past) renewDuring(t *testing.T, proxy *wiretest.Proxy, x *mongo.Index, n int, meanwhile func()) {
	t.Helper()
	r, err := x.Renew(t.Context())
	require.NoError(t, err)
	p.apply(t, r, 0, n)
	f := proxy.Arm(wiretest.Rule{Match: wiretest.On("update", "views"), Do: wiretest.Hold()})
	done := make(chan error, 1)
	go func() { done <- r.Switch(context.Background()) }()
	<-f.Hit()
	meanwhile()
	f.Release()
	require.NoError(t, <-done)
}

func TestViews_gatewaysFollow(t *testing.T) {
	t.Parallel()
	_, proxy := archive(t)
	log := pastOf(t, 40)
	one, _, _ := gateway(t, proxy)
	two, _, clock := gateway(t, proxy)
	log.apply(t, one, 0, 20)
	log.renewDuring(t, proxy, one, 20, func() { log.apply(t, two, 0, 30) })
	require.EqualValues(t, 2, one.Generation())
	log.has(t, one, 20)

	// The other has shown more: it stays with what it has, and goes on with it.
	_, err := two.Watermark(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, two.Generation())
	log.apply(t, two, 30, 35)
	log.has(t, two, 35)
	log.apply(t, one, 20, 35)
	log.has(t, one, 35)

	// It writes nothing any more: it goes over when it asks next, after a while.
	log.has(t, two, 35)
	require.EqualValues(t, 1, two.Generation())
	clock.advance(mongo.LookEvery + time.Second)
	log.has(t, two, 35)
	require.EqualValues(t, 2, two.Generation())

	// Who writes goes over at once.
	log.renew(t, two, 35)
	log.apply(t, one, 35, 40)
	require.EqualValues(t, 3, one.Generation())
	log.has(t, one, 40)
	log.has(t, two, 40)
	proxy.AssertSafe(t)
}

func TestViews_refusesWhatMayBeGone(t *testing.T) {
	t.Parallel()
	_, proxy := archive(t)
	log := pastOf(t, 30)
	one, _, _ := gateway(t, proxy)
	two, _, clock := gateway(t, proxy)
	log.apply(t, one, 0, 10)
	log.renewDuring(t, proxy, one, 10, func() { log.apply(t, two, 0, 20) })
	clock.advance(mongo.LookEvery + time.Second)
	log.has(t, two, 20)
	clock.advance(mongo.RefuseAfter + time.Second)
	_, err := two.Feed(t.Context(), "beta", 0, 20, 5)
	require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err), "%v", err)
	require.Error(t, two.Apply(t.Context(), log.entries[20:21], nil, log.marks[21]))
	log.apply(t, one, 10, 30)
	log.has(t, two, 30)
	require.EqualValues(t, 2, two.Generation())
}

// A process that was halted while it asked must not believe the answer: the
// generation may have been dropped before the question came.
func TestViews_haltedWhileAsking(t *testing.T) {
	t.Parallel()
	_, proxy := archive(t)
	log := pastOf(t, 10)
	x, _, clock := gateway(t, proxy)
	log.apply(t, x, 0, 10)
	f := proxy.Arm(wiretest.Rule{Match: wiretest.On("find", "entries_1"), Do: wiretest.Hold()})
	done := make(chan error, 1)
	proxy.Reset()
	go func() {
		_, err := x.Feed(context.Background(), "beta", 0, 10, 5)
		done <- err
	}()
	<-f.Hit()
	clock.advance(mongo.RefuseAfter + time.Second)
	f.Release()
	require.NoError(t, <-done)
	require.Len(t, proxy.Commands().Reads("views"), 1)
	require.Len(t, proxy.Commands().Reads("entries_1"), 2)
}

func TestViews_dropped(t *testing.T) {
	t.Parallel()
	conn, proxy := archive(t)
	log := pastOf(t, 10)
	x, _, _ := gateway(t, proxy)
	log.apply(t, x, 0, 10)
	log.renew(t, x, 10)
	log.renew(t, x, 10)
	names := func() []string {
		all, err := conn.Database().ListCollectionNames(t.Context(), bson.D{})
		require.NoError(t, err)
		return all
	}
	for _, n := range []string{"entries_1", "entries_2", "entries_3"} {
		require.Contains(t, names(), n, "another gateway may still read it")
	}
	long := time.Now().Add(-mongo.DropAfter - time.Minute)
	_, err := conn.Collection("views").UpdateByID(t.Context(), mongo.Position(3), bson.D{{Key: "$set", Value: bson.D{{Key: "switched", Value: long}}}})
	require.NoError(t, err)
	r, err := x.Renew(t.Context())
	require.NoError(t, err)
	require.NotContains(t, names(), "entries_1")
	require.NotContains(t, names(), "entries_2")
	require.Contains(t, names(), "entries_3")
	log.has(t, x, 10)
	log.apply(t, r, 0, 5)
	require.Contains(t, names(), "entries_4")
	require.NoError(t, r.Discard())
	require.NotContains(t, names(), "entries_4")
	log.has(t, x, 10)
	proxy.AssertSafe(t)
}

func TestViews_renewalsHaveTheirOwnNumbers(t *testing.T) {
	t.Parallel()
	_, proxy := archive(t)
	var wg sync.WaitGroup
	for range 4 {
		x, _, _ := gateway(t, proxy)
		wg.Go(func() {
			r, err := x.Renew(context.Background())
			if err == nil {
				err = r.Switch(context.Background())
			}
			// One that a later number overtook has nothing to do any more.
			if err != nil && !errors.Is(err, mongo.ErrOvertaken) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	x, _, _ := gateway(t, proxy)
	require.EqualValues(t, 5, x.Generation())
}

// A renewal with less than another gateway has written by now goes on.
func TestViews_aRenewalThatIsBehindGoesOn(t *testing.T) {
	t.Parallel()
	_, proxy := archive(t)
	log := pastOf(t, 30)
	one, _, _ := gateway(t, proxy)
	two, _, _ := gateway(t, proxy)
	log.apply(t, one, 0, 20)
	r, err := one.Renew(t.Context())
	require.NoError(t, err)
	log.apply(t, r, 0, 20)
	log.apply(t, two, 0, 30)
	require.ErrorIs(t, r.Switch(t.Context()), storage.ErrBehind)
	require.EqualValues(t, 1, one.Generation())
	log.apply(t, r, 20, 30)
	require.NoError(t, r.Switch(t.Context()))
	require.EqualValues(t, 2, one.Generation())
	log.has(t, one, 30)
	proxy.AssertSafe(t)
}

func TestViews_aRenewalThatWasOvertaken(t *testing.T) {
	t.Parallel()
	_, proxy := archive(t)
	log := pastOf(t, 10)
	one, _, _ := gateway(t, proxy)
	two, _, _ := gateway(t, proxy)
	log.apply(t, one, 0, 10)
	early, err := one.Renew(t.Context())
	require.NoError(t, err)
	log.apply(t, early, 0, 10)
	log.renew(t, two, 10)
	err = early.Switch(t.Context())
	require.ErrorIs(t, err, mongo.ErrOvertaken)
	require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err))
	require.NoError(t, early.Discard())
	log.has(t, one, 10)
	require.EqualValues(t, 3, two.Generation())
}

func TestViews_ofAnotherForm(t *testing.T) {
	t.Parallel()
	conn, proxy := archive(t)
	log := pastOf(t, 10)
	x, _, _ := gateway(t, proxy)
	log.apply(t, x, 0, 10)
	form := func(generation uint64, n int) {
		_, err := conn.Collection("views").UpdateByID(t.Context(), mongo.Position(generation), bson.D{{Key: "$set", Value: bson.D{{Key: "schema", Value: n}}}})
		require.NoError(t, err)
	}
	form(1, 0)
	next, _, _ := gateway(t, proxy)
	require.EqualValues(t, 2, next.Generation())
	w, err := next.Watermark(t.Context())
	require.NoError(t, err)
	require.Zero(t, w.Batch)
	log.apply(t, next, 0, 10)
	log.has(t, next, 10)
	form(2, 99)
	_, _, err = mongo.Open(t.Context(), conn, owner, mongo.Settings{})
	require.ErrorContains(t, err, "newer version")
}

// What stands in the views and cannot be read is an error, not an answer.
func TestViews_damaged(t *testing.T) {
	t.Parallel()
	conn, proxy := archive(t)
	log := pastOf(t, 5)
	x, _, _ := gateway(t, proxy)
	log.apply(t, x, 0, 5)
	_, err := conn.Collection("entries_1").UpdateByID(t.Context(), mongo.Position(2), bson.D{{Key: "$set", Value: bson.D{{Key: "entry", Value: []byte("x")}, {Key: "hash", Value: []byte("x")}}}})
	require.NoError(t, err)
	_, warm, err := mongo.Open(t.Context(), conn, owner, mongo.Settings{})
	require.NoError(t, err)
	for _, x := range []*mongo.Index{x, warm} {
		_, err = x.Entries(t.Context(), []uint64{2})
		require.ErrorIs(t, err, storage.ErrDamaged)
		_, err = x.Feed(t.Context(), "beta", 0, 5, 5)
		require.ErrorIs(t, err, storage.ErrDamaged)
		_, err = x.Kinds(t.Context(), ledger.KindAttestation, 0, 5)
		require.ErrorIs(t, err, storage.ErrDamaged)
		_, err = x.ReadTile(t.Context(), 0, 7)
		require.Error(t, err)
	}
}

package conformance_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/internal/fault"
	"accord/storage/mongo/wiretest"
)

// A gateway whose clock is not that of the database dates no batch; what it
// only reads goes on, and so does appending when the clocks agree again.
func TestArchive_clocksApart(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	w := ferret(t, wiretest.Options{Hello: func(answer bson.M) {
		answer["localTime"] = bson.NewDateTimeFromTime(time.Now().Add(time.Duration(ahead.Load())))
	}})
	open := w.opener(t)
	h := sharedHome(t, open)
	_, err := h.Send(t.Context(), "a", "a")
	require.NoError(t, err)
	require.NoError(t, h.Ready())
	for i, off := range []time.Duration{3 * time.Second, -3 * time.Second} {
		ahead.Store(int64(off))
		require.NoError(t, h.Reopen(t)) // it asks when it appends next, not only after a while
		_, err = h.Send(t.Context(), "b", "b")
		require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err), "%v", err)
		require.ErrorContains(t, err, "clock of this machine")
		require.ErrorContains(t, h.Ready(), "clock of this machine")
		require.NoError(t, h.Refresh(t.Context()))
		require.EqualValues(t, 1+i, h.Size())
		h.Prove(t, 0)
		ahead.Store(int64(1500 * time.Millisecond))
		_, err = h.Send(t.Context(), off.String(), off.String())
		require.NoError(t, err, "it is within 2 s again, and asked anew")
		require.NoError(t, h.Ready())
		require.NoError(t, h.Reopen(t))
	}
	require.Zero(t, h.Fatals.Load())
	h.Sound(t)
}

// Whoever asks whether the gateway is ready learns within seconds that its
// database is away, and that it is there again, without anybody having called.
func TestArchive_readyFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	w.timeout = 5 * time.Second
	h := sharedHome(t, w.opener(t))
	_, err := h.Send(t.Context(), "a", "a")
	require.NoError(t, err)
	require.NoError(t, h.Ready())
	w.proxy.Down(0)
	require.Eventually(t, func() bool { return h.Ready() != nil }, 5*time.Second, 20*time.Millisecond)
	require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(h.Ready()))
	require.NoError(t, h.Err(), "it is not the archive that failed")
	require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(h.Refresh(t.Context())))
	require.EqualValues(t, 1, h.Size())
	_, err = h.Checkpoint()
	require.NoError(t, err, "what is in memory is still told")
	require.NoError(t, w.proxy.Up(0))
	require.Eventually(t, func() bool { return h.Ready() == nil }, 15*time.Second, 20*time.Millisecond)
	_, err = h.Send(t.Context(), "b", "b")
	require.NoError(t, err)
	h.Sound(t)
}

package conformance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/internal/fault"
	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// acceptsWithin is how soon an archive has to take something again after a
// fault has ended.
const acceptsWithin = 20 * time.Second

// ledgerBook is what clients were told.
type ledgerBook struct {
	mu   sync.Mutex
	told map[string]uint64 // index by content; guarded by mu
}

// load sends documents until it is stopped. Each is sent until it is
// acknowledged, as clients do.
type load struct {
	homes   []*storagetest.Home
	book    ledgerBook
	stopped atomic.Bool
	wg      sync.WaitGroup
	last    atomic.Int64 // Unix nanoseconds of the last acknowledgement
	sent    atomic.Int64
}

func startLoad(t *testing.T, workers int, homes ...*storagetest.Home) *load {
	l := &load{homes: homes, book: ledgerBook{told: map[string]uint64{}}}
	for w := range workers {
		l.wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 8))
			for i := 0; !l.stopped.Load() && !t.Failed(); i++ {
				l.deliver(t, random, fmt.Sprintf("worker %d, document %d", w, i))
			}
		})
	}
	return l
}

func (l *load) deliver(t *testing.T, random *rand.Rand, content string) {
	for !t.Failed() {
		l.sent.Add(1)
		s, err := l.homes[random.IntN(len(l.homes))].Send(context.Background(), content, content)
		if err == nil {
			l.last.Store(time.Now().UnixNano())
			l.book.mu.Lock()
			defer l.book.mu.Unlock()
			l.book.told[content] = s.Entry.Index
			return
		}
		if l.stopped.Load() {
			return // nobody was told that it stands
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// accepts says that something is acknowledged soon.
func (l *load) accepts(t *testing.T) {
	t.Helper()
	since := time.Now()
	require.Eventually(t, func() bool { return l.last.Load() > since.UnixNano() || t.Failed() }, acceptsWithin, 5*time.Millisecond,
		"nothing is taken after the fault")
}

// stop ends the load and says that all that was told stands, once, everywhere.
func (l *load) stop(t *testing.T) {
	t.Helper()
	l.stopped.Store(true)
	l.wg.Wait()
	for i, h := range l.homes {
		require.Zero(t, h.Fatals.Load())
		require.NoError(t, h.Refresh(t.Context()))
		for content, index := range l.book.told {
			e, err := h.ByContent(t.Context(), attestation.DigestOf([]byte(content)))
			require.NoError(t, err)
			require.NotNil(t, e, "%s was acknowledged and is lost", content)
			require.Equal(t, index, e.Index)
		}
		h.Sound(t)
		require.NoError(t, h.Reopen(t), "archive %d", i)
		h.Sound(t)
	}
}

// short divides a number unless the long tests were asked for.
func short(long, usual int) int {
	if os.Getenv(longTests) != "" {
		return long
	}
	return usual
}

// What goes over the wire is lost, refused, late and doubted at random; nothing
// that was acknowledged is lost, and every command stays safe.
func TestArchive_loadUnderFaults(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{Members: 3})
	open := w.opener(t)
	one, two := sharedHome(t, open), sharedHome(t, open)
	l := startLoad(t, 4, one, two)
	actions := []wiretest.Action{
		wiretest.DropRequest(), wiretest.DropAnswer(), wiretest.Delay(150 * time.Millisecond),
		wiretest.Refuse(wiretest.CodeNotWritablePrimary), wiretest.Refuse(wiretest.CodePrimarySteppedDown),
		wiretest.Refuse(wiretest.CodeInterruptedByReplChange), wiretest.Refuse(wiretest.CodeShutdownInProgress),
		wiretest.Concern(wiretest.CodeWriteConcernFailed), wiretest.Concern(wiretest.CodeShutdownInProgress),
		both(wiretest.CodeOutOfDiskSpace, wiretest.CodeWriteConcernFailed, 0), wiretest.FailDocuments(wiretest.CodeOutOfDiskSpace, 0),
		wiretest.Silence(2 * time.Second),
	}
	random := rand.New(rand.NewPCG(4, 2))
	hits := 0
	for range short(300, 25) {
		f := w.proxy.Arm(wiretest.Rule{Skip: random.IntN(4), Times: 1 + random.IntN(3), Do: actions[random.IntN(len(actions))]})
		select {
		case <-f.Hit():
		case <-time.After(time.Second):
		}
		time.Sleep(time.Duration(random.IntN(50)) * time.Millisecond)
		f.Disarm()
		hits += f.Hits()
	}
	l.accepts(t)
	l.stop(t)
	require.Greater(t, hits, 20)
	t.Logf("%d faults, %d documents", hits, len(l.book.told))
}

// The primary moves, connections are cut, the set has no primary, the database
// is halted, killed and started again.
func TestArchive_failover(t *testing.T) {
	t.Parallel()
	server := ferrettest.Start(t)
	w := behind(t, server, wiretest.Options{Members: 3})
	w.timeout = 5 * time.Second
	open := w.opener(t)
	one, two := sharedHome(t, open), sharedHome(t, open)
	l := startLoad(t, 4, one, two)
	for _, step := range []struct {
		what string
		act  func() error
	}{
		{"moved", func() error { w.proxy.MovePrimary(1); return nil }},
		{"cut", func() error { w.proxy.CutAll(); return nil }},
		{"nobody for a second", func() error {
			w.proxy.MovePrimary(wiretest.Nobody)
			time.Sleep(time.Second)
			w.proxy.MovePrimary(2)
			return nil
		}},
		{"primary down", func() error { w.proxy.Down(2); w.proxy.MovePrimary(0); return nil }},
		{"all down", func() error { w.proxy.Down(0, 1); time.Sleep(time.Second); return w.proxy.Up(0, 1, 2) }},
		{"database killed", server.Restart},
		{"database away for two seconds", func() error {
			if err := server.Kill(); err != nil {
				return err
			}
			time.Sleep(2 * time.Second)
			return server.Restart()
		}},
		{"database halted", func() error {
			if err := server.Stop(); err != nil {
				return err
			}
			time.Sleep(time.Duration(short(30, 3)) * time.Second)
			return server.Continue()
		}},
	} {
		l.accepts(t)
		require.NoError(t, step.act(), step.what)
		begun := time.Now()
		l.accepts(t)
		t.Logf("%s: taken again after %v", step.what, time.Since(begun).Round(time.Millisecond))
	}
	l.stop(t)
}

// A full disk is told as such, changes nothing, and reads go on.
func TestArchive_fullDisk(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	h := sharedHome(t, w.opener(t))
	_, err := h.Send(t.Context(), "a", "a")
	require.NoError(t, err)
	f := w.proxy.Arm(wiretest.Rule{Match: ofBodies, Times: wiretest.Always, Do: wiretest.Refuse(wiretest.CodeOutOfDiskSpace)})
	for range 3 {
		_, err = h.Send(t.Context(), "b", "b")
		require.Equal(t, fault.HTTPStorageFull, fault.CodeOf(err), "%v", err)
		h.Prove(t, 0)
	}
	require.EqualValues(t, 1, h.Size())
	f.Disarm()
	s, err := h.Send(t.Context(), "b", "b")
	require.NoError(t, err)
	require.EqualValues(t, 1, s.Entry.Index)
	h.Sound(t)
}

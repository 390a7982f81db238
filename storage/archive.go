package storage

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"accord/internal/fault"
	"accord/ledger"
)

// Limits of a batch (storage.md): what one write, one sync and one signature
// are paid for.
const (
	maxBatchEntries = 512
	maxBatchBytes   = 16 << 20
)

// maxLag and maxAge are how far the views may be behind before appending waits.
const (
	maxLag = 20_000
	maxAge = time.Second
)

// stuckAfter is how long a batch may take before nothing more is accepted
// (reliability.md, 44).
const stuckAfter = 60 * time.Second

// gather is how long the sequencer waits for more, and only while requests in
// flight say that more is coming.
const gather = 2 * time.Millisecond

// Options are what an archive is opened with.
type Options struct {
	Log    Log
	Index  Index
	Memory *ledger.Memory
	Signer *ledger.NoteSigner
	Former []string // vkeys of former keys of the log, for the audit
	Issuer string   // iss of receipts
	Blobs  Blobs    // beside the log; nil: none are kept
	// Shared says that other archives append to the log at the same time.
	Shared bool
	Now    func() time.Time
	// AcceptClock takes the wall clock although it is far behind the last
	// batch; the times of batches still never go back.
	AcceptClock bool
	Logger      *slog.Logger
	// Fatal is called once when the log can no longer be trusted: the process
	// must end and recover. It must not return to serving.
	Fatal func(error)
}

// Archive is one ledger: the order of a log, its views and what they have not
// seen yet. It is safe for concurrent use.
type Archive struct {
	opt    Options
	tracer tracer
	reign  *reign
	tree   *ledger.Tree // of the sequencer
	queue  chan *request
	looks  chan *request // those who wait for the newest state only
	quit   chan struct{} // closed by Close
	ended  chan struct{} // closed when the sequencer has ended
	gone   chan struct{} // closed when nobody answers any more
	closed sync.Once
	done   sync.WaitGroup

	inflight atomic.Int64 // requests that may still append
	overlay  *overlay
	batch    uint64    // number of the next batch; of the sequencer
	lastTime time.Time // of the sequencer
	sealed   bool      // of the sequencer
	window   window    // of the sequencer
	accepted atomic.Bool

	started time.Time    // of this process, for monotonic
	working atomic.Int64 // since when the sequencer is at one batch; 0: it is not
	refused atomic.Int64 // when something was last refused for want of space; 0: it was taken since
	lost    trouble      // a shared log cannot be read
	apart   trouble      // the clocks of a shared log and of this machine
	shut    atomic.Bool  // the log is sealed

	projecting sync.Mutex   // held by whoever writes the views
	views      sync.RWMutex // held by readers of the views; alone while they are made anew

	mu    sync.Mutex
	cause error                             // why nothing can be appended; guarded by mu
	notes map[uint64]func() ([]byte, error) // signed checkpoints by size; guarded by mu
}

// Open opens an archive: it reads the log from the views' watermark on, checks
// that the log contains what the signer remembers, and starts the sequencer
// and the projector. A view that is not a prefix of the log is made anew.
func Open(ctx context.Context, opt Options) (*Archive, error) {
	a := &Archive{
		opt: opt, tracer: tracer{opt.Signer.Derive(purposeTraces)}, reign: newReign(), queue: make(chan *request, 4*maxBatchEntries), looks: make(chan *request, 4*maxBatchEntries),
		started: time.Now(), quit: make(chan struct{}), ended: make(chan struct{}), gone: make(chan struct{}), notes: map[uint64]func() ([]byte, error){},
	}
	w, err := a.resume(ctx)
	if err != nil {
		return nil, err
	}
	a.overlay = newOverlay(w, a.tree.Snapshot())
	if err := a.readTail(ctx, w); err != nil {
		return nil, err
	}
	if a.reign.over() {
		return nil, errSucceeded
	}
	a.window.begin(a.tree.Size())
	if err := a.contained(ctx); err != nil {
		return nil, err
	}
	snap := a.tree.Snapshot()
	if err := opt.Memory.Note(snap.Head()); err != nil {
		return nil, err
	}
	a.accepted.Store(opt.AcceptClock)
	a.done.Add(2)
	go a.sequence()
	go a.project()
	return a, nil
}

func hashes(entries []*Entry) []ledger.Hash {
	out := make([]ledger.Hash, len(entries))
	for i, e := range entries {
		out[i] = e.Hash()
	}
	return out
}

// Enter tells the sequencer that a request is on its way, so that it waits for
// it; the returned function ends that.
func (a *Archive) Enter() func() {
	a.inflight.Add(1)
	return func() { a.inflight.Add(-1) }
}

// Err returns why the archive takes nothing, nil while it does: it is closed,
// it failed and the process has to end, or the log is stuck for now.
func (a *Archive) Err() error {
	a.mu.Lock()
	cause := a.cause
	a.mu.Unlock()
	if since := a.working.Load(); cause == nil && since != 0 && a.monotonic()-since > int64(stuckAfter) {
		return errStuck
	}
	return cause
}

// fullFor is how long an archive that refused something for want of space says
// that it is not ready: who asks then sends others elsewhere, and only what is
// sent shows that there is space again.
const fullFor = 10 * time.Second

// Ready returns why it is better not to send anything now: what Err says, that
// there was no space lately (http.storage_full), or, as http.unavailable, that
// the views have not followed for longer than a caller waits, that a shared log
// cannot be read, or that its clock and that of this machine are apart; and as
// ledger.fork that the log is sealed.
func (a *Archive) Ready() error {
	if err := a.Err(); err != nil {
		return err
	}
	if at := a.refused.Load(); at != 0 && a.monotonic()-at < int64(fullFor) {
		return fault.New(fault.HTTPStorageFull, "the archive has no space")
	}
	if a.Lag().Age > appendTimeout {
		return fault.New(fault.HTTPUnavailable, "the views cannot follow the log")
	}
	if a.shut.Load() {
		return errSealed
	}
	if err := a.lost.err(); err != nil {
		return err
	}
	return a.apart.err()
}

var errSealed = fault.New(fault.LedgerFork, "this log is sealed: it takes nothing any more and is only read; where it was copied to, it goes on there")

var errStuck = fault.New(fault.HTTPUnavailable, "the log is stuck: a batch has been waiting for more than a minute")

// monotonic returns nanoseconds of this process that no clock change touches,
// never 0.
func (a *Archive) monotonic() int64 { return int64(time.Since(a.started)) + 1 }

// Lag is how far the views are behind the log.
type Lag struct {
	Entries int
	Age     time.Duration // of the oldest entry that they do not have
}

// Lag returns how far the views are behind the log.
func (a *Archive) Lag() Lag { return a.overlay.lag() }

func (a *Archive) fail(err error) {
	a.mu.Lock()
	first := a.cause == nil
	a.cause = err
	a.mu.Unlock()
	if first && a.opt.Fatal != nil {
		a.opt.Fatal(err)
	}
}

// Size returns the log size that is shown.
func (a *Archive) Size() uint64 { return a.overlay.snapshot().Size() }

// State returns the log size that is shown and, as one with it, one more than
// the index of the newest registry entry that was shown since the archive was
// opened; 0 when there was none.
func (a *Archive) State() (size, registry uint64) {
	a.overlay.mu.RLock()
	defer a.overlay.mu.RUnlock()
	return a.overlay.snap.Size(), a.overlay.changes
}

// Snapshot returns the tree that is shown.
func (a *Archive) Snapshot() *ledger.Snapshot { return a.overlay.snapshot() }

// Wait returns when the log is larger than size, with the context's error, or
// with http.unavailable when the archive is closed.
func (a *Archive) Wait(ctx context.Context, size uint64) error {
	return a.overlay.wait(ctx, a.quit, size)
}

// Close stops taking drafts, lets the views catch up and closes log, index and
// memory. It may be called more than once.
func (a *Archive) Close() error {
	a.closed.Do(func() {
		close(a.quit)
		a.done.Wait()
		close(a.gone)
	})
	return errors.Join(a.opt.Memory.Close(), a.opt.Index.Close(), a.opt.Log.Close())
}

// unavailable wraps what stopped the archive.
func unavailable(err error) error {
	return fault.Wrap(err, fault.HTTPUnavailable, "the archive cannot take anything now; send the same bytes again")
}

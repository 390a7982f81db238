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

// maxLag is how far the views may be behind before appending waits.
const maxLag = 20_000

// gather is how long the sequencer waits for more, and only while requests in
// flight say that more is coming.
const gather = 2 * time.Millisecond

// Options are what an archive is opened with.
type Options struct {
	Log    Log
	Index  Index
	Memory *ledger.Memory
	Signer *ledger.NoteSigner
	Issuer string // iss of receipts
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
	tree   *ledger.Tree // of the sequencer
	queue  chan *request
	quit   chan struct{}
	seals  chan chan error
	closed sync.Once
	done   sync.WaitGroup

	inflight atomic.Int64 // requests that may still append
	overlay  *overlay
	batch    uint64 // number of the next batch; of the sequencer
	lastTime time.Time
	sealed   bool
	window   window // of the sequencer

	mu    sync.Mutex
	cause error // why nothing can be appended; guarded by mu
}

// Open opens an archive: it reads the log from the views' watermark on, checks
// that the log contains what the signer remembers, and starts the sequencer
// and the projector. A view that is not a prefix of the log is made anew.
func Open(ctx context.Context, opt Options) (*Archive, error) {
	a := &Archive{opt: opt, queue: make(chan *request, 4*maxBatchEntries), quit: make(chan struct{}), seals: make(chan chan error)}
	w, err := a.resume(ctx)
	if err != nil {
		return nil, err
	}
	a.overlay = newOverlay(w, a.tree.Snapshot())
	if err := a.replayTail(ctx, w); err != nil {
		return nil, err
	}
	snap := a.tree.Snapshot()
	if err := opt.Memory.Contained(ctx, snap); err != nil {
		return nil, err
	}
	if err := opt.Memory.Note(snap.Head()); err != nil {
		return nil, err
	}
	a.overlay.show(nil, snap)
	a.window.begin(snap.Size())
	a.done.Add(2)
	go a.sequence()
	go a.project()
	return a, nil
}

// resume restores the tree from the view's watermark; a view whose watermark
// cannot be restored is emptied.
func (a *Archive) resume(ctx context.Context) (Watermark, error) {
	w, err := a.opt.Index.Watermark(ctx)
	if err != nil {
		return w, err
	}
	if w.Size > 0 {
		tree, err := ledger.ResumeTree(tiles{a}, w.Size, w.Frontier)
		if err == nil && tree.Head().Root == w.Root {
			a.tree = tree
			return w, nil
		}
		if err := a.opt.Index.Reset(ctx); err != nil {
			return w, err
		}
	}
	a.tree = ledger.NewTree(tiles{a})
	return Watermark{}, nil
}

// replayTail applies what the log has above the watermark. A log that does not
// continue the view means that the view is not its prefix: it is made anew.
func (a *Archive) replayTail(ctx context.Context, w Watermark) error {
	a.batch = w.Batch
	seen := false
	var misfit bool
	apply := func(b *Batch) error {
		seen = true
		if b.Base != a.tree.Size() || (b.Base > 0 && b.Previous != a.tree.Head()) {
			misfit = true
			return errMisfit
		}
		if a.sealed {
			return fault.New(fault.LedgerFork, "batches follow the seal of this log")
		}
		full := a.tree.Append(hashes(b.Entries)...)
		a.batch, a.lastTime, a.sealed = b.Number+1, b.Time, b.Seal
		a.overlay.add(b.Entries, full, a.watermark())
		if a.overlay.pending() >= maxLag/2 {
			return a.flush(ctx)
		}
		return nil
	}
	err := a.opt.Log.Batches(ctx, w.Batch, false, apply)
	if errors.Is(err, errMisfit) || (err == nil && !seen && w.Batch > 0 && !a.logHas(ctx, w.Batch-1)) {
		misfit = true
	}
	if misfit {
		if w.Size == 0 {
			return fault.New(fault.LedgerFork, "a batch of the log does not follow the one before it")
		}
		if err := a.opt.Index.Reset(ctx); err != nil {
			return err
		}
		a.tree, a.sealed = ledger.NewTree(tiles{a}), false
		a.overlay = newOverlay(Watermark{}, a.tree.Snapshot())
		return a.replayTail(ctx, Watermark{})
	}
	return err
}

var errMisfit = errors.New("the batch does not continue the view")

func (a *Archive) logHas(ctx context.Context, number uint64) bool {
	found := false
	err := a.opt.Log.Batches(ctx, number, false, func(b *Batch) error {
		found = b.Number == number
		return errStop
	})
	return found && (err == nil || errors.Is(err, errStop))
}

var errStop = errors.New("stop")

func hashes(entries []*Entry) []ledger.Hash {
	out := make([]ledger.Hash, len(entries))
	for i, e := range entries {
		out[i] = e.Hash()
	}
	return out
}

func (a *Archive) watermark() Watermark {
	s := a.tree.Snapshot()
	return Watermark{Batch: a.batch, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()}
}

// Enter tells the sequencer that a request is on its way, so that it waits for
// it; the returned function ends that.
func (a *Archive) Enter() func() {
	a.inflight.Add(1)
	return func() { a.inflight.Add(-1) }
}

// Err returns why the archive takes nothing any more, nil while it does.
func (a *Archive) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cause
}

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

// Snapshot returns the tree that is shown.
func (a *Archive) Snapshot() *ledger.Snapshot { return a.overlay.snapshot() }

// Wait returns when the log is larger than size, or with the context's error.
func (a *Archive) Wait(ctx context.Context, size uint64) error {
	return a.overlay.wait(ctx, size)
}

// Close stops taking drafts, lets the views catch up and closes log, index and
// memory. It may be called more than once.
func (a *Archive) Close() error {
	a.closed.Do(func() { close(a.quit) })
	a.done.Wait()
	return errors.Join(a.opt.Memory.Close(), a.opt.Index.Close(), a.opt.Log.Close())
}

// flush brings the views up to what the overlay holds.
func (a *Archive) flush(ctx context.Context) error {
	for {
		entries, full, w, ok := a.overlay.take(maxApply)
		if !ok {
			return nil
		}
		if err := a.opt.Index.Apply(ctx, entries, full, w); err != nil {
			return err
		}
		a.overlay.drop(w)
	}
}

// maxApply bounds one transaction of the views: large enough to pay for its
// commit, small enough to be read beside.
const maxApply = 4096

// projectPause is how often a view that follows slowly is brought up: it makes
// small batches share one transaction.
const projectPause = 20 * time.Millisecond

// project writes the views behind the log.
func (a *Archive) project() {
	defer a.done.Done()
	ctx := context.Background()
	for {
		stopping := false
		select {
		case <-a.overlay.dirty:
		case <-a.quit:
			stopping = true
		}
		if err := a.flush(ctx); err != nil {
			a.opt.Logger.Error("the views cannot follow the log", slog.Any("error", err))
			time.Sleep(time.Second)
			a.overlay.markDirty()
		}
		if stopping && a.sequencerDone() {
			if err := a.flush(ctx); err != nil {
				a.opt.Logger.Error("the views are behind at close and will follow at open", slog.Any("error", err))
			}
			return
		}
		if !stopping {
			time.Sleep(projectPause)
		}
	}
}

func (a *Archive) sequencerDone() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cause != nil
}

// tiles reads full tiles: from what the views have not seen yet, else from
// them.
type tiles struct{ a *Archive }

// ReadTile fulfils ledger.TileReader.
func (t tiles) ReadTile(ctx context.Context, level int, n uint64) ([]byte, error) {
	if t.a.overlay != nil {
		if data, ok := t.a.overlay.tile(level, n); ok {
			return data, nil
		}
	}
	return t.a.opt.Index.ReadTile(ctx, level, n)
}

// unavailable wraps what stopped the archive.
func unavailable(err error) error {
	return fault.Wrap(err, fault.HTTPUnavailable, "the archive cannot take anything now; send the same bytes again")
}

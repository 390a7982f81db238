package storage

import (
	"context"
	"log/slog"
	"time"
)

// maxApply bounds one transaction of the views: large enough that a page of
// the view is written once for many entries, small enough to be read beside.
const maxApply = 8192

// projectPause is how long the views wait for more before they take what is
// there, so that small batches share one transaction; far below the second
// that they may be behind.
const projectPause = 100 * time.Millisecond

// retryPause is how long the views wait after a failure.
const retryPause = time.Second

// project writes the views behind the log until the sequencer has ended.
func (a *Archive) project() {
	defer a.done.Done()
	ctx := context.Background()
	for {
		select {
		case <-a.overlay.dirty:
		case <-a.ended:
			if err := a.flush(ctx); err != nil {
				a.opt.Logger.Error("the views are behind at close and will follow at open", slog.Any("error", err))
			}
			return
		}
		pause := projectPause
		if a.overlay.pending() >= maxApply {
			pause = 0
		}
		a.pause(pause)
		if err := a.flush(ctx); err != nil {
			a.opt.Logger.Error("the views cannot follow the log", slog.Any("error", err))
			a.overlay.fail(err)
			a.overlay.markDirty()
			a.pause(retryPause)
		}
	}
}

// pause waits, but not beyond the end of the sequencer.
func (a *Archive) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-a.ended:
	}
}

// flush brings the views up to what the overlay holds.
func (a *Archive) flush(ctx context.Context) error {
	a.projecting.Lock()
	defer a.projecting.Unlock()
	for {
		entries, full, w, ok := a.overlay.next(maxApply)
		if !ok {
			return nil
		}
		if err := a.opt.Index.Apply(ctx, entries, full, w); err != nil {
			return err
		}
		a.overlay.drop(w)
	}
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
	t.a.views.RLock()
	defer t.a.views.RUnlock()
	return t.a.opt.Index.ReadTile(ctx, level, n)
}

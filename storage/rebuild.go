package storage

import (
	"context"
	"errors"

	"accord/ledger"
)

// Rebuild empties the views and makes them anew from the log alone. Questions
// wait until it is done; appending goes on as far as the views may be behind.
// If it ends early, the rest is made at the next open.
func (a *Archive) Rebuild(ctx context.Context) error {
	a.projecting.Lock()
	defer a.projecting.Unlock()
	a.views.Lock()
	defer a.views.Unlock()
	// The overlay is dropped only by who holds projecting: its base stands.
	end := a.overlay.mark()
	if err := a.opt.Index.Reset(ctx); err != nil {
		return err
	}
	r := &rebuild{index: a.opt.Index, tree: ledger.NewTree(nil)}
	err := a.opt.Log.Batches(ctx, 0, false, func(b *Batch) error {
		if b.Number >= end.Batch {
			return errEnough
		}
		return r.take(ctx, b)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return r.flush(ctx)
}

// rebuild gathers batches for one transaction of the view.
type rebuild struct {
	index   Index
	tree    *ledger.Tree
	entries []*Entry
	tiles   []ledger.FullTile
	mark    Watermark
}

func (r *rebuild) take(ctx context.Context, b *Batch) error {
	for _, e := range b.Entries {
		if err := e.prime(); err != nil {
			return err
		}
	}
	r.tiles = append(r.tiles, r.tree.Append(hashes(b.Entries)...)...)
	r.entries = append(r.entries, b.Entries...)
	r.mark = watermark(b, r.tree.Snapshot())
	if len(r.entries) < maxApply {
		return nil
	}
	return r.flush(ctx)
}

func (r *rebuild) flush(ctx context.Context) error {
	if r.mark.Batch == 0 {
		return nil
	}
	err := r.index.Apply(ctx, r.entries, r.tiles, r.mark)
	r.entries, r.tiles = nil, nil
	return err
}

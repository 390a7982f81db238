package storage

import (
	"context"
	"errors"

	"accord/ledger"
)

// Rebuild makes the views anew from the log alone, beside those that answer
// meanwhile, and switches. Questions wait only for the switch; appending goes
// on as far as the views may be behind. If it ends early nothing has changed.
func (a *Archive) Rebuild(ctx context.Context) error {
	a.projecting.Lock()
	defer a.projecting.Unlock()
	// The overlay is dropped only by who holds projecting: its base stands.
	end := a.overlay.mark()
	next, err := a.opt.Index.Renew(ctx)
	if err != nil {
		return err
	}
	r := &rebuild{index: next, tree: ledger.NewTree(nil)}
	err = a.opt.Log.Batches(ctx, 0, false, func(b *Batch) error {
		if b.Number >= end.Batch {
			return errEnough
		}
		return r.take(ctx, b)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil {
		err = r.flush(ctx)
	}
	if err != nil {
		return errors.Join(err, next.Discard())
	}
	a.views.Lock()
	defer a.views.Unlock()
	return next.Switch(ctx)
}

// empty puts an empty generation in the place of a view that cannot be used.
func empty(ctx context.Context, x Index) error {
	next, err := x.Renew(ctx)
	if err != nil {
		return err
	}
	return next.Switch(ctx)
}

// rebuild gathers batches for one transaction of the view.
type rebuild struct {
	index   Renewal
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

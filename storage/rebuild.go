package storage

import (
	"context"
	"errors"

	"accord/internal/fault"
	"accord/ledger"
)

// Rebuild makes the views anew from the log alone, beside those that answer
// meanwhile, and switches. Questions wait only for the switch; appending goes
// on as far as the views may be behind. If it ends early nothing has changed.
func (a *Archive) Rebuild(ctx context.Context) error {
	a.projecting.Lock()
	defer a.projecting.Unlock()
	next, err := a.opt.Index.Renew(ctx)
	if err != nil {
		return err
	}
	r := &rebuild{index: next, tree: ledger.NewTree(nil)}
	for err = ErrBehind; errors.Is(err, ErrBehind); {
		if err = a.catchUp(ctx, r); err == nil && r.mark.Batch > 0 {
			err = a.replace(ctx, next)
		}
	}
	if err != nil || r.mark.Batch == 0 { // an empty view is as good as new
		return errors.Join(err, next.Discard())
	}
	return nil
}

// catchUp takes in what the view that is replaced has by now. Its watermark
// stands unless another archive raises it: who writes it here holds projecting.
func (a *Archive) catchUp(ctx context.Context, r *rebuild) error {
	end, err := a.opt.Index.Watermark(ctx)
	if err != nil {
		return err
	}
	err = a.opt.Log.Batches(ctx, r.mark.Batch, false, func(b *Batch) error {
		if b.Number >= end.Batch {
			return errEnough
		}
		return r.take(ctx, b)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if r.mark.Batch < end.Batch || (r.mark.Batch == end.Batch && r.mark.Root != end.Root) {
		return fault.New(fault.LedgerFork, "the log does not have what the view was made of")
	}
	return r.flush(ctx)
}

// replace switches while nobody reads the view.
func (a *Archive) replace(ctx context.Context, next Renewal) error {
	a.views.Lock()
	defer a.views.Unlock()
	return next.Switch(ctx)
}

// anew replaces a view that cannot be used, before anything is served here. One
// that is this archive's alone becomes empty and takes the log in as its tail.
// One that others use is replaced by all of the log at once: they must not miss
// what they have shown, and what is wrong may be wrong only as it is read here.
func (a *Archive) anew(ctx context.Context) (Watermark, error) {
	next, err := a.opt.Index.Renew(ctx)
	if err != nil {
		return Watermark{}, err
	}
	r := &rebuild{index: next, tree: ledger.NewTree(nil)}
	if a.opt.Shared {
		if err = a.opt.Log.Batches(ctx, 0, false, func(b *Batch) error { return r.take(ctx, b) }); err == nil {
			err = r.flush(ctx)
		}
		if err == nil && r.mark.Batch == 0 {
			err = ErrBehind
		}
	}
	if err == nil {
		err = next.Switch(ctx)
	}
	if errors.Is(err, ErrBehind) {
		err = fault.Wrap(err, fault.HTTPUnavailable, "the view has more than the log as it is read now; open again")
	}
	if err != nil {
		return Watermark{}, errors.Join(err, next.Discard())
	}
	a.tree, err = ledger.ResumeTree(tiles{a}, r.mark.Size, r.mark.Frontier)
	return r.mark, err
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
	if b.Base != r.tree.Size() || (b.Base > 0 && b.Previous != r.tree.Head()) {
		return errBroken
	}
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

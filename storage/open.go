package storage

import (
	"context"
	"errors"
	"fmt"

	"accord/internal/fault"
	"accord/ledger"
)

// errMisfit says that the view is not a prefix of the log.
var errMisfit = errors.New("the log does not continue the view")

// resume restores the tree from the view's watermark; a view whose watermark
// cannot be restored is made anew.
func (a *Archive) resume(ctx context.Context) (Watermark, error) {
	w, err := a.opt.Index.Watermark(ctx)
	stray, lost := a.stray(ctx, w)
	if err = errors.Join(err, lost); errors.Is(err, ErrDamaged) {
		stray, err = true, nil
	}
	if err != nil {
		return w, err
	}
	tree, err := ledger.ResumeTree(tiles{a}, w.Size, w.Frontier)
	if err == nil && w.Batch > 0 && tree.Head().Root == w.Root && !stray {
		a.tree = tree
		return w, nil
	}
	if w.Batch == 0 && !stray {
		a.tree = ledger.NewTree(tiles{a})
		return Watermark{}, nil
	}
	return a.anew(ctx)
}

// stray says whether a view has entries above its watermark: they would stay
// as they are for ever. Where others write it they are only on their way.
func (a *Archive) stray(ctx context.Context, w Watermark) (bool, error) {
	if a.opt.Shared {
		return false, nil
	}
	newest, err := a.opt.Index.Lookup(ctx, nil, 1<<62, 1)
	return len(newest) > 0 && newest[0] >= w.Size, err
}

// readTail takes in what the log has above the watermark. A view that is not a
// prefix of the log is made anew.
func (a *Archive) readTail(ctx context.Context, w Watermark) error {
	err := a.tailFrom(ctx, w)
	if errors.Is(err, errMisfit) && w.Batch > 0 {
		a.overlay, a.sealed, a.reign = nil, false, newReign()
		if w, err = a.anew(ctx); err != nil {
			return err
		}
		a.overlay = newOverlay(w, a.tree.Snapshot())
		err = a.tailFrom(ctx, w)
	}
	if errors.Is(err, errMisfit) {
		return errBroken
	}
	return err
}

var errBroken = fault.New(fault.LedgerFork, "a batch of the log does not follow the one before it")

// tailFrom reads the log from the last batch that the view has: it tells
// whether the view belongs to the log, and the time and seal to go on from.
func (a *Archive) tailFrom(ctx context.Context, w Watermark) error {
	first := w.Batch
	if first > 0 {
		first--
	}
	a.batch = first
	err := a.opt.Log.Batches(ctx, first, false, func(b *Batch) error {
		if a.sealed {
			return fault.New(fault.LedgerFork, "batches follow the seal of this log")
		}
		if b.Number != a.batch {
			return fmt.Errorf("the log has batch %d where %d belongs", b.Number, a.batch)
		}
		if b.Number < w.Batch {
			if err := a.belongs(ctx, b); err != nil {
				return err
			}
		} else if err := a.take(ctx, b); err != nil {
			return err
		}
		a.took(b)
		return nil
	})
	if err == nil && a.batch < w.Batch {
		return errMisfit // the view is ahead of the log
	}
	return err
}

// belongs says whether a batch is the last one of the tree: the root before it
// commits to everything below, its entries to the rest.
func (a *Archive) belongs(ctx context.Context, b *Batch) error {
	s := a.tree.Snapshot()
	head := s.Head()
	if b.End() != head.Size {
		return errMisfit
	}
	if b.Base > 0 {
		root, err := s.RootAt(ctx, b.Base)
		if err != nil || b.Previous != (ledger.Head{Size: b.Base, Root: root}) {
			return errMisfit
		}
	}
	for i, h := range hashes(b.Entries) {
		path, err := s.Inclusion(ctx, b.Base+uint64(i), head.Size)
		if err != nil || ledger.CheckInclusion(head, b.Base+uint64(i), h, path) != nil {
			return errMisfit
		}
	}
	return nil
}

// take adds a batch of the log to the tree and the overlay.
func (a *Archive) take(ctx context.Context, b *Batch) error {
	if err := a.continues(b); err != nil {
		return err
	}
	full := a.tree.Append(hashes(b.Entries)...)
	snap := a.tree.Snapshot()
	a.overlay.add(b.Entries, full, watermark(b, snap), snap)
	if a.overlay.pending() >= maxLag/2 {
		return a.flush(ctx)
	}
	return nil
}

// watermark is that of a view that has taken in the batch.
func watermark(b *Batch, s *ledger.Snapshot) Watermark {
	return Watermark{Batch: b.Number + 1, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()}
}

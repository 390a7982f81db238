package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
)

// A log is copied batch by batch, as it is: the copy has the same numbers,
// octets, checkpoints and root, so whoever opens it with the same keys continues
// it. Views are made from the copy by who opens it.

// CopyOptions say how a log is copied.
type CopyOptions struct {
	// Seal copies the seal of the source too: the copy is closed like the
	// source. Without it a seal is left out, and the copy goes on in its place.
	Seal     bool
	Logger   *slog.Logger
	Progress func(entries uint64) // told how many are done after each batch; may be nil
}

// Copied says what a copy has.
type Copied struct {
	Batches uint64 // that are equal in both logs
	Size    uint64 // entries in them
	Added   uint64 // batches that this call appended
	Beyond  bool   // the copy goes on after the end of the source
}

// CopyLog appends to a log what another one has and it has not. It may be
// called again after it was interrupted: what the copy has is held against the
// source, without the bodies, and a difference is ledger.fork. Nobody else may
// append to the copy meanwhile. A copy of unknown outcome is tried again until
// the context ends.
func CopyLog(ctx context.Context, from, to Log, opt CopyOptions) (Copied, error) {
	done, err := prefix(ctx, from, to, opt)
	if err != nil || done.Beyond {
		return done, err
	}
	err = from.Batches(ctx, done.Batches, true, func(b *Batch) error {
		b, ok := opt.carry(b)
		if !ok {
			return nil
		}
		if b.Number != done.Batches || b.Base != done.Size {
			return fault.Newf(fault.LedgerFork, "the source has batch %d at %d where batch %d at %d belongs", b.Number, b.Base, done.Batches, done.Size)
		}
		if err := opt.append(ctx, to, b); err != nil {
			return err
		}
		done.Batches, done.Size, done.Added = b.Number+1, b.End(), done.Added+1
		opt.report(done.Size)
		return nil
	})
	if err != nil {
		return done, fmt.Errorf("copy batch %d: %w", done.Batches, err)
	}
	return done, nil
}

// carry returns what the copy has in place of a batch of the source; false when
// that is nothing.
func (o CopyOptions) carry(b *Batch) (*Batch, bool) {
	if o.Seal || !b.Seal {
		return b, true
	}
	c := *b
	c.Seal = false
	return &c, len(c.Entries) > 0
}

func (o CopyOptions) report(entries uint64) {
	if o.Progress != nil {
		o.Progress(entries)
	}
}

// append makes a batch stand in the copy.
func (o CopyOptions) append(ctx context.Context, to Log, b *Batch) error {
	for _, e := range b.Entries {
		e.Ref, e.HeadLen, e.BodyLen = 0, 0, 0
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := to.Append(ctx, b)
		switch {
		case errors.Is(err, ErrConflict):
			return fault.Wrap(err, fault.LedgerFork, "somebody else appends to the copy")
		case !errors.Is(err, ErrUnknown):
			return err
		}
		o.Logger.Warn("it is not known whether a batch of the copy stands; the same is appended again", slog.Uint64("batch", b.Number), slog.Any("error", err))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fault.Wrap(errors.Join(ctx.Err(), err), fault.HTTPUnavailable, "the copy was interrupted; begin it again")
		}
	}
}

// prefix says how much of the source the copy has.
func prefix(ctx context.Context, from, to Log, opt CopyOptions) (Copied, error) {
	var done Copied
	err := pairs(ctx, from, to, false, opt, func(source, copied *Batch) error {
		switch {
		case copied == nil:
			return errEnough
		case source == nil:
			done.Beyond = true
			return errEnough
		}
		if err := sameBatch(source, copied); err != nil {
			return err
		}
		done.Batches, done.Size = source.Number+1, source.End()
		return nil
	})
	return done, err
}

// Sealed says whether a log ends with its seal. The view of the same archive
// says from where to read.
func Sealed(ctx context.Context, l Log, view Index) (bool, error) {
	w, err := view.Watermark(ctx)
	if err != nil {
		return false, err
	}
	sealed := false
	err = l.Batches(ctx, max(w.Batch, 1)-1, false, func(b *Batch) error {
		sealed = b.Seal
		return nil
	})
	return sealed, err
}

// CompareLogs reads a copy and its source whole, with every body, and returns
// what the copy has. Each batch must be equal octet by octet,
// each body have the digest of its record, and the tree of the leaves continue
// from batch to batch to the root that is returned. What differs is ledger.fork
// and names batch and entry. Where the source has more, that is left to the
// next call; where the copy has more, Beyond says so.
func CompareLogs(ctx context.Context, from, to Log, opt CopyOptions) (Copied, ledger.Head, error) {
	var done Copied
	tree := ledger.NewTree(nil)
	err := pairs(ctx, from, to, true, opt, func(source, copied *Batch) error {
		switch {
		case copied == nil:
			return errEnough
		case source == nil:
			done.Beyond = true
			return errEnough
		}
		if err := sameBatch(source, copied); err != nil {
			return err
		}
		if copied.Base != tree.Size() || (copied.Base > 0 && copied.Previous != tree.Head()) {
			return differs(copied, "it does not follow the one before it")
		}
		if err := sameBodies(source, copied); err != nil {
			return err
		}
		tree.Append(hashes(copied.Entries)...)
		done.Batches, done.Size = copied.Number+1, copied.End()
		opt.report(done.Size)
		return nil
	})
	return done, tree.Head(), err
}

// pairs calls f with the batches of two logs side by side, nil where one has
// ended, until both have or f returns errEnough.
func pairs(ctx context.Context, from, to Log, bodies bool, opt CopyOptions, f func(source, copied *Batch) error) error {
	source, stopSource := iter.Pull2(batchesOf(ctx, from, bodies, opt))
	defer stopSource()
	copied, stopCopied := iter.Pull2(batchesOf(ctx, to, bodies, CopyOptions{Seal: true}))
	defer stopCopied()
	for {
		a, errA, moreA := source()
		b, errB, moreB := copied()
		switch {
		case errA != nil:
			return fmt.Errorf("read the source: %w", errA)
		case errB != nil:
			return fmt.Errorf("read the copy: %w", errB)
		case !moreA && !moreB:
			return nil
		}
		if err := f(a, b); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// batchesOf is Log.Batches as a sequence. A batch that a copy does not have is
// left out.
func batchesOf(ctx context.Context, l Log, bodies bool, opt CopyOptions) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		ended := false
		err := l.Batches(ctx, 0, bodies, func(b *Batch) error {
			if b, ok := opt.carry(b); ok && !yield(b, nil) {
				ended = true
				return errEnough
			}
			return nil
		})
		if err != nil && !ended {
			yield(nil, err)
		}
	}
}

// sameBatch compares everything but the bodies.
func sameBatch(a, b *Batch) error {
	head := a.Number == b.Number && a.Base == b.Base && a.Previous == b.Previous && a.Key == b.Key && a.Time.Equal(b.Time) &&
		a.Nonce == b.Nonce && a.Seal == b.Seal && bytes.Equal(a.Checkpoint, b.Checkpoint)
	if !head || len(a.Entries) != len(b.Entries) {
		return differs(b, "it is not that of the source")
	}
	for i := range a.Entries {
		if !bytes.Equal(AppendEntry(nil, a.Entries[i]), AppendEntry(nil, b.Entries[i])) {
			return differs(b, fmt.Sprintf("entry %d is not that of the source", a.Base+uint64(i)))
		}
	}
	return nil
}

// sameBodies compares the octets, and holds them against the records.
func sameBodies(a, b *Batch) error {
	for i, e := range b.Entries {
		rec, err := e.Parsed()
		if err != nil {
			return differs(b, fmt.Sprintf("entry %d: %v", e.Index, err))
		}
		if !bytes.Equal(a.Bodies[i], b.Bodies[i]) || rec.Digest != attestation.DigestOf(b.Bodies[i]) {
			return differs(b, fmt.Sprintf("the body of entry %d is not that of the source", e.Index))
		}
	}
	return nil
}

func differs(b *Batch, detail string) error {
	return fault.Newf(fault.LedgerFork, "batch %d of the copy: %s", b.Number, detail)
}

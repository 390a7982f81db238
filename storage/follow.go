package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"accord/internal/fault"
)

// A log that several archives append to (Options.Shared) grows without this
// one. What others appended is taken in by the sequencer alone: when a number
// is taken, when somebody needs to know the newest state, and now and then.

// followPause is how often a shared log is looked at when nothing else does.
const followPause = 250 * time.Millisecond

// followTimeout is how long a look may take before who waits is refused.
const followTimeout = 2 * time.Second

// Refresh returns when everything is shown that was in the log when it was
// called: status, head, directory and decisions are those of the present only
// after that. One look serves all who wait. In a log that is not shared nothing
// can be missing. The error is http.unavailable.
func (a *Archive) Refresh(ctx context.Context) error {
	if !a.opt.Shared {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, followTimeout)
	defer cancel()
	_, err := a.send(ctx, &request{refresh: true, reply: make(chan reply, 1)})
	return err
}

// follow takes in what others have appended. Who failed does not: something
// that could not be shown may be missing.
func (a *Archive) follow() error {
	a.mu.Lock()
	cause := a.cause
	a.mu.Unlock()
	if cause != nil {
		return unavailable(cause)
	}
	ctx, cancel := context.WithTimeout(context.Background(), followTimeout)
	defer cancel()
	err := a.opt.Log.Batches(ctx, a.batch, false, a.takeForeign)
	switch {
	case err == nil:
		a.lost.set(nil)
		return nil
	case fault.CodeOf(err) == fault.LedgerFork, errors.Is(err, errMisfit):
		err = fault.Wrap(err, fault.LedgerFork, "another writer of this log made a batch that does not continue what is shown here")
		a.fail(err)
		return err
	default:
		err = unavailable(err)
		a.lost.set(err)
		return err
	}
}

// overtaken takes in the batch that has the number this archive wanted. It
// stands, so it can be read soon, if not from the first copy that is asked.
func (a *Archive) overtaken() error {
	number := a.batch
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if err := a.follow(); err != nil || a.batch > number {
			return err
		}
		select {
		case <-time.After(pause):
		case <-a.quit:
			return errClosed
		}
	}
}

// takeForeign shows a batch that another writer made. Who is far behind does
// not keep all of it for the views.
func (a *Archive) takeForeign(b *Batch) error {
	if a.sealed {
		return fault.New(fault.LedgerFork, "batches follow the seal of this log")
	}
	if b.Number != a.batch {
		return fmt.Errorf("the log has batch %d where %d belongs", b.Number, a.batch)
	}
	if err := a.continues(b); err != nil {
		return err
	}
	if err := a.show(b); err != nil || a.overlay.pending() < maxLag/2 {
		return err
	}
	return a.flush(context.Background())
}

// continues says whether a batch of the log follows the tree, and makes its
// entries ready to be shown.
func (a *Archive) continues(b *Batch) error {
	if b.Base != a.tree.Size() || (b.Base > 0 && b.Previous != a.tree.Head()) {
		return errMisfit
	}
	for _, e := range b.Entries {
		if err := e.prime(); err != nil {
			return fmt.Errorf("entry %d of the log: %w", e.Index, err)
		}
	}
	return nil
}

// staleFor is how long a shared log that is shorter than what was signed may
// come from a copy that lost its place without knowing it: a primary that
// reaches no majority steps down after 10 s.
const staleFor = 12 * time.Second

// contained holds the log against the signer's memory. A shared log that ends
// below it is read again before it is called a fork.
func (a *Archive) contained(ctx context.Context) error {
	for until := time.Now().Add(staleFor); a.opt.Shared && a.tree.Size() < a.opt.Memory.Head().Size && time.Now().Before(until); {
		select {
		case <-time.After(followPause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := a.follow(); err != nil {
			return err
		}
	}
	return a.opt.Memory.Contained(ctx, a.tree.Snapshot())
}

// look answers those who wait for the newest state: one look serves all.
func (a *Archive) look(first *request) {
	waiting := []*request{first}
	for more := true; more; {
		select {
		case r := <-a.looks:
			waiting = append(waiting, r)
		default:
			more = false
		}
	}
	err := a.follow()
	for _, r := range waiting {
		r.reply <- reply{err: err}
	}
}

// awaitViews waits while the views are too far behind to append more, and
// answers meanwhile those who only want to read.
func (a *Archive) awaitViews() error {
	for {
		shrunk, err := a.overlay.tooFar(maxLag - maxBatchEntries)
		if shrunk == nil || err != nil {
			return err
		}
		select {
		case <-shrunk:
		case r := <-a.looks:
			a.look(r)
		case <-a.quit:
			return nil
		}
	}
}

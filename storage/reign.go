package storage

import (
	"context"
	"errors"
	"math"
	"sync"

	"accord/internal/fault"
	"accord/ledger"
)

// reign is the stretch of batches whose checkpoints the key of this archive
// signs. Those below were signed by former keys, and stand in the log; those
// above are a successor's. A former key never comes back.
type reign struct {
	mu    sync.Mutex
	from  uint64 // the first batch that is known to be of the key; guarded by mu
	known bool   // whether there is none of the key before from; guarded by mu
	until uint64 // the first batch that is a successor's; guarded by mu
}

func newReign() *reign { return &reign{from: math.MaxUint64, until: math.MaxUint64} }

// took notes whose a batch of the log is.
func (r *reign) took(number uint64, own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !own {
		r.until = number
		return
	}
	r.from, r.until = min(r.from, number), math.MaxUint64
}

// over says whether the newest batch is not of the key.
func (r *reign) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.until != math.MaxUint64
}

var errSucceeded = fault.New(fault.LedgerFork, "the log goes on under another log key than the one of this home: put the key in place that it was given, and start again")

// signed returns the checkpoint of a batch as it was signed when the batch was
// new: made again with the key of this archive, as Ed25519 is deterministic, or
// read from the batch that followed.
func (a *Archive) signed(ctx context.Context, batch uint64, head ledger.Head) ([]byte, error) {
	own, err := a.own(ctx, batch)
	if err != nil {
		return nil, err
	}
	if own {
		return a.note(head)
	}
	var checkpoint []byte
	if err := a.batchAt(ctx, batch+1, func(b *Batch) { checkpoint = b.Checkpoint }); err != nil {
		return nil, err
	}
	if found, err := ledger.PeekHead(checkpoint); err != nil || found != head {
		return nil, fault.Newf(fault.LedgerFork, "the log does not have the signed checkpoint of batch %d", batch)
	}
	return checkpoint, nil
}

// own says whether the key of this archive signs the checkpoint of a batch.
func (a *Archive) own(ctx context.Context, batch uint64) (bool, error) {
	r := a.reign
	r.mu.Lock()
	defer r.mu.Unlock()
	if batch < r.from && !r.known {
		if err := r.find(ctx, a); err != nil {
			return false, err
		}
	}
	return batch >= r.from && batch < r.until, nil
}

// find looks for the first batch of the key. It is called with mu held.
func (r *reign) find(ctx context.Context, a *Archive) error {
	is := func(number uint64) (own bool, err error) {
		err = a.batchAt(ctx, number, func(b *Batch) { own = b.Key == a.opt.Signer.KeyHash() })
		return own, err
	}
	low, high := uint64(0), r.from // the answer lies between, both included
	own, err := is(0)              // as a rule
	if own {
		high = 0
	}
	for err == nil && low < high {
		middle := low + (high-low)/2
		if own, err = is(middle); own {
			high = middle
		} else {
			low = middle + 1
		}
	}
	if err == nil {
		r.from, r.known = high, true
	}
	return err
}

// batchAt calls f with the batch of a number.
func (a *Archive) batchAt(ctx context.Context, number uint64, f func(*Batch)) error {
	err := a.opt.Log.Batches(ctx, number, false, func(b *Batch) error {
		if b.Number == number {
			f(b)
		}
		return errEnough
	})
	if !errors.Is(err, errEnough) {
		return errors.Join(err, fault.Newf(fault.HTTPUnavailable, "the log has no batch %d", number))
	}
	return nil
}

package storage

import (
	"context"
	"sync/atomic"
	"time"

	"accord/internal/fault"
)

// Clocked is a [Log] whose store has a clock that everybody who appends to it
// shares: their batches are ordered by number, so the times that they write into
// them have to be of nearly one clock.
type Clocked interface {
	// Skew returns how far that clock is before the one of this machine, as it
	// was found lately.
	Skew(ctx context.Context) (time.Duration, error)
}

const (
	// maxSkew is how far this machine's clock may be off the store's.
	maxSkew = 2 * time.Second
	// skewTimeout bounds the question. A store that does not answer will not
	// take the batch either, so the doubt is left to that.
	skewTimeout = time.Second
)

// skewed is an error while this machine's clock is too far off that of the
// store. It is the sequencer's.
func (a *Archive) skewed() error {
	clocked, ok := a.opt.Log.(Clocked)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), skewTimeout)
	defer cancel()
	skew, err := clocked.Skew(ctx)
	if err != nil {
		return nil
	}
	if skew.Abs() <= maxSkew {
		a.apart.set(nil)
		return nil
	}
	err = fault.Newf(fault.HTTPUnavailable, "the clock of this machine is %s off that of the archive's database; nothing is appended until they agree to 2 s", skew.Abs().Round(time.Millisecond))
	a.apart.set(err)
	return err
}

// trouble is why something cannot be done just now; it passes by itself. Its
// zero value is none.
type trouble struct{ cause atomic.Pointer[error] }

func (t *trouble) set(err error) {
	if err == nil {
		t.cause.Store(nil)
		return
	}
	t.cause.Store(&err)
}

func (t *trouble) err() error {
	if cause := t.cause.Load(); cause != nil {
		return *cause
	}
	return nil
}

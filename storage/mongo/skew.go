package mongo

import (
	"context"
	"time"
)

// skewEvery is how often the primary is asked for its time while batches are
// appended. Clocks that are kept drift far less in it, and one that is set by
// hand is found before it has dated many.
const skewEvery = 10 * time.Second

// skew is how far the primary's clock was before ours when it was last asked.
type skew struct {
	asked time.Time
	found time.Duration
}

// Skew fulfils [storage.Clocked]: hello.localTime against this machine's time,
// to within half a round trip, not older than skewEvery unless the primary does
// not answer. A large one is asked for again each time, so that appending goes
// on as soon as the clock is right.
func (l *Log) Skew(ctx context.Context) (time.Duration, error) {
	if time.Since(l.skew.asked) < skewEvery && l.skew.found.Abs() < time.Second {
		return l.skew.found, nil
	}
	found, err := l.store.conn.Clock(ctx)
	if err != nil {
		return 0, err
	}
	l.skew = skew{time.Now(), found}
	return found, nil
}

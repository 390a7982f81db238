package gateway

import (
	"context"
	"time"
)

// awaitPause is how long a reader that was woken for nothing sleeps before it
// looks again: under load every batch wakes every reader, and few have
// something in it.
const awaitPause = 20 * time.Millisecond

// Await returns when the feed of a caller has an entry behind a cursor, so that
// Changes has something to show. It returns the context's error when that ends
// first, cursor.invalid, or http.unavailable when the archive is closed. It
// reads one line at a time and signs nothing, so many may wait.
func (g *Gateway) Await(ctx context.Context, caller Caller, cursor string) error {
	at, err := g.cfg.Cursors.open(caller.Partner, "changes", "", cursor)
	if err != nil {
		return err
	}
	woken := false
	for after := at.After; ; {
		lines, bound, err := g.archive.Feed(ctx, caller.Partner, after, 1)
		if err != nil || len(lines) > 0 {
			return err
		}
		after = bound // nothing for this caller lies below it
		if woken {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(awaitPause):
			}
		}
		if err := g.archive.Wait(ctx, bound); err != nil {
			return err
		}
		woken = true
	}
}

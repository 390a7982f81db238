package storagetest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/storage"
)

// strictLog stands between every archive of the suite and its log and holds
// the archive to what the contract asks of it: one append at a time, nothing
// but the same octets while an outcome is unknown, nothing after the log said
// that it must not be used again.
type strictLog struct {
	storage.Log
	t testing.TB

	mu      sync.Mutex
	unknown []byte // the batch that may stand; guarded by mu
	ended   bool   // guarded by mu
}

// Append passes a batch on.
func (l *strictLog) Append(ctx context.Context, b *storage.Batch) error {
	if !l.mu.TryLock() {
		l.t.Error("two batches are appended at a time")
		l.mu.Lock()
	}
	defer l.mu.Unlock()
	if l.ended {
		l.t.Error("a batch is appended after the log has failed")
	}
	raw := octets(b)
	if l.unknown != nil && !bytes.Equal(raw, l.unknown) {
		l.t.Errorf("another batch %d is appended while the outcome of one is unknown", b.Number)
	}
	err := l.Log.Append(ctx, b)
	switch {
	case err == nil, errors.Is(err, storage.ErrConflict):
		l.unknown = nil
	case errors.Is(err, storage.ErrUnknown):
		l.unknown = raw
	case fault.CodeOf(err) != fault.HTTPStorageFull:
		l.ended = true
	}
	return err
}

// octets are what two batches that are the same have in common.
func octets(b *storage.Batch) []byte {
	out := append([]byte(nil), b.Nonce[:]...)
	out = append(out, byte(b.Number), byte(b.Base))
	out = append(append(out, b.Previous.Root[:]...), b.Checkpoint...)
	out = b.Time.AppendFormat(out, "20060102150405.000000000")
	for i, e := range b.Entries {
		out = append(storage.AppendEntry(out, e), b.Bodies[i]...)
	}
	return out
}

// Skew hands on what a log says of its store's clock.
func (l *strictLog) Skew(ctx context.Context) (time.Duration, error) {
	clocked, ok := l.Log.(storage.Clocked)
	if !ok {
		return 0, nil
	}
	return clocked.Skew(ctx)
}

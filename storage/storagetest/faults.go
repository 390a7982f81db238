package storagetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"accord/internal/fault"
	"accord/storage"
)

// faultyLog answers the next Append with a fault.
type faultyLog struct {
	storage.Log
	next atomic.Pointer[error]
}

// Append fails once if it was told to.
func (l *faultyLog) Append(ctx context.Context, b *storage.Batch) error {
	if err := l.next.Swap(nil); err != nil {
		return *err
	}
	return l.Log.Append(ctx, b)
}

func failures(t *testing.T, h *Home) {
	ctx := context.Background()
	log := &faultyLog{}
	h.Wrap = func(l storage.Log) storage.Log { log.Log = l; return log }
	check(t, h.Reopen(t))
	h.Put(t, NewDraft("a", "a"))

	full := fault.New(fault.HTTPStorageFull, "no space")
	err := error(full)
	log.next.Store(&err)
	if _, err := h.Append(ctx, h.Draft(t, "b", "b")); fault.CodeOf(err) != fault.HTTPStorageFull {
		t.Fatalf("full disk: %v", err)
	}
	if h.Size() != 1 || h.Err() != nil || h.Fatals.Load() != 0 {
		t.Fatal("a full disk changed the archive or ended it")
	}
	h.Put(t, h.Draft(t, "b", "b"))

	broken := errors.New("sync failed")
	log.next.Store(&broken)
	for range 3 {
		if _, err := h.Append(ctx, h.Draft(t, "c", "c")); fault.CodeOf(err) != fault.HTTPUnavailable {
			t.Fatalf("failed sync: %v", err)
		}
	}
	if h.Fatals.Load() != 1 || h.Err() == nil {
		t.Fatalf("Fatal was called %d times", h.Fatals.Load())
	}
	h.Prove(t, 1)
	check(t, h.Reopen(t))
	h.Put(t, h.Draft(t, "c", "c"))
	h.Sound(t)
}

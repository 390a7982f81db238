package storage

import (
	"context"
	"errors"
	"time"

	"accord/attestation"
	"accord/ledger"
)

// Batch is the unit of the log: what becomes durable together.
type Batch struct {
	Number   uint64
	Base     uint64 // index of the first entry
	Previous ledger.Head
	// Checkpoint is the signed one of the batch before; empty in the first.
	// With it a receipt can be made after the key that signed it is gone.
	Checkpoint []byte
	// Key is the id of the key that signs the checkpoint of this batch, as a
	// signed note shows it.
	Key     uint32
	Time    time.Time
	Nonce   [16]byte
	Seal    bool // nothing may follow
	Entries []*Entry
	Bodies  [][]byte // one for each entry
}

// End returns the log size after the batch.
func (b *Batch) End() uint64 { return b.Base + uint64(len(b.Entries)) }

// ErrConflict is returned by a Log that has another batch of the number.
var ErrConflict = errors.New("another batch has this number")

// ErrUnknown is returned by a Log that cannot say whether the batch stands.
var ErrUnknown = errors.New("the batch may stand or not")

// ErrDamaged is returned by an Index that cannot read what it keeps: it is made
// anew from the log.
var ErrDamaged = errors.New("the view is damaged")

// ErrBehind is returned by a Renewal that has less than the view it replaces.
var ErrBehind = errors.New("the view has gone on meanwhile")

// Log keeps batches for ever and in order. Several archives may append to one
// log at the same time if it says so by ErrConflict (Options.Shared).
type Log interface {
	// Append makes a batch durable and sets Ref of its entries. Nil means that
	// it can never be lost again; the same batch again is nil too.
	// fault.HTTPStorageFull means that nothing was written, ErrConflict that
	// another writer's batch has the number, and ErrUnknown that the batch may
	// stand: nothing but the same batch may be appended until that is settled.
	// Any other error means that the log must not be used again: the process
	// ends and recovers.
	Append(ctx context.Context, b *Batch) error
	// Batches calls f with every batch from a number on, in order and without
	// holes; only what can never be lost again. Bodies are nil unless asked
	// for.
	Batches(ctx context.Context, from uint64, bodies bool, f func(*Batch) error) error
	// Body returns the octets of an entry. It is safe for concurrent use.
	Body(ctx context.Context, ref uint64, length int) ([]byte, error)
	// Close releases the log; it is idempotent.
	Close() error
}

// Watermark says up to where an index has taken the log in.
type Watermark struct {
	Batch    uint64 // number of the next batch
	Size     uint64
	Root     ledger.Hash
	Frontier []byte // ledger.Snapshot.Frontier at Size
}

// Index is a view of the log that answers questions. It can be made anew from
// the log at any time.
type Index interface {
	// Apply takes entries of the log in, in order, with the tiles that became full and
	// the watermark after them, all or nothing. Entries below its watermark
	// are passed over. It need not be durable: what is lost is applied again.
	Apply(ctx context.Context, entries []*Entry, tiles []ledger.FullTile, w Watermark) error
	// Watermark returns how far the view is; zero for an empty one.
	Watermark(ctx context.Context) (Watermark, error)
	// Lookup returns, newest first, at most limit indexes below before of
	// entries found by all the keys.
	Lookup(ctx context.Context, keys []int64, before uint64, limit int) ([]uint64, error)
	// Entries returns the entries of the given indexes, in that order, without
	// those it does not have.
	Entries(ctx context.Context, indexes []uint64) ([]*Entry, error)
	// Feed returns, in order, feed lines of what a partner may see from index
	// after on and below bound.
	Feed(ctx context.Context, p attestation.PartnerID, after, bound uint64, limit int) ([]FeedLine, error)
	// Kinds returns, in order, entries of one kind from an index on.
	Kinds(ctx context.Context, kind ledger.Kind, from uint64, limit int) ([]*Entry, error)
	// ReadTile fulfils ledger.TileReader.
	ReadTile(ctx context.Context, level int, n uint64) ([]byte, error)
	// Renew begins the next generation of the view, empty, beside this one. A
	// renewal that was neither switched nor discarded is as if it had not been.
	Renew(ctx context.Context) (Renewal, error)
	// Close releases the view; it is idempotent.
	Close() error
}

// Renewal is the next generation of a view while it is made.
type Renewal interface {
	// Apply is that of the view.
	Apply(ctx context.Context, entries []*Entry, tiles []ledger.FullTile, w Watermark) error
	// Switch puts it in the place of the view it was begun from, whose
	// questions it answers from then on. The renewal is used up. One that has
	// something, but less than the view by now, is refused with ErrBehind and
	// goes on: another archive may have taken the view further, and what it
	// showed must not be missing again.
	Switch(ctx context.Context) error
	// Discard gives it up.
	Discard() error
}

// FeedLine is one line of a feed as it is copied out, and its leaf hash for
// the running hash of the feed.
type FeedLine struct {
	Index uint64
	Hash  ledger.Hash
	JSON  []byte
}

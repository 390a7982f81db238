package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"accord/storage"
)

// Log keeps the batches. Several gateways append to it: whose insert of a
// number is first has it, the others get [storage.ErrConflict].
type Log struct {
	store           *store
	batches, bodies *driver.Collection

	kept map[slot]uint64 // bodies that stand, of the batch last sent; of the appender
	last uint64          // number of the last batch of this gateway; of the appender
	trip time.Duration   // how long its insert took; of the appender
	skew skew            // of the appender

	mu     sync.Mutex
	next   uint64         // batches below it stand; guarded by mu
	yields bool           // to a gateway whose batch was seen; guarded by mu
	others time.Time      // when a batch of another gateway was last seen; guarded by mu
	winner *storage.Batch // has the number that was wanted; guarded by mu
}

var (
	_ storage.Log     = (*Log)(nil)
	_ storage.Clocked = (*Log)(nil)
)

func newLog(s *store) *Log {
	return &Log{store: s, batches: s.collection(batchesCollection), bodies: s.collection(bodiesCollection)}
}

// Append makes a batch stand: its bodies in one write, then the batch in
// another, which is the commit point. Every doubt is [storage.ErrUnknown].
func (l *Log) Append(ctx context.Context, b *storage.Batch) error {
	if len(b.Bodies) != len(b.Entries) {
		return fmt.Errorf("append batch %d: %d bodies of %d entries", b.Number, len(b.Bodies), len(b.Entries))
	}
	for i, e := range b.Entries {
		e.BodyLen = len(b.Bodies[i])
	}
	if settled, err := l.precheck(ctx, b); settled {
		return wrap(err, fmt.Sprintf("append batch %d", b.Number))
	}
	refs, err := l.sendBodies(ctx, b)
	if err == nil {
		for i, e := range b.Entries {
			e.Ref = refs[i]
		}
		err = l.commit(ctx, b)
	}
	if err != nil {
		return fmt.Errorf("append batch %d: %w", b.Number, err)
	}
	l.kept, l.last = nil, b.Number
	l.stands(b.Number)
	return nil
}

// precheck settles a number that is known to be taken without sending
// anything, and refuses one that would leave a hole.
func (l *Log) precheck(ctx context.Context, b *storage.Batch) (settled bool, err error) {
	l.mu.Lock()
	next := l.next
	l.mu.Unlock()
	switch {
	case b.Number < next:
		return true, l.compare(ctx, b)
	case b.Number > next:
		before, err := l.at(ctx, b.Number-1)
		if err != nil {
			return true, fmt.Errorf("%w: %w", storage.ErrUnknown, err)
		}
		if before == nil {
			return true, errors.New("the log does not have the batch before it")
		}
	}
	return false, nil
}

// Gateways that want the same number at the same time cost each other a write.
// So everybody looks before it sends, while others append; and who had the
// last number lets another have the next, for three times as long as an insert
// took, at most maxYield. It does so once for each batch of another that it sees.
const (
	contended = time.Second
	maxYield  = 250 * time.Millisecond
	peek      = 10 * time.Millisecond // between two looks, if a quarter of an insert is not more
)

// turn returns the batch that has the number by now, nil if there is none.
func (l *Log) turn(ctx context.Context, number uint64) *batchDoc {
	l.mu.Lock()
	alone := time.Since(l.others) > contended
	yields := l.yields && l.last+1 == number
	l.yields = l.yields && !yields
	l.mu.Unlock()
	if alone {
		return nil
	}
	until, pause := time.Now(), max(peek, l.trip/4)
	if yields {
		until = until.Add(min(3*l.trip, maxYield))
	}
	for {
		stands, err := l.at(ctx, number)
		if err != nil || stands != nil {
			return stands // the insert will meet the same error
		}
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		select {
		case <-time.After(min(left, pause)):
		case <-ctx.Done():
			return nil
		}
	}
}

// commit inserts the batch.
func (l *Log) commit(ctx context.Context, b *storage.Batch) error {
	if stands := l.turn(ctx, b.Number); stands != nil {
		return l.settle(b, stands)
	}
	d, err := encode(b)
	if err != nil {
		return err
	}
	raw, err := d.marshal()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	begun := time.Now()
	err = l.store.seen.write(ctx, func(ctx context.Context) error {
		_, err := l.batches.InsertOne(ctx, raw)
		return err
	})
	l.trip = time.Since(begun)
	switch result, _ := judge(err); result {
	case done:
		return nil
	case duplicate:
		return l.compare(ctx, b)
	default:
		// A full disk is a doubt too: the driver sends an insert again whose
		// first answer was lost, and tells of the second only.
		return fmt.Errorf("%w: %w", storage.ErrUnknown, err)
	}
}

// compare says whether the batch that has the number, as a majority knows it,
// is the given one, and if so takes over where its bodies lie.
func (l *Log) compare(ctx context.Context, b *storage.Batch) error {
	stands, err := l.at(ctx, b.Number)
	if err != nil {
		return fmt.Errorf("%w: %w", storage.ErrUnknown, err)
	}
	if stands == nil {
		// Some primary has one that the majority does not know (yet).
		return fmt.Errorf("it cannot be read: %w", storage.ErrUnknown)
	}
	return l.settle(b, stands)
}

// settle compares a batch with the one that has its number.
func (l *Log) settle(b *storage.Batch, stands *batchDoc) error {
	mine, err := encode(b)
	if err != nil {
		return err
	}
	winner, err := stands.batch()
	if err != nil {
		return err
	}
	if bytes.Equal(stands.Digest, mine.Digest) {
		for i, e := range winner.Entries {
			b.Entries[i].Ref = e.Ref
		}
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.winner = winner
	return storage.ErrConflict
}

// at reads the batch of a number; nil if there is none.
func (l *Log) at(ctx context.Context, number uint64) (*batchDoc, error) {
	var d batchDoc
	found, err := l.store.one(ctx, l.batches, askBatch, &d, position(number))
	if err != nil {
		return nil, fmt.Errorf("read batch %d: %w", number, err)
	}
	if !found {
		return nil, nil
	}
	return &d, nil
}

// stands notes that a batch can never be lost again.
func (l *Log) stands(number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = max(l.next, number+1)
}

// tailReads is how many batches are asked for one by one before a cursor is
// opened.
const tailReads = 64

// sees notes a batch that was read: one that was not known is another's.
func (l *Log) sees(number uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if number >= l.next {
		l.others, l.next, l.yields = time.Now(), number+1, true
	}
}

// Batches calls f with every batch from a number on. Who follows the log has
// all but the last, so single documents are asked for first: most often there
// is none or one.
func (l *Log) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &walk{log: l, next: from, f: f}
	if bodies {
		w.bodies = &stream{log: l}
		defer w.bodies.close(ctx)
	}
	if from > 0 {
		for range tailReads {
			more, err := w.one(ctx)
			if err != nil || !more {
				return err
			}
		}
	}
	return w.rest(ctx)
}

// walk goes through the log in order.
type walk struct {
	log    *Log
	next   uint64
	bodies *stream // nil: not asked for
	f      func(*storage.Batch) error
}

// one takes the next batch, if there is one.
func (w *walk) one(ctx context.Context) (more bool, err error) {
	if b := w.log.won(w.next); b != nil {
		return true, w.take(ctx, b)
	}
	d, err := w.log.at(ctx, w.next)
	if err != nil || d == nil {
		return false, err
	}
	b, err := d.batch()
	if err != nil {
		return false, err
	}
	return true, w.take(ctx, b)
}

// won returns the batch that had the number which was wanted last, if it is
// the one that is asked for: it has just been read.
func (l *Log) won(number uint64) *storage.Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.winner
	if b == nil || b.Number != number {
		return nil
	}
	l.winner = nil
	return b
}

// errCaller marks what f returned.
type errCaller struct{ error }

func (e errCaller) Unwrap() error { return e.error }

// rest takes everything from the next number on. A cursor that ends early, as
// it does when another primary is elected, is begun anew as long as it brought
// something.
func (w *walk) rest(ctx context.Context) error {
	for {
		before := w.next
		err := w.log.store.seen.read(ctx, w.cursor)
		if own, ok := errors.AsType[errCaller](err); ok {
			return own.error
		}
		if err == nil || w.next == before || ctx.Err() != nil {
			return wrap(err, fmt.Sprintf("read batches from %d on", w.next))
		}
	}
}

// readAhead is how many batches come in one answer of a cursor, unless they
// are more than 16 MiB.
const readAhead = 64

func (w *walk) cursor(ctx context.Context) error {
	cursor, err := w.log.batches.Find(ctx, askBatches.filter(position(w.next)), askBatches.options(0).SetBatchSize(readAhead))
	if err != nil {
		return err
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(ctx) {
		var d batchDoc
		if err := cursor.Decode(&d); err != nil {
			return err
		}
		b, err := d.batch()
		if err == nil && b.Number != w.next {
			err = fmt.Errorf("the log has batch %d where %d belongs: restore it from a copy", b.Number, w.next)
		}
		if err == nil {
			err = w.take(ctx, b)
		}
		if err != nil {
			return errCaller{err}
		}
	}
	return cursor.Err()
}

// take gives a batch to the caller.
func (w *walk) take(ctx context.Context, b *storage.Batch) error {
	w.log.sees(b.Number)
	if w.bodies != nil {
		if err := w.bodies.fill(ctx, b); err != nil {
			return fmt.Errorf("batch %d: %w", b.Number, err)
		}
	}
	w.next = b.Number + 1
	return w.f(b)
}

// Close closes the connection, for the views too; it is idempotent.
func (l *Log) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), attempt)
	defer cancel()
	return l.store.conn.Close(ctx)
}

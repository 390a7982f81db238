package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"accord/internal/failpoint"
	"accord/internal/fault"
	"accord/ledger"
)

// group is what one turn of the sequencer makes of the requests it took.
type group struct {
	batch   *Batch
	mine    []*request // one for each entry of the batch
	replays []*request
	twins   []*Entry // one for each of replays
}

// commit makes one batch: judge, number, append, tree, memory, show, answer.
// Nothing is signed that may vanish. Where another writer of the log was
// faster, its batches are taken in and the requests judged again.
func (a *Archive) commit(requests []*request) {
	a.working.Store(a.monotonic())
	defer a.working.Store(0)
	for {
		g, err := a.draft(requests)
		if err == nil && len(g.mine) > 0 {
			err = a.persist(g.batch)
		}
		switch {
		case errors.Is(err, ErrConflict):
			if err = a.overtaken(); err == nil {
				requests = append(g.replays, g.mine...) // the seal stays last
				continue
			}
			g.refuse(err)
		case err != nil:
			if fault.CodeOf(err) == fault.HTTPStorageFull {
				a.refused.Store(a.monotonic())
			}
			g.refuse(err)
		default:
			a.refused.Store(0)
			a.answer(g.mine, g.batch.Entries, false)
			a.answer(g.replays, g.twins, true)
		}
		return
	}
}

// draft makes the next batch of what still stands of the requests.
func (a *Archive) draft(requests []*request) (group, error) {
	now, err := a.clock()
	if err == nil {
		err = a.skewed()
	}
	if cause := a.Err(); cause != nil {
		err = unavailable(cause)
	} else if a.sealed {
		err = errSealed
	}
	if err == nil && a.reign.over() {
		err = errSucceeded
	}
	if err != nil {
		return group{mine: requests}, err
	}
	b := &Batch{Number: a.batch, Base: a.tree.Size(), Previous: a.tree.Head(), Key: a.opt.Signer.KeyHash(), Time: now}
	if b.Base > 0 {
		// The head was durable and noted before it was shown.
		if b.Checkpoint, err = a.note(b.Previous); err != nil {
			return group{mine: requests}, err
		}
	}
	_, _ = rand.Read(b.Nonce[:]) // never fails (crypto/rand)
	return a.judge(b, requests), nil
}

// judge sorts the requests: those that no longer stand are answered, the others
// become entries of the batch or replays.
func (a *Archive) judge(b *Batch, requests []*request) group {
	g := group{batch: b}
	here := window{}
	here.begin(b.Base)
	for _, r := range requests {
		if r.draft == nil {
			if b.Seal = r.heir == nil; !b.Seal {
				b.Key = r.heir.KeyHash()
			}
			g.mine = append(g.mine, r)
			break
		}
		twin, err := a.window.judge(r.draft, r.draft.Guard.Size, b.Time)
		if err == nil && twin == nil {
			// What stands in this batch counts like what stands in the log.
			twin, err = here.judge(r.draft, b.Base, b.Time)
		}
		switch {
		case err != nil:
			r.reply <- reply{err: err}
		case twin != nil:
			g.replays, g.twins = append(g.replays, r), append(g.twins, twin)
		default:
			here.add(enter(b, r))
			g.mine = append(g.mine, r)
		}
	}
	return g
}

// refuse answers when the batch did not come to stand. A twin that stood
// before is answered with the error too: the same bytes will find it.
func (g group) refuse(err error) {
	switch fault.CodeOf(err) {
	case fault.HTTPStorageFull, fault.LedgerFork, fault.HTTPUnavailable:
	default:
		err = unavailable(err)
	}
	refuse(g.mine, err)
	refuse(g.replays, err)
}

func refuse(requests []*request, err error) {
	for _, r := range requests {
		r.reply <- reply{err: err}
	}
}

// What a record and a leaf take as a rule, so that they need not grow.
const (
	usualRecord = 896
	usualLeaf   = 320
)

// enter numbers a draft and makes its record and leaf, which is hashed last.
func enter(b *Batch, r *request) *Entry {
	rec := r.rec
	rec.Received, rec.Batch = ledger.FormatTime(b.Time), b.Number
	e := new(Entry)
	*e = *r.entry
	e.Index, e.rec, e.Record = b.End(), rec, rec.AppendCanonical(make([]byte, 0, usualRecord))
	e.Leaf = ledger.LeafOf(e.Record, r.subject, rec.Received).AppendEntry(make([]byte, 0, usualLeaf))
	b.Entries = append(b.Entries, e)
	b.Bodies = append(b.Bodies, r.draft.Body)
	return e
}

// persist makes a batch durable, then visible.
func (a *Archive) persist(b *Batch) error {
	for _, e := range b.Entries {
		e.BatchEnd = b.End()
	}
	if err := a.settle(b); err != nil {
		return err
	}
	return a.show(b)
}

// settle appends a batch until it is known whether it stands: as long as it is
// not, nothing else may be appended, and callers are told so by their timeout.
func (a *Archive) settle(b *Batch) error {
	pause, unknown := firstPause, false
	for {
		err := a.opt.Log.Append(context.Background(), b)
		full := fault.CodeOf(err) == fault.HTTPStorageFull
		switch {
		case err == nil, errors.Is(err, ErrConflict), full && !unknown:
			return err
		case !full && !errors.Is(err, ErrUnknown):
			a.fail(err)
			return err
		}
		unknown = true // a full disk says nothing of the attempt before
		a.opt.Logger.Warn("it is not known whether a batch stands; the same is appended again", slog.Uint64("batch", b.Number), slog.Any("error", err))
		select {
		case <-time.After(pause):
		case <-a.quit:
			return err // the next open finds out
		}
		pause = min(2*pause, lastPause)
	}
}

// How long a batch of unknown outcome waits before it is appended again.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

// show makes a durable batch that continues the tree visible: tree, then the
// signer's memory, then everything else.
func (a *Archive) show(b *Batch) error {
	full := a.tree.Append(hashes(b.Entries)...)
	a.took(b)
	snap := a.tree.Snapshot()
	if err := errors.Join(failpoint.At("memory.before-note"), a.opt.Memory.Note(snap.Head()), failpoint.At("show")); err != nil {
		a.fail(err)
		return err
	}
	for _, e := range b.Entries {
		a.window.add(e)
	}
	a.overlay.add(b.Entries, full, watermark(b, snap), snap)
	return nil
}

// took notes what the next batch follows.
func (a *Archive) took(b *Batch) {
	a.batch, a.lastTime, a.sealed = b.Number+1, b.Time, b.Seal
	a.shut.Store(b.Seal)
	a.reign.took(b.Number, b.Key == a.opt.Signer.KeyHash())
}

// answer gives each request its entry and the tree to prove it with: everybody
// who waits makes the proof of his own, and the next batch waits for none.
func (a *Archive) answer(requests []*request, entries []*Entry, replay bool) {
	if err := failpoint.At("answer"); err != nil {
		refuse(requests, unavailable(err))
		return
	}
	snap := a.tree.Snapshot()
	for i, r := range requests {
		if r.last() {
			r.reply <- reply{}
			continue
		}
		r.reply <- reply{entry: entries[i], snap: snap, replay: replay}
	}
}

// clock returns the time of the next batch: it never goes back, and a wall
// clock that went back far stops appending until an operator accepts it.
func (a *Archive) clock() (time.Time, error) {
	now := a.opt.Now().UTC()
	if !now.Before(a.lastTime) {
		a.accepted.Store(false)
		return now, nil
	}
	if a.lastTime.Sub(now) > maxClockBack && !a.accepted.Load() {
		return now, fault.New(fault.HTTPUnavailable, "the clock went back more than five minutes; correct it, or accept it with `accord ledger accept-clock`")
	}
	return a.lastTime, nil
}

// AcceptClock takes a wall clock that went back far as it is: batches keep the
// time of the last one until the clock has passed it.
func (a *Archive) AcceptClock() { a.accepted.Store(true) }

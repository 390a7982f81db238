package storage

import (
	"context"
	"crypto/rand"
	"time"

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
// Nothing is signed that may vanish.
func (a *Archive) commit(requests []*request) {
	now, err := a.clock()
	if cause := a.Err(); cause != nil {
		err = unavailable(cause)
	} else if a.sealed {
		err = fault.New(fault.LedgerFork, "this log is sealed: it takes nothing any more")
	}
	if err != nil {
		refuse(requests, err)
		return
	}
	b := &Batch{Number: a.batch, Base: a.tree.Size(), Previous: a.tree.Head(), Time: now}
	_, _ = rand.Read(b.Nonce[:]) // never fails (crypto/rand)
	g := a.judge(b, requests)
	if len(b.Entries) > 0 || b.Seal {
		if err := a.persist(b); err != nil {
			g.refuse(err)
			return
		}
	}
	a.answer(g.mine, b.Entries, false)
	a.answer(g.replays, g.twins, true)
}

// judge sorts the requests: those that no longer stand are answered, the others
// become entries of the batch or replays.
func (a *Archive) judge(b *Batch, requests []*request) group {
	g := group{batch: b}
	here := window{}
	here.begin(b.Base)
	for _, r := range requests {
		if r.draft == nil {
			b.Seal = true
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
	if fault.CodeOf(err) != fault.HTTPStorageFull {
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

// enter numbers a draft and makes its record and leaf, which is hashed last.
func enter(b *Batch, r *request) *Entry {
	d, rec := r.draft, r.rec
	rec.Received, rec.Batch = ledger.FormatTime(b.Time), b.Number
	e := &Entry{
		Index: b.End(), Kind: d.Kind, Key: d.Guard.Key, Issuer: d.Issuer, Media: d.Media, Status: d.Status,
		Audience: d.Audience, Fields: d.Fields, Record: rec.AppendCanonical(nil), rec: rec, keys: r.keys, fields: r.fields,
	}
	e.Leaf = ledger.LeafOf(e.Record, r.subject, rec.Received).AppendEntry(nil)
	b.Entries = append(b.Entries, e)
	b.Bodies = append(b.Bodies, d.Body)
	return e
}

// persist makes a batch durable, then visible.
func (a *Archive) persist(b *Batch) error {
	for _, e := range b.Entries {
		e.BatchEnd = b.End()
	}
	if err := a.opt.Log.Append(context.Background(), b); err != nil {
		if fault.CodeOf(err) != fault.HTTPStorageFull {
			a.fail(err)
		}
		return err
	}
	full := a.tree.Append(hashes(b.Entries)...)
	a.batch, a.lastTime, a.sealed = b.Number+1, b.Time, b.Seal
	snap := a.tree.Snapshot()
	if err := a.opt.Memory.Note(snap.Head()); err != nil {
		a.fail(err)
		return err
	}
	for _, e := range b.Entries {
		a.window.add(e)
	}
	a.overlay.add(b.Entries, full, watermark(b, snap), snap)
	return nil
}

// answer gives each request its entry and proof. Proofs are made off the
// sequencer: the next batch does not wait for them.
func (a *Archive) answer(requests []*request, entries []*Entry, replay bool) {
	if len(requests) == 0 {
		return
	}
	snap := a.tree.Snapshot()
	a.done.Add(1)
	go func() {
		defer a.done.Done()
		for i, r := range requests {
			if i >= len(entries) { // the seal
				r.reply <- reply{}
				continue
			}
			proof, err := a.proof(context.Background(), snap, entries[i].Index, entries[i].BatchEnd)
			if err != nil {
				r.reply <- reply{err: unavailable(err)}
				continue
			}
			r.reply <- reply{stored: &Stored{Entry: entries[i], Replay: replay, Proof: proof}}
		}
	}()
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

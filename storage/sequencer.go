package storage

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
)

// maxClockBack is how far the wall clock may go back before appending stops
// and an operator must look (reliability.md, 45).
const maxClockBack = 5 * time.Minute

// appendTimeout is how long a caller waits for its answer; the draft may still
// become durable afterwards, and the same bytes then find it.
const appendTimeout = 10 * time.Second

type request struct {
	draft *Draft
	reply chan reply
}

type reply struct {
	stored *Stored
	err    error
}

// window is what the sequencer remembers of the newest entries, to judge what
// was appended after a draft was checked.
type window struct {
	from     uint64 // the oldest index it knows
	keys     map[string]uint64
	contents map[attestation.Digest]*Entry
	registry uint64 // one more than the index of the last registry entry
	entries  []*Entry
}

// windowSize is how many entries the window holds at least; a draft checked
// before them is checked again.
const windowSize = 4 * maxBatchEntries

func (w *window) begin(size uint64) {
	w.from, w.registry = size, 0
	w.keys, w.contents, w.entries = map[string]uint64{}, map[attestation.Digest]*Entry{}, nil
}

func (w *window) add(e *Entry, rec *ledger.Record) {
	w.entries = append(w.entries, e)
	w.keys[e.Key] = e.Index
	w.contents[rec.Content] = e
	if e.Kind == ledger.KindRegistry {
		w.registry = e.Index + 1
	}
	if len(w.entries) < 4*windowSize {
		return
	}
	for _, old := range w.entries[:len(w.entries)-windowSize] {
		if w.keys[old.Key] == old.Index {
			delete(w.keys, old.Key)
		}
		if r, err := old.Parsed(); err == nil && w.contents[r.Content] == old {
			delete(w.contents, r.Content)
		}
	}
	w.entries = slices.Clone(w.entries[len(w.entries)-windowSize:])
	w.from = w.entries[0].Index
}

// judge says whether a draft still stands: nil, ErrStale, or the entry that
// has its content already.
func (w *window) judge(d *Draft, now time.Time) (*Entry, error) {
	if e, ok := w.contents[d.Content]; ok && e.Kind == d.Kind {
		return e, nil
	}
	g := d.Guard
	switch last, seen := w.keys[g.Key]; {
	case g.Size < w.from:
		return nil, ErrStale
	case seen && last >= g.Size:
		return nil, ErrStale
	case w.registry > g.Size && d.Kind != ledger.KindDecision && d.Kind != ledger.KindMark:
		return nil, ErrStale
	case !g.NotAfter.IsZero() && !now.Before(g.NotAfter):
		return nil, ErrStale
	}
	return nil, nil
}

// Append puts a draft into the log and returns when it is durable, with the
// proof of its receipt. The same content again returns the first entry with
// Replay set. ErrStale asks for a new check; http.storage_full says that
// nothing was written; http.unavailable that the outcome is unknown.
func (a *Archive) Append(ctx context.Context, d *Draft) (*Stored, error) {
	if err := a.Err(); err != nil {
		return nil, unavailable(err)
	}
	r := &request{draft: d, reply: make(chan reply, 1)}
	select {
	case a.queue <- r:
	case <-a.quit:
		return nil, unavailable(errClosed)
	case <-ctx.Done():
		return nil, unavailable(ctx.Err())
	}
	timer := time.NewTimer(appendTimeout)
	defer timer.Stop()
	select {
	case rep := <-r.reply:
		return rep.stored, rep.err
	case <-timer.C:
		return nil, unavailable(context.DeadlineExceeded)
	}
}

var errClosed = fault.New(fault.HTTPUnavailable, "the archive is closed")

// sequence is the one place where the order of the log is made.
func (a *Archive) sequence() {
	defer a.done.Done()
	for {
		var first *request
		select {
		case first = <-a.queue:
		case done := <-a.seals:
			done <- a.seal()
			continue
		case <-a.quit:
			a.stop()
			return
		}
		group := a.collect(first)
		a.overlay.waitBelow(maxLag)
		a.commit(group)
	}
}

// stop refuses what still waits.
func (a *Archive) stop() {
	a.mu.Lock()
	if a.cause == nil {
		a.cause = errClosed
	}
	a.mu.Unlock()
	for {
		select {
		case r := <-a.queue:
			r.reply <- reply{err: unavailable(errClosed)}
		default:
			return
		}
	}
}

// collect takes what is there, and waits a little only while more is coming.
func (a *Archive) collect(first *request) []*request {
	group := []*request{first}
	size := len(first.draft.Body)
	var deadline <-chan time.Time
	for len(group) < maxBatchEntries && size < maxBatchBytes {
		select {
		case r := <-a.queue:
			group = append(group, r)
			size += len(r.draft.Body)
			continue
		default:
		}
		if a.inflight.Load() <= int64(len(group)) {
			break
		}
		if deadline == nil {
			t := time.NewTimer(gather)
			defer t.Stop()
			deadline = t.C
		}
		select {
		case r := <-a.queue:
			group = append(group, r)
			size += len(r.draft.Body)
		case <-deadline:
			return group
		}
	}
	return group
}

// commit makes one batch of a group: judge, number, append, tree, memory,
// show, answer. Nothing is signed that may vanish.
func (a *Archive) commit(group []*request) {
	now, err := a.clock()
	if err == nil {
		err = a.Err()
	}
	if err == nil && a.sealed {
		err = fault.New(fault.LedgerFork, "this log is closed")
	}
	if err != nil {
		for _, r := range group {
			r.reply <- reply{err: err}
		}
		return
	}
	b := &Batch{Number: a.batch, Base: a.tree.Size(), Previous: a.tree.Head(), Time: now}
	_, _ = rand.Read(b.Nonce[:]) // never fails (crypto/rand)
	var mine, replays []*request
	var twins []*Entry
	inBatch := window{}
	inBatch.begin(b.Base)
	for _, r := range group {
		twin, err := a.window.judge(r.draft, now)
		if err == nil && twin == nil {
			// What stands in this batch counts like what stands in the log.
			twin, err = inBatch.judge(&Draft{Kind: r.draft.Kind, Content: r.draft.Content, Guard: Guard{Key: r.draft.Guard.Key, Size: b.Base}}, now)
		}
		switch {
		case err != nil:
			r.reply <- reply{err: err}
		case twin != nil:
			replays, twins = append(replays, r), append(twins, twin)
		default:
			e, rec := a.enter(b, r.draft, now)
			inBatch.add(e, rec)
			mine = append(mine, r)
		}
	}
	if len(mine) > 0 {
		if err := a.persist(b, mine); err != nil {
			for _, r := range replays {
				r.reply <- reply{err: unavailable(err)}
			}
			return
		}
	}
	a.answer(mine, b.Entries, false)
	a.answer(replays, twins, true)
}

// enter numbers a draft and makes its record and leaf, which is hashed last.
func (a *Archive) enter(b *Batch, d *Draft, now time.Time) (*Entry, *ledger.Record) {
	subject := d.Guard.Subject
	if subject == nil {
		s := ledger.NewSecret()
		subject = &s
	}
	salt := ledger.NewSecret()
	rec := &ledger.Record{
		Ver: ledger.RecordVersion, Kind: d.Kind, Dir: d.Dir, Partner: d.Partner, Type: d.Type, ID: d.ID, Revision: d.Revision,
		Digest: d.Digest, Signature: d.Signature, Content: d.Content, Registry: d.Registry, Received: ledger.FormatTime(now),
		Batch: b.Number, Audience: ledger.AudienceHash(salt, d.Audience), Prev: d.Guard.Prev, Subject: subject.String(), Salt: salt.String(),
	}
	e := &Entry{
		Index: b.End(), Kind: d.Kind, Key: d.Guard.Key, Issuer: d.Issuer, Media: d.Media, Status: d.Status,
		Audience: d.Audience, Fields: d.Fields, Record: rec.AppendCanonical(nil), rec: rec,
	}
	e.Leaf = ledger.LeafOf(e.Record, *subject, rec.Received).AppendEntry(nil)
	b.Entries = append(b.Entries, e)
	b.Bodies = append(b.Bodies, d.Body)
	return e, rec
}

// persist makes a batch durable, then visible.
func (a *Archive) persist(b *Batch, mine []*request) error {
	for _, e := range b.Entries {
		e.BatchEnd = b.End()
	}
	if err := a.opt.Log.Append(context.Background(), b); err != nil {
		for _, r := range mine {
			if fault.CodeOf(err) == fault.HTTPStorageFull {
				r.reply <- reply{err: err}
			} else {
				r.reply <- reply{err: unavailable(err)}
			}
		}
		if fault.CodeOf(err) != fault.HTTPStorageFull {
			a.fail(err)
		}
		return err
	}
	full := a.tree.Append(hashes(b.Entries)...)
	a.batch, a.lastTime, a.sealed = b.Number+1, b.Time, b.Seal
	snap := a.tree.Snapshot()
	if err := a.opt.Memory.Note(snap.Head()); err != nil {
		for _, r := range mine {
			r.reply <- reply{err: unavailable(err)}
		}
		a.fail(err)
		return err
	}
	for _, e := range b.Entries {
		a.window.add(e, e.rec)
	}
	a.overlay.add(b.Entries, full, a.watermark())
	a.overlay.show(b.Entries, snap)
	return nil
}

// answer gives each request its entry and proof. Proofs are made off the
// sequencer: the next batch does not wait for them.
func (a *Archive) answer(requests []*request, entries []*Entry, replay bool) {
	if len(requests) == 0 {
		return
	}
	snap := a.tree.Snapshot()
	go func() {
		for i, r := range requests {
			proof, err := a.proofIn(context.Background(), snap, entries[i])
			if err != nil {
				r.reply <- reply{err: unavailable(err)}
				continue
			}
			r.reply <- reply{stored: &Stored{Entry: entries[i], Replay: replay, Proof: proof}}
		}
	}()
}

// clock returns the time of the next batch: it never goes back, and a wall
// clock that went back far stops appending.
func (a *Archive) clock() (time.Time, error) {
	now := a.opt.Now().UTC()
	if now.Before(a.lastTime) {
		if a.lastTime.Sub(now) > maxClockBack && !a.opt.AcceptClock {
			return now, fault.New(fault.HTTPUnavailable, "the clock went back more than five minutes; correct it, or accept it with `accord ledger accept-clock`")
		}
		return a.lastTime, nil
	}
	return now, nil
}

// Seal appends the sealing batch: nothing may follow it, and who meets it
// stops. It is for an archive that was opened for that and serves nothing.
func (a *Archive) Seal(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case a.seals <- done:
		return <-done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// seal makes the sealing batch, in the sequencer.
func (a *Archive) seal() error {
	now, err := a.clock()
	if err != nil {
		return err
	}
	if a.sealed {
		return fault.New(fault.LedgerFork, "this log is closed already")
	}
	b := &Batch{Number: a.batch, Base: a.tree.Size(), Previous: a.tree.Head(), Time: now, Seal: true}
	_, _ = rand.Read(b.Nonce[:]) // never fails (crypto/rand)
	return a.persist(b, nil)
}

package storage

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"accord/internal/fault"
	"accord/ledger"
)

// maxClockBack is how far the wall clock may go back before appending stops
// and an operator must look (reliability.md, 45).
const maxClockBack = 5 * time.Minute

// appendTimeout is how long a caller waits for its answer; the draft may still
// become durable afterwards, and the same bytes then find it.
const appendTimeout = 10 * time.Second

// request is a draft on its way, with everything that can be made of it before
// its turn. Without a draft it asks for the newest state, for another key of the
// log, or else for the seal.
type request struct {
	draft   *Draft
	refresh bool
	heir    *ledger.NoteSigner
	entry   *Entry         // without index, record and leaf
	rec     *ledger.Record // without Received and Batch
	subject ledger.Secret
	reply   chan reply
}

type reply struct {
	entry  *Entry // nil for a request without a draft
	snap   *ledger.Snapshot
	replay bool
	err    error
}

// prepare makes of a draft what does not depend on its turn, and refuses what
// no view could take in: after the append it would be too late.
func (a *Archive) prepare(d *Draft) (*request, error) {
	r := &request{draft: d, reply: make(chan reply, 1)}
	if d.Guard.Subject != nil {
		r.subject = *d.Guard.Subject
	} else {
		r.subject = ledger.NewSecret()
	}
	for _, p := range d.Audience {
		if !p.Valid() {
			return nil, fault.New(fault.SchemaFormat, "the audience has what is not a partner id")
		}
	}
	if len(d.Fields.Terms) > MaxTerms || len(d.Body) > maxBatchBytes {
		return nil, fault.New(fault.SchemaLength, "more terms or octets than one entry can have")
	}
	if d.Status != nil && !json.Valid(d.Status) {
		return nil, fault.New(fault.JSONSyntax, "the status statement is not JSON")
	}
	r.entry = a.entryOf(d)
	salt := r.entry.salt()
	r.rec = &ledger.Record{
		Ver: ledger.RecordVersion, Kind: d.Kind, Dir: d.Dir, Partner: d.Partner, Type: d.Type, ID: d.ID, Revision: d.Revision,
		Digest: d.Digest, Signature: d.Signature, Content: d.Content, Registry: d.Registry, Received: ledger.FormatTime(a.opt.Now()),
		Audience: ledger.AudienceHash(salt, d.Audience), Prev: d.Guard.Prev, Subject: r.subject.String(), Salt: salt.String(),
	}
	if err := r.rec.Check(); err != nil {
		return nil, err
	}
	return r, nil
}

// Append puts a draft into the log and returns when it is durable, with the
// proof of its receipt. The same content again returns the first entry with
// Replay set. ErrStale asks for a new check; http.storage_full says that
// nothing was written; http.unavailable that the outcome is unknown. The draft
// must not be changed any more.
func (a *Archive) Append(ctx context.Context, d *Draft) (*Stored, error) {
	r, err := a.prepare(d)
	if err != nil {
		return nil, err
	}
	rep, err := a.send(ctx, r)
	if err != nil {
		return nil, err
	}
	proof, err := a.receipt(context.WithoutCancel(ctx), rep.snap, rep.entry)
	if err != nil {
		return nil, unavailable(err)
	}
	return &Stored{Entry: rep.entry, Replay: rep.replay, Proof: proof}, nil
}

// Seal appends the sealing batch: nothing follows it, here or at the next
// open. It is for a log that is closed, copied or goes on under a new origin.
func (a *Archive) Seal(ctx context.Context) error {
	_, err := a.send(ctx, &request{reply: make(chan reply, 1)})
	return err
}

// Succeed gives the log another key: an empty batch names it and carries the
// last checkpoint of the key before, so that every receipt stays what it was.
// Nothing follows in this archive: it is opened again with the new key, and
// cannot be opened with the one before.
func (a *Archive) Succeed(ctx context.Context, heir *ledger.NoteSigner) error {
	if heir.Origin() != a.opt.Signer.Origin() || heir.KeyHash() == a.opt.Signer.KeyHash() {
		return fault.New(fault.KeyRejected, "the new key of the log must be another one of the same origin")
	}
	if slices.Contains(a.opt.Former, heir.VKey()) {
		return fault.New(fault.KeyRejected, "a former key of the log cannot be its key again")
	}
	_, err := a.send(ctx, &request{heir: heir, reply: make(chan reply, 1)})
	return err
}

// send queues a request and waits for its answer.
func (a *Archive) send(ctx context.Context, r *request) (reply, error) {
	if err := a.Err(); err != nil {
		return reply{}, unavailable(err)
	}
	queue := a.queue
	if r.refresh {
		queue = a.looks
	}
	select {
	case queue <- r:
	case <-a.quit:
		return reply{}, unavailable(errClosed)
	case <-ctx.Done():
		return reply{}, unavailable(ctx.Err())
	}
	timer := time.NewTimer(appendTimeout)
	defer timer.Stop()
	select {
	case rep := <-r.reply:
		return rep, rep.err
	case <-a.gone:
		// What was answered at the last moment is here by now.
		select {
		case rep := <-r.reply:
			return rep, rep.err
		default:
			return reply{}, unavailable(errClosed)
		}
	case <-timer.C:
		return reply{}, unavailable(context.DeadlineExceeded)
	case <-ctx.Done():
		return reply{}, unavailable(ctx.Err())
	}
}

var errClosed = fault.New(fault.HTTPUnavailable, "the archive is closed")

// sequence is the one place where the order of the log is made.
func (a *Archive) sequence() {
	defer a.done.Done()
	defer close(a.ended)
	var look <-chan time.Time
	if a.opt.Shared {
		t := time.NewTicker(followPause)
		defer t.Stop()
		look = t.C
	}
	for {
		var first *request
		select {
		case <-a.quit: // before what waits: the last batch may be of unknown outcome
			a.stop()
			return
		default:
		}
		select {
		case first = <-a.queue:
		case r := <-a.looks:
			a.look(r)
			continue
		case <-look:
			if err := a.follow(); err != nil {
				a.opt.Logger.Warn("what other gateways appended cannot be read", slog.Any("error", err))
			}
			continue
		case <-a.quit:
			a.stop()
			return
		}
		group := a.collect(first)
		if err := a.awaitViews(); err != nil {
			a.refused.Store(a.monotonic())
			refuse(group, err)
			continue
		}
		if last := len(group) - 1; last > 0 && group[last].heir != nil {
			a.commit(group[:last]) // the key before signs for them
			group = group[last:]
		}
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
		case r := <-a.looks:
			r.reply <- reply{err: unavailable(errClosed)}
		default:
			return
		}
	}
}

// collect takes what is there, and waits a little only while more is coming.
func (a *Archive) collect(first *request) []*request {
	group := []*request{first}
	size := first.size()
	var deadline <-chan time.Time
	for len(group) < maxBatchEntries && size < maxBatchBytes && !group[len(group)-1].last() {
		select {
		case r := <-a.queue:
			group = append(group, r)
			size += r.size()
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
			size += r.size()
		case <-deadline:
			return group
		}
	}
	return group
}

// last says whether nothing may follow the request in its batch.
func (r *request) last() bool { return r.draft == nil && !r.refresh }

func (r *request) size() int {
	if r.draft == nil {
		return 0
	}
	return len(r.draft.Body)
}

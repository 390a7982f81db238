package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"

	"accord/internal/failpoint"
	"accord/ledger"
	"accord/storage"
)

// kindNumbers are the kinds as rows keep them; they never change.
var kindNumbers = map[ledger.Kind]int{
	ledger.KindAttestation: 1, ledger.KindStatus: 2, ledger.KindRegistry: 3,
	ledger.KindDecision: 4, ledger.KindMark: 5, ledger.KindAck: 6,
}

// The statements of the writer. What is applied again stands already.
const (
	sqlEntry     = `INSERT OR IGNORE INTO entries (idx, kind, audience, batch_end, ref, head_len, body_len, line) VALUES (?,?,?,?,?,?,?,?)`
	sqlKind      = `INSERT OR IGNORE INTO kinds (kind, idx) VALUES (?,?)`
	sqlTile      = `INSERT OR IGNORE INTO tiles (level, n, data) VALUES (?,?,?)`
	sqlFilter    = `INSERT OR REPLACE INTO filters (epoch, bits) VALUES (?,?)`
	sqlWatermark = `INSERT OR REPLACE INTO watermark (one, batch, size, root, frontier) VALUES (1,?,?,?,?)`
	sqlRun       = `INSERT INTO runs (data) VALUES (?)`
	sqlDropRuns  = `DELETE FROM runs`
	sqlBlock     = `INSERT INTO blocks (epoch, first, data) VALUES (?,?,?)`
)

// writer is the one connection that writes, with its statements prepared once.
type writer struct {
	conn *sql.Conn
	stmt map[string]*sql.Stmt

	line []byte // of the entry that is written; SQLite copies it
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, stmt: map[string]*sql.Stmt{}}
	// Readers go from page to page; the writer comes back to the same ones.
	if _, err := conn.ExecContext(ctx, `PRAGMA cache_size = -8000`); err != nil {
		return nil, errors.Join(err, w.close())
	}
	for _, text := range []string{sqlEntry, sqlKind, sqlTile, sqlFilter, sqlWatermark, sqlRun, sqlDropRuns, sqlBlock} {
		if w.stmt[text], err = conn.PrepareContext(ctx, text); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

func (w *writer) close() error {
	if w == nil {
		return nil
	}
	var errs []error
	for _, s := range w.stmt {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// exec runs a statement and lets others go first: the views are written beside
// the requests and must not hold them up.
func (w *writer) exec(ctx context.Context, text string, args ...any) error {
	_, err := w.stmt[text].ExecContext(ctx, args...)
	runtime.Gosched()
	return err
}

// applied is what a transaction adds, for memory to know after the commit.
type applied struct {
	sets   []set
	lookup growth
	mark   storage.Watermark
}

// Apply takes entries in, all or nothing. The watermark is only ever raised.
func (x *Index) Apply(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, mark storage.Watermark) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := x.settle(ctx); err != nil {
		return fmt.Errorf("apply to index: %w", err)
	}
	if mark.Batch <= x.mark.Batch {
		return nil
	}
	for len(entries) > 0 && entries[0].Index < x.mark.Size {
		entries = entries[1:]
	}
	if len(entries) > 0 && entries[0].Index > x.mark.Size {
		return fmt.Errorf("apply to index: entry %d where %d belongs", entries[0].Index, x.mark.Size)
	}
	w := x.writer
	if _, err := w.conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return fmt.Errorf("apply to index: %w", spaceless(err))
	}
	done, err := x.apply(ctx, entries, tiles, mark)
	if err == nil {
		x.unsure = &done
		err = w.commit(ctx)
	}
	if err != nil {
		// The transaction may be over already.
		_, _ = w.conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return fmt.Errorf("apply to index: %w", spaceless(err))
	}
	x.adopt()
	return nil
}

func (w *writer) commit(ctx context.Context) error {
	if err := failpoint.At("index.before-commit"); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, `COMMIT`); err != nil {
		return err
	}
	return failpoint.At("index.after-commit")
}

// settle finds out whether a commit that said it failed stands all the same:
// what stands cannot be inserted again.
func (x *Index) settle(ctx context.Context) error {
	if x.unsure == nil {
		return nil
	}
	w, err := x.watermark(ctx)
	if err != nil {
		return err
	}
	if w.Batch == x.unsure.mark.Batch {
		x.adopt()
	}
	x.unsure = nil
	return nil
}

// adopt takes in what was committed.
func (x *Index) adopt() {
	x.audiences.add(x.unsure.sets)
	x.lookup.adopt(x.unsure.lookup)
	x.mark, x.unsure = x.unsure.mark, nil
}

// apply writes the rows and returns what memory has to know after the commit.
func (x *Index) apply(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, mark storage.Watermark) (done applied, err error) {
	w := x.writer
	done.mark = mark
	if done.sets, err = x.audiences.insert(ctx, w.conn, entries); err != nil {
		return done, err
	}
	var all []posting
	for _, e := range entries {
		if err := w.entry(ctx, e, x.audiences.id(e.Audience, done.sets)); err != nil {
			return done, err
		}
		keys, err := e.Lookups()
		if err != nil {
			return done, err
		}
		for _, k := range keys {
			all = append(all, posting{k, e.Index})
		}
	}
	if done.lookup, err = x.lookup.insert(ctx, w, all); err != nil {
		return done, err
	}
	for _, t := range tiles {
		if err := w.exec(ctx, sqlTile, t.Level, int64(t.N), t.Data); err != nil {
			return done, err
		}
	}
	return done, w.exec(ctx, sqlWatermark, int64(mark.Batch), int64(mark.Size), mark.Root[:], mark.Frontier)
}

// entry writes the row of an entry, and that of its kind where kinds are few.
func (w *writer) entry(ctx context.Context, e *storage.Entry, audience int64) error {
	hash := e.Hash()
	var err error
	if w.line, err = storage.AppendFeedLine(append(w.line[:0], hash[:]...), e); err != nil {
		return err
	}
	if err := w.exec(ctx, sqlEntry, int64(e.Index), kindNumbers[e.Kind], audience, int64(e.BatchEnd), int64(e.Ref), e.HeadLen, e.BodyLen, w.line); err != nil {
		return err
	}
	if e.Kind == ledger.KindAttestation {
		return nil
	}
	return w.exec(ctx, sqlKind, kindNumbers[e.Kind], int64(e.Index))
}

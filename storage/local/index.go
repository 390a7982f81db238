package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	"modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"accord/internal/failpoint"
	"accord/internal/fault"
	"accord/storage"
)

// schemaVersion is the form of the view: a file of another one is put away and
// made anew.
const schemaVersion = 3

// schema keeps queries simple: every way to find an entry is one key of lookup
// (runs, blocks, filters), every feed is a merge of the few sets of partners
// that stand for audiences. What an entry says stands in the journal alone; its
// row says where.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS entries (
		idx INTEGER PRIMARY KEY, kind INTEGER NOT NULL, audience INTEGER NOT NULL,
		batch_end INTEGER NOT NULL, ref INTEGER NOT NULL, head_len INTEGER NOT NULL, body_len INTEGER NOT NULL,
		line BLOB NOT NULL)`,
	`CREATE INDEX IF NOT EXISTS feed ON entries (audience, idx)`,
	`CREATE TABLE IF NOT EXISTS kinds (kind INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (kind, idx)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS runs (n INTEGER PRIMARY KEY, data BLOB NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS blocks (epoch INTEGER NOT NULL, first INTEGER NOT NULL, data BLOB NOT NULL)`,
	`CREATE UNIQUE INDEX IF NOT EXISTS block ON blocks (epoch, first)`,
	`CREATE TABLE IF NOT EXISTS filters (epoch INTEGER PRIMARY KEY, bits BLOB NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS audiences (id INTEGER PRIMARY KEY, partners TEXT NOT NULL UNIQUE)`,
	`CREATE TABLE IF NOT EXISTS tiles (level INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (level, n)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS watermark (one INTEGER PRIMARY KEY CHECK (one = 1),
		batch INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, frontier BLOB NOT NULL)`,
	fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion),
}

// Index is the view in a SQLite file. One writer, many readers.
type Index struct {
	path    string
	journal *Journal // has what the rows point at

	mu     sync.RWMutex      // held by every question; alone while files are switched
	closed bool              // guarded by mu
	db     *sql.DB           // WAL lets readers and the writer work side by side; guarded by mu
	writer *writer           // guarded by mu; used by one Apply at a time
	mark   storage.Watermark // of the writer
	unsure *applied          // what may have been committed; of the writer

	audiences audiences
	lookup    lookup

	// statements are the prepared questions by their text: there are few, and
	// preparing one costs more than answering it.
	statements sync.Map
}

var _ storage.Index = (*Index)(nil)

// OpenIndex opens the view at path of a journal, which has to be open as long as
// it is asked, and makes an empty one when there is none or when it is of another
// form or damaged. What is left of a renewal that was not finished
// is removed.
func OpenIndex(ctx context.Context, path string, journal *Journal) (*Index, error) {
	x := &Index{path: path, journal: journal}
	if err := removeFiles(renewalPath(path)); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	err := x.open(ctx)
	if errors.Is(damaged(err), storage.ErrDamaged) {
		_ = x.closeFiles() // of what is thrown away: the log makes it anew
		if err = removeFiles(path); err == nil {
			err = x.open(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open index: %w", err), x.Close())
	}
	return x, nil
}

// damaged marks an error that says that the file is not what was written.
func damaged(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the rest says where it was noticed
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", storage.ErrDamaged, err)
	}
	return err
}

// spaceless gives an error of a write its code when there is no space. SQLite
// says so of a disk that is full, and of a file that may not grow only that it
// could not be written.
func spaceless(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE:
		return fault.Wrap(err, fault.HTTPStorageFull, "the views of the archive have no space")
	}
	return err
}

// open opens or makes the files and reads what is kept in memory.
func (x *Index) open(ctx context.Context) error {
	// SQLite takes the mode of the file for those beside it; what stands in
	// them is as private as the journal.
	f, err := os.OpenFile(x.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if x.db, err = openDB(x.path); err != nil {
		return err
	}
	var version int
	if err := x.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if version != schemaVersion {
		if err := errors.Join(x.db.Close(), removeFiles(x.path)); err != nil {
			return err
		}
		if x.db, err = openDB(x.path); err != nil {
			return err
		}
	}
	for _, s := range schema {
		if _, err := x.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	if err := os.Chmod(x.path, 0o600); err != nil {
		return err
	}
	return x.load(ctx)
}

func openDB(path string) (*sql.DB, error) {
	// The log decides durability: NORMAL may lose the last writes of the view,
	// which are then applied again. Pages that are written again and again are
	// copied out of the write-ahead log once for 16 MiB of it.
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)&_pragma=cache_size(-2000)&_pragma=mmap_size(0)&_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(6)
	db.SetMaxIdleConns(6)
	return db, nil
}

// load reads what is kept in memory.
func (x *Index) load(ctx context.Context) error {
	if err := x.audiences.load(ctx, x.db); err != nil {
		return err
	}
	w, err := x.watermark(ctx)
	if err != nil {
		return err
	}
	x.mark, x.unsure = w, nil
	if err := x.lookup.load(ctx, x.db, w.Size); err != nil {
		return err
	}
	x.writer, err = newWriter(ctx, x.db)
	return err
}

// Watermark returns how far the view is.
func (x *Index) Watermark(ctx context.Context) (storage.Watermark, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.watermark(ctx)
}

func (x *Index) watermark(ctx context.Context) (storage.Watermark, error) {
	var w storage.Watermark
	var root []byte
	err := x.db.QueryRowContext(ctx, `SELECT batch, size, root, frontier FROM watermark`).Scan(&w.Batch, &w.Size, &root, &w.Frontier)
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Watermark{}, nil
	}
	if err != nil {
		return w, fmt.Errorf("read watermark: %w", damaged(err))
	}
	copy(w.Root[:], root)
	return w, nil
}

// renewalPath is where the next generation of a view is made.
func renewalPath(path string) string { return path + ".next" }

// renewal is the next generation of a view in a file beside it.
type renewal struct {
	*Index
	target *Index
}

// Renew begins the next generation of the view, empty, beside this one.
func (x *Index) Renew(ctx context.Context) (storage.Renewal, error) {
	next, err := OpenIndex(ctx, renewalPath(x.path), x.journal)
	if err != nil {
		return nil, err
	}
	return &renewal{Index: next, target: x}, nil
}

// Switch puts the new generation in the place of the old one. Questions wait
// for the moment it takes. If it ends in between, the next open finds one
// whole view or makes it anew from the log.
func (r *renewal) Switch(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // half of it is worse than all of it
	x := r.target
	x.mu.Lock()
	defer x.mu.Unlock()
	if r.mark.Batch > 0 && r.mark.Batch < x.mark.Batch {
		return storage.ErrBehind
	}
	if err := errors.Join(r.Index.Close(), x.closeFiles()); err != nil {
		return fmt.Errorf("switch index: %w", err)
	}
	if err := errors.Join(failpoint.At("renewal.before-remove"), removeFiles(x.path), failpoint.At("renewal.before-rename")); err != nil {
		return fmt.Errorf("switch index: %w", err)
	}
	if err := os.Rename(r.Index.path, x.path); err != nil {
		return fmt.Errorf("switch index: %w", err)
	}
	x.statements.Clear()
	if err := x.open(ctx); err != nil {
		return fmt.Errorf("switch index: %w", err)
	}
	return nil
}

// Discard gives the new generation up.
func (r *renewal) Discard() error {
	return errors.Join(r.Index.Close(), removeFiles(r.Index.path))
}

// removeFiles removes a database with what SQLite keeps beside it.
func removeFiles(path string) error {
	var errs []error
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Close closes the file.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	return x.closeFiles()
}

// closeFiles is called with mu held.
func (x *Index) closeFiles() error {
	if x.db == nil {
		return nil
	}
	return errors.Join(x.writer.close(), x.db.Close())
}

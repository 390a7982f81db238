package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// schemaVersion is the generation of the view: another one is emptied and made
// anew.
const schemaVersion = 1

// schema keeps queries simple: every way to find an entry is one row of lookup,
// every feed is a merge of the few sets of partners that stand for audiences.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS entries (
		idx INTEGER PRIMARY KEY, kind INTEGER NOT NULL, audience INTEGER NOT NULL,
		batch_end INTEGER NOT NULL, ref INTEGER NOT NULL, body_len INTEGER NOT NULL,
		entry BLOB NOT NULL, line BLOB NOT NULL)`,
	`CREATE INDEX IF NOT EXISTS feed ON entries (audience, idx)`,
	`CREATE TABLE IF NOT EXISTS kinds (kind INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (kind, idx)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS lookup (key INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (key, idx)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS audiences (id INTEGER PRIMARY KEY, partners TEXT NOT NULL UNIQUE)`,
	`CREATE TABLE IF NOT EXISTS members (partner TEXT NOT NULL, audience INTEGER NOT NULL, PRIMARY KEY (partner, audience)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS tiles (level INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (level, n)) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS watermark (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,
		batch INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, frontier BLOB NOT NULL)`,
}

// kindNumbers are the kinds as rows keep them; they never change.
var kindNumbers = map[ledger.Kind]int{
	ledger.KindAttestation: 1, ledger.KindStatus: 2, ledger.KindRegistry: 3,
	ledger.KindDecision: 4, ledger.KindMark: 5, ledger.KindAck: 6,
}

// Index is the view in a SQLite file. One writer, many readers.
type Index struct {
	db *sql.DB // readers and the writer; WAL lets them work side by side

	mu        sync.RWMutex
	audiences map[string]int64                  // by joined partners; guarded by mu
	members   map[attestation.PartnerID][]int64 // audience ids of a partner; guarded by mu
	sets      map[int64][]attestation.PartnerID // guarded by mu
	size      uint64                            // of the watermark; of the writer
	closed    bool                              // guarded by mu

	// statements are the prepared questions by their text: there are few, and
	// preparing one costs more than answering it.
	statements sync.Map
}

var _ storage.Index = (*Index)(nil)

// OpenIndex opens the view at path and makes an empty one when there is none or
// when it is of another generation.
func OpenIndex(ctx context.Context, path string) (*Index, error) {
	// SQLite takes the mode of the file for those beside it; what stands in
	// them is as private as the journal.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	// The log decides durability: NORMAL may lose the last writes of the view,
	// which are then applied again.
	dsn := "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)&_pragma=cache_size(-16000)&_pragma=mmap_size(0)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	db.SetMaxOpenConns(6)
	db.SetMaxIdleConns(6)
	x := &Index{db: db}
	if err := x.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open index: %w", err), db.Close())
	}
	return x, nil
}

func (x *Index) open(ctx context.Context) error {
	for _, s := range schema {
		if _, err := x.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	var version int
	err := x.db.QueryRowContext(ctx, `SELECT version FROM watermark`).Scan(&version)
	if err == nil && version != schemaVersion {
		return x.Reset(ctx)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return x.load(ctx)
}

// load reads the sets of partners, of which there are few.
func (x *Index) load(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.audiences, x.members, x.sets = map[string]int64{}, map[attestation.PartnerID][]int64{}, map[int64][]attestation.PartnerID{}
	rows, err := x.db.QueryContext(ctx, `SELECT id, partners FROM audiences ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var joined string
		if err := rows.Scan(&id, &joined); err != nil {
			return err
		}
		x.remember(id, joined)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	w, err := x.Watermark(ctx)
	x.size = w.Size
	return err
}

func (x *Index) remember(id int64, joined string) {
	x.audiences[joined] = id
	for p := range strings.FieldsSeq(joined) {
		x.members[attestation.PartnerID(p)] = append(x.members[attestation.PartnerID(p)], id)
		x.sets[id] = append(x.sets[id], attestation.PartnerID(p))
	}
}

// Watermark returns how far the view is.
func (x *Index) Watermark(ctx context.Context) (storage.Watermark, error) {
	var w storage.Watermark
	var root []byte
	err := x.db.QueryRowContext(ctx, `SELECT batch, size, root, frontier FROM watermark`).Scan(&w.Batch, &w.Size, &root, &w.Frontier)
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Watermark{}, nil
	}
	if err != nil {
		return w, fmt.Errorf("read watermark: %w", err)
	}
	copy(w.Root[:], root)
	return w, nil
}

// Apply takes entries in, all or nothing.
func (x *Index) Apply(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, w storage.Watermark) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("apply to index: %w", err)
	}
	fresh := map[string]int64{}
	if err := x.apply(ctx, tx, entries, tiles, w, fresh); err != nil {
		return errors.Join(fmt.Errorf("apply to index: %w", err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit index: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for joined, id := range fresh {
		x.remember(id, joined)
	}
	x.size = w.Size
	return nil
}

func (x *Index) apply(ctx context.Context, tx *sql.Tx, entries []*storage.Entry, tiles []ledger.FullTile, w storage.Watermark, fresh map[string]int64) error {
	insert, err := tx.PrepareContext(ctx, `INSERT OR IGNORE INTO entries (idx, kind, audience, batch_end, ref, body_len, entry, line) VALUES (?,?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	var pairs [][2]int64
	for _, e := range entries {
		if e.Index < x.size {
			continue
		}
		audience, err := x.audienceID(ctx, tx, e.Audience, fresh)
		if err != nil {
			return err
		}
		raw, err := storage.AppendEntry(nil, e)
		if err != nil {
			return err
		}
		hash := e.Hash()
		line, err := storage.AppendFeedLine(hash[:], e)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, int64(e.Index), kindNumbers[e.Kind], audience, int64(e.BatchEnd), int64(e.Ref), e.BodyLen, raw, line); err != nil {
			return err
		}
		if e.Kind != ledger.KindAttestation {
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO kinds (kind, idx) VALUES (?,?)`, kindNumbers[e.Kind], int64(e.Index)); err != nil {
				return err
			}
		}
		keys, err := e.Lookups()
		if err != nil {
			return err
		}
		for _, k := range keys {
			pairs = append(pairs, [2]int64{k, int64(e.Index)})
		}
	}
	if err := insertPairs(ctx, tx, pairs); err != nil {
		return err
	}
	for _, t := range tiles {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO tiles (level, n, data) VALUES (?,?,?)`, t.Level, int64(t.N), t.Data); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO watermark (one, version, batch, size, root, frontier) VALUES (1,?,?,?,?,?)`,
		schemaVersion, int64(w.Batch), int64(w.Size), w.Root[:], w.Frontier)
	return err
}

// pairRows is how many rows of lookup one statement takes: sorted and together
// they cost a third of what they cost one by one.
const pairRows = 64

func insertPairs(ctx context.Context, tx *sql.Tx, pairs [][2]int64) error {
	slices.SortFunc(pairs, func(a, b [2]int64) int {
		if a[0] != b[0] {
			if a[0] < b[0] {
				return -1
			}
			return 1
		}
		return int(a[1] - b[1])
	})
	prepare := func(n int) (*sql.Stmt, error) {
		return tx.PrepareContext(ctx, `INSERT OR IGNORE INTO lookup (key, idx) VALUES `+strings.TrimSuffix(strings.Repeat("(?,?),", n), ","))
	}
	for n := pairRows; len(pairs) > 0; {
		n = min(n, len(pairs))
		stmt, err := prepare(n)
		if err != nil {
			return err
		}
		args := make([]any, 0, 2*n)
		for len(pairs) >= n && n > 0 {
			args = args[:0]
			for _, p := range pairs[:n] {
				args = append(args, p[0], p[1])
			}
			if _, err := stmt.ExecContext(ctx, args...); err != nil {
				return errors.Join(err, stmt.Close())
			}
			pairs = pairs[n:]
		}
		if err := stmt.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) audienceID(ctx context.Context, tx *sql.Tx, set []attestation.PartnerID, fresh map[string]int64) (int64, error) {
	names := make([]string, len(set))
	for i, p := range set {
		names[i] = string(p)
	}
	joined := strings.Join(names, " ")
	x.mu.RLock()
	id, ok := x.audiences[joined]
	x.mu.RUnlock()
	if ok {
		return id, nil
	}
	if id, ok := fresh[joined]; ok {
		return id, nil
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO audiences (partners) VALUES (?)`, joined)
	if err != nil {
		return 0, err
	}
	if id, err = res.LastInsertId(); err != nil {
		return 0, err
	}
	for _, n := range names {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO members (partner, audience) VALUES (?,?)`, n, id); err != nil {
			return 0, err
		}
	}
	fresh[joined] = id
	return id, nil
}

// Lookup returns, newest first, indexes found by all the keys.
func (x *Index) Lookup(ctx context.Context, keys []int64, before uint64, limit int) ([]uint64, error) {
	if len(keys) == 0 {
		return x.newest(ctx, before, limit)
	}
	query := `SELECT idx FROM lookup a WHERE a.key = ? AND a.idx < ?`
	args := []any{keys[0], clamp(before)}
	for _, k := range keys[1:] {
		query += ` AND EXISTS (SELECT 1 FROM lookup b WHERE b.key = ? AND b.idx = a.idx)`
		args = append(args, k)
	}
	return x.indexes(ctx, query+` ORDER BY a.idx DESC LIMIT ?`, append(args, limit)...)
}

func (x *Index) newest(ctx context.Context, before uint64, limit int) ([]uint64, error) {
	return x.indexes(ctx, `SELECT idx FROM entries WHERE idx < ? ORDER BY idx DESC LIMIT ?`, clamp(before), limit)
}

// clamp keeps "no bound" inside what SQLite counts with.
func clamp(n uint64) int64 { return int64(min(n, 1<<62)) }

// ask runs a prepared question.
func (x *Index) ask(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt, ok := x.statements.Load(query); ok {
		return stmt.(*sql.Stmt).QueryContext(ctx, args...)
	}
	stmt, err := x.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if first, loaded := x.statements.LoadOrStore(query, stmt); loaded {
		if err := stmt.Close(); err != nil {
			return nil, err
		}
		stmt = first.(*sql.Stmt)
	}
	return stmt.QueryContext(ctx, args...)
}

func (x *Index) indexes(ctx context.Context, query string, args ...any) ([]uint64, error) {
	rows, err := x.ask(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query index: %w", err)
	}
	defer rows.Close()
	var out []uint64
	for rows.Next() {
		var i int64
		if err := rows.Scan(&i); err != nil {
			return nil, fmt.Errorf("query index: %w", err)
		}
		out = append(out, uint64(i))
	}
	return out, rows.Err()
}

const entryColumns = `idx, batch_end, ref, body_len, entry`

// Entries returns the entries of the given indexes, in that order.
func (x *Index) Entries(ctx context.Context, indexes []uint64) ([]*storage.Entry, error) {
	var out []*storage.Entry
	for _, i := range indexes {
		got, err := x.entries(ctx, `SELECT `+entryColumns+` FROM entries WHERE idx = ?`, int64(i))
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// Kinds returns, in order, entries of one kind from an index on.
func (x *Index) Kinds(ctx context.Context, kind ledger.Kind, from uint64, limit int) ([]*storage.Entry, error) {
	if kind == ledger.KindAttestation {
		return x.entries(ctx, `SELECT `+entryColumns+` FROM entries WHERE kind = ? AND idx >= ? ORDER BY idx LIMIT ?`, kindNumbers[kind], clamp(from), limit)
	}
	return x.entries(ctx, `SELECT `+entryColumns+` FROM entries WHERE idx IN (SELECT idx FROM kinds WHERE kind = ? AND idx >= ? ORDER BY idx LIMIT ?) ORDER BY idx`, kindNumbers[kind], clamp(from), limit)
}

func (x *Index) entries(ctx context.Context, query string, args ...any) ([]*storage.Entry, error) {
	rows, err := x.ask(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query index: %w", err)
	}
	defer rows.Close()
	var out []*storage.Entry
	for rows.Next() {
		var idx, end, ref int64
		var length int
		var raw []byte
		if err := rows.Scan(&idx, &end, &ref, &length, &raw); err != nil {
			return nil, fmt.Errorf("query index: %w", err)
		}
		e, err := storage.ParseEntry(raw)
		if err != nil {
			return nil, fmt.Errorf("entry %d of the index: %w", idx, err)
		}
		e.Index, e.BatchEnd, e.Ref, e.BodyLen = uint64(idx), uint64(end), uint64(ref), length
		out = append(out, e)
	}
	return out, rows.Err()
}

// Feed returns lines of what a partner may see: a merge over the sets of
// partners that the partner is in.
func (x *Index) Feed(ctx context.Context, p attestation.PartnerID, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	x.mu.RLock()
	sets := slices.Clone(x.members[p])
	x.mu.RUnlock()
	var out []storage.FeedLine
	for _, set := range sets {
		lines, err := x.feedOf(ctx, set, after, bound, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, lines...)
	}
	if len(sets) > 1 {
		slices.SortFunc(out, func(a, b storage.FeedLine) int { return int(int64(a.Index) - int64(b.Index)) })
	}
	return out[:min(len(out), limit)], nil
}

func (x *Index) feedOf(ctx context.Context, set int64, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	rows, err := x.ask(ctx, `SELECT idx, line FROM entries WHERE audience = ? AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?`, set, clamp(after), clamp(bound), limit)
	if err != nil {
		return nil, fmt.Errorf("query feed: %w", err)
	}
	defer rows.Close()
	out := make([]storage.FeedLine, 0, min(limit, 1024))
	for rows.Next() {
		var idx int64
		var line []byte
		if err := rows.Scan(&idx, &line); err != nil {
			return nil, fmt.Errorf("query feed: %w", err)
		}
		l := storage.FeedLine{Index: uint64(idx), JSON: line[ledgerHash:]}
		copy(l.Hash[:], line)
		out = append(out, l)
	}
	return out, rows.Err()
}

// ReadTile returns a full tile.
func (x *Index) ReadTile(ctx context.Context, level int, n uint64) ([]byte, error) {
	var data []byte
	if err := x.db.QueryRowContext(ctx, `SELECT data FROM tiles WHERE level = ? AND n = ?`, level, int64(n)).Scan(&data); err != nil {
		return nil, fmt.Errorf("read tile %d/%d: %w", level, n, err)
	}
	return data, nil
}

// Reset empties the view, all or nothing: a watermark without its rows would
// be believed.
func (x *Index) Reset(ctx context.Context) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("empty index: %w", err)
	}
	for _, t := range []string{"watermark", "entries", "kinds", "lookup", "audiences", "members", "tiles"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+t); err != nil {
			return errors.Join(fmt.Errorf("empty index: %w", err), tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("empty index: %w", err)
	}
	return x.load(ctx)
}

// Close closes the file.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil
	}
	x.closed = true
	return x.db.Close()
}

package local

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// clamp keeps "no bound" inside what SQLite counts with.
func clamp(n uint64) int64 { return int64(min(n, 1<<62)) }

// ask runs a prepared question. A limit belongs into its text: SQLite looks at
// a bound one when it plans and would plan anew for every other value.
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

// limited adds a limit to a question, rounded up so that there are few texts to
// prepare; the caller stops where it has enough.
func limited(query string, limit int) string {
	return query + " LIMIT " + strconv.Itoa(1<<bits.Len(uint(max(limit, 1)-1)))
}

func (x *Index) newest(ctx context.Context, before uint64, limit int) ([]uint64, error) {
	rows, err := x.ask(ctx, limited(`SELECT idx FROM entries WHERE idx < ? ORDER BY idx DESC`, limit), clamp(before))
	if err != nil {
		return nil, fmt.Errorf("query index: %w", damaged(err))
	}
	defer rows.Close()
	var out []uint64
	for len(out) < limit && rows.Next() {
		var i int64
		if err := rows.Scan(&i); err != nil {
			return nil, fmt.Errorf("query index: %w", damaged(err))
		}
		out = append(out, uint64(i))
	}
	return out, damaged(rows.Err())
}

const entryColumns = `idx, audience, batch_end, ref, head_len, body_len`

// Entries returns the entries of the given indexes, in that order.
func (x *Index) Entries(ctx context.Context, indexes []uint64) ([]*storage.Entry, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	switch len(indexes) {
	case 0:
		return nil, nil
	case 1:
		return x.entries(ctx, 1, `SELECT `+entryColumns+` FROM entries WHERE idx = ?`, int64(indexes[0]))
	}
	var list strings.Builder
	for i, n := range indexes {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteString(strconv.FormatUint(n, 10))
	}
	got, err := x.entries(ctx, len(indexes), `SELECT `+entryColumns+` FROM entries WHERE idx IN (SELECT value FROM json_each(?))`, "["+list.String()+"]")
	if err != nil {
		return nil, err
	}
	found := make(map[uint64]*storage.Entry, len(got))
	for _, e := range got {
		found[e.Index] = e
	}
	out := got[:0]
	for _, n := range indexes {
		if e, ok := found[n]; ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// Kinds returns, in order, entries of one kind from an index on.
func (x *Index) Kinds(ctx context.Context, kind ledger.Kind, from uint64, limit int) ([]*storage.Entry, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if kind == ledger.KindAttestation {
		return x.entries(ctx, limit, limited(`SELECT `+entryColumns+` FROM entries WHERE kind = ? AND idx >= ? ORDER BY idx`, limit), kindNumbers[kind], clamp(from))
	}
	few := limited(`SELECT idx FROM kinds WHERE kind = ? AND idx >= ? ORDER BY idx`, limit)
	return x.entries(ctx, limit, `SELECT `+entryColumns+` FROM entries WHERE idx IN (`+few+`) ORDER BY idx`, kindNumbers[kind], clamp(from))
}

func (x *Index) entries(ctx context.Context, limit int, query string, args ...any) ([]*storage.Entry, error) {
	rows, err := x.ask(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query index: %w", err)
	}
	defer rows.Close()
	var out []*storage.Entry
	for len(out) < limit && rows.Next() {
		var idx, audience, end, ref int64
		var head, body int
		if err := rows.Scan(&idx, &audience, &end, &ref, &head, &body); err != nil {
			return nil, fmt.Errorf("query index: %w", err)
		}
		e, err := x.journal.entry(uint64(ref), head)
		if err == nil && !x.audiences.are(audience, e.Audience) {
			err = errAudience
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d of the index: %w", idx, err)
		}
		e.Index, e.BatchEnd, e.Ref, e.HeadLen, e.BodyLen = uint64(idx), uint64(end), uint64(ref), head, body
		out = append(out, e)
	}
	return out, rows.Err()
}

// errAudience says that a row names another audience than the log: the feeds
// of the view would show the entry to the wrong partners.
var errAudience = errors.New("the view has it for other partners than the log; make the view anew with `accord archive rebuild`")

// Feed returns lines of what a partner may see: a merge over the sets of
// partners that the partner is in.
func (x *Index) Feed(ctx context.Context, p attestation.PartnerID, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	sets := x.audiences.of(p)
	var out []storage.FeedLine
	for _, id := range sets {
		lines, err := x.feedOf(ctx, id, after, bound, limit)
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

func (x *Index) feedOf(ctx context.Context, id int64, after, bound uint64, limit int) ([]storage.FeedLine, error) {
	query := limited(`SELECT idx, line FROM entries WHERE audience = ? AND idx >= ? AND idx < ? ORDER BY idx`, limit)
	rows, err := x.ask(ctx, query, id, clamp(after), clamp(bound))
	if err != nil {
		return nil, fmt.Errorf("query feed: %w", err)
	}
	defer rows.Close()
	out := make([]storage.FeedLine, 0, min(limit, 1024))
	for len(out) < limit && rows.Next() {
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
	x.mu.RLock()
	defer x.mu.RUnlock()
	rows, err := x.ask(ctx, `SELECT data FROM tiles WHERE level = ? AND n = ?`, level, int64(n))
	if err != nil {
		return nil, fmt.Errorf("read tile %d/%d: %w", level, n, err)
	}
	defer rows.Close()
	var data []byte
	if !rows.Next() {
		return nil, fmt.Errorf("read tile %d/%d: %w", level, n, cmp.Or(rows.Err(), sql.ErrNoRows))
	}
	if err := rows.Scan(&data); err != nil {
		return nil, fmt.Errorf("read tile %d/%d: %w", level, n, err)
	}
	return data, rows.Err()
}

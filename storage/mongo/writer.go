package mongo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// entryDoc is a document of entries: everything that any question is answered
// with, so that none asks twice. It never changes.
type entryDoc struct {
	ID    string   `bson:"_id"` // position of the index
	End   int64    `bson:"end"`
	Ref   int64    `bson:"ref"`
	Len   int64    `bson:"len"`
	Kind  string   `bson:"kind"`
	For   []string `bson:"for"`  // the audience
	Keys  []int64  `bson:"keys"` // storage.Entry.Lookups
	Hash  []byte   `bson:"hash"` // of the leaf
	Line  []byte   `bson:"line"` // of the feed
	Entry []byte   `bson:"entry"`
}

// entryDocOf returns the document of an entry.
func entryDocOf(e *storage.Entry) (*entryDoc, error) {
	keys, err := e.Lookups()
	if err != nil {
		return nil, err
	}
	keys = slices.Clone(keys)
	slices.Sort(keys)
	line, err := storage.AppendFeedLine(nil, e)
	if err != nil {
		return nil, err
	}
	hash := e.Hash()
	d := &entryDoc{
		ID: position(e.Index), End: int64(e.BatchEnd), Ref: int64(e.Ref), Len: int64(e.BodyLen), Kind: string(e.Kind),
		For: make([]string, len(e.Audience)), Keys: slices.Compact(keys), Hash: hash[:], Line: line, Entry: storage.AppendEntry(nil, e),
	}
	for i, p := range e.Audience {
		d.For[i] = string(p)
	}
	return d, nil
}

// parse returns the entry, the caller's own.
func (d *entryDoc) parse() (*storage.Entry, error) {
	index, err := number(d.ID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", storage.ErrDamaged, err)
	}
	e, err := storage.ParseEntry(d.Entry)
	if err != nil {
		return nil, fmt.Errorf("%w: entry %d: %w", storage.ErrDamaged, index, err)
	}
	if !slices.EqualFunc(d.For, e.Audience, func(a string, b attestation.PartnerID) bool { return a == string(b) }) {
		return nil, fmt.Errorf("%w: the view has entry %d for other partners than the log", storage.ErrDamaged, index)
	}
	e.Index, e.BatchEnd, e.Ref, e.BodyLen = index, uint64(d.End), uint64(d.Ref), int(d.Len)
	return e, nil
}

// feedLine returns the line of the entry in a feed.
func (d *entryDoc) feedLine() (storage.FeedLine, error) {
	index, err := number(d.ID)
	if err == nil && len(d.Hash) != len(ledger.Hash{}) {
		err = fmt.Errorf("entry %d has no leaf hash", index)
	}
	if err != nil {
		return storage.FeedLine{}, fmt.Errorf("%w: %w", storage.ErrDamaged, err)
	}
	return storage.FeedLine{Index: index, Hash: ledger.Hash(d.Hash), JSON: d.Line}, nil
}

// sees says whether a partner is in the audience.
func (d *entryDoc) sees(p attestation.PartnerID) bool { return slices.Contains(d.For, string(p)) }

// One gateway writes the views, the others wait until it has: the same rows
// sent by all would be as many times the work. It is whoever raised the
// watermark last. Nobody is bound by that: a watermark that does not move for
// patience is raised by somebody else, and rows that are sent twice do no harm.
const (
	patience = 400 * time.Millisecond
	glance   = 80 * time.Millisecond // between two looks at the watermark
)

// Apply takes entries in: rows, which never change and may be there, then the
// watermark. Entries that begin above it are refused; those below it stand.
func (x *Index) Apply(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, w storage.Watermark) error {
	x.applies.Lock()
	defer x.applies.Unlock()
	has, err := x.standing(ctx, w)
	if err == nil && len(entries) > 0 && entries[0].Index > has.Size {
		err = fmt.Errorf("entry %d comes after a view of %d", entries[0].Index, has.Size)
	}
	if err == nil && has.Batch < w.Batch {
		err = x.write(ctx, entries, tiles, has.Size, w)
	}
	if err != nil {
		return fmt.Errorf("apply to the views: %w", err)
	}
	if err := x.remember(entries); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if w.Batch > x.count.Batch {
		x.count = w
	}
	return nil
}

// standing returns how far the views are, having given the gateway that writes
// them time to write what is wanted here.
func (x *Index) standing(ctx context.Context, w storage.Watermark) (storage.Watermark, error) {
	moved := time.Now()
	for last := uint64(0); ; {
		has, by, err := x.stand(ctx)
		if err != nil || has.Batch >= w.Batch || x.renewal || by == "" || by == x.token {
			return has, err
		}
		if has.Batch != last {
			last, moved = has.Batch, time.Now()
		}
		if time.Since(moved) > patience {
			return has, nil
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return has, ctx.Err()
		}
	}
}

// stand is the greater of what the generation says and what this gateway
// knows, and who raised its watermark last.
func (x *Index) stand(ctx context.Context) (has storage.Watermark, by string, err error) {
	docs, err := x.look(ctx)
	if err != nil {
		return has, "", err
	}
	if err := x.refuseLate(); err != nil {
		return has, "", err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	d := x.own(docs)
	if d == nil || d.Dropped != nil {
		return has, "", errReplaced
	}
	if m := d.mark(); m.Batch > x.count.Batch {
		return m, d.By, nil
	}
	return x.count, d.By, nil
}

// write inserts what lies from a size on, and then raises the watermark.
func (x *Index) write(ctx context.Context, entries []*storage.Entry, tiles []ledger.FullTile, from uint64, w storage.Watermark) error {
	x.mu.RLock()
	g := x.gen
	x.mu.RUnlock()
	rows := make([]bson.Raw, 0, len(entries))
	for _, e := range entries {
		if e.Index < from {
			continue
		}
		d, err := entryDocOf(e)
		if err != nil {
			return err
		}
		raw, err := bson.Marshal(d)
		if err != nil {
			return err
		}
		rows = append(rows, raw)
	}
	if err := x.ignore(x.store.insert(ctx, g.entries, rows)); err != nil {
		return err
	}
	rows = rows[:0]
	for _, t := range tiles {
		if below(t, from) {
			continue
		}
		raw, err := bson.Marshal(tileDoc{ID: tileID(t.Level, t.N), Data: t.Data})
		if err != nil {
			return err
		}
		rows = append(rows, raw)
	}
	if err := x.ignore(x.store.insert(ctx, g.tiles, rows)); err != nil {
		return err
	}
	return x.store.raise(ctx, g.number, x.token, w)
}

// ignore is an error unless every row stands now.
func (x *Index) ignore(result outcome, _ []int, err error) error {
	switch result {
	case done, duplicate:
		return nil
	case full:
		return storageFull(err)
	default:
		return fmt.Errorf("it is not known whether the rows stand: %w", err)
	}
}

// remember keeps the entries in memory.
func (x *Index) remember(entries []*storage.Entry) error {
	if x.recent.limit == 0 {
		return nil
	}
	for _, e := range entries {
		if x.recent.has(e.Index) {
			continue
		}
		d, err := entryDocOf(e)
		if err != nil {
			return err
		}
		x.recent.add(e, d)
	}
	return nil
}

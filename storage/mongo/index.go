package mongo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
)

// Index is the views of the log. Every gateway writes them and reads them.
type Index struct {
	store   *store
	recent  *recent
	fetched *fetched
	token   string     // of this gateway
	applies sync.Mutex // held by who writes

	mu      sync.RWMutex
	gen     generation        // guarded by mu
	count   storage.Watermark // what this gateway counts on; guarded by mu
	looked  time.Time         // when the generations were last looked at; guarded by mu
	stale   time.Time         // since when another generation answers; zero: none does; guarded by mu
	renewal bool              // it answers nothing yet

	now func() time.Time
}

var _ storage.Index = (*Index)(nil)

// openIndex opens the generation that answers, or begins one if that is of an
// older form.
func openIndex(ctx context.Context, s *store, set Settings) (*Index, error) {
	docs, err := s.generations(ctx, 0)
	if err != nil {
		return nil, err
	}
	at := newest(docs)
	if at < 0 {
		return nil, errors.New("the archive has no views: run `accord archive migrate`")
	}
	if docs[at].Schema > viewSchema {
		return nil, fmt.Errorf("the views have form %d and this version knows %d: they were made by a newer version", docs[at].Schema, viewSchema)
	}
	n, err := number(docs[at].ID)
	if err != nil {
		return nil, err
	}
	x := &Index{store: s, recent: newRecent(set.Recent), fetched: newFetched(), token: rand.Text(), gen: s.generation(n), looked: time.Now(), now: time.Now}
	if docs[at].Schema == viewSchema {
		x.count = docs[at].mark()
		return x, x.warm(ctx)
	}
	if x.gen, err = s.claim(ctx, docs); err != nil {
		return nil, err
	}
	return x, s.switchTo(ctx, x.gen.number)
}

// warm reads the newest entries into memory. What cannot be read is told when
// it is asked for.
func (x *Index) warm(ctx context.Context) error {
	if x.count.Size == 0 || x.recent.limit == 0 {
		return nil
	}
	from := x.count.Size - min(x.count.Size, uint64(x.recent.limit))
	var docs []entryDoc
	if err := x.store.all(ctx, x.gen.entries, askStretch, 0, &docs, position(from), position(x.count.Size)); err != nil {
		return fmt.Errorf("read the newest entries: %w", err)
	}
	for i := range docs {
		if e, err := docs[i].parse(); err == nil {
			x.recent.add(e, &docs[i]) // one that does not follow begins anew
		} else {
			x.recent.become(newRecent(0))
		}
	}
	return nil
}

// Watermark returns how far the views are, whoever wrote them.
func (x *Index) Watermark(ctx context.Context) (storage.Watermark, error) {
	docs, err := x.look(ctx)
	if err != nil {
		return storage.Watermark{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	w := x.count
	if d := x.own(docs); d != nil && d.mark().Batch > w.Batch {
		w = d.mark()
	}
	x.count = w
	return w, nil
}

// own returns the document of this generation; mu is held.
func (x *Index) own(docs []viewDoc) *viewDoc {
	for i := range docs {
		if docs[i].ID == position(x.gen.number) {
			return &docs[i]
		}
	}
	return nil
}

// look reads the generations from this one on and goes over to the one that
// answers, if it has what this gateway counts on.
func (x *Index) look(ctx context.Context) ([]viewDoc, error) {
	x.mu.RLock()
	from := x.gen.number
	x.mu.RUnlock()
	begun := x.now()
	docs, err := x.store.generations(ctx, from)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.looked.Before(begun) {
		x.looked = begun
	}
	if x.renewal || from != x.gen.number {
		return docs, nil
	}
	at := newest(docs)
	if at < 0 {
		return nil, fmt.Errorf("generation %d of the views is not there", from)
	}
	n, err := number(docs[at].ID)
	switch {
	case err != nil:
		return nil, err
	case n == from:
		x.stale = time.Time{}
	case docs[at].Schema == viewSchema && docs[at].mark().Batch >= x.count.Batch:
		x.gen, x.stale = x.store.generation(n), time.Time{}
	case x.stale.IsZero():
		x.stale = begun
	}
	return docs, nil
}

// ask puts a question to the generation that this gateway reads, having looked
// lately whether it is still there: from one that was dropped, everything would
// be missing.
func (x *Index) ask(ctx context.Context, f func(generation) error) error {
	for {
		x.mu.RLock()
		g, looked, stale := x.gen, x.looked, x.stale
		x.mu.RUnlock()
		late := !stale.IsZero() && x.now().Sub(stale) > refuseAfter
		if late || x.now().Sub(looked) > lookEvery {
			if _, err := x.look(ctx); err != nil {
				return err
			}
			if err := x.refuseLate(); err != nil {
				return err
			}
			continue
		}
		err := f(g)
		// A process that was halted meanwhile must not believe an answer.
		if err != nil || x.now().Sub(looked) < refuseAfter {
			return err
		}
	}
}

// refuseLate is an error when this gateway's generation may be gone.
func (x *Index) refuseLate() error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.stale.IsZero() && x.now().Sub(x.stale) > refuseAfter {
		return errReplaced
	}
	return nil
}

// Close does nothing: the log closes the connection.
func (x *Index) Close() error { return nil }

// renewal is the next generation while it is made.
type renewal struct {
	*Index
	target *Index
}

// Renew begins the next generation, and drops those that nobody uses.
func (x *Index) Renew(ctx context.Context) (storage.Renewal, error) {
	docs, err := x.store.generations(ctx, 0)
	if err != nil {
		return nil, err
	}
	if err := x.store.dropOld(ctx, docs); err != nil {
		return nil, err
	}
	g, err := x.store.claim(ctx, docs)
	if err != nil {
		return nil, err
	}
	next := &Index{store: x.store, recent: &recent{limit: x.recent.limit, keys: map[int64][]uint64{}}, fetched: newFetched(), token: x.token, gen: g, looked: x.now(), renewal: true, now: x.now}
	return &renewal{Index: next, target: x}, nil
}

// Switch lets the generation answer, for every gateway as soon as it has what
// that one counts on. It is refused as long as it does not have what this
// gateway counts on, or what the generation that answers had when it was asked:
// another gateway may have written that one further. What is written there after
// the question is no loss, because nobody goes over before the new one has it.
func (r *renewal) Switch(ctx context.Context) error {
	r.mu.RLock()
	g, has := r.gen, r.count
	r.mu.RUnlock()
	x := r.target
	x.applies.Lock()
	defer x.applies.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if has.Batch > 0 && has.Batch < x.count.Batch {
		return storage.ErrBehind
	}
	docs, err := x.store.generations(ctx, 0)
	if err != nil {
		return err
	}
	if at := newest(docs); at >= 0 {
		switch d := docs[at]; {
		case d.ID > position(g.number):
			return errOvertaken
		case has.Batch > 0 && d.mark().Batch > has.Batch:
			return storage.ErrBehind
		}
	}
	if err := x.store.switchTo(ctx, g.number); err != nil {
		return err
	}
	x.gen, x.count, x.stale = g, has, time.Time{}
	x.recent.become(r.recent)
	x.fetched.clear()
	return nil
}

// errOvertaken is the fate of a renewal that was begun before another which
// answers by now: that one is as new.
var errOvertaken = fault.New(fault.HTTPUnavailable, "another gateway has renewed the views meanwhile; nothing is left to do")

// Discard gives the generation up.
func (r *renewal) Discard() error {
	ctx, cancel := context.WithTimeout(context.Background(), attempt)
	defer cancel()
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.store.drop(ctx, r.gen.number)
}

// ReadTile returns a full tile.
func (x *Index) ReadTile(ctx context.Context, level int, n uint64) ([]byte, error) {
	var d tileDoc
	err := x.ask(ctx, func(g generation) error {
		found, err := x.store.one(ctx, g.tiles, askTile, &d, tileID(level, n))
		if err == nil && !found {
			err = errors.New("it is not there")
		}
		return err
	})
	return d.Data, wrap(err, "read tile "+tileID(level, n))
}

// tileDoc is a document of tiles.
type tileDoc struct {
	ID   string `bson:"_id"`
	Data []byte `bson:"data"`
}

func tileID(level int, n uint64) string { return fmt.Sprintf("%d/%s", level, position(n)) }

// below reports whether a tile lies below a size.
func below(t ledger.FullTile, size uint64) bool {
	width := uint64(ledger.TileWidth)
	for range t.Level {
		width *= ledger.TileWidth
	}
	return (t.N+1)*width <= size
}

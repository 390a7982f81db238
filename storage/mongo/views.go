package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"accord/internal/fault"
	"accord/storage"
)

// The views have generations. Each has collections of its own, and a document
// in views: its form, how far it is, since when it answers. The one that
// answers is the newest that was switched to; numbers are claimed by an insert
// and never used again.
//
// A gateway goes over to another generation by itself, when that one has what
// the gateway counts on; until then its own stays true, because it goes on
// writing it. So what was shown is never missing again, and nobody has to be
// asked. What nobody can be using any more is dropped when the next renewal
// begins.

// viewSchema is the form of the views: one of another form is made anew, in a
// new generation.
const viewSchema = 1

const (
	// lookEvery is how often a gateway that writes nothing looks which
	// generation answers.
	lookEvery = 30 * time.Second
	// refuseAfter is how long a gateway answers from a generation that was
	// replaced and dropAfter how long that one is kept. Both clocks may be off
	// and a process may be halted: between the two is time for that.
	refuseAfter = 30 * time.Minute
	dropAfter   = time.Hour
)

// generation is one form of the views.
type generation struct {
	number         uint64
	entries, tiles *driver.Collection
}

func (s *store) generation(number uint64) generation {
	return generation{number, s.collection(named(entriesCollection, number)), s.collection(named(tilesCollection, number))}
}

// viewDoc is a document of views.
type viewDoc struct {
	ID       string     `bson:"_id"` // position of the generation
	Schema   int        `bson:"schema"`
	Batch    int64      `bson:"batch"`
	Size     int64      `bson:"size"`
	Root     []byte     `bson:"root"`
	Frontier []byte     `bson:"frontier"`
	By       string     `bson:"by"` // token of the gateway that raised it last
	Begun    time.Time  `bson:"begun"`
	Switched *time.Time `bson:"switched,omitempty"`
	Dropped  *time.Time `bson:"dropped,omitempty"`
}

// mark returns how far the generation is.
func (d *viewDoc) mark() storage.Watermark {
	w := storage.Watermark{Batch: uint64(d.Batch), Size: uint64(d.Size)}
	if w.Batch > 0 {
		w.Frontier = d.Frontier
		copy(w.Root[:], d.Root)
	}
	return w
}

// answers reports whether the generation may answer.
func (d *viewDoc) answers() bool { return d.Switched != nil && d.Dropped == nil }

// generations reads the documents from a number on.
func (s *store) generations(ctx context.Context, from uint64) ([]viewDoc, error) {
	var docs []viewDoc
	err := s.all(ctx, s.collection(viewsCollection), askViews, 0, &docs, position(from))
	return docs, wrap(err, "read the generations of the views")
}

// newest returns the place of the generation that answers, -1 for none.
func newest(docs []viewDoc) int {
	for i := len(docs) - 1; i >= 0; i-- {
		if docs[i].answers() {
			return i
		}
	}
	return -1
}

// firstView makes an empty generation that answers, unless there is one.
func firstView(ctx context.Context, s *store) error {
	docs, err := s.generations(ctx, 0)
	if err != nil || newest(docs) >= 0 {
		return err
	}
	g, err := s.claim(ctx, docs)
	if err != nil {
		return err
	}
	return s.switchTo(ctx, g.number)
}

// claim begins the next generation, with its indexes.
func (s *store) claim(ctx context.Context, docs []viewDoc) (generation, error) {
	next := uint64(1)
	if n := len(docs); n > 0 {
		last, err := number(docs[n-1].ID)
		if err != nil {
			return generation{}, err
		}
		next = last + 1
	}
	for ; ; next++ {
		raw, err := bson.Marshal(viewDoc{ID: position(next), Schema: viewSchema, Root: []byte{}, Frontier: []byte{}, Begun: time.Now().UTC()})
		if err != nil {
			return generation{}, err
		}
		result, _, err := s.insert(ctx, s.collection(viewsCollection), []bson.Raw{raw})
		switch result {
		case done:
			g := s.generation(next)
			return g, s.index(ctx, g)
		case duplicate: // somebody else's, or ours whose answer was lost: harmless
		case full:
			return generation{}, storageFull(err)
		default:
			return generation{}, fmt.Errorf("begin a generation of the views: %w", err)
		}
	}
}

// index makes the indexes that the table of questions names.
func (s *store) index(ctx context.Context, g generation) error {
	var models []driver.IndexModel
	made := map[string]bool{}
	for _, q := range questions {
		if q.index == nil || made[indexName(q.index)] {
			continue
		}
		made[indexName(q.index)] = true
		models = append(models, driver.IndexModel{Keys: q.index, Options: options.Index().SetName(indexName(q.index))})
	}
	err := s.seen.write(ctx, func(ctx context.Context) error {
		_, err := g.entries.Indexes().CreateMany(ctx, models)
		return err
	})
	return wrap(err, "make the indexes of the views")
}

// switchTo lets a generation answer.
func (s *store) switchTo(ctx context.Context, number uint64) error {
	matched, err := s.update(ctx, s.collection(viewsCollection), setView.filter(position(number)),
		bson.D{{Key: "$set", Value: bson.D{{Key: "switched", Value: time.Now().UTC()}}}})
	if err == nil && !matched {
		err = fmt.Errorf("generation %d is not there", number)
	}
	return wrap(err, "switch the views")
}

// raise notes that a generation has everything below a watermark. It never
// lowers one: whoever wrote more has raised it further.
func (s *store) raise(ctx context.Context, number uint64, by string, w storage.Watermark) error {
	_, err := s.update(ctx, s.collection(viewsCollection), raiseView.filter(position(number), int64(w.Batch)),
		bson.D{{Key: "$set", Value: bson.D{
			{Key: "batch", Value: int64(w.Batch)}, {Key: "size", Value: int64(w.Size)},
			{Key: "root", Value: binary(w.Root[:])}, {Key: "frontier", Value: binary(notNil(w.Frontier))}, {Key: "by", Value: by},
		}}})
	return wrap(err, "raise the watermark of the views")
}

// drop removes the collections of a generation that nobody uses.
func (s *store) drop(ctx context.Context, number uint64) error {
	_, err := s.update(ctx, s.collection(viewsCollection), setView.filter(position(number)),
		bson.D{{Key: "$set", Value: bson.D{{Key: "dropped", Value: time.Now().UTC()}}}})
	if err != nil {
		return fmt.Errorf("drop generation %d of the views: %w", number, err)
	}
	g := s.generation(number)
	for _, c := range []*driver.Collection{g.entries, g.tiles} {
		if err := s.seen.write(ctx, func(ctx context.Context) error { return c.Drop(ctx) }); err != nil {
			return fmt.Errorf("drop generation %d of the views: %w", number, err)
		}
	}
	return nil
}

// dropOld drops what came before the generation that answers, if that has
// answered for so long that no gateway can be using another.
func (s *store) dropOld(ctx context.Context, docs []viewDoc) error {
	at := newest(docs)
	if at < 0 || time.Since(*docs[at].Switched) < dropAfter {
		return nil
	}
	for _, d := range docs[:at] {
		n, err := number(d.ID)
		if err != nil {
			return err
		}
		if d.Dropped != nil {
			continue
		}
		if err := s.drop(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// errReplaced refuses questions to a generation that may be gone.
var errReplaced = fault.New(fault.HTTPUnavailable, "the views were replaced long ago and the new ones do not have what this gateway showed: start it anew")

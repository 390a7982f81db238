package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The collections. Those of the views have the number of their generation
// behind the name.
const (
	metaCollection    = "meta"
	batchesCollection = "batches"
	bodiesCollection  = "bodies"
	viewsCollection   = "views"
	entriesCollection = "entries"
	tilesCollection   = "tiles"
)

// maxMessage is how many octets of documents one insert carries: with one more
// document (16 MiB at most) still less than the 48,000,000 octets and far fewer
// than the 100,000 documents that a server takes, so that the driver never
// makes two commands of one, whose answers it would join.
const maxMessage = 30 << 20

// maxDocument is how large a document may become; MongoDB's limit is 16 MiB,
// and the margin is for what is around the octets counted.
const maxDocument = 16<<20 - 64<<10

// attempt bounds one write of the log. A primary that is silent is given up
// after it, and the same is sent again to whoever is primary then.
const attempt = 5 * time.Second

// store is what log and views of one gateway have in common.
type store struct {
	conn *Connection
	seen causal
}

func newStore(conn *Connection) *store {
	return &store{conn: conn, seen: causal{client: conn.client}}
}

func (s *store) collection(name string) *driver.Collection { return s.conn.db.Collection(name) }

// insert sends documents unordered, in one command for each maxMessage octets,
// and returns the first outcome that is neither done nor duplicate, with the
// places of those that were there.
func (s *store) insert(ctx context.Context, c *driver.Collection, docs []bson.Raw) (outcome, []int, error) {
	result, present := done, []int(nil)
	for start := 0; start < len(docs); {
		end, size := start, 0
		for end < len(docs) && (end == start || size+len(docs[end]) <= maxMessage) {
			size += len(docs[end])
			end++
		}
		err := s.seen.write(ctx, func(ctx context.Context) error {
			_, err := c.InsertMany(ctx, docs[start:end], options.InsertMany().SetOrdered(false))
			return err
		})
		o, places := judge(err)
		for _, i := range places {
			present = append(present, start+i)
		}
		if o == full || o == unknown {
			return o, present, err
		}
		result = max(result, o)
		start = end
	}
	return result, present, nil
}

// one asks a question that finds at most one document, reads it into v, and
// reports whether there is one.
func (s *store) one(ctx context.Context, c *driver.Collection, q question, v any, values ...any) (found bool, err error) {
	err = s.seen.read(ctx, func(ctx context.Context) error {
		return c.FindOne(ctx, q.filter(values...)).Decode(v)
	})
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

// all reads what a question finds into v, in one answer if it is less than 16
// MiB: at most limit documents, 0 for no limit.
func (s *store) all(ctx context.Context, c *driver.Collection, q question, limit int, v any, values ...any) error {
	return s.seen.read(ctx, func(ctx context.Context) error {
		cursor, err := c.Find(ctx, q.filter(values...), q.options(limit))
		if err != nil {
			return err
		}
		return cursor.All(ctx, v)
	})
}

// maxAnswer is the batch size of a question without a limit: above it, the
// answer comes in parts.
const maxAnswer = 10_000

// options are the order, the limit and the fields of a question.
func (q question) options(limit int) *options.FindOptionsBuilder {
	opts := options.Find().SetBatchSize(maxAnswer)
	if limit > 0 {
		// One more, or the server would keep a cursor for nothing.
		opts = opts.SetLimit(int64(limit)).SetBatchSize(int32(min(limit, maxAnswer) + 1))
	}
	if q.sort != 0 {
		opts = opts.SetSort(bson.D{{Key: "_id", Value: q.sort}})
	}
	if q.fields != nil {
		opts = opts.SetProjection(q.fields)
	}
	return opts
}

// maxNumber is the greatest number that position can write.
const maxNumber = 9999_9999_9999_9999

// position writes a number so that the order of texts is that of numbers. A
// text, because it is the _id that every server finds and people read.
func position(n uint64) string { return fmt.Sprintf("%016d", min(n, maxNumber)) }

// binary marks octets as such.
func binary(b []byte) bson.Binary { return bson.Binary{Data: b} }

// update changes at most one document and reports whether it was there.
func (s *store) update(ctx context.Context, c *driver.Collection, filter, change bson.D) (matched bool, err error) {
	err = s.seen.write(ctx, func(ctx context.Context) error {
		res, err := c.UpdateOne(ctx, filter, change)
		if err == nil {
			matched = res.MatchedCount > 0
		}
		return err
	})
	return matched, err
}

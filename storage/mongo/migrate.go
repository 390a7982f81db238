package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/internal/fault"
)

// migrations are the steps from one form of the database to the next, the
// first at 0. Each may be done again, and beside another gateway that does it:
// only when it is done the number is raised. What stands in the log is never
// changed by one; views of another form are made anew (viewSchema).
var migrations = []struct {
	what string
	step func(context.Context, *store) error
}{
	{"the first view, with its indexes", firstView},
}

// Schema is the form of the database that this version reads and writes.
func Schema() int { return len(migrations) }

// checkSchema refuses a database of another form.
func checkSchema(have int) error {
	switch {
	case have < Schema():
		return fault.Newf(fault.HTTPUnavailable, "the archive has form %d and this version needs %d: run `accord archive migrate`", have, Schema())
	case have > Schema():
		return fault.Newf(fault.HTTPUnavailable, "the archive has form %d and this version knows %d: it was made by a newer version", have, Schema())
	}
	return nil
}

// Migrate brings the database to the form of this version and returns from
// which to which. It may be called again, and by several gateways at a time.
func Migrate(ctx context.Context, conn *Connection, id Identity) (from, to int, err error) {
	s := newStore(conn)
	d, err := s.ledger(ctx)
	if err != nil {
		return 0, 0, err
	}
	if err := d.agrees(id); err != nil {
		return d.Schema, d.Schema, err
	}
	return migrate(ctx, s)
}

func migrate(ctx context.Context, s *store) (from, to int, err error) {
	d, err := s.ledger(ctx)
	if err != nil {
		return 0, 0, err
	}
	from = d.Schema
	if from > Schema() {
		return from, from, checkSchema(from)
	}
	for to = from; to < Schema(); to++ {
		m := migrations[to]
		if err := m.step(ctx, s); err != nil {
			return from, to, fmt.Errorf("migrate to form %d (%s): %w", to+1, m.what, err)
		}
		filter := raiseSchema.filter(ledgerID, to+1)
		if _, err := s.update(ctx, s.collection(metaCollection), filter, bson.D{{Key: "$set", Value: bson.D{{Key: "schema", Value: to + 1}}}}); err != nil {
			return from, to, fmt.Errorf("migrate to form %d: %w", to+1, err)
		}
	}
	return from, to, nil
}

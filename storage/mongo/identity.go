package mongo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/internal/fault"
)

// Identity says whose ledger a database holds. All gateways on it have the
// same; a member that is empty is not compared, for tools that do not know it.
type Identity struct {
	Origin    string // of the log, host/v1/ledger
	Issuer    string // iss of receipts
	LogKey    string // id of the key that signs checkpoints
	CursorKey string // id of the key that feed cursors are made with
	Operators string // id of the set of operator keys
}

// ledgerID is the _id of the document in meta.
const ledgerID = "ledger"

// ledgerDoc is what a database says of itself.
type ledgerDoc struct {
	ID        string    `bson:"_id"`
	Origin    string    `bson:"origin"`
	Issuer    string    `bson:"issuer"`
	LogKey    string    `bson:"log_key"`
	CursorKey string    `bson:"cursor_key"`
	Operators string    `bson:"operators"`
	Schema    int       `bson:"schema"` // see migrations
	Made      time.Time `bson:"made"`
	Token     []byte    `bson:"token"` // of who made it
}

// parts pairs what is compared with its name and that of its member.
func (d *ledgerDoc) parts(id Identity) []struct{ name, member, have, want string } {
	return []struct{ name, member, have, want string }{
		{"origin", "origin", d.Origin, id.Origin},
		{"issuer", "issuer", d.Issuer, id.Issuer},
		{"log key", "log_key", d.LogKey, id.LogKey},
		{"cursor key", "cursor_key", d.CursorKey, id.CursorKey},
		{"set of operator keys", "operators", d.Operators, id.Operators},
	}
}

// agrees refuses a gateway that would write to another's ledger.
func (d *ledgerDoc) agrees(id Identity) error {
	for _, p := range d.parts(id) {
		if p.want != "" && p.have != p.want {
			return fault.Newf(fault.LedgerFork, "the database holds another ledger: its %s is %q, that of this gateway is %q", p.name, p.have, p.want)
		}
	}
	return nil
}

// Create makes an empty archive in the database and refuses one that has
// anything. Another gateway then joins by [Open] alone.
func Create(ctx context.Context, conn *Connection, id Identity) error {
	s := newStore(conn)
	var first struct{}
	taken, err := s.one(ctx, s.collection(batchesCollection), askBatch, &first, position(0))
	if err != nil {
		return fmt.Errorf("create archive: %w", err)
	}
	if taken {
		return takenBy(ctx, s)
	}
	d := ledgerDoc{
		ID: ledgerID, Origin: id.Origin, Issuer: id.Issuer, LogKey: id.LogKey, CursorKey: id.CursorKey, Operators: id.Operators,
		Made: time.Now().UTC(), Token: make([]byte, 16),
	}
	_, _ = rand.Read(d.Token) // never fails (crypto/rand)
	raw, err := bson.Marshal(d)
	if err != nil {
		return fmt.Errorf("create archive: %w", err)
	}
	switch result, _, err := s.insert(ctx, s.collection(metaCollection), []bson.Raw{raw}); result {
	case done:
	case duplicate:
		stands, err := s.ledger(ctx)
		if err != nil {
			return err
		}
		// The driver may have sent the same twice.
		if string(stands.Token) != string(d.Token) {
			return held(stands)
		}
	case full:
		return storageFull(err)
	default:
		return fmt.Errorf("create archive: it is not known whether it was made: %w", err)
	}
	_, _, err = migrate(ctx, s)
	return err
}

// takenBy is why no archive is made where there is a log.
func takenBy(ctx context.Context, s *store) error {
	var stands ledgerDoc
	found, err := s.one(ctx, s.collection(metaCollection), askLedger, &stands, ledgerID)
	switch {
	case err != nil:
		return fmt.Errorf("create archive: %w", err)
	case !found:
		return fault.New(fault.LedgerFork, "the database has a log already, and nothing in it says whose; name another database")
	default:
		return held(&stands)
	}
}

// held is why no archive is made where somebody has one.
func held(d *ledgerDoc) error {
	return fault.Newf(fault.LedgerFork, "the database holds the archive of %s already; join it, or name another database", d.Origin)
}

// ledger reads what the database says of itself.
func (s *store) ledger(ctx context.Context) (*ledgerDoc, error) {
	var d ledgerDoc
	found, err := s.one(ctx, s.collection(metaCollection), askLedger, &d, ledgerID)
	if err != nil {
		return nil, fmt.Errorf("read whose archive it is: %w", err)
	}
	if !found {
		return nil, fault.New(fault.HTTPUnavailable, "there is no archive in the database: make one with `accord init`")
	}
	return &d, nil
}

// Settings say how an archive is opened. The zero value is that of production.
type Settings struct {
	// Recent is how many of the newest entries are kept in memory, so that who
	// follows the feed asks the database for nothing; 0 means 8192 (some 20
	// MiB), less than 0 none.
	Recent int
}

// Open opens the log and the views of an archive, which must have this
// identity and a form that this version knows. The log closes the connection.
func Open(ctx context.Context, conn *Connection, id Identity, set Settings) (*Log, *Index, error) {
	s := newStore(conn)
	d, err := s.ledger(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := d.agrees(id); err != nil {
		return nil, nil, err
	}
	if err := checkSchema(d.Schema); err != nil {
		return nil, nil, err
	}
	x, err := openIndex(ctx, s, set)
	if err != nil {
		return nil, nil, err
	}
	return newLog(s), x, nil
}

// Rekey replaces the identity in the database when a key is rotated: every
// gateway is stopped, one changes it, all are started with the new one. The
// origin never changes. Members of the new identity that are empty stay.
func Rekey(ctx context.Context, conn *Connection, from, to Identity) error {
	s := newStore(conn)
	d, err := s.ledger(ctx)
	if err != nil {
		return err
	}
	if err := d.agrees(from); err != nil {
		return err
	}
	if to.Origin != "" && to.Origin != d.Origin {
		return fault.New(fault.LedgerFork, "the origin of a ledger never changes")
	}
	var set bson.D
	for _, p := range d.parts(to) {
		if p.want != "" {
			set = append(set, bson.E{Key: p.member, Value: p.want})
		}
	}
	if len(set) == 0 {
		return errors.New("change identity: nothing to change")
	}
	_, err = s.update(ctx, s.collection(metaCollection), setLedger.filter(ledgerID), bson.D{{Key: "$set", Value: set}})
	return wrap(err, "change identity")
}

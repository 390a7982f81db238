package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"accord/configs"
	"accord/internal/fault"
	"accord/storage/local"
	"accord/storage/mongo"
)

// ground is where a new archive is to be made. A database is reached before
// anything else is made, so that a wrong word in a call leaves nothing behind.
type ground struct {
	flags    archiveFlags
	database *mongo.Connection // nil of an embedded archive
}

// reach finds the ground that was asked for, for a log of an origin.
func reach(ctx context.Context, h home, flags archiveFlags, origin string) (*ground, error) {
	if flags.uri == "" {
		flags.uri = "local:archive"
	}
	a, err := flags.parse(h)
	if err != nil {
		return nil, err
	}
	g := &ground{flags: flags}
	if a.Scheme != schemeMongo {
		return g, nil
	}
	if g.database, err = connect(ctx, a); err != nil {
		return nil, err
	}
	if err := g.taken(ctx, origin); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// taken refuses a database that has an archive. Whoever is faster is found out
// when it is made.
func (g *ground) taken(ctx context.Context, origin string) error {
	_, _, err := mongo.Open(ctx, g.database, mongo.Identity{Origin: origin}, mongo.Settings{Recent: -1})
	switch {
	case err == nil:
		return fault.Newf(fault.LedgerFork, "the database holds the archive of %s already; join it with --join --keys DIR, or name another database", origin)
	case fault.CodeOf(err) == fault.LedgerFork:
		return err
	}
	return nil // there is none, or its making will say what is wrong
}

func (g *ground) close() error {
	if g.database == nil {
		return nil
	}
	return disconnect(g.database)
}

// create makes an empty archive. A place that has one is refused.
func (g *ground) create(ctx context.Context, a configs.Archive, id mongo.Identity) error {
	if g.database != nil {
		return mongo.Create(ctx, g.database, id)
	}
	return createLocal(a.Path)
}

func createLocal(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make archive: %w", err)
	}
	return local.CreateJournal(dir)
}

// undo takes back a home whose archive was refused; no other outcome leaves
// keys that nothing was signed with.
func (g *ground) undo(e *env, h home, err error) error {
	if code := fault.CodeOf(err); g.database == nil || code != fault.LedgerFork && code != fault.HTTPStorageFull {
		return err
	}
	return errors.Join(err, clearHome(h))
}

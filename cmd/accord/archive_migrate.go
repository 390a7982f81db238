package main

import (
	"errors"

	"accord/storage/mongo"
)

// archiveMigrateCmd brings a database to the form of this version.
type archiveMigrateCmd struct {
	Keys bool `help:"Write the ids of the keys of this home into the database too, after one was replaced in every home of the ledger."`
}

// Help shows examples.
func (archiveMigrateCmd) Help() string {
	return help{
		about:    "It may be called again, and beside gateways that run. A gateway does not serve from a database of another form or of other keys, so with --keys all must be stopped. The embedded archive has no form to migrate: its view is made anew by itself.",
		json:     "{archive, from, to, keys?}",
		examples: []string{"accord archive migrate --home ./cn", "accord archive migrate --home ./cn --keys"},
	}.String()
}

// migrated says what was done.
type migrated struct {
	Archive string `json:"archive"`
	From    int    `json:"from"` // form of the database before
	To      int    `json:"to"`
	Keys    bool   `json:"keys,omitempty"`
}

// Run migrates, and says from which form to which.
func (c *archiveMigrateCmd) Run(e *env) (err error) {
	h := home(e.home)
	cfg, err := h.config()
	if err != nil {
		return err
	}
	if cfg.Archive().Scheme != schemeMongo {
		return usageError("the archive of " + string(h) + " is " + cfg.Archive().String() + "; only one in MongoDB is migrated")
	}
	note, err := h.noteSigner(cfg)
	if err != nil {
		return err
	}
	id, err := h.ledgerIdentity(cfg, note)
	if err != nil {
		return err
	}
	conn, err := connect(e.ctx, cfg.Archive())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disconnect(conn)) }()
	done := migrated{Archive: cfg.Archive().String(), Keys: c.Keys}
	if c.Keys {
		same := mongo.Identity{Origin: id.Origin, Issuer: id.Issuer}
		if err := mongo.Rekey(e.ctx, conn, same, id); err != nil {
			return err
		}
	}
	if done.From, done.To, err = mongo.Migrate(e.ctx, conn, id); err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(done)
	}
	e.printf("%s\n", done)
	return nil
}

// String says it to people.
func (m migrated) String() string {
	text := "the archive has the form of this version already"
	if m.From != m.To {
		text = "the archive was brought to the form of this version"
	}
	if m.Keys {
		text += "; it names the keys of this home"
	}
	return text
}

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"accord/configs"
	"accord/ledger"
)

// join makes the home of a further gateway on the ledger of another one, whose
// home or a copy of it is from. What the database says of the ledger and what
// the other gateway signed is held against it before anything is made.
func (c *initCmd) join(e *env, h, from home) error {
	there, err := from.config()
	if err != nil {
		return err
	}
	if err := c.agrees(there); err != nil {
		return err
	}
	text, err := c.joinedConfig(h, from, there)
	if err != nil {
		return err
	}
	note, err := from.noteSigner(there)
	if err != nil {
		return err
	}
	id, err := from.ledgerIdentity(there, note)
	if err != nil {
		return err
	}
	cfg, err := configs.Parse(text, string(h))
	if err != nil {
		return err
	}
	b, err := openMongo(e.ctx, cfg.Archive(), id)
	if err != nil {
		return err
	}
	if err := b.close(); err != nil {
		return err
	}
	if err := createHome(h); err != nil {
		return err
	}
	if err := c.takeOver(e, h, from, text, note); err != nil {
		return errors.Join(err, clearHome(h))
	}
	e.notef("accord: run it with `accord serve --home %s`\n", h)
	return c.done(e, gatewayResult(h, cfg.Authority(), cfg.Issuer(), cfg.Origin(), note))
}

// agrees refuses flags that say something else than the gateway that is
// joined.
func (c *initCmd) agrees(there *configs.Config) error {
	for _, f := range []struct{ flag, said, there string }{
		{"authority", string(c.Authority), there.Economy()}, {"id", string(c.ID), there.Authority()}, {"name", c.Name, there.Name()},
		{"url", strings.TrimRight(string(c.URL), "/"), there.Issuer()},
	} {
		if f.said != "" && f.said != f.there {
			return usageError(fmt.Sprintf("--%s is %s, but the gateway of %s has %s; a gateway that joins is the same to others", f.flag, f.said, c.Keys, f.there))
		}
	}
	return nil
}

// joinedConfig is the configuration of the other gateway with the address and
// the archive of this one.
func (c *initCmd) joinedConfig(h, from home, there *configs.Config) ([]byte, error) {
	at, err := c.archive(h)
	if err != nil {
		return nil, err
	}
	if at.uri == "" {
		if at, err = flagsOf(there.Archive()).absolute(); err != nil {
			return nil, err
		}
	}
	meant, err := at.parse(h)
	if err != nil {
		return nil, err
	}
	if meant.Scheme != schemeMongo {
		return nil, usageError("the archive " + meant.String() + " belongs to one process; several gateways share one in MongoDB: move it there with `accord archive copy`, or name it with --archive")
	}
	text, err := os.ReadFile(from.path("accord.yaml"))
	if err != nil {
		return nil, usageError("cannot read the configuration: " + err.Error())
	}
	keys := at.keys()
	if c.Listen != "" {
		keys = append(keys, [2]string{"listen", string(c.Listen)})
	}
	text = withKeys(text, keys)
	cfg, err := configs.Parse(text, string(h))
	if err != nil {
		return nil, fmt.Errorf("the configuration of %s, with what was said: %w", from, err)
	}
	if cfg.Archive() != meant || cfg.Issuer() != there.Issuer() || cfg.Origin() != there.Origin() {
		return nil, usageError(fmt.Sprintf("%s has its keys in a form that is not changed safely; write each key of the first level on one line", from.path("accord.yaml")))
	}
	return text, nil
}

// flagsOf says in flags where an archive is.
func flagsOf(a configs.Archive) archiveFlags {
	uri := a.URI
	switch {
	case a.Scheme != schemeMongo:
		uri = a.String()
	case uri == "":
		uri = a.Secret.String()
	}
	return archiveFlags{uri: uri, password: a.Password.String(), unverified: a.Unverified, flag: "archive"}
}

// takenOver are the files of a home that a gateway which joins needs. The
// private keys of the operator and of the development CA stay where they are.
var takenOver = []struct {
	pattern  string
	required bool
}{
	{"partner.json", true}, {"keys/log.pem", true}, {"keys/log-next.pem", false}, {"keys/vkeys.json", false}, {"keys/cursor.key", true}, {"keys/doc.pem", true}, {"keys/doc-*.pem", false},
	{"keys/auth.pem", false}, {"pki/*.pem", false},
}

// left are those that the patterns would take.
var left = map[string]bool{"ca-key.pem": true}

// takeOver fills the home and opens the archive once: the memory of this
// gateway begins with what the other one signed, and notes what the log has.
func (c *initCmd) takeOver(e *env, h, from home, config []byte, note *ledger.NoteSigner) error {
	for _, f := range takenOver {
		paths, err := filepath.Glob(from.path(f.pattern))
		if err != nil {
			return err
		}
		if f.required && len(paths) == 0 {
			return usageError(fmt.Sprintf("there is no %s in %s; name the home of a gateway of the ledger with --keys", f.pattern, from))
		}
		for _, path := range paths {
			if left[filepath.Base(path)] {
				continue
			}
			if err := copyFile(path, h.path(filepath.Dir(f.pattern), filepath.Base(path))); err != nil {
				return err
			}
		}
	}
	if err := writeNew(h.path("accord.yaml"), config); err != nil {
		return err
	}
	cfg, err := h.config()
	if err != nil {
		return err
	}
	known, err := joinMemory(h, from, cfg.Origin())
	if err != nil {
		return err
	}
	archive, err := openArchive(e.ctx, h, cfg, note, slog.New(slog.DiscardHandler), func(error) {}, nil)
	if err != nil {
		return err
	}
	head := archive.Snapshot().Head()
	if known {
		e.notef("accord: the log has %d entries, with all that the gateway of %s signed\n", head.Size, from)
	} else {
		e.notef("accord: there is no memory in %s, so the log is believed as it is: %d entries with root %s; compare that with a checkpoint of another gateway\n", from, head.Size, head.Root)
	}
	return archive.Close()
}

// joinMemory makes the memory of a gateway that joins: a copy of the other's, or
// an empty one.
func joinMemory(h, from home, origin string) (known bool, err error) {
	// Of the two slots at least one is whole, whenever it is copied.
	err = copyFile(from.path("memory"), h.path("memory"))
	if !errors.Is(err, os.ErrNotExist) {
		return true, err
	}
	memory, err := ledger.CreateMemory(h.path("memory"), origin)
	if err != nil {
		return false, err
	}
	return false, memory.Close()
}

// copyFile copies a private file; one that exists is refused.
func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("take over %s: %w", from, err)
	}
	return writeNew(to, content)
}

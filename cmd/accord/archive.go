package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"accord/storage"
)

// archiveCmd looks after the archive of a home that does not run.
type archiveCmd struct {
	Verify  archiveVerifyCmd  `cmd:"" help:"Audit every record, proof and view against the ledger."`
	Rebuild archiveRebuildCmd `cmd:"" help:"Make the views anew from the log alone."`
	Export  archiveExportCmd  `cmd:"" help:"Write every entry with its record, proof and octets into a directory."`
	Copy    archiveCopyCmd    `cmd:"" help:"Move the log to another archive, where it goes on."`
	Migrate archiveMigrateCmd `cmd:"" help:"Bring a database to the form of this version."`
}

// Help shows examples.
func (archiveCmd) Help() string {
	return help{
		about:    "The gateway of the home must be stopped. Others on the same database may run.",
		examples: []string{"accord archive verify --home ./cn", "accord archive export --home ./cn ./export"},
	}.String()
}

type archiveVerifyCmd struct{}

// Help shows an example.
func (archiveVerifyCmd) Help() string {
	return help{
		about:    "In a database, bodies that belong to no batch are listed too: their gateway was killed before it could answer, and they are harmless.",
		json:     jsonAudit,
		examples: []string{"accord archive verify --home ./cn"},
	}.String()
}

// Run audits; 0 when nothing is wrong, else 1.
func (*archiveVerifyCmd) Run(e *env) error { return auditHome(e) }

type archiveRebuildCmd struct{}

// Help shows an example.
func (archiveRebuildCmd) Help() string {
	return help{json: "{entries}", examples: []string{"accord archive rebuild --home ./cn"}}.String()
}

// Run makes the views anew.
func (*archiveRebuildCmd) Run(e *env) error {
	a, err := openHome(e, home(e.home))
	if err != nil {
		return err
	}
	size := a.Size()
	if err := errors.Join(a.Rebuild(e.ctx), a.Close()); err != nil {
		return err
	}
	return e.result(map[string]any{"entries": size}, "the views of %d entries were made anew", size)
}

type archiveExportCmd struct {
	Out string `arg:"" help:"Directory; it must not exist."`
}

// Help shows an example.
func (archiveExportCmd) Help() string {
	return help{
		about:    "Each entry gives two files: NUMBER.body has the octets as they came, NUMBER.json {index, mediaType, record, proof}. The file checkpoint is the signed head of the log.",
		json:     "{entries, out}",
		examples: []string{"accord archive export --home ./cn ./export"},
	}.String()
}

// exported is what stands beside the octets of an entry.
type exported struct {
	Index  uint64          `json:"index"`
	Media  string          `json:"mediaType"`
	Record json.RawMessage `json:"record"`
	Proof  string          `json:"proof"`
}

// Run writes a file pair for each entry, and the checkpoint.
func (c *archiveExportCmd) Run(e *env) error {
	if _, err := os.Stat(c.Out); err == nil {
		return usageError(c.Out + " exists; name a new directory")
	}
	a, err := openHome(e, home(e.home))
	if err != nil {
		return err
	}
	size := a.Size()
	if err := errors.Join(c.write(e, a, size), a.Close()); err != nil {
		return err
	}
	return e.result(map[string]any{"entries": size, "out": c.Out}, "%d entries are in %s", size, c.Out)
}

func (c *archiveExportCmd) write(e *env, a *storage.Archive, size uint64) error {
	if err := os.Mkdir(c.Out, 0o700); err != nil {
		return usageError("cannot make the directory: " + err.Error())
	}
	progress := progressBar(e, size)
	for i := range size {
		if err := c.entry(e, a, i); err != nil {
			return err
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	checkpoint, err := a.Checkpoint()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Out, "checkpoint"), checkpoint, 0o600)
}

func (c *archiveExportCmd) entry(e *env, a *storage.Archive, i uint64) error {
	entry, err := a.At(e.ctx, i)
	if err != nil {
		return err
	}
	body, err := a.Body(e.ctx, entry)
	if err != nil {
		return err
	}
	proof, err := a.Proof(e.ctx, entry)
	if err != nil {
		return err
	}
	meta, err := json.MarshalIndent(exported{Index: i, Media: entry.Media, Record: entry.Record, Proof: proof}, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(c.Out, fmt.Sprintf("%012d", i))
	if err := os.WriteFile(name+".json", append(meta, '\n'), 0o600); err != nil {
		return err
	}
	return os.WriteFile(name+".body", body, 0o600)
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"accord/ledger"
	"accord/storage"
)

// ledgerCmd looks after the ledger of a home that does not run.
type ledgerCmd struct {
	Check       ledgerCheckCmd `cmd:"" help:"Audit every record, leaf and proof against the ledger."`
	Close       ledgerCloseCmd `cmd:"" help:"Seal the log: nothing may follow."`
	AcceptClock acceptClockCmd `cmd:"" name:"accept-clock" help:"Accept a clock that was set back."`
}

type ledgerCheckCmd struct{}

// Help shows an example.
func (ledgerCheckCmd) Help() string {
	return "Example: accord ledger check --home ./cn   (while the gateway is stopped)"
}

// Run audits; 0 when nothing is wrong, else 1.
func (*ledgerCheckCmd) Run(e *env) error { return auditHome(e) }

// archiveCmd looks after the archive of a home that does not run.
type archiveCmd struct {
	Verify  archiveVerifyCmd  `cmd:"" help:"Audit every record, proof and view against the ledger."`
	Rebuild archiveRebuildCmd `cmd:"" help:"Make the views anew from the log alone."`
	Export  archiveExportCmd  `cmd:"" help:"Write every entry with its record, proof and octets into a directory."`
}

type archiveVerifyCmd struct{}

// Help shows an example.
func (archiveVerifyCmd) Help() string { return "Example: accord archive verify --home ./cn" }

// Run audits; 0 when nothing is wrong, else 1.
func (*archiveVerifyCmd) Run(e *env) error { return auditHome(e) }

func auditHome(e *env) error {
	a, err := openHome(e, home(e.home))
	if err != nil {
		return err
	}
	audit, err := a.Verify(e.ctx, progressBar(e, a.Size()))
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	if e.format == "json" {
		err = e.printJSON(audit)
	} else {
		e.printf("%d entries in %d batches, root %s\n", audit.Entries, audit.Batches, audit.Root)
		for _, p := range audit.Problems {
			e.printf("problem: %s\n", p)
		}
		if len(audit.Problems) == 0 {
			e.printf("every record, body, proof and view agrees with the ledger\n")
		}
	}
	if err == nil && len(audit.Problems) > 0 {
		return statusError(exitFailed)
	}
	return err
}

// progressBar shows how far a long command is, on a terminal only.
func progressBar(e *env, total uint64) func(uint64) {
	f, ok := e.stderr.(*os.File)
	if !ok || total == 0 {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(n uint64) {
		fmt.Fprintf(f, "\r%3d %%  %d of %d", n*100/total, n, total)
		if n >= total {
			fmt.Fprintln(f)
		}
	}
}

type archiveRebuildCmd struct{}

// Help shows an example.
func (archiveRebuildCmd) Help() string { return "Example: accord archive rebuild --home ./cn" }

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
func (archiveExportCmd) Help() string { return "Example: accord archive export --home ./cn ./export" }

// exported is what stands beside the octets of an entry.
type exported struct {
	Index  uint64          `json:"index"`
	Media  string          `json:"mediaType"`
	Record json.RawMessage `json:"record"`
	Proof  string          `json:"proof"`
}

// Run writes a file pair for each entry, and the checkpoint.
func (c *archiveExportCmd) Run(e *env) error {
	if err := os.Mkdir(c.Out, 0o700); err != nil {
		return usageError("cannot make the directory: " + err.Error())
	}
	a, err := openHome(e, home(e.home))
	if err != nil {
		return err
	}
	size := a.Size()
	for i := range size {
		if err := c.entry(e, a, i); err != nil {
			return errors.Join(err, a.Close())
		}
	}
	checkpoint, err := a.Checkpoint()
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Out, "checkpoint"), checkpoint, 0o600); err != nil {
		return err
	}
	return e.result(map[string]any{"entries": size, "out": c.Out}, "%d entries are in %s", size, c.Out)
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
	if err := os.WriteFile(name+".json", meta, 0o600); err != nil {
		return err
	}
	return os.WriteFile(name+".body", body, 0o600)
}

type ledgerCloseCmd struct{}

// Help shows an example.
func (ledgerCloseCmd) Help() string { return "Example: accord ledger close --home ./cn" }

// Run seals the log.
func (*ledgerCloseCmd) Run(e *env) error {
	a, err := openHome(e, home(e.home))
	if err != nil {
		return err
	}
	size := a.Size()
	if err := errors.Join(a.Seal(e.ctx), a.Close()); err != nil {
		return err
	}
	return e.result(map[string]any{"size": size, "sealed": true}, "the log is sealed at size %d", size)
}

type acceptClockCmd struct{}

// Help shows an example.
func (acceptClockCmd) Help() string { return "Example: accord ledger accept-clock --home ./cn" }

// Run notes that the present clock is right although batches of the log are
// later; their times still never go back.
func (*acceptClockCmd) Run(e *env) error {
	h := home(e.home)
	if _, err := h.config(); err != nil {
		return err
	}
	now := ledger.FormatTime(e.now())
	if err := os.WriteFile(h.path("clock-accepted"), []byte(now), 0o600); err != nil {
		return err
	}
	return e.result(map[string]any{"accepted": now}, "the clock is accepted; start the gateway again")
}

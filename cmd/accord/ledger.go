package main

import (
	"errors"
	"fmt"
	"os"

	"accord/attestation"
	"accord/ledger"
	"accord/storage"
)

// ledgerCmd looks after the ledger of a home.
type ledgerCmd struct {
	Check       ledgerCheckCmd `cmd:"" help:"Audit the ledger: of a home that does not run every record and proof, else what its gateway publishes."`
	Close       ledgerCloseCmd `cmd:"" help:"Seal the log: nothing may follow."`
	AcceptClock acceptClockCmd `cmd:"" name:"accept-clock" help:"Accept a clock that was set back."`
}

// Help shows examples.
func (ledgerCmd) Help() string {
	return help{examples: []string{"accord ledger check --home ./cn", "accord ledger close --home ./cn"}}.String()
}

type ledgerCheckCmd struct{}

// Help shows an example.
func (ledgerCheckCmd) Help() string {
	return help{
		about:    "While the gateway of the home runs it is asked: the tree is computed from the public entries and held against the checkpoint that it signs with the key of the home. `accord archive verify` always reads the archive.",
		json:     jsonAudit,
		examples: []string{"accord ledger check --home ./cn"},
	}.String()
}

// Run audits; 0 when nothing is wrong, else 1.
func (*ledgerCheckCmd) Run(e *env) error {
	err := auditHome(e)
	if !errors.Is(err, errInUse) {
		return err
	}
	return checkRunning(e, home(e.home))
}

// homeAudit is what was found in the archive of a home.
type homeAudit struct {
	*storage.Audit
	Blobs   uint64   `json:"blobs"`             // binaries that documents name, all read
	Orphans []string `json:"orphans,omitempty"` // bodies that belong to no batch; no problem
}

// auditHome audits the archive of a home that does not run.
func auditHome(e *env) error {
	a, b, err := openHomeBackend(e, home(e.home))
	if err != nil {
		return err
	}
	found, err := audited(e, a, b)
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	if e.format == "json" {
		err = e.printJSON(found)
	} else {
		printAudit(e, found)
	}
	if err == nil && len(found.Problems) > 0 {
		return statusError(exitFailed)
	}
	return err
}

func audited(e *env, a *storage.Archive, b *backend) (found homeAudit, err error) {
	if found.Audit, err = a.Verify(e.ctx, progressBar(e, a.Size())); err != nil {
		return found, err
	}
	found.Blobs, err = storage.CheckBlobs(e.ctx, b.blobs, func(d attestation.Digest, problem string) {
		found.Problems = append(found.Problems, fmt.Sprintf("blob %s: %s", d, problem))
	})
	if err != nil || b.orphans == nil {
		return found, err
	}
	err = b.orphans(e.ctx, func(id string) error {
		found.Orphans = append(found.Orphans, id)
		return nil
	})
	return found, err
}

func printAudit(e *env, found homeAudit) {
	e.printf("%d entries in %d batches, root %s\n", found.Entries, found.Batches, found.Root)
	if found.Blobs > 0 {
		e.printf("%d blobs beside the log\n", found.Blobs)
	}
	for _, p := range found.Problems {
		e.printf("problem: %s\n", p)
	}
	for _, id := range found.Orphans {
		e.printf("body %s belongs to no batch: it was never acknowledged and is harmless\n", id)
	}
	if len(found.Problems) == 0 {
		e.printf("every record, body, proof and view agrees with the ledger\n")
	}
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

type ledgerCloseCmd struct{}

// Help shows an example.
func (ledgerCloseCmd) Help() string {
	return help{
		about:    "The gateway must be stopped. A sealed log is served and checked as before, but takes nothing any more; it cannot be opened again.",
		json:     "{size, sealed}",
		examples: []string{"accord ledger close --home ./cn"},
	}.String()
}

// Run seals the log.
func (*ledgerCloseCmd) Run(e *env) error {
	a, err := openHome(e, home(e.home))
	if err != nil {
		return err
	}
	size := a.Size()
	err = a.Seal(e.ctx)
	if err == nil {
		err = dropMark(home(e.home))
	}
	if err := errors.Join(err, a.Close()); err != nil {
		return err
	}
	return e.result(map[string]any{"size": size, "sealed": true}, "the log is sealed at size %d", size)
}

type acceptClockCmd struct{}

// Help shows an example.
func (acceptClockCmd) Help() string {
	return help{
		about:    "A gateway refuses to go on when its clock is more than five minutes behind the last entry. Where the clock of now is the right one, accept it and start the gateway again; times of the ledger never go back. It counts for one start: as long as the newest entry is later than the clock, the next start asks again.",
		json:     "{accepted}",
		examples: []string{"accord ledger accept-clock --home ./cn"},
	}.String()
}

// Run notes that the present clock is right although batches of the log are
// later; their times still never go back.
func (*acceptClockCmd) Run(e *env) error {
	h := home(e.home)
	if _, err := h.config(); err != nil {
		return err
	}
	now := ledger.FormatTime(e.now())
	if err := os.WriteFile(h.path(clockFile), []byte(now), 0o600); err != nil {
		return err
	}
	return e.result(map[string]any{"accepted": now}, "the clock is accepted for one start; start the gateway again")
}

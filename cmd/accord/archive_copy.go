package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"accord/attestation"
	"accord/configs"
	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
	"accord/storage/mongo"
)

// archiveCopyCmd moves a log to another archive.
type archiveCopyCmd struct {
	To           string `help:"Where it is to go on, as archive in accord.yaml: local:DIR (from the home), mongodb://USER@HOSTS/DATABASE?replicaSet=NAME, or file:PATH or env:NAME of such a string." placeholder:"URI" required:""`
	ToPassword   string `help:"Password of USER: file:PATH or env:NAME." placeholder:"REF"`
	ToUnverified bool   `help:"Accept a server that does not tell whether it is safe."`
}

// Help shows examples.
func (archiveCopyCmd) Help() string {
	return help{
		about:    "The copy is the same log: same numbers, octets, checkpoints and keys. It is read back and held against the source, record by record and body by body, and so are the binaries beside it. Then the source is sealed, so that there is one continuation, and takes nothing any more, from no gateway; set archive in accord.yaml to what was said with --to, and serve. A copy that was interrupted goes on when the command is given again. A log that was closed before is copied with its seal.",
		json:     "{from, to, entries, batches, added, blobs, root, sealed}",
		examples: []string{"accord archive copy --home ./cn --to \"mongodb://accord@db1,db2,db3/accord?replicaSet=rs0\" --to-password file:password", "accord archive copy --home ./cn --to local:archive-2"},
	}.String()
}

// copied is the result.
type copied struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Entries uint64 `json:"entries"`
	Batches uint64 `json:"batches"`
	Added   uint64 `json:"added"` // batches, by this call
	Blobs   uint64 `json:"blobs"` // binaries beside the log, of both
	Root    string `json:"root"`
	Sealed  bool   `json:"sealed"` // the source was closed before; so is the copy
}

// Run copies, compares, seals the source and opens the copy once.
func (c *archiveCopyCmd) Run(e *env) error {
	m, err := c.plan(home(e.home))
	if err != nil {
		return err
	}
	m.env = e
	err = m.move()
	if e.ctx.Err() != nil {
		return fault.Wrap(err, fault.HTTPUnavailable, "the copy was interrupted; give the same command again and it goes on")
	}
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d entries with root %s are in %s", m.done.Entries, m.done.Root, m.done.To)
	if !m.done.Sealed {
		text += fmt.Sprintf("\n%s is sealed; the log goes on in the copy: set in %s\n", m.done.From, m.home.path("accord.yaml"))
		for _, k := range m.flags.keys() {
			text += fmt.Sprintf("  %s: %s\n", k[0], quoted(k[1]))
		}
		text += "and in every other home of the ledger, and serve"
	}
	if e.format == "json" {
		return e.printJSON(m.done)
	}
	e.printf("%s\n", text)
	return nil
}

// move is one log on its way.
type move struct {
	env    *env
	home   home
	cfg    *configs.Config
	note   *ledger.NoteSigner
	id     mongo.Identity
	flags  archiveFlags    // of the target
	target configs.Archive // where it goes

	seal bool // the source was closed: its seal is copied
	done copied
}

// plan reads what was said.
func (c *archiveCopyCmd) plan(h home) (*move, error) {
	cfg, err := h.config()
	if err != nil {
		return nil, err
	}
	flags, err := archiveFlags{c.To, c.ToPassword, c.ToUnverified, "to"}.absolute()
	if err != nil {
		return nil, err
	}
	target, err := flags.parse(h)
	if err != nil {
		return nil, err
	}
	if target.String() == cfg.Archive().String() {
		return nil, usageError("the archive is there already; name another place with --to")
	}
	note, err := h.noteSigner(cfg)
	if err != nil {
		return nil, err
	}
	id, err := h.ledgerIdentity(cfg, note)
	if err != nil {
		return nil, err
	}
	return &move{
		home: h, cfg: cfg, note: note, id: id, flags: flags, target: target,
		done: copied{From: cfg.Archive().String(), To: target.String()},
	}, nil
}

// move does it all. The memory of the home is that of the source until that is
// sealed, and of the copy afterwards.
func (m *move) move() error {
	source, err := lockBackend(m.env.ctx, m.home, m.cfg, m.note)
	if err != nil {
		return err
	}
	archive, err := m.open(source)
	if err != nil {
		return err
	}
	to, err := m.openTarget()
	if err != nil {
		return errors.Join(err, archive.Close())
	}
	err = m.fill(archive, source, to)
	if err = errors.Join(err, archive.Close()); err != nil {
		return errors.Join(err, to.close())
	}
	return m.goOn(to)
}

func (m *move) open(b *backend) (*storage.Archive, error) {
	return b.open(m.env.ctx, m.home, m.cfg, m.note, slog.New(slog.DiscardHandler), func(error) {})
}

// fill copies and compares while the source still takes what comes, then seals
// it and copies the rest.
func (m *move) fill(archive *storage.Archive, source, to *backend) error {
	ctx := m.env.ctx
	if source.database != nil && to.database != nil && sameDatabase(source.database, to.database) {
		return usageError("source and copy are the same database; name another one with --to")
	}
	sealed, err := storage.Sealed(ctx, source.log, source.index)
	if err != nil {
		return err
	}
	mark, err := readMark(m.home)
	switch {
	case err != nil:
		return err
	case sealed && mark.From != m.done.From:
		m.seal, m.done.Sealed = true, true
	case sealed && mark.To != m.done.To:
		return fault.Newf(fault.LedgerFork, "this log was sealed to go on in %s; copy it there, or set archive in accord.yaml", mark.To)
	}
	beyond, err := m.pass(archive, source, to)
	if err != nil {
		return err
	}
	if beyond && !sealed {
		return fault.New(fault.LedgerFork, "the copy has batches that the source does not have: somebody appends to it")
	}
	if sealed {
		return m.binaries(source, to)
	}
	if err := m.binaries(source, to); err != nil {
		return err
	}
	// Who is interrupted from here on knows where the log was to go on.
	if err := writeMark(m.home, copyMark{From: m.done.From, To: m.done.To}); err != nil {
		return err
	}
	if err := archive.Seal(ctx); err != nil {
		return fmt.Errorf("seal the source: %w", err)
	}
	if _, err = m.pass(archive, source, to); err != nil {
		return err
	}
	return m.binaries(source, to)
}

// binaries brings what is kept beside the log, and reads all that is new.
func (m *move) binaries(source, to *backend) error {
	all, added, err := storage.CopyBlobs(m.env.ctx, source.blobs, to.blobs, attestation.PartnerID(m.cfg.Authority()))
	if err != nil {
		return fmt.Errorf("copy blobs: %w", err)
	}
	m.done.Blobs = all
	if added == 0 {
		return nil
	}
	var damaged fault.List
	if _, err := storage.CheckBlobs(m.env.ctx, to.blobs, func(d attestation.Digest, problem string) {
		damaged = append(damaged, fault.Newf(fault.LedgerFork, "blob %s of the copy: %s", d, problem))
	}); err != nil {
		return fmt.Errorf("compare blobs: %w", err)
	}
	return damaged.ErrorOrNil()
}

// pass brings the copy up to the source and compares both. It is beyond when
// the log has gone on in the copy.
func (m *move) pass(archive *storage.Archive, source, to *backend) (beyond bool, err error) {
	ctx := m.env.ctx
	opt := storage.CopyOptions{Seal: m.seal, Logger: slog.New(slog.NewTextHandler(m.env.stderr, nil)), Progress: progressBar(m.env, archive.Size())}
	filled, err := storage.CopyLog(ctx, source.log, to.log, opt)
	m.done.Added += filled.Added
	if err != nil {
		return false, err
	}
	if filled.Added == 0 && m.done.Root != "" {
		return filled.Beyond, nil // compared a moment ago
	}
	m.env.notef("accord: %d batches were copied, %d entries are there; every record and body is compared\n", filled.Added, filled.Size)
	opt.Progress = progressBar(m.env, filled.Size)
	same, head, err := storage.CompareLogs(ctx, source.log, to.log, opt)
	if err != nil {
		return false, err
	}
	if err := caughtUp(ctx, archive); err != nil {
		return false, err
	}
	root, err := archive.Snapshot().RootAt(ctx, same.Size)
	if err != nil {
		return false, err
	}
	if same.Batches < filled.Batches || root != head.Root {
		return false, fault.Newf(fault.LedgerFork, "the copy has %d entries with root %s, the source %d with root %s", same.Size, head.Root, filled.Size, root)
	}
	m.done.Entries, m.done.Batches, m.done.Root = same.Size, same.Batches, head.Root.String()
	return filled.Beyond, nil
}

// caughtUp returns when the archive shows what others have appended meanwhile.
// Those may append faster than one look takes in, so it looks for a while.
func caughtUp(ctx context.Context, archive *storage.Archive) error {
	for until := time.Now().Add(30 * time.Second); ; {
		err := archive.Refresh(ctx)
		if fault.CodeOf(err) != fault.HTTPUnavailable || ctx.Err() != nil || time.Now().After(until) {
			return err
		}
	}
}

// openTarget makes the archive to copy to, or opens the one that was begun.
func (m *move) openTarget() (*backend, error) {
	if m.target.Scheme == schemeMongo {
		return m.openDatabase()
	}
	if _, err := os.Stat(m.target.Path); errors.Is(err, os.ErrNotExist) {
		if err := createLocal(m.target.Path); err != nil {
			return nil, err
		}
	}
	return openLocal(m.env.ctx, m.target.Path)
}

func (m *move) openDatabase() (*backend, error) {
	conn, err := connect(m.env.ctx, m.target)
	if err != nil {
		return nil, err
	}
	b, err := m.prepare(m.env.ctx, conn)
	if err != nil {
		return nil, errors.Join(err, disconnect(conn))
	}
	return b, nil
}

// prepare makes the archive, or goes on with one of this ledger.
func (m *move) prepare(ctx context.Context, conn *mongo.Connection) (*backend, error) {
	if err := mongo.Create(ctx, conn, m.id); err != nil {
		if fault.CodeOf(err) != fault.LedgerFork {
			return nil, err
		}
		if _, _, err := mongo.Migrate(ctx, conn, m.id); err != nil {
			return nil, err
		}
	}
	log, index, err := mongo.Open(ctx, conn, m.id, mongo.Settings{})
	if err != nil {
		return nil, err
	}
	return &backend{log: log, index: index, blobs: mongo.NewBlobs(conn), shared: true, database: conn, orphans: log.Orphans}, nil
}

// sameDatabase says whether two connections lead to the same place: sets with a
// member in common are one.
func sameDatabase(a, b *mongo.Connection) bool {
	return a.Database().Name() == b.Database().Name() &&
		(a.Server().Primary == b.Server().Primary || slices.ContainsFunc(a.Server().Hosts, func(host string) bool { return slices.Contains(b.Server().Hosts, host) }))
}

// goOn opens the copy with the keys and the memory of the home: it has what was
// signed, and its views are made.
func (m *move) goOn(to *backend) error {
	lock, err := lockHome(m.home)
	if err != nil {
		return errors.Join(err, to.close())
	}
	to.log = &lockedLog{Log: to.log, lock: lock}
	archive, err := m.open(to)
	if err != nil {
		return err
	}
	root, err := archive.Snapshot().RootAt(m.env.ctx, m.done.Entries)
	if err == nil && root.String() != m.done.Root {
		err = fault.New(fault.LedgerFork, "the copy shows another root than it was compared with")
	}
	return errors.Join(err, archive.Close())
}

// copyMark stands in the home of a log that was sealed to go on elsewhere. It
// tells that seal from one that closes a log for good.
type copyMark struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// markFile is its name.
const markFile = "copied.json"

// readMark returns an empty mark where no log was copied.
func readMark(h home) (m copyMark, err error) {
	raw, err := os.ReadFile(h.path(markFile))
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		return m, fmt.Errorf("read %s: %w", h.path(markFile), err)
	}
	return m, nil
}

func writeMark(h home, m copyMark) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.path(markFile), append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("note where the log goes on: %w", err)
	}
	return nil
}

// dropMark is for a log that is closed for good.
func dropMark(h home) error {
	if err := os.Remove(h.path(markFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget where the log was to go on: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"accord/configs"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
	"accord/storage"
	"accord/storage/local"
	"accord/storage/mongo"
)

// schemeMongo is that of an archive which several gateways may share.
const schemeMongo = "mongodb"

// backend is where the log and the views of an archive are kept.
type backend struct {
	log    storage.Log
	index  storage.Index
	blobs  storage.Blobs
	shared bool // others may append to the log at the same time

	database *mongo.Connection // nil of an embedded archive
	// orphans lists bodies that belong to no batch; nil where there are none.
	orphans func(context.Context, func(id string) error) error
}

func (b *backend) close() error { return errors.Join(b.index.Close(), b.log.Close()) }

// openBackend opens what stands where a configuration says. A server that
// cannot be reached is archive.unreachable, and another ledger is ledger.fork.
func openBackend(ctx context.Context, h home, cfg *configs.Config, id mongo.Identity) (*backend, error) {
	if cfg.Archive().Scheme == schemeMongo {
		b, err := openMongo(ctx, cfg.Archive(), id)
		if fault.CodeOf(err) == fault.HTTPUnavailable {
			lost := fault.All(err)[0]
			err = fault.Wrap(lost.Err, fault.ArchiveUnreachable, lost.Detail)
		}
		return b, err
	}
	b, err := openLocal(ctx, cfg.Archive().Path)
	if fault.CodeOf(err) == fault.HTTPUnavailable {
		return nil, inUse(h)
	}
	return b, err
}

func openLocal(ctx context.Context, dir string) (*backend, error) {
	journal, err := local.OpenJournal(dir)
	if err != nil {
		return nil, err
	}
	index, err := local.OpenIndex(ctx, filepath.Join(dir, "index.sqlite"), journal)
	if err != nil {
		return nil, errors.Join(err, journal.Close())
	}
	blobs, err := local.OpenBlobs(dir)
	if err != nil {
		return nil, errors.Join(err, index.Close(), journal.Close())
	}
	return &backend{log: journal, index: index, blobs: blobs}, nil
}

func openMongo(ctx context.Context, a configs.Archive, id mongo.Identity) (*backend, error) {
	conn, err := connect(ctx, a)
	if err != nil {
		return nil, err
	}
	log, index, err := mongo.Open(ctx, conn, id, mongo.Settings{})
	if err != nil {
		return nil, errors.Join(err, disconnect(conn))
	}
	return &backend{log: log, index: index, blobs: mongo.NewBlobs(conn), shared: true, database: conn, orphans: log.Orphans}, nil
}

// connect reaches the database of an archive. No error of it holds a secret.
func connect(ctx context.Context, a configs.Archive) (*mongo.Connection, error) {
	uri, err := a.Connection()
	if err != nil {
		return nil, fault.Wrap(err, fault.HTTPUnavailable, "the connection string of the archive cannot be read")
	}
	opt := mongo.Options{URI: string(uri.Reveal()), AllowUnverified: a.Unverified}
	if (a.Password != configs.SecretRef{}) {
		if opt.Password, err = a.Password.Resolve(); err != nil {
			return nil, fault.Wrap(err, fault.HTTPUnavailable, "the password of the archive cannot be read")
		}
	}
	return mongo.Connect(ctx, opt)
}

// disconnectTime bounds the end of a connection whose work is done.
const disconnectTime = 5 * time.Second

func disconnect(conn *mongo.Connection) error {
	ctx, cancel := context.WithTimeout(context.Background(), disconnectTime)
	defer cancel()
	return conn.Close(ctx)
}

// ledgerIdentity is what every gateway on one ledger has in common. It names
// keys and tells none: the log key by its public half, the cursor key by a
// digest of 256 random bits, the operators by the set of their thumbprints.
func (h home) ledgerIdentity(cfg *configs.Config, note *ledger.NoteSigner) (mongo.Identity, error) {
	secret, err := h.cursorKey()
	if err != nil {
		return mongo.Identity{}, err
	}
	var operators []string
	for _, raw := range cfg.Operators() {
		key, err := signing.ParseKey(raw)
		if err != nil {
			return mongo.Identity{}, err
		}
		operators = append(operators, key.Thumbprint())
	}
	slices.Sort(operators)
	return mongo.Identity{
		Origin: cfg.Origin(), Issuer: cfg.Issuer(), LogKey: note.VKey(), CursorKey: digestID("cursor key", string(secret)),
		Operators: digestID("operators", fmt.Sprintf("%d of %s", cfg.Approvals(), strings.Join(operators, " "))),
	}, nil
}

// digestID is a short name of something that is the same wherever it is made.
func digestID(what, value string) string {
	sum := sha256.Sum256([]byte("accord " + what + "\n" + value))
	return hex.EncodeToString(sum[:16])
}

// openArchive opens the archive of a home for this process alone. wrap, where
// not nil, is put around the log.
func openArchive(ctx context.Context, h home, cfg *configs.Config, note *ledger.NoteSigner, log *slog.Logger, fatal func(error), wrap func(storage.Log) storage.Log) (*storage.Archive, error) {
	b, err := lockBackend(ctx, h, cfg, note)
	if err != nil {
		return nil, err
	}
	if wrap != nil {
		b.log = wrap(b.log)
	}
	return b.open(ctx, h, cfg, note, log, fatal)
}

// lockBackend opens the backend of a home and keeps others out of the home
// until it is closed: two processes must not have one signer's memory.
func lockBackend(ctx context.Context, h home, cfg *configs.Config, note *ledger.NoteSigner) (*backend, error) {
	id, err := h.ledgerIdentity(cfg, note)
	if err != nil {
		return nil, err
	}
	lock, err := lockHome(h)
	if err != nil {
		return nil, err
	}
	b, err := openBackend(ctx, h, cfg, id)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	b.log = &lockedLog{Log: b.log, lock: lock}
	return b, nil
}

// open makes an archive of the backend with the keys and the memory of a home.
// The archive closes the backend, and so does a failure.
func (b *backend) open(ctx context.Context, h home, cfg *configs.Config, note *ledger.NoteSigner, log *slog.Logger, fatal func(error)) (*storage.Archive, error) {
	memory, err := ledger.OpenMemory(h.path("memory"), cfg.Origin())
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	former, err := h.formerVKeys(note)
	if err != nil {
		return nil, errors.Join(err, memory.Close(), b.close())
	}
	archive, err := storage.Open(ctx, storage.Options{
		Log: b.log, Index: b.index, Blobs: b.blobs, Shared: b.shared, Memory: memory, Signer: note, Former: former, Issuer: cfg.Issuer(),
		Now: time.Now, AcceptClock: h.clockAccepted(), Logger: log, Fatal: fatal,
	})
	if err != nil {
		return nil, errors.Join(err, memory.Close(), b.close())
	}
	return archive, nil
}

// lockHome locks a home against a second process; its error is [errInUse].
func lockHome(h home) (*os.File, error) {
	lock, err := os.OpenFile(h.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the home: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(inUse(h), lock.Close())
	}
	return lock, nil
}

// lockedLog gives the lock of a home back when the log is closed, which an
// archive does last.
type lockedLog struct {
	storage.Log
	lock *os.File
	once sync.Once
}

// Close closes the log, then the lock.
func (l *lockedLog) Close() error {
	err := l.Log.Close()
	l.once.Do(func() { err = errors.Join(err, l.lock.Close()) })
	return err
}

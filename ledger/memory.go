package ledger

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"accord/internal/fault"
)

// syncInterval is how long a noted head may be in the page cache only. A
// killed process loses nothing; a power cut loses at most this much of the
// memory, never of the log, and a memory that lags is safe.
const syncInterval = time.Second

// Memory is what the signer remembers outside the archive and its backups: the
// greatest head it ever noted. A head is noted before a checkpoint of it is
// signed or shown, so a log that does not contain it is not the log that was
// signed (ledger.fork). It only grows.
//
// Two slots take turns: a new head goes to the slot that is not the last one
// synced, and the turn changes with each sync. So one slot always holds what
// was synced, whatever a crash leaves of the other. A background task syncs
// each second.
//
// A Memory is safe for concurrent use within one process; that no second
// process has it open is the business of the archive's lock.
type Memory struct {
	mu     sync.Mutex // guards what follows
	file   memoryFile
	last   slot  // as written
	turn   int   // the slot that is written to
	dirty  bool  // written since the last sync
	broken error // once a write or sync failed nothing is noted any more

	stop func()
	done chan struct{}
}

// memoryFile is the part of *os.File that a Memory needs; the test of crashes
// puts a file that tears between.
type memoryFile interface {
	WriteAt(b []byte, off int64) (int, error)
	Sync() error
	Close() error
}

// CreateMemory makes the memory of a new log: size 0. A file that exists is
// refused, whatever is in it. The file and its directory entry are synced.
func CreateMemory(path, origin string) (*Memory, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create signer's memory: %w", err)
	}
	first := slot{counter: 1, origin: sha256.Sum256([]byte(origin)), head: Head{Root: EmptyRoot()}}
	b := make([]byte, memorySize)
	copy(b, first.append(nil))
	if _, err = f.WriteAt(b, 0); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("create signer's memory %s: %w", path, err)
	}
	return newMemory(f, first, 1), nil
}

// OpenMemory opens the memory of a log. A file that is missing, of another log
// or damaged in both slots is ledger.fork: without its memory a signer cannot
// know that it does not sign a second history.
func OpenMemory(path, origin string) (*Memory, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.LedgerFork, "the signer's memory is missing; put back the newest copy, never make a new one")
	}
	if err != nil {
		return nil, fmt.Errorf("open signer's memory: %w", err)
	}
	last, turn, err := readSlots(f, sha256.Sum256([]byte(origin)))
	if err == nil {
		// After an unclean stop the page cache may hold what the disk does
		// not: what was read is written anew, beside it, and synced.
		last.counter++
		err = writeSlot(f, last, turn)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open signer's memory %s: %w", path, err)
	}
	return newMemory(f, last, 1-turn), nil
}

// writeSlot writes a slot and syncs it.
func writeSlot(f memoryFile, s slot, turn int) error {
	if _, err := f.WriteAt(s.append(nil), int64(turn*slotStride)); err != nil {
		return err
	}
	return f.Sync()
}

// readSlots returns the newer good slot and the number of the other one.
func readSlots(f *os.File, origin [32]byte) (slot, int, error) {
	b := make([]byte, memorySize)
	if _, err := f.ReadAt(b, 0); err != nil {
		return slot{}, 0, fault.Wrap(err, fault.LedgerFork, "the signer's memory is cut short")
	}
	a, okA := parseSlot(b)
	z, okZ := parseSlot(b[slotStride:])
	last, turn := a, 1
	if okZ && (!okA || z.counter > a.counter) {
		last, turn = z, 0
	}
	switch {
	case !okA && !okZ:
		return slot{}, 0, fault.New(fault.LedgerFork, "both slots of the signer's memory are damaged")
	case last.origin != origin:
		return slot{}, 0, fault.New(fault.LedgerFork, "the signer's memory is of another log")
	default:
		return last, turn, nil
	}
}

func newMemory(f memoryFile, last slot, turn int) *Memory {
	ctx, stop := context.WithCancel(context.Background())
	m := &Memory{file: f, last: last, turn: turn, stop: stop, done: make(chan struct{})}
	go m.syncEach(ctx)
	return m
}

// Head returns the greatest head noted.
func (m *Memory) Head() Head {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last.head
}

// Note remembers a head that is about to be signed or shown, whoever made it.
// The caller knows that it extends the one before: it has the log. A head below
// the memory is not noted and is no error (a slower reader may show an older
// checkpoint); the same size with another root is ledger.fork. When Note
// returns nil the head survives the death of the process, and after the next
// sync that of the machine. After a failed write or sync every Note fails, and
// the process must end: what the page cache says then is not what the disk
// holds.
func (m *Memory) Note(h Head) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.broken != nil:
		return m.broken
	case h.Size == m.last.head.Size && h.Root != m.last.head.Root:
		return fault.Newf(fault.LedgerFork, "two roots of size %d", h.Size)
	case h.Size <= m.last.head.Size:
		return nil
	}
	next := slot{counter: m.last.counter + 1, origin: m.last.origin, head: h}
	if _, err := m.file.WriteAt(next.append(make([]byte, 0, slotSize)), int64(m.turn*slotStride)); err != nil {
		m.broken = fmt.Errorf("write signer's memory: %w", err)
		return m.broken
	}
	m.last, m.dirty = next, true
	return nil
}

// Sync makes what was noted durable. The background task calls it; others
// need it only where a second is too long.
func (m *Memory) Sync() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sync()
}

// sync needs the lock. A Note waits while the disk works, at most once a
// second; it must not write into the slot that is being synced, or the turn
// would change to a slot that nobody synced.
func (m *Memory) sync() error {
	if m.broken != nil || !m.dirty {
		return m.broken
	}
	if err := m.file.Sync(); err != nil {
		m.broken = fmt.Errorf("sync signer's memory: %w", err)
		return m.broken
	}
	m.turn, m.dirty = 1-m.turn, false
	return nil
}

// syncEach is the background task; an error stays in broken, where the next
// Note finds it.
func (m *Memory) syncEach(ctx context.Context) {
	defer close(m.done)
	tick := time.NewTicker(syncInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if m.Sync() != nil {
				return
			}
		}
	}
}

// errClosed is what a closed Memory answers.
var errClosed = errors.New("signer's memory: closed")

// Close ends the background task, syncs and closes the file. It is idempotent.
func (m *Memory) Close() error {
	m.stop()
	<-m.done
	m.mu.Lock()
	defer m.mu.Unlock()
	if errors.Is(m.broken, errClosed) {
		return nil
	}
	err := errors.Join(m.sync(), m.file.Close())
	m.broken = errClosed
	return err
}

// Contained checks at open that the log contains what was noted: the tree is
// at least as large and has the same root at that size. Otherwise the error is
// ledger.fork and nothing may be signed or served.
func (m *Memory) Contained(ctx context.Context, log *Snapshot) error {
	h := m.Head()
	if h.Size > log.Size() {
		return fault.Newf(fault.LedgerFork, "the log has %d entries, %d were signed: an older backup?", log.Size(), h.Size)
	}
	root, err := log.RootAt(ctx, h.Size)
	if err != nil {
		return fmt.Errorf("compare the log with the signer's memory: %w", err)
	}
	if root != h.Root {
		return fault.Newf(fault.LedgerFork, "the first %d entries are not those that were signed", h.Size)
	}
	return nil
}

// syncDir makes a new directory entry durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

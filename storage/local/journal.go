package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"accord/internal/failpoint"
	"accord/internal/fault"
	"accord/storage"
)

// segmentSize is where a new segment begins. A smaller one makes opening scan
// less, a larger one makes fewer files: a million documents are about 90.
const segmentSize = 64 << 20

// offsetBits is the part of a place that counts within a segment; the rest is
// the segment's position in the journal.
const offsetBits = 32

// Journal is the Log of the embedded archive. Append belongs to one caller,
// reading to everybody.
type Journal struct {
	dir    string
	lock   *os.File
	sync   func(*os.File) error // fdatasync; tests bring a failing one
	mu     sync.RWMutex
	segs   []*segment // guarded by mu; the last one grows
	next   uint64     // number of the next batch; of the appender
	buf    []byte     // of the appender
	broken error      // why nothing can be appended any more; of the appender
	roll   int64      // size of a segment; tests bring a small one
	spare  spare      // what the next segment will be
	closed bool       // guarded by mu
}

var _ storage.Log = (*Journal)(nil)

// CreateJournal makes the directory of a new journal. One that exists is
// refused.
func CreateJournal(dir string) error {
	path := filepath.Join(dir, "journal")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create archive: %w", err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return fmt.Errorf("create journal: %w", err)
	}
	return syncDir(dir)
}

// OpenJournal opens a journal, locks it against a second process, cuts a torn
// last batch and writes the last whole one anew, so that what is read is what
// the disk holds. next is the number that the first batch after those to be
// read will have. Damage is an error that names the file.
func OpenJournal(dir string) (*Journal, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, fault.Wrap(err, fault.HTTPUnavailable, "another process has this archive open")
	}
	j := &Journal{dir: filepath.Join(dir, "journal"), lock: lock, sync: datasync, roll: segmentSize}
	j.spare.dir, j.spare.begin, j.spare.least, j.spare.lead = j.dir, spareBegin, spareLeast, spareLead
	if err := j.open(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

func datasync(f *os.File) error {
	if failpoint.Skip("journal.sync") {
		return nil
	}
	return unix.Fdatasync(int(f.Fd()))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// Append makes a batch durable: one write, one fdatasync.
func (j *Journal) Append(ctx context.Context, b *storage.Batch) error {
	if j.broken != nil {
		return j.broken
	}
	if b.Number < j.next {
		return j.again(ctx, b)
	}
	if b.Number > j.next {
		return fmt.Errorf("append batch %d: the journal is at %d", b.Number, j.next)
	}
	var at []places
	j.buf, at = encodeBatch(j.buf[:0], b)
	need := len(j.buf)
	j.buf = append(j.buf, make([]byte, aligned(int64(need))-int64(need))...)
	s, err := j.tail(b.Number, int64(len(j.buf)))
	if err != nil {
		return j.storageFault(err, nil)
	}
	size := s.size.Load()
	if s.torn {
		if err := s.file.Truncate(size); err != nil {
			return j.storageFault(err, nil)
		}
		s.torn = false
	}
	if err := write(s.file, j.buf, size); err != nil {
		return j.storageFault(err, s)
	}
	if err := errors.Join(failpoint.At("journal.before-sync"), j.sync(s.file), failpoint.At("journal.after-sync")); err != nil {
		j.broken = fmt.Errorf("sync journal: %w", err)
		return j.broken
	}
	place := uint64(len(j.segs)-1)<<offsetBits | uint64(size)
	for i, e := range b.Entries {
		e.Ref, e.HeadLen, e.BodyLen = place+uint64(at[i].body), at[i].head, len(b.Bodies[i])
	}
	s.size.Store(size + int64(len(j.buf)))
	j.next++
	j.spare.follow(s, j.roll)
	return nil
}

// write is one write, with places where a test makes it fail.
func write(f *os.File, b []byte, at int64) error {
	err := errors.Join(failpoint.At("journal.before-write"), failpoint.Torn("journal.torn", f, b, at))
	if err != nil || failpoint.Skip("journal.write") {
		return err
	}
	_, err = f.WriteAt(b, at)
	return err
}

// again says whether the batch stands already, or another one in its place.
func (j *Journal) again(ctx context.Context, b *storage.Batch) error {
	err := j.Batches(ctx, b.Number, false, func(stands *storage.Batch) error {
		if stands.Nonce != b.Nonce {
			return fmt.Errorf("append batch %d: %w", b.Number, storage.ErrConflict)
		}
		for i, e := range stands.Entries {
			b.Entries[i].Ref, b.Entries[i].HeadLen, b.Entries[i].BodyLen = e.Ref, e.HeadLen, e.BodyLen
		}
		return errFound
	})
	if errors.Is(err, errFound) {
		return nil
	}
	return err
}

// storageFault cuts what a failed write left and says what it was. What cannot
// be cut breaks the journal.
func (j *Journal) storageFault(err error, s *segment) error {
	if j.broken != nil {
		return j.broken
	}
	if s != nil {
		if cut := s.file.Truncate(s.size.Load()); cut != nil {
			j.broken = fmt.Errorf("cut failed write: %w", errors.Join(err, cut))
			return j.broken
		}
		s.room = 0
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fault.Wrap(err, fault.HTTPStorageFull, "the archive has no space; send the same bytes again when there is")
	}
	j.broken = fmt.Errorf("write journal: %w", err)
	return j.broken
}

// tail returns the segment that takes a batch of a length; a new one is durable
// in its directory before anything in it is acknowledged.
func (j *Journal) tail(number uint64, length int64) (*segment, error) {
	if n := len(j.segs); n > 0 && !j.full(j.segs[n-1], length) && !failpoint.Skip("segment.room") {
		return j.segs[n-1], nil
	}
	s := &segment{first: number, name: filepath.Join(j.dir, fmt.Sprintf("%016d.seg", number))}
	var err error
	if s.file, s.room, err = j.spare.take(s.name); err == nil && s.file == nil {
		s.file, err = os.OpenFile(s.name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("create segment: %w", err)
	}
	if err := errors.Join(failpoint.At("segment.before-sync"), syncDir(j.dir), failpoint.At("segment.after-sync")); err != nil {
		// After a failed sync nobody knows what the disk holds.
		j.broken = errors.Join(err, s.file.Close())
		return nil, j.broken
	}
	j.mu.Lock()
	j.segs = append(j.segs, s)
	j.mu.Unlock()
	return s, nil
}

// full says whether a batch of a length belongs into the next segment: what was
// written ahead is used up and more of it is there, or the segment is large.
func (j *Journal) full(s *segment, length int64) bool {
	end := s.size.Load() + length
	return s.size.Load() > 0 && end > s.room && (j.spare.ready() || end > j.roll)
}

// Batches calls f with every batch from a number on. It is called before the
// first Append or beside it by the audit, which sees what was whole when it
// began.
func (j *Journal) Batches(ctx context.Context, from uint64, bodies bool, f func(*storage.Batch) error) error {
	j.mu.RLock()
	segs := slices.Clone(j.segs)
	j.mu.RUnlock()
	for i, s := range segs {
		if i+1 < len(segs) && segs[i+1].first <= from {
			continue
		}
		end, err := s.each(ctx, uint64(i)<<offsetBits, from, bodies, f)
		if err != nil {
			return err
		}
		if i+1 < len(segs) && segs[i+1].first != end {
			return fmt.Errorf("the journal has no batch %d: segment %s is cut or one behind it is missing", end, s.name)
		}
	}
	return nil
}

// Body reads the octets of an entry.
func (j *Journal) Body(_ context.Context, ref uint64, length int) ([]byte, error) {
	raw, err := j.read(ref-frameSize, frameSize+length)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	body, left, err := cutFrame(raw)
	if err != nil || len(left) != 0 {
		return nil, fmt.Errorf("read body: the journal is damaged at place %d", ref)
	}
	return body, nil
}

// entry reads what an entry has before its body.
func (j *Journal) entry(ref uint64, length int) (*storage.Entry, error) {
	raw, err := j.read(ref-frameSize-uint64(length), length)
	if err != nil {
		return nil, fmt.Errorf("read entry: %w", err)
	}
	e, left, err := cutEntry(raw)
	if err == nil && len(left) != 0 {
		err = errTorn
	}
	if err != nil {
		return nil, fmt.Errorf("read entry: the journal is damaged before place %d: %w", ref, err)
	}
	return e, nil
}

// maxRead bounds what is read at a place: a wrong length would be memory.
const maxRead = 64 << 20

// read reads octets at a place.
func (j *Journal) read(place uint64, length int) ([]byte, error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	seg, offset := place>>offsetBits, int64(place&(1<<offsetBits-1))
	if j.closed || seg >= uint64(len(j.segs)) || length < 0 || length > maxRead {
		return nil, fmt.Errorf("the journal has no place %d of %d octets", place, length)
	}
	raw := make([]byte, length)
	_, err := j.segs[seg].file.ReadAt(raw, offset)
	return raw, err
}

// Close closes the files and gives up the lock.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	errs := []error{j.spare.close()}
	for _, s := range j.segs {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(append(errs, j.lock.Close())...)
}

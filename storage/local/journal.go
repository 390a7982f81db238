package local

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
	roll   int64      // size at which the next segment begins; tests bring a small one
	closed bool       // guarded by mu
}

type segment struct {
	first uint64
	file  *os.File
	size  atomic.Int64 // octets of whole batches; written by the appender only
	torn  bool         // something stands behind size; of the appender
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

func (j *Journal) open() error {
	names, err := filepath.Glob(filepath.Join(j.dir, "*.seg"))
	if err != nil {
		return fmt.Errorf("list journal: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		first, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(name), ".seg"), 10, 64)
		if err != nil {
			return fmt.Errorf("journal: %s is not a segment", name)
		}
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("open segment: %w", err)
		}
		info, err := f.Stat()
		if err != nil {
			return fmt.Errorf("open segment: %w", err)
		}
		s := &segment{first: first, file: f}
		s.size.Store(info.Size())
		j.segs = append(j.segs, s)
	}
	if len(j.segs) == 0 {
		return nil
	}
	if j.segs[0].first != 0 {
		return fmt.Errorf("journal: it begins with batch %d: the segments before are missing", j.segs[0].first)
	}
	return j.recover(j.segs[len(j.segs)-1])
}

// recover walks the last segment, leaves out what is torn at its end and writes
// the last whole batch again. The torn octets are cut with the next Append, so
// that an archive that is refused for another reason stays as it was found.
func (j *Journal) recover(s *segment) error {
	offset, last, size := int64(0), int64(0), s.size.Load()
	j.next = s.first
	for offset < size {
		raw, err := s.batchAt(offset)
		if err == nil {
			var b *storage.Batch
			if b, err = decodeBatch(raw, 0, false); err == nil && b.Number != j.next {
				return fmt.Errorf("segment %s has batch %d where %d belongs", s.file.Name(), b.Number, j.next)
			}
		}
		if errors.Is(err, errForm) {
			return fmt.Errorf("segment %s: %w", s.file.Name(), err)
		}
		if err != nil {
			if n, ok := s.wholeAfter(offset, j.next); ok {
				return fmt.Errorf("segment %s is damaged at offset %d although whole data follows at %d: restore it from a copy", s.file.Name(), offset, n)
			}
			break
		}
		last, offset = offset, offset+int64(len(raw))
		j.next++
	}
	s.torn = offset < size
	s.size.Store(offset)
	if offset > 0 {
		raw, err := s.batchAt(last)
		if err != nil {
			return err
		}
		if _, err := s.file.WriteAt(raw, last); err != nil {
			return fmt.Errorf("write last batch anew: %w", err)
		}
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("sync segment: %w", err)
	}
	return nil
}

// batchAt reads the octets of the batch at an offset.
func (s *segment) batchAt(offset int64) ([]byte, error) {
	size := s.size.Load()
	var head [headerSize]byte
	if offset+headerSize > size {
		return nil, errTorn
	}
	if _, err := s.file.ReadAt(head[:], offset); err != nil {
		return nil, fmt.Errorf("read segment: %w", err)
	}
	_, length, _, err := header(head[:])
	if err != nil {
		return nil, err
	}
	if offset+int64(headerSize+length+markSize) > size {
		return nil, errTorn
	}
	raw := make([]byte, headerSize+length+markSize)
	if _, err := s.file.ReadAt(raw, offset); err != nil {
		return nil, fmt.Errorf("read segment: %w", err)
	}
	return raw, nil
}

// wholeAfter looks for whole later batches behind a damaged one: then it is
// damage of what was durable, not a torn end. They must reach to the end of the
// file: the body of a torn batch may hold anything, also the octets of a batch,
// but not a tear at the right place.
func (s *segment) wholeAfter(offset int64, number uint64) (int64, bool) {
	size := s.size.Load()
	tail := make([]byte, size-offset)
	n, err := s.file.ReadAt(tail, offset)
	if err != nil && err != io.EOF {
		return 0, false
	}
	tail = tail[:n]
	if first, length, _, err := header(tail); err == nil && first == number && headerSize+length+markSize == len(tail) {
		return 0, false // the last batch, damaged within
	}
	magic := binary.BigEndian.AppendUint32(nil, batchMagic)
	for i := 1; i < len(tail); i++ {
		at := bytes.Index(tail[i:], magic)
		if at < 0 {
			break
		}
		if i += at; s.chain(offset+int64(i), number) {
			return offset + int64(i), true
		}
	}
	return 0, false
}

// chain says whether whole batches after a number stand from an offset to the
// end.
func (s *segment) chain(offset int64, number uint64) bool {
	for offset < s.size.Load() {
		raw, err := s.batchAt(offset)
		if err != nil {
			return false
		}
		b, err := decodeBatch(raw, 0, false)
		if err != nil || b.Number <= number {
			return false
		}
		number, offset = b.Number, offset+int64(len(raw))
	}
	return true
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
	s, err := j.tail(b.Number)
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
	var at []places
	j.buf, at = encodeBatch(j.buf[:0], b)
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
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fault.Wrap(err, fault.HTTPStorageFull, "the archive has no space; send the same bytes again when there is")
	}
	j.broken = fmt.Errorf("write journal: %w", err)
	return j.broken
}

// tail returns the segment that takes the batch; a new one is durable in its
// directory before anything in it is acknowledged.
func (j *Journal) tail(number uint64) (*segment, error) {
	if n := len(j.segs); n > 0 && j.segs[n-1].size.Load() < j.roll && !failpoint.Skip("segment.room") {
		return j.segs[n-1], nil
	}
	name := filepath.Join(j.dir, fmt.Sprintf("%016d.seg", number))
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create segment: %w", err)
	}
	if err := errors.Join(failpoint.At("segment.before-sync"), syncDir(j.dir), failpoint.At("segment.after-sync")); err != nil {
		// After a failed sync nobody knows what the disk holds.
		j.broken = errors.Join(err, f.Close())
		return nil, j.broken
	}
	s := &segment{first: number, file: f}
	j.mu.Lock()
	j.segs = append(j.segs, s)
	j.mu.Unlock()
	return s, nil
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
			return fmt.Errorf("the journal has no batch %d: segment %s is cut or one behind it is missing", end, s.file.Name())
		}
	}
	return nil
}

// each calls f with the batches of a segment and returns the number after them.
func (s *segment) each(ctx context.Context, place, from uint64, bodies bool, f func(*storage.Batch) error) (next uint64, err error) {
	number, size := s.first, s.size.Load()
	for offset := int64(0); offset < size; number++ {
		if err := ctx.Err(); err != nil {
			return number, err
		}
		var head [headerSize]byte
		if _, err := s.file.ReadAt(head[:], offset); err != nil {
			return number, fmt.Errorf("read segment %s: %w", s.file.Name(), err)
		}
		_, length, _, err := header(head[:])
		if err != nil {
			return number, fmt.Errorf("segment %s is damaged at offset %d: %w", s.file.Name(), offset, err)
		}
		if number < from {
			offset += int64(headerSize + length + markSize)
			continue
		}
		raw, err := s.batchAt(offset)
		if err != nil {
			return number, fmt.Errorf("segment %s is damaged at offset %d: %w", s.file.Name(), offset, err)
		}
		b, err := decodeBatch(raw, place+uint64(offset), bodies)
		if err != nil {
			return number, fmt.Errorf("segment %s is damaged at offset %d: %w", s.file.Name(), offset, err)
		}
		if b.Number != number {
			return number, fmt.Errorf("segment %s has batch %d where %d belongs", s.file.Name(), b.Number, number)
		}
		if err := f(b); err != nil {
			return number, err
		}
		offset += int64(len(raw))
	}
	return number, nil
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
	var errs []error
	for _, s := range j.segs {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(append(errs, j.lock.Close())...)
}

package local

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"accord/storage"
)

// pageSize is what batches are aligned to, with zeros behind them: a page that
// holds something acknowledged is never written again, and a file may have zeros
// ahead.
const pageSize = 4096

// aligned returns where the next batch may begin.
func aligned(offset int64) int64 { return (offset + pageSize - 1) &^ (pageSize - 1) }

// segment is one file of the journal: whole batches, each at the beginning of a
// page, then nothing or zeros.
type segment struct {
	first uint64
	name  string
	file  *os.File
	size  atomic.Int64 // octets of whole batches and what aligns them; written by the appender only
	room  int64        // octets of the file that were written ahead; of the appender
	torn  bool         // something stands behind size that is not zeros; of the appender
}

// batchAt reads the octets of the batch at an offset.
func (s *segment) batchAt(offset int64) ([]byte, error) {
	var head [headerSize]byte
	if err := s.readAt(head[:], offset); err != nil {
		return nil, err
	}
	_, length, _, err := header(head[:])
	if err != nil {
		return nil, err
	}
	end := offset + int64(headerSize+length+markSize)
	if end > s.size.Load() {
		return nil, errTorn
	}
	raw := make([]byte, end-offset)
	if err := s.readAt(raw, offset); err != nil {
		return nil, err
	}
	if clear, err := s.zeros(end, aligned(end)); err != nil || !clear {
		return nil, errors.Join(err, errTorn)
	}
	return raw, nil
}

func (s *segment) readAt(b []byte, offset int64) error {
	switch _, err := s.file.ReadAt(b, offset); err {
	case nil:
		return nil
	case io.EOF:
		return errTorn
	default:
		return fmt.Errorf("%w: %w", errRead, err)
	}
}

// errRead says that the disk did not answer: nothing is known of what is there.
var errRead = errors.New("read segment")

// zeros says whether there is nothing but zeros between two offsets; what is
// behind the end of the file counts as zeros.
func (s *segment) zeros(from, to int64) (bool, error) {
	end, err := s.end(from, to)
	return end == from, err
}

// end returns the place behind the last octet that is not zero.
func (s *segment) end(from, to int64) (int64, error) {
	const stretch = 1 << 20
	last, buf := from, make([]byte, min(stretch, max(to-from, 0)))
	for at := from; at < to; {
		n, err := s.file.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
		if left := bytes.TrimRight(buf[:n], "\x00"); len(left) > 0 {
			last = at + int64(len(left))
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return last, fmt.Errorf("%w: %w", errRead, err)
		}
		at += int64(n)
	}
	return last, nil
}

// ends says whether the batches of the segment end at an offset, with nothing
// behind them up to its size.
func (s *segment) ends(offset int64) (bool, error) {
	var magic [4]byte
	if err := s.readAt(magic[:], offset); err != nil && !errors.Is(err, errTorn) {
		return false, err
	}
	if magic != [4]byte{} {
		return false, nil
	}
	return s.zeros(offset, s.size.Load())
}

// each calls f with the batches of a segment and returns the number after them.
func (s *segment) each(ctx context.Context, place, from uint64, bodies bool, f func(*storage.Batch) error) (next uint64, err error) {
	number, size := s.first, s.size.Load()
	damaged := func(offset int64, err error) error {
		return fmt.Errorf("segment %s is damaged at offset %d: %w", s.name, offset, err)
	}
	for offset := int64(0); offset < size; number++ {
		if err := ctx.Err(); err != nil {
			return number, err
		}
		var head [headerSize]byte
		if err := s.readAt(head[:], offset); err != nil {
			return number, damaged(offset, err)
		}
		_, length, _, err := header(head[:])
		if err != nil {
			if ended, zeros := s.ends(offset); ended || zeros != nil {
				return number, zeros
			}
			return number, damaged(offset, err)
		}
		if number < from {
			offset = aligned(offset + int64(headerSize+length+markSize))
			continue
		}
		raw, err := s.batchAt(offset)
		if err != nil {
			return number, damaged(offset, err)
		}
		b, err := decodeBatch(raw, place+uint64(offset), bodies)
		if err != nil {
			return number, damaged(offset, err)
		}
		if b.Number != number {
			return number, fmt.Errorf("segment %s has batch %d where %d belongs", s.name, b.Number, number)
		}
		if err := f(b); err != nil {
			return number, err
		}
		offset = aligned(offset + int64(len(raw)))
	}
	return number, nil
}

// wholeAfter looks for whole later batches behind a damaged one: then it is
// damage of what was durable, not a torn end. They must reach to where the
// segment has nothing but zeros: the body of a torn batch may hold anything,
// also the octets of a batch, but not a tear at the right place.
func (s *segment) wholeAfter(offset int64, number uint64) (int64, bool) {
	size, err := s.end(offset, s.size.Load())
	if err != nil {
		return 0, false
	}
	var head [headerSize]byte
	if err := s.readAt(head[:], offset); err == nil {
		first, length, _, err := header(head[:])
		if err == nil && first == number && aligned(offset+int64(headerSize+length+markSize)) == aligned(size) {
			return 0, false // the last batch, damaged within
		}
	}
	for at := aligned(offset + 1); at < size; at += pageSize {
		if s.readAt(head[:4], at) == nil && binary.BigEndian.Uint32(head[:]) == batchMagic && s.chain(at, size, number) {
			return at, true
		}
	}
	return 0, false
}

// chain says whether whole batches after a number stand from an offset to the
// end.
func (s *segment) chain(offset, end int64, number uint64) bool {
	for offset < end {
		raw, err := s.batchAt(offset)
		if err != nil {
			return false
		}
		b, err := decodeBatch(raw, 0, false)
		if err != nil || b.Number <= number {
			return false
		}
		number, offset = b.Number, aligned(offset+int64(len(raw)))
	}
	return true
}

package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func (j *Journal) open() error {
	if err := os.Remove(filepath.Join(j.dir, spareName)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove what was left of a segment: %w", err)
	}
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
		s := &segment{first: first, name: name, file: f}
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
			b, decoded := decodeBatch(raw, 0, false)
			if err = decoded; err == nil && b.Number != j.next {
				return fmt.Errorf("segment %s has batch %d where %d belongs", s.name, b.Number, j.next)
			}
		}
		if errors.Is(err, errForm) || errors.Is(err, errRead) {
			return fmt.Errorf("segment %s: %w", s.name, err)
		}
		if err != nil {
			ended, err := s.ends(offset)
			if err != nil {
				return fmt.Errorf("segment %s: %w", s.name, err)
			}
			if n, ok := s.wholeAfter(offset, j.next); ok && !ended {
				return fmt.Errorf("segment %s is damaged at offset %d although whole data follows at %d: restore it from a copy", s.name, offset, n)
			}
			s.torn = !ended
			break
		}
		last, offset = offset, aligned(offset+int64(len(raw)))
		j.next++
	}
	s.size.Store(offset)
	if !s.torn {
		s.room = size
	}
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

package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// A file that grows has to sync what the file system notes of it, too, which
// costs as much as the data. So the next segment is written ahead with zeros
// while this one fills, beside the appender and no faster than it: an append
// into it is a write and a sync of nothing but data.

// spareName is the file that becomes the next segment. What a process leaves of
// it is removed at the next open.
const spareName = "spare"

// Sizes of what is written ahead: nothing for an archive of a few documents,
// then a little, then as much as a segment has.
const (
	spareBegin = 256 << 10 // size of a segment from which on its successor is made
	spareLeast = 4 << 20
	spareStep  = 1 << 20 // is written and synced at a time
	spareTimes = 2       // how many times as large as the segment before
	spareLead  = 1.25
	// spareFree is how many times the spare must fit on the disk: where there
	// is little space left, documents need it.
	spareFree = 16
)

// spare makes the next segment. Its goroutine runs only while it is behind.
type spare struct {
	dir          string
	begin, least int64   // spareBegin and spareLeast; tests bring small ones
	lead         float64 // spareLead; tests bring a great one

	mu      sync.Mutex
	done    sync.WaitGroup
	zeros   []byte   // of the goroutine
	file    *os.File // nil: not begun; guarded by mu
	size    int64    // that it will have; guarded by mu
	written int64    // guarded by mu
	want    int64    // that is to be written by now; guarded by mu
	working bool     // whether the goroutine runs; guarded by mu
	failed  bool     // the segment after this one grows by append; guarded by mu
	closed  bool     // guarded by mu
}

// follow lets the spare be ahead of a segment that was appended to.
func (p *spare) follow(s *segment, roll int64) {
	used := s.size.Load()
	if used < p.begin {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed || p.closed {
		return
	}
	if p.file == nil {
		p.size = min(max(p.least, spareTimes*s.room), roll)
		if !p.fits() {
			p.failed = true
			return
		}
	}
	// Somewhat faster than the segment fills, so that it is ready before; one
	// without room takes as much as it has until then.
	room := max(s.room, p.size/2)
	p.want = min(p.size, max(p.want, aligned(int64(p.lead*float64(p.size)*float64(used)/float64(room)))))
	if p.working || p.step() == 0 {
		return
	}
	p.working = true
	if p.zeros == nil {
		p.zeros = make([]byte, spareStep)
	}
	p.done.Go(p.work)
}

// fits is called with mu held.
func (p *spare) fits() bool {
	var fs unix.Statfs_t
	return unix.Statfs(p.dir, &fs) == nil && int64(fs.Bavail)*fs.Bsize > spareFree*p.size
}

// work writes until the spare is where it is wanted.
func (p *spare) work() {
	for {
		f, at, n := p.next()
		if n == 0 {
			return
		}
		_, err := f.WriteAt(p.zeros[:n], at)
		if err == nil {
			err = unix.Fdatasync(int(f.Fd()))
		}
		if err == nil {
			// Else every page of a batch would be one of a large piece of
			// the cache. Batches are whole pages: nothing is read back.
			err = unix.Fadvise(int(f.Fd()), at, n, unix.FADV_DONTNEED)
		}
		p.mu.Lock()
		if p.written += n; err != nil {
			// Nothing is lost: there is no document in it.
			p.failed, p.working = true, false
			_ = p.discard()
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
	}
}

// next returns what to write next; nothing ends the work.
func (p *spare) next() (f *os.File, at, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil && !p.closed {
		var err error
		if p.file, err = os.OpenFile(filepath.Join(p.dir, spareName), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600); err != nil {
			p.failed, p.working = true, false
			return nil, 0, 0
		}
	}
	if n = p.step(); p.closed || n == 0 {
		p.working = false
		return nil, 0, 0
	}
	return p.file, p.written, n
}

// step returns how much is to be written next: a whole step or the last one. It
// is called with mu held.
func (p *spare) step() int64 {
	n := min(p.want-p.written, spareStep)
	if n < spareStep && p.want < p.size {
		return 0
	}
	return max(n, 0)
}

// ready says whether there is a spare.
func (p *spare) ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.file != nil && p.written == p.size
}

// take gives the spare a name and away; without one that is ready the file is
// nil and a new one is begun later.
func (p *spare) take(name string) (*os.File, int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil || p.written < p.size {
		p.failed = false
		return nil, 0, nil
	}
	if err := os.Rename(p.file.Name(), name); err != nil {
		return nil, 0, err
	}
	f, size := p.file, p.size
	p.file, p.size, p.written, p.want, p.failed = nil, 0, 0, 0, false
	return f, size, nil
}

// discard gives up what was written; it is called with mu held.
func (p *spare) discard() error {
	if p.file == nil {
		return nil
	}
	err := errors.Join(p.file.Close(), os.Remove(p.file.Name()))
	p.file, p.size, p.written, p.want = nil, 0, 0, 0
	if err != nil {
		return fmt.Errorf("remove the next segment: %w", err)
	}
	return nil
}

// close ends the work and removes what was made.
func (p *spare) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.done.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.discard()
}

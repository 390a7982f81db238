package api

import (
	"bytes"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"accord/internal/fault"
)

// lanes run the lines of one batch side by side, as far as they do not depend
// on each other: those of one lane in their order, one after the other. It is
// used by one goroutine.
//
//	line 1  a ──►────┐
//	line 2  b ──►──┐ │
//	line 3  a      │ └──►──┐        after line 1
//	line 4  mark   └───────┴──►     after all before it; line 5 after it
type lanes struct {
	slots   chan struct{}            // how many run at a time
	last    map[string]chan struct{} // closed when the last line of a lane is done
	running sync.WaitGroup
}

func newLanes(workers int) *lanes {
	return &lanes{slots: make(chan struct{}, workers), last: map[string]chan struct{}{}}
}

// anyOrder is the lane of lines that depend on nothing.
const anyOrder = ""

// run starts a line when there is a slot. A line waits for the one before it in
// its lane while it holds a slot; that one took its slot before, so it runs.
func (l *lanes) run(lane string, work func()) {
	l.slots <- struct{}{}
	before, done := l.last[lane], make(chan struct{})
	if lane == anyOrder {
		before = nil
	} else {
		l.last[lane] = done
	}
	l.running.Go(func() {
		defer func() { <-l.slots }()
		defer close(done)
		if before != nil {
			<-before
		}
		work()
	})
}

// alone runs a line after everything before it, and returns when it is done.
func (l *lanes) alone(work func()) {
	l.running.Wait()
	clear(l.last)
	work()
}

// relayedLane returns the lane of a line from a relay: the series that the
// receipt of the source speaks of. That is not verified yet, and need not be: a
// receipt that speaks of something else is refused in any order. A line without
// one, as a high-water mark, answers false: it has to wait for all before it.
func relayedLane(line []byte) (string, bool) {
	d := jsontext.NewDecoder(bytes.NewReader(line), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for _, name := range []string{"receipt", "record", "id"} {
		if !enter(d, name) {
			return "", false
		}
	}
	id, err := d.ReadToken()
	if err != nil || id.Kind() != '"' || id.String() == anyOrder {
		return "", false
	}
	return id.String(), true
}

// enter reads on to the value of a member of the object that comes next.
func enter(d *jsontext.Decoder, member string) bool {
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return false
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return false
		}
		if name.String() == member {
			return true
		}
		if d.SkipValue() != nil {
			return false
		}
	}
	return false
}

// guarded runs the work of a line, which has a goroutine of its own: a panic in
// one line must not end the process.
func (s *Server) guarded(n int, work func() batchLine) (res batchLine) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", slog.String("route", "/v1/messages:batch"), slog.Any("value", p), slog.String("stack", string(debug.Stack())))
			res = failedLine(n, fault.New(fault.Internal, ""))
		}
	}()
	return work()
}

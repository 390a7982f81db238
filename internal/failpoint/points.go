package failpoint

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrInjected is what a place returns that was told to.
var ErrInjected = errors.New("injected at a failpoint")

// act is what to do at a place.
type act struct {
	kind  string
	delay time.Duration
	only  int64 // the time it is done; 0: each time
}

// points are the places that do something, and how often each was passed.
type points struct {
	mu     sync.Mutex
	acts   map[string]act
	passed map[string]int64 // guarded by mu
}

func parse(text string) (*points, error) {
	p := &points{acts: map[string]act{}, passed: map[string]int64{}}
	for item := range strings.SplitSeq(text, ",") {
		if item == "" {
			continue
		}
		name, value, ok := strings.Cut(item, "=")
		value, only, counted := strings.Cut(value, "@")
		a := act{kind: value}
		var err error
		if d, found := strings.CutPrefix(value, "delay:"); found {
			a.kind = "delay"
			a.delay, err = time.ParseDuration(d)
		}
		if err == nil && counted {
			a.only, err = strconv.ParseInt(only, 10, 64)
		}
		switch a.kind {
		case "exit", "error", "skip":
		case "delay":
			ok = ok && a.delay > 0
		default:
			ok = false
		}
		if !ok || err != nil {
			return nil, fmt.Errorf("%q is not name=exit|error|delay:DURATION|skip[@N]", item)
		}
		p.acts[name] = a
	}
	return p, nil
}

// due says what to do at a place now.
func (p *points) due(name string) act {
	a, ok := p.acts[name]
	if !ok {
		return act{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed[name]++
	if a.only != 0 && a.only != p.passed[name] {
		return act{}
	}
	return a
}

func (a act) do() error {
	switch a.kind {
	case "exit":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing is flushed or closed
		select {}
	case "error":
		return ErrInjected
	case "delay":
		time.Sleep(a.delay)
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// traced says whether strace can trace here, or why not.
func traced(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed: faults of system calls are not tested")
	}
	if out, err := exec.Command("strace", "-f", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not trace here, faults of system calls are not tested: %v: %s", err, out)
	}
}

// strace returns the command line of a gateway under strace, which writes to
// trace. The gateway is the child and strace the grandchild, so that who kills
// the child kills the gateway.
func (f *faults) strace(trace string, options ...string) []string {
	line := []string{"strace", "-D", "-f", "-qq", "-yy", "-s", "16", "-e", "signal=none", "-o", trace}
	return append(append(line, options...), f.serve()...)
}

// faultyCall is a system call that fails, and when: each thread counts for itself,
// so several are tried.
type faultyCall struct {
	name   string
	faults []string
	when   []int
	view   bool // only when the view is made anew
}

var faultyCalls = []faultyCall{
	{name: "fdatasync", faults: []string{"error=EIO", "signal=KILL"}, when: []int{1, 2}},
	{name: "fsync", faults: []string{"error=EIO", "signal=KILL"}, when: []int{1, 3}},
	{name: "pwrite64", faults: []string{"error=EIO", "error=ENOSPC", "signal=KILL"}, when: []int{3, 16}},
	{name: "write", faults: []string{"error=EIO", "signal=KILL"}, when: []int{6}},
	{name: "openat", faults: []string{"error=ENOSPC", "signal=KILL"}, when: []int{12}},
	{name: "ftruncate", faults: []string{"error=EIO", "signal=KILL"}, when: []int{1}},
	{name: "renameat", faults: []string{"error=EIO", "signal=KILL"}, when: []int{1}, view: true},
	{name: "unlinkat", faults: []string{"error=EIO", "signal=KILL"}, when: []int{2}, view: true},
}

// systemCalls lets system calls of a start and of submissions fail, one at a
// time.
func (f *faults) systemCalls(t *testing.T) {
	traced(t)
	var names []string
	cases := map[string]func(*testing.T){}
	for _, c := range faultyCalls {
		when := c.when
		if os.Getenv(faultsAll) != "" {
			when = nil
			for n := range 30 {
				when = append(when, n+1)
			}
		}
		for _, fault := range c.faults {
			for _, n := range when {
				spec := fmt.Sprintf("%s:%s:when=%d", c.name, fault, n)
				names, cases[spec] = append(names, spec), func(t *testing.T) { c.try(t, f, spec) }
			}
		}
	}
	each(t, names, func(t *testing.T, name string) { cases[name](t) })
	if f.hits.Load() < int64(len(names)/3) {
		t.Errorf("only %d of %d faults came to pass", f.hits.Load(), len(names))
	}
}

// try injects one fault.
func (c faultyCall) try(t *testing.T, f *faults, spec string) {
	k := f.template.copy(t)
	if c.view {
		k.spoilView()
	}
	trace := filepath.Join(t.TempDir(), "trace")
	options := []string{"-e", "trace=" + c.name, "-e", "inject=" + spec}
	if !strings.Contains(spec, "signal") {
		options = append(options, "--seccomp-bpf") // quick, but it loses injected signals
	}
	g := k.start(nil, f.strace(trace, options...)...)
	if g.url != "" {
		k.loadUntil(g, func() bool { return k.acks() >= 60 })
	}
	ended := !g.alive() || g.endsAfter(trace)
	g.kill()
	raw, err := os.ReadFile(trace)
	require.NoError(t, err)
	injected, failed := 0, false
	for line := range strings.Lines(string(raw)) {
		// After a failed sync nobody knows what the disk holds: it is not
		// asked to sync again, and the process ends.
		if failed && strings.Contains(line, "sync(") && strings.Contains(line, "/journal/") && !ofSpare.MatchString(line) {
			t.Errorf("the journal is synced after a sync failed: %s", line)
		}
		if strings.Contains(line, "(INJECTED)") {
			injected++
		}
		failed = failed || (failedSync.MatchString(line) && !ofSpare.MatchString(line))
	}
	if failed {
		assert.True(t, ended, "a sync of the journal failed and the process goes on")
	}
	t.Logf("injected %d times, %d acknowledged, ended by itself: %v", injected, k.acks(), ended)
	if injected > 0 || ended {
		f.hits.Add(1)
	}
	assert.Empty(t, k.check())
	k.goesOn(f)
}

// failedSync is a sync of the journal or of its directory that was made to fail.
var failedSync = regexp.MustCompile(`f(data)?sync\([0-9]+<[^>]*/journal(/[^>]*)?>\) = -1 .*\(INJECTED\)`)

// endsAfter gives a process whose sync failed a moment ago the time to end: the
// load may have had its last answer before.
func (p *process) endsAfter(trace string) bool {
	raw, err := os.ReadFile(trace)
	if err != nil || !failedSync.Match(raw) {
		return false
	}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if !p.alive() {
			return true
		}
	}
	return false
}

// ofSpare is a sync of the segment that is written ahead: no document is in it,
// so it is given up and the process goes on.
var ofSpare = regexp.MustCompile(`/journal/spare>`)

// syncsFirst proves, for documents sent one after the other, that the journal
// was written and synced, and the memory written, before the 201 was.
func (f *faults) syncsFirst(t *testing.T) {
	traced(t)
	n, wrong := f.order(t, nil)
	require.GreaterOrEqual(t, n, 20)
	assert.Empty(t, wrong)
}

// syncsNever shows that the proof would notice a build that does not sync.
func (f *faults) syncsNever(t *testing.T) {
	traced(t)
	n, wrong := f.order(t, []string{"ACCORD_FAILPOINTS=journal.sync=skip"})
	require.GreaterOrEqual(t, n, 20)
	assert.Len(t, wrong, n, "a build that does not sync was not caught")
}

// order returns how many times a 201 was written, and before which of them
// something was missing.
func (f *faults) order(t *testing.T, env []string) (answers int, wrong []string) {
	k := f.template.copy(t)
	trace := filepath.Join(t.TempDir(), "trace")
	g := k.start(env, f.strace(trace, "-e", "trace=fdatasync,pwrite64,write,writev,sendto,sendmsg", "--seccomp-bpf")...)
	require.NotEmpty(t, g.url, g.said())
	for range 25 {
		jws, _ := k.document()
		require.Equal(t, 201, k.submit(g.url, jws).status)
	}
	g.kill()
	raw, err := os.ReadFile(trace)
	require.NoError(t, err)
	return ordered(string(raw))
}

// ordered reads a trace. A call that another thread interrupted stands in two
// lines: what it does has come to its end with the second.
func ordered(trace string) (answers int, wrong []string) {
	var written, synced, noted bool
	begun := map[string]string{} // by thread
	for line := range strings.Lines(trace) {
		thread, text, _ := strings.Cut(line, " ")
		text = strings.TrimSpace(text)
		if first, unfinished := strings.CutSuffix(text, " <unfinished ...>"); unfinished {
			begun[thread] = first
			if !strings.Contains(first, "HTTP/1.1 201") {
				continue
			}
			text = first // the answer counts from its beginning
		} else if strings.HasPrefix(text, "<...") {
			first := begun[thread]
			if delete(begun, thread); strings.Contains(first, "HTTP/1.1 201") {
				continue // counted already
			}
			text = first + text
		}
		switch {
		case strings.HasPrefix(text, "pwrite64(") && strings.Contains(text, "/journal/"):
			written, synced = true, false
		case strings.HasPrefix(text, "fdatasync(") && strings.Contains(text, "/journal/") && strings.HasSuffix(text, "= 0"):
			synced = written
		case strings.HasPrefix(text, "pwrite64(") && strings.Contains(text, "/memory>"):
			noted = synced
		case strings.Contains(text, "HTTP/1.1 201"):
			if answers++; !written || !synced || !noted {
				wrong = append(wrong, fmt.Sprintf("answer %d: written %v, synced %v, noted %v", answers, written, synced, noted))
			}
			written, synced, noted = false, false, false
		}
	}
	return answers, wrong
}

package main

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place is a failpoint on the way of a submission or of a start.
type place struct {
	name string
	nth  int    // the time at which it is used; the load passes it often
	with string // further failpoints
	stop bool   // an error there ends the process: what stands is found out by the next
	view bool   // only when the view is made anew
	says bool   // an error there is told to the operator
}

// injected is what the error of a failpoint says.
const injected = "injected at a failpoint"

var places = []place{
	{name: "journal.before-write", nth: 3, stop: true, says: true},
	{name: "journal.torn", nth: 3, stop: true, says: true},
	{name: "journal.before-sync", nth: 3, stop: true, says: true},
	{name: "journal.after-sync", nth: 3, stop: true, says: true},
	{name: "segment.before-sync", nth: 1, with: "segment.room=skip@2", stop: true, says: true},
	{name: "segment.after-sync", nth: 1, with: "segment.room=skip@2", stop: true, says: true},
	{name: "memory.before-note", nth: 3, stop: true, says: true},
	{name: "show", nth: 3, stop: true, says: true},
	{name: "answer", nth: 3},
	{name: "index.before-commit", nth: 1, says: true},
	{name: "index.after-commit", nth: 1, says: true},
	{name: "renewal.before-remove", nth: 1, view: true, stop: true, says: true},
	{name: "renewal.before-rename", nth: 1, view: true, stop: true, says: true},
	{name: "audit.write", nth: 1, says: true},
}

// failpoints ends, refuses or holds up the process at every place of a
// submission and a start.
func (f *faults) failpoints(t *testing.T) {
	var names []string
	cases := map[string]func(*testing.T){}
	for _, p := range places {
		for _, fault := range []string{"exit", "error", "delay:40ms"} {
			for _, nth := range p.times() {
				name := fmt.Sprintf("%s=%s@%d", p.name, fault, nth)
				p.nth = nth
				names, cases[name] = append(names, name), func(t *testing.T) { p.try(t, f, fault) }
			}
		}
	}
	each(t, names, func(t *testing.T, name string) { cases[name](t) })
}

// times are those at which the place is used: one, or all of a short while.
func (p place) times() []int {
	if os.Getenv(faultsAll) == "" || p.nth == 1 {
		return []int{p.nth}
	}
	return []int{1, 2, 3, 4, 5, 6, 7, 8}
}

// try runs one fault.
func (p place) try(t *testing.T, f *faults, fault string) {
	k := f.template.copy(t)
	if p.view {
		k.spoilView()
	}
	g := k.start([]string{fmt.Sprintf("ACCORD_FAILPOINTS=%s=%s@%d,%s", p.name, fault, p.nth, p.with)}, f.serve()...)
	refused := g.url != "" && k.submit(g.url, []byte("this is no document")).status == 400
	ends := fault == "exit" || (fault == "error" && p.stop)
	told := fault == "error" && p.says
	if g.url != "" {
		k.loadUntil(g, func() bool {
			return !ends && k.acks() >= 100 && (!told || strings.Contains(g.said(), injected))
		})
	}
	if ends {
		assert.False(t, g.alive(), "the process did not end: %s", g.said())
	} else {
		assert.True(t, g.alive(), "the process ended: %s", g.said())
		assert.True(t, refused, "a text that is no document was not refused")
		assert.NotZero(t, k.acks(), "the load never got an answer")
	}
	g.kill()
	assert.NotContains(t, g.said(), "panic")
	if told {
		assert.Contains(t, g.said(), injected, "the place was not passed")
	}
	assert.Empty(t, k.check())
	k.goesOn(f)
}

// goesOn starts the gateway again: it gives the same receipt for the same
// bytes, and takes more.
func (k *killed) goesOn(f *faults) {
	k.t.Helper()
	g := k.start(nil, f.serve()...)
	for n := 0; n < 20 && strings.Contains(g.said(), "is in use"); n++ {
		// A child that this process has just forked for another test has the
		// lock of the check until it becomes another program.
		time.Sleep(50 * time.Millisecond)
		g = k.start(nil, f.serve()...)
	}
	require.NotEmpty(k.t, g.url, "it does not start again: %s", g.said())
	k.resend(g.url, 3)
	before := k.acks()
	k.loadUntil(g, func() bool { return k.acks() > before+10 })
	g.kill()
	assert.Greater(k.t, k.acks(), before, "it takes nothing any more: %s", g.said())
	assert.Empty(k.t, k.check())
}

// spoilView makes the view one that is not of the log, so that it is made anew.
func (k *killed) spoilView() {
	db, err := sql.Open("sqlite", "file:"+k.home.path("archive", "index.sqlite"))
	require.NoError(k.t, err)
	defer db.Close()
	res, err := db.Exec("UPDATE watermark SET root = zeroblob(32)")
	require.NoError(k.t, err)
	n, err := res.RowsAffected()
	require.NoError(k.t, err)
	require.EqualValues(k.t, 1, n, "there is no view yet")
}

// resend sends a few documents again that were acknowledged.
func (k *killed) resend(url string, n int) {
	for content, was := range k.acked {
		if n--; n < 0 {
			return
		}
		got := k.submit(url, was.jws)
		if assert.Equal(k.t, 200, got.status, "%s again: %s", content, got.body) {
			assert.Contains(k.t, string(got.body), string(was.receipt), "another receipt for the same bytes")
		}
	}
}

// writesNothing shows that the check would notice a build that acknowledges
// what it does not write.
func (f *faults) writesNothing(t *testing.T) {
	k := f.template.copy(t)
	g := k.start([]string{"ACCORD_FAILPOINTS=journal.write=skip"}, f.serve()...)
	require.NotEmpty(t, g.url, g.said())
	k.loadUntil(g, func() bool { return k.acks() > 10 })
	g.kill()
	require.NotZero(t, k.acks())
	found := strings.Join(k.check(), "\n")
	require.NotEmpty(t, found, "a build that writes nothing was not caught")
	t.Log(found)
}

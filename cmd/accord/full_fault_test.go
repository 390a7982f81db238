package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
)

// A full disk is no fault of the gateway: it refuses with 507 at once, says
// that it is not ready, goes on reading, and takes documents again as soon as
// there is space.

// diskFull fills a small disk of its own: a tmpfs in a user namespace.
func (f *faults) diskFull(t *testing.T) {
	if out, err := exec.Command("unshare", "-Urm", "sh", "-c", "mount -t tmpfs none /mnt").CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted in a namespace here: %v: %s", err, out)
	}
	k := f.template.copy(t)
	disk := t.TempDir()
	script := fmt.Sprintf(`mount -t tmpfs -o size=6m none %[1]s && cp -a HOME %[1]s/cn && exec %[2]s serve --home %[1]s/cn --listen 127.0.0.1:0`, disk, f.program)
	g := k.start(nil, "unshare", "-Urm", "sh", "-c", script)
	require.NotEmpty(t, g.url, g.said())
	defer g.kill()
	inside := fmt.Sprintf("/proc/%d/root%s", g.cmd.Process.Pid, disk)
	k.outOfSpace(g, func() { fill(t, filepath.Join(inside, "filler")) }, func() { require.NoError(t, os.Remove(filepath.Join(inside, "filler"))) })

	// As a kill would leave it, taken out of the namespace.
	require.NoError(t, g.cmd.Process.Signal(syscall.SIGSTOP))
	require.NoError(t, os.RemoveAll(string(k.home)))
	out, err := exec.Command("cp", "-a", filepath.Join(inside, "cn"), string(k.home)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	g.kill()
	assert.Empty(t, k.check())
	k.goesOn(f)
}

// fill writes until there is no space.
func fill(t *testing.T, path string) {
	t.Helper()
	w, err := os.Create(path)
	require.NoError(t, err)
	defer w.Close()
	for size := 1 << 20; size > 0; {
		if _, err = w.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
}

// fileTooLarge does the same with a limit of the size of files (EFBIG).
func (f *faults) fileTooLarge(t *testing.T) {
	if _, err := exec.LookPath("prlimit"); err != nil {
		t.Skip("prlimit is not installed")
	}
	k := f.template.copy(t)
	g := k.start(nil, f.serve()...)
	require.NotEmpty(t, g.url, g.said())
	defer g.kill()
	limit := func(n string) {
		out, err := exec.Command("prlimit", "--pid", fmt.Sprint(g.cmd.Process.Pid), "--fsize="+n).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	k.outOfSpace(g, func() { limit("12000:unlimited") }, func() { limit("unlimited:unlimited") })
	g.kill()
	assert.Empty(t, k.check())
	k.goesOn(f)
}

// outOfSpace takes the space away and gives it back.
func (k *killed) outOfSpace(g *process, take, giveBack func()) {
	t := k.t
	k.put(g.url, 5)
	take()
	deadline := time.Now().Add(20 * time.Second)
	refused := sent{status: 201}
	for refused.status == 201 && time.Now().Before(deadline) {
		refused = k.put(g.url, 1)
	}
	assert.Equal(t, http.StatusInsufficientStorage, refused.status, "%s", refused.body)
	for range 6 { // for longer than the views may be behind
		begin := time.Now()
		again := k.put(g.url, 1)
		assert.Equal(t, http.StatusInsufficientStorage, again.status, "%s", again.body)
		assert.Equal(t, "http.storage_full", again.code)
		assert.Less(t, time.Since(begin), 3*time.Second, "507 is not said at once")
		time.Sleep(400 * time.Millisecond)
	}
	assert.Equal(t, 503, get(g.url, "/readyz"), "it says that it is ready")
	assert.Equal(t, 200, get(g.url, "/healthz"), "it says that it is dead")
	assert.Equal(t, 200, get(g.url, "/v1/ledger/checkpoint"))
	k.reads(g.url)
	giveBack()
	taken := sent{}
	for end := time.Now().Add(10 * time.Second); taken.status != 201 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		taken = k.put(g.url, 1)
	}
	assert.Equal(t, 201, taken.status, "there is space and it takes nothing: %s", taken.body)
	assert.Equal(t, 200, get(g.url, "/readyz"), "it is not ready again")
	assert.True(t, g.alive(), "the process ended: %s", g.said())
}

// put submits new documents, one after the other, and returns the last answer.
func (k *killed) put(url string, n int) (last sent) {
	for range n {
		jws, content := k.document()
		last = k.submit(url, jws)
		var acc client.Accepted
		if last.status == 201 && json.Unmarshal(last.body, &acc) == nil {
			k.mu.Lock()
			k.acked[content] = acked{id: acc.ID, digest: string(attestation.DigestOf(jws)), receipt: acc.Receipt, jws: jws}
			k.mu.Unlock()
		}
	}
	return last
}

// reads fetches everything that was acknowledged.
func (k *killed) reads(url string) {
	c := k.client(url)
	for _, was := range k.acked {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		got, err := c.Document(ctx, was.id, "application/jose")
		cancel()
		if assert.NoError(k.t, err, "read %s", was.id) {
			assert.Equal(k.t, string(was.jws), string(got))
		}
	}
}

// get asks for a path without credentials and returns the status; 0 for none.
func get(url, path string) int {
	c := &http.Client{Timeout: 5 * time.Second}
	defer c.CloseIdleConnections()
	res, err := c.Get(url + path)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/client"
)

// The tests of faults run the real binary on copies of one home, break
// something under it, and audit what is left.

// faultsAll asks for every place with every fault; else each gets some in turn.
const faultsAll = "ACCORD_FAILPOINTS_ALL"

// TestFaults breaks a real process in every way that one machine allows, and
// audits after each: no acknowledged document is lost, doubled or changed, and
// every receipt, feed and view stands.
func TestFaults(t *testing.T) {
	f := &faults{program: filepath.Join(t.TempDir(), "accord"), template: newKilled(t, false)}
	// Without ACCORD_FAILPOINTS such a build does what every other does.
	out, err := exec.Command("go", "build", "-tags", "failpoint", "-o", f.program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	groups := map[string]func(*testing.T){
		"failpoints": f.failpoints,
		"the checker catches a build that writes nothing": f.writesNothing,
		"every 201 follows its sync":                      f.syncsFirst,
		"the checker catches a build that does not sync":  f.syncsNever,
		"system calls":   f.systemCalls,
		"full disk":      f.diskFull,
		"file too large": f.fileTooLarge,
	}
	each(t, slices.Sorted(maps.Keys(groups)), func(t *testing.T, name string) { groups[name](t) })
}

// faults is what the tests of faults share: a build and a home with a partner.
type faults struct {
	program  string
	template *killed
	hits     atomic.Int64 // faults that came to pass
}

// serve is the command line of a gateway, in which HOME is its home.
func (f *faults) serve() []string {
	return []string{f.program, "serve", "--home", "HOME", "--listen", "127.0.0.1:0"}
}

// each runs named tests side by side: they wait more than they work.
func each(t *testing.T, names []string, test func(t *testing.T, name string)) {
	t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, name := range names {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			t.Run(name, func(t *testing.T) { test(t, name) })
		})
	}
	wg.Wait()
}

// copy returns the same body at a copy of the home, to which nothing was sent.
func (k *killed) copy(t *testing.T) *killed {
	t.Helper()
	to := filepath.Join(t.TempDir(), "cn")
	out, err := exec.Command("cp", "-a", string(k.home), to).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return &killed{t: t, home: home(to), body: k.body, doc: k.doc, sub: k.sub, acked: map[string]acked{}}
}

// process is a gateway that runs.
type process struct {
	url   string // "" when it ended before it was ready
	ended chan struct{}
	cmd   *exec.Cmd

	mu     sync.Mutex
	stderr bytes.Buffer // guarded by mu
}

// start runs a command line, in which HOME is the home, until it is ready or
// has ended.
func (k *killed) start(env []string, argv ...string) *process {
	k.t.Helper()
	for i, arg := range argv {
		argv[i] = strings.ReplaceAll(arg, "HOME", string(k.home))
	}
	p := &process{ended: make(chan struct{}), cmd: exec.Command(argv[0], argv[1:]...)}
	p.cmd.Env = append(os.Environ(), env...)
	pipe, err := p.cmd.StderrPipe()
	require.NoError(k.t, err)
	require.NoError(k.t, p.cmd.Start())
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			p.mu.Lock()
			p.stderr.WriteString(lines.Text() + "\n")
			p.mu.Unlock()
			if _, rest, ok := strings.Cut(lines.Text(), "is ready at "); ok {
				ready <- strings.Fields(rest)[0]
			}
		}
		_ = p.cmd.Wait() // how it ended is asked for by exit
		close(p.ended)
	}()
	select {
	case p.url = <-ready:
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.kill()
		k.t.Errorf("the gateway is not ready after 30 s: %s", p.said())
	}
	return p
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

// alive says whether it runs.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// loadUntil submits until there is enough, or the process has ended; 15 s at
// most.
func (k *killed) loadUntil(p *process, enough func() bool) {
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		end := time.Now().Add(15 * time.Second)
		for p.alive() && !enough() && time.Now().Before(end) {
			time.Sleep(5 * time.Millisecond)
		}
	}()
	k.load(p.url, stop)
}

// acks is how many documents were acknowledged.
func (k *killed) acks() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.acked)
}

// sent is the answer to one document.
type sent struct {
	status int // 0: none
	code   string
	body   []byte
}

// submit sends one document once.
func (k *killed) submit(url string, jws []byte) sent {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	res, err := k.client(url).Send(ctx, client.Request{Method: "POST", Path: "/v1/attestations", Header: http.Header{"Content-Type": {"application/jose"}}}, bytes.NewReader(jws))
	if err != nil {
		return sent{}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return sent{}
	}
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(body, &problem) // only a refusal has one
	return sent{res.StatusCode, problem.Code, body}
}

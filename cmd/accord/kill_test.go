package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/formats/native"
	"accord/signing"
	"accord/storage"
)

// A child process of the test serves a home; these name what it does.
const (
	childHome   = "ACCORD_TEST_SERVE"
	childBroken = "ACCORD_TEST_BROKEN" // "1": answers before it is durable
)

func TestMain(m *testing.M) {
	if h := os.Getenv(childHome); h != "" {
		os.Exit(serveChild(home(h)))
	}
	testscript.Main(m, map[string]func(){"accord": main})
}

func serveChild(h home) int {
	var wrap func(storage.Log) storage.Log
	if os.Getenv(childBroken) == "1" {
		wrap = func(l storage.Log) storage.Log { return &hastyLog{Log: l} }
	}
	a, err := newApp(context.Background(), h, "127.0.0.1:0", slog.New(slog.DiscardHandler), wrap)
	if err != nil {
		fmt.Println("error", err)
		return exitUnavailable
	}
	fmt.Println("ready", a.URL())
	if err := a.Run(context.Background()); err != nil {
		return exitUnavailable
	}
	return exitOK
}

// hastyLog answers before a batch is durable: the fault that the kill test has
// to notice.
type hastyLog struct {
	storage.Log
	mu sync.Mutex
}

// Append writes the batch a little later.
func (l *hastyLog) Append(_ context.Context, b *storage.Batch) error {
	go func() {
		time.Sleep(30 * time.Millisecond)
		l.mu.Lock()
		defer l.mu.Unlock()
		_ = l.Log.Append(context.Background(), b) // out of order fails: it is broken on purpose
	}()
	return nil
}

// killed is a home that is served by a child and killed again and again.
type killed struct {
	t      *testing.T
	home   home
	body   home
	doc    *signing.Signer
	sub    *attestation.Submission
	broken bool

	mu    sync.Mutex
	acked map[string]acked // by content; guarded by mu
	next  int              // guarded by mu
}

// acked is what a client was told.
type acked struct {
	id, digest   string
	receipt, jws []byte
}

func newKilled(t *testing.T, broken bool) *killed {
	dir := t.TempDir()
	k := &killed{t: t, home: home(filepath.Join(dir, "cn")), body: home(filepath.Join(dir, "cb")), broken: broken, acked: map[string]acked{}}
	accord(t, "init", "--home", string(k.home), "--authority", "CN", "--url", "http://127.0.0.1:1")
	accord(t, "init", "--home", string(k.body), "--partner", "cn-example-cb", "--identifier", "cn.cnca.approval=CNCA-R-2002-999")
	stop, url := k.serve()
	accord(t, "partner", "add", "--home", string(k.home), "--server", url, k.body.path("partner.json"))
	stop()
	var err error
	k.doc, err = k.body.key(signing.UseDoc)
	require.NoError(t, err)
	raw, err := os.ReadFile("testdata/kill.json")
	require.NoError(t, err)
	k.sub, err = native.DecodeJSON(raw)
	require.NoError(t, err)
	return k
}

// accord runs a command that must succeed.
func accord(t *testing.T, args ...string) string {
	t.Helper()
	var out, diag bytes.Buffer
	require.Equal(t, exitOK, run(context.Background(), args, strings.NewReader(""), &out, &diag), "%v: %s", args, diag.String())
	return out.String()
}

// serve starts the child and returns how to kill it, and its URL.
func (k *killed) serve() (kill func(), url string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childHome+"="+string(k.home))
	if k.broken {
		cmd.Env = append(cmd.Env, childBroken+"=1")
	}
	out, err := cmd.StdoutPipe()
	require.NoError(k.t, err)
	require.NoError(k.t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(k.t, err)
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		_ = cmd.Wait()
		return func() {}, ""
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	}, url
}

func (k *killed) client(url string) *client.Client {
	who, err := k.body.identity(false)
	require.NoError(k.t, err)
	c, err := client.New(url, "http://127.0.0.1:1", who, nil)
	require.NoError(k.t, err)
	return c
}

// load submits until the child is gone, and notes what was acknowledged.
func (k *killed) load(url string, stop <-chan struct{}) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := k.client(url)
			for {
				select {
				case <-stop:
					return
				default:
				}
				jws, content := k.document()
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
				res, err := c.Send(ctx, client.Request{Method: "POST", Path: "/v1/attestations", Header: map[string][]string{"Content-Type": {"application/jose"}}}, bytes.NewReader(jws))
				if err == nil {
					body, readErr := io.ReadAll(res.Body)
					res.Body.Close()
					var acc client.Accepted
					if readErr == nil && res.StatusCode == 201 && json.Unmarshal(body, &acc) == nil {
						k.mu.Lock()
						k.acked[content] = acked{id: acc.ID, digest: string(attestation.DigestOf(jws)), receipt: acc.Receipt, jws: jws}
						k.mu.Unlock()
					}
				}
				cancel()
			}
		}()
	}
	wg.Wait()
}

func (k *killed) document() (jws []byte, content string) {
	k.mu.Lock()
	k.next++
	n := k.next
	k.mu.Unlock()
	sub := *k.sub
	sub.Identifiers = []attestation.Identifier{{Scheme: "example.number", Value: "K-" + strconv.Itoa(n)}}
	payload := native.AppendJSON(nil, &sub)
	jws, err := k.doc.Sign(payload, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()})
	if err != nil {
		panic(err)
	}
	return jws, string(sub.Digest())
}

// check returns what an acknowledged document lacks after a restart.
func (k *killed) check() (problems []string) {
	cfg, err := k.home.config()
	require.NoError(k.t, err)
	note, err := k.home.noteSigner(cfg)
	require.NoError(k.t, err)
	a, err := openArchive(context.Background(), k.home, cfg, note, slog.New(slog.DiscardHandler), func(error) {}, nil)
	if err != nil {
		return []string{"the archive does not open: " + err.Error()}
	}
	defer func() { require.NoError(k.t, a.Close()) }()
	audit, err := a.Verify(context.Background(), nil)
	if err != nil {
		return []string{"the audit ended: " + err.Error()}
	}
	problems = audit.Problems
	for content, want := range k.acked {
		e, err := a.ByContent(context.Background(), attestation.Digest(content))
		if err != nil || e == nil {
			problems = append(problems, "lost: "+want.id)
			continue
		}
		rec, err := e.Parsed()
		require.NoError(k.t, err)
		if string(rec.Digest) != want.digest || !bytes.Contains(want.receipt, e.Record) {
			problems = append(problems, "other octets or another receipt: "+want.id)
		}
	}
	return problems
}

// kills runs the loop and returns the first violation.
func (k *killed) kills(n int) []string {
	for range n {
		kill, url := k.serve()
		if url == "" {
			return []string{"the gateway does not start after a kill"}
		}
		stop := make(chan struct{})
		go func() {
			time.Sleep(time.Duration(60+rand.IntN(240)) * time.Millisecond)
			kill()
			close(stop)
		}()
		k.load(url, stop)
		if p := k.check(); len(p) > 0 {
			return p
		}
	}
	return nil
}

// TestKill kills a real process under load and audits after each kill: no
// acknowledged document is lost, and every receipt stands.
func TestKill_losesNoAcknowledgedDocument(t *testing.T) {
	kills := 20
	if v := os.Getenv("ACCORD_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		require.NoError(t, err)
		kills = n
	}
	k := newKilled(t, false)
	require.Empty(t, k.kills(kills))
	require.NotEmpty(t, k.acked, "the load never got an answer")
	t.Logf("%d kills, %d documents acknowledged, none lost", kills, len(k.acked))
}

// TestKill_checkerCatchesHastyBuild shows that the check would notice a build
// that answers before a batch is durable.
func TestKill_checkerCatchesHastyBuild(t *testing.T) {
	k := newKilled(t, false)
	k.broken = true
	require.NotEmpty(t, k.kills(5), "a build that answers too early was not caught")
}

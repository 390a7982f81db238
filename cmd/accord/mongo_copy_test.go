package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/certs"
	"accord/internal/fault"
	"accord/storage"
	"accord/storage/mongo/ferrettest"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// replicaSet starts a server behind a proxy that plays a replica set; at the
// end every command has to have been safe.
func replicaSet(t *testing.T) *wiretest.Proxy {
	t.Helper()
	return replicaSetOf(t, ferrettest.Start(t))
}

// replicaSetOf is replicaSet before a server that can be killed.
func replicaSetOf(t *testing.T, server *ferrettest.Server) *wiretest.Proxy {
	t.Helper()
	set := wiretest.Start(t, server.Addr(), wiretest.Options{Members: 3})
	t.Cleanup(func() { set.AssertSafe(t) })
	return set
}

// newHome makes a gateway's home with an archive.
func newGatewayHome(t *testing.T, archive string) home {
	t.Helper()
	h := home(filepath.Join(t.TempDir(), "cn"))
	accord(t, "init", "--home", string(h), "--authority", "CN", "--url", "http://127.0.0.1:1", "--archive", archive)
	return h
}

// openTestArchive opens the archive of a home in this process.
func openTestArchive(t *testing.T, h home) (*storage.Archive, error) {
	t.Helper()
	cfg, err := h.config()
	require.NoError(t, err)
	note, err := h.noteSigner(cfg)
	require.NoError(t, err)
	return openArchive(t.Context(), h, cfg, note, slog.New(slog.DiscardHandler), func(error) {}, nil)
}

// send drafts a document and appends it, once.
func send(ctx context.Context, a *storage.Archive, name string) error {
	for {
		series, err := a.Series(ctx, name)
		if err != nil || len(series.Entries) > 0 {
			return err
		}
		d := storagetest.NewDraft(name, name)
		if d.Guard, err = series.Guard(); err != nil {
			return err
		}
		if _, err = a.Append(ctx, d); !errors.Is(err, storage.ErrStale) {
			return err
		}
	}
}

// fillHome appends documents to the archive of a home, one a batch.
func fillHome(t *testing.T, h home, n int) {
	t.Helper()
	a, err := openTestArchive(t, h)
	require.NoError(t, err)
	for i := range n {
		require.NoError(t, send(t.Context(), a, fmt.Sprint("document ", i)))
	}
	require.NoError(t, a.Close())
}

// setArchive writes another archive into the configuration of a home.
func setArchive(t *testing.T, h home, uri string) {
	t.Helper()
	text, err := os.ReadFile(h.path("accord.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(h.path("accord.yaml"), withKeys(text, [][2]string{{"archive", uri}}), 0o600))
}

// copyHome copies an archive and returns the result, with status and messages.
func copyHome(ctx context.Context, h home, to string) (done copied, res called) {
	var stdout, stderr bytes.Buffer
	res.status = run(ctx, []string{"archive", "copy", "--home", string(h), "--to", to, "--format", "json"}, strings.NewReader(""), &stdout, &stderr)
	res.stdout, res.stderr = stdout.String(), stderr.String()
	_ = json.Unmarshal(stdout.Bytes(), &done) // the status says whether there is one
	return done, res
}

// A copy that is interrupted goes on, at whatever it was interrupted, and until
// it is whole nobody serves from it.
func TestArchiveCopy_goesOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	const n = 24
	set := replicaSet(t)
	for name, at := range map[string]struct {
		rule  wiretest.Rule
		whole bool // everything was there already
	}{
		"bodies of a batch": {wiretest.Rule{Match: wiretest.On("insert", "bodies"), Skip: 7, Do: wiretest.Hold()}, false},
		"a batch":           {wiretest.Rule{Match: wiretest.On("insert", "batches"), Skip: 9, Do: wiretest.Hold()}, false},
		"answer of a batch": {wiretest.Rule{Match: wiretest.On("insert", "batches"), Skip: 11, Do: wiretest.Action{HoldAnswer: true}}, false},
		"comparison":        {wiretest.Rule{Match: wiretest.On("find", "bodies"), Do: wiretest.Hold()}, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGatewayHome(t, "local:archive")
			fillHome(t, h, n)
			uri := onDatabase(set.URI(), "copy_"+strings.ReplaceAll(name, " ", "_"))
			ctx, cancel := context.WithCancel(t.Context())
			stop := set.Arm(at.rule)
			ended := make(chan called, 1)
			go func() {
				_, res := copyHome(ctx, h, uri)
				ended <- res
			}()
			select {
			case <-stop.Hit():
			case res := <-ended:
				t.Fatalf("the copy came to an end: %+v", res)
			}
			cancel()
			stop.Release()
			res := <-ended
			require.Equal(t, exitUnavailable, res.status, res.stderr)
			require.Contains(t, res.stderr, "the copy was interrupted; give the same command again")

			if !at.whole {
				setArchive(t, h, uri)
				_, err := openTestArchive(t, h)
				require.Equal(t, fault.LedgerFork, fault.CodeOf(err), "half a copy was opened: %v", err)
				setArchive(t, h, "local:archive")
			}
			done, res := copyHome(t.Context(), h, uri)
			require.Equal(t, exitOK, res.status, res.stderr)
			require.EqualValues(t, n+1, done.Entries)
			require.Less(t, done.Added, uint64(n+1), "everything was copied again")
			require.Equal(t, at.whole, done.Added == 0)
			setArchive(t, h, uri)
			fillHome(t, h, n+1) // the same once more, and one
			accord(t, "archive", "verify", "--home", string(h))
		})
	}
}

// A log that several gateways append to is copied while they do: what they
// acknowledged is in the copy, and after the seal they take nothing.
func TestArchiveCopy_takesAllWhileOthersAppend(t *testing.T) {
	t.Parallel()
	set := replicaSet(t)
	one := newGatewayHome(t, onDatabase(set.URI(), "live"))
	fillHome(t, one, 10)
	two := home(filepath.Join(t.TempDir(), "two"))
	accord(t, "init", "--home", string(two), "--join", "--keys", string(one))
	other, err := openTestArchive(t, two)
	require.NoError(t, err)
	type told struct {
		acknowledged int
		err          error
	}
	result := make(chan told, 1)
	go func() {
		for i := 0; ; i++ {
			if err := send(context.Background(), other, fmt.Sprint("live ", i)); err != nil {
				result <- told{i, err}
				return
			}
		}
	}()
	time.Sleep(200 * time.Millisecond) // some are there before the copy begins
	done, res := copyHome(t.Context(), one, "local:moved")
	require.Equal(t, exitOK, res.status, res.stderr)
	last := <-result
	require.Equal(t, fault.LedgerFork, fault.CodeOf(last.err), "%v", last.err)
	require.NoError(t, other.Close())
	require.EqualValues(t, 11+last.acknowledged, done.Entries)
	t.Logf("%d entries came while the log was copied", last.acknowledged)

	setArchive(t, one, "local:moved")
	fillHome(t, one, 11)
	var found homeAudit
	require.NoError(t, json.Unmarshal([]byte(accord(t, "archive", "verify", "--home", string(one), "--format", "json")), &found))
	require.EqualValues(t, done.Entries+1, found.Entries)
	require.Empty(t, found.Problems)
}

// What was sent for a batch that never came to stand is listed and no problem.
func TestArchiveVerify_listsOrphans(t *testing.T) {
	t.Parallel()
	set := replicaSet(t)
	h := newGatewayHome(t, onDatabase(set.URI(), "orphans"))
	a, err := openTestArchive(t, h)
	require.NoError(t, err)
	lost := set.Arm(wiretest.Rule{Match: wiretest.On("insert", "batches"), Times: wiretest.Always, Do: wiretest.DropRequest()})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = send(ctx, a, "lost")
	require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err), "%v", err)
	require.NoError(t, a.Close())
	lost.Disarm()
	fillHome(t, h, 1)

	out := accord(t, "archive", "verify", "--home", string(h))
	require.Regexp(t, `(?m)^2 entries in 2 batches`, out)
	require.Regexp(t, `(?m)^body [0-9a-f]{16} belongs to no batch: it was never acknowledged and is harmless$`, out)
	out = accord(t, "archive", "verify", "--home", string(h), "--format", "json")
	asDocumented(t, "archive verify", out)
	var found homeAudit
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Len(t, found.Orphans, 1)
	require.Empty(t, found.Problems)

	asDocumented(t, "archive migrate", accord(t, "archive", "migrate", "--home", string(h), "--format", "json"))
	asDocumented(t, "archive migrate", accord(t, "archive", "migrate", "--home", string(h), "--keys", "--format", "json"))
}

// Nothing that a command prints holds a password, wherever it came from.
func TestArchive_neverPrintsAPassword(t *testing.T) {
	t.Parallel()
	addr, err := freeAddress()
	require.NoError(t, err)
	secret := filepath.Join(t.TempDir(), "uri")
	require.NoError(t, os.WriteFile(secret, []byte("mongodb://accord:swordfish@"+addr+"/accord?timeoutMS=1"), 0o600))
	h := newGatewayHome(t, "local:archive")
	for _, args := range [][]string{
		{"archive", "copy", "--home", string(h), "--to", "file:" + secret},
		{"init", "--home", t.TempDir(), "--authority", "CN", "--archive", "file:" + secret},
	} {
		var said bytes.Buffer
		status := run(t.Context(), args, strings.NewReader(""), io.MultiWriter(&said), &said)
		require.Equal(t, exitUnavailable, status, said.String())
		require.NotContains(t, said.String(), "swordfish")
	}
}

// A connection is encrypted where the string says so, with the authority that
// it names, and a server that this authority did not certify is refused.
func TestArchive_overTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, err := certs.NewAuthority("database CA", time.Now())
	require.NoError(t, err)
	require.NoError(t, certs.SaveChain(filepath.Join(dir, "ca.pem"), ca.Anchor("documents").Certificate))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "pki"), 0o700))
	require.NoError(t, issueTLS(home(dir), "server", func(pub crypto.PublicKey) error {
		cert, err := ca.IssueServer([]string{"127.0.0.1"}, pub, time.Now())
		require.NoError(t, err)
		return certs.SaveChain(filepath.Join(dir, "pki", "server.pem"), cert)
	}))
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "pki", "server.pem"), filepath.Join(dir, "pki", "server-key.pem"))
	require.NoError(t, err)
	set := wiretest.Start(t, ferrettest.Start(t).Addr(), wiretest.Options{TLS: &tls.Config{Certificates: []tls.Certificate{pair}}})
	uri := onDatabase(set.URI(), "secure") + "&tls=true"

	h := newGatewayHome(t, uri+"&tlsCAFile="+filepath.Join(dir, "ca.pem"))
	fillHome(t, h, 2)
	accord(t, "archive", "verify", "--home", string(h))
	setArchive(t, h, uri)
	res := call(t, "archive", "verify", "--home", string(h))
	require.Equal(t, exitUnavailable, res.status)
	require.Contains(t, res.stderr, "certificate signed by unknown authority")
}

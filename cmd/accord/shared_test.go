package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/signing"
	"accord/storage/mongo/ferrettest"
)

// sharedTime names the variable that says how long several gateways are under
// load in each of the two parts, as 1m; a few seconds unless it is set.
const sharedTime = "ACCORD_SHARED_TIME"

// TestShared runs gateways as processes on one database under load on all of
// them. One is killed and started again throughout, then each is stopped and
// started in turn. Whatever was acknowledged stands once, in one order, with
// one receipt, for every gateway.
func TestShared(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 4} {
		t.Run(fmt.Sprint(n, " gateways"), func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, n)
			kills, restarts := f.underLoad(f.killOne), f.underLoad(f.rollingRestart)
			f.agree()
			f.audit()
			t.Logf("%d documents by %d gateways, %d kills, %d rounds of restarts", len(f.told), n, kills, restarts)
		})
	}
}

// TestShared_databaseLost kills the database under load. What needs it is
// refused for the time being, and is taken again soon after it is back; nothing
// that was acknowledged is lost.
func TestShared_databaseLost(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	f.underLoad(func() {
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, f.server.Kill())
		for _, m := range f.members {
			f.refusesForNow(m)
		}
		require.NoError(t, f.server.Restart())
		began := time.Now()
		for _, m := range f.members {
			f.takesAgain(m, began)
		}
		t.Logf("taken again after %v", time.Since(began).Round(10*time.Millisecond))
	})
	f.agree()
	f.audit()
}

// refusesForNow says that a gateway without its database tells so, and when to
// come back, and goes on with what it knows for ever.
func (f *fleet) refusesForNow(m *fleetMember) {
	f.t.Helper()
	get := func(path string) *http.Response {
		res, err := http.Get("http://" + m.addr + path)
		require.NoError(f.t, err)
		_ = res.Body.Close()
		return res
	}
	require.Eventually(f.t, func() bool { return get("/readyz").StatusCode == http.StatusServiceUnavailable }, 10*time.Second, 50*time.Millisecond)
	res := get("/v1/trust-list")
	require.Equal(f.t, http.StatusServiceUnavailable, res.StatusCode)
	require.NotEmpty(f.t, res.Header.Get("Retry-After"))
	for _, path := range []string{"/v1/ledger/checkpoint", "/.well-known/jwks.json", "/healthz"} {
		require.Equal(f.t, http.StatusOK, get(path).StatusCode, path)
	}
}

// takesAgain says that a gateway accepts documents within 20 s (reliability.md,
// "Figures to hold").
func (f *fleet) takesAgain(m *fleetMember, since time.Time) {
	f.t.Helper()
	jws := f.document(rand.New(rand.NewPCG(1, 2)))
	for {
		acc, err := sendOnce(m.client, jws)
		if err == nil {
			f.note(jws, acc)
			return
		}
		require.Less(f.t, time.Since(since), 20*time.Second, "%s: %v", m.home, err)
		time.Sleep(50 * time.Millisecond)
	}
}

// fleet are gateways on one ledger.
type fleet struct {
	t       *testing.T
	server  *ferrettest.Server
	members []*fleetMember
	body    home
	doc     *signing.Signer
	sub     *attestation.Submission
	readers []*feedReader

	mu   sync.Mutex
	told map[string]told // by the digest of the octets; guarded by mu
	sent [][]byte        // what was acknowledged, to send again; guarded by mu
	next int             // guarded by mu
}

// told is what the first who sent a document was told.
type told struct {
	jws     []byte
	index   uint64
	receipt []byte
}

// fleetMember is a gateway that is a process.
type fleetMember struct {
	home   home
	addr   string
	client *client.Client // of the body
	cmd    *exec.Cmd
	said   bytes.Buffer // on standard error, by the last process
}

func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	dir := t.TempDir()
	f := &fleet{t: t, server: ferrettest.Start(t), body: home(filepath.Join(dir, "cb")), told: map[string]told{}}
	accord(t, "init", "--home", string(f.body), "--partner", "cn-example-cb", "--identifier", "cn.cnca.approval=CNCA-R-2002-999")
	uri := onDatabase(replicaSetOf(t, f.server).URI(), "fleet")
	for i := range n {
		m := &fleetMember{home: home(filepath.Join(dir, fmt.Sprint("gateway", i)))}
		if i == 0 {
			accord(t, "init", "--home", string(m.home), "--authority", "CN", "--url", issuerOfFleet, "--archive", uri)
		} else {
			accord(t, "init", "--home", string(m.home), "--join", "--keys", string(f.members[0].home))
		}
		var err error
		m.addr, err = freeAddress()
		require.NoError(t, err)
		who, err := f.body.identity(false)
		require.NoError(t, err)
		m.client, err = client.New("http://"+m.addr, issuerOfFleet, who, &http.Client{Timeout: 5 * time.Second})
		require.NoError(t, err)
		f.members = append(f.members, m)
		f.start(m)
	}
	t.Cleanup(f.end)
	accord(t, "partner", "add", "--home", string(f.members[0].home), "--server", "http://"+f.members[n-1].addr, f.body.path("partner.json"))
	f.readers = []*feedReader{{}, {}}
	var err error
	f.doc, err = f.body.key(signing.UseDoc)
	require.NoError(t, err)
	raw, err := os.ReadFile("testdata/kill.json")
	require.NoError(t, err)
	f.sub, err = native.DecodeJSON(raw)
	require.NoError(t, err)
	return f
}

// issuerOfFleet is that of all its gateways, which listen elsewhere.
const issuerOfFleet = "http://127.0.0.1:1"

// start starts a gateway and returns when it is ready.
func (f *fleet) start(m *fleetMember) {
	m.said.Reset()
	m.cmd = exec.Command("accord", "serve", "--home", string(m.home), "--listen", m.addr)
	m.cmd.Stderr = &m.said
	if err := m.cmd.Start(); err != nil {
		f.t.Error(err)
		return
	}
	for range 200 {
		if res, err := http.Get("http://" + m.addr + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
	f.t.Errorf("%s does not start: %s", m.home, m.said.String())
}

// stop ends a gateway: by a signal that it obeys, or at once.
func (f *fleet) stop(m *fleetMember, by os.Signal) {
	if err := m.cmd.Process.Signal(by); err != nil {
		f.t.Errorf("%s had ended by itself: %v: %s", m.home, err, m.said.String())
	}
	err := m.cmd.Wait()
	if by != os.Kill && err != nil {
		f.t.Errorf("%s: %v: %s", m.home, err, m.said.String())
	}
}

// end kills what runs.
func (f *fleet) end() {
	for _, m := range f.members {
		if m.cmd != nil && m.cmd.ProcessState == nil {
			_ = m.cmd.Process.Kill()
			_ = m.cmd.Wait()
		}
	}
}

// underLoad sends and reads at all gateways while something is done to them
// again and again; it returns how often that was.
func (f *fleet) underLoad(disturb func()) (times int) {
	f.t.Helper()
	span := 2 * time.Second
	if v := os.Getenv(sharedTime); v != "" {
		var err error
		span, err = time.ParseDuration(v)
		require.NoError(f.t, err)
	}
	var ended atomic.Bool
	var work sync.WaitGroup
	for worker := range 6 {
		random := rand.New(rand.NewPCG(uint64(worker), 7))
		work.Go(func() {
			for !ended.Load() && !f.t.Failed() {
				f.deliver(random, f.document(random))
			}
		})
	}
	for i, r := range f.readers {
		random := rand.New(rand.NewPCG(uint64(i), 8))
		work.Go(func() {
			for !ended.Load() && !f.t.Failed() {
				r.page(f, f.members[random.IntN(len(f.members))], 1+random.IntN(50))
			}
		})
	}
	for until := time.Now().Add(span); time.Now().Before(until) && !f.t.Failed(); times++ {
		disturb()
	}
	ended.Store(true)
	work.Wait()
	return times
}

// killOne kills the first gateway and starts it again.
func (f *fleet) killOne() {
	f.stop(f.members[0], os.Kill)
	time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
	f.start(f.members[0])
	time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
}

// rollingRestart stops and starts one gateway after the other.
func (f *fleet) rollingRestart() {
	for _, m := range f.members {
		f.stop(m, syscall.SIGTERM)
		f.start(m)
	}
}

// document returns a new one, or one that was sent before.
func (f *fleet) document(random *rand.Rand) []byte {
	f.mu.Lock()
	if len(f.sent) > 0 && random.IntN(5) == 0 {
		defer f.mu.Unlock()
		return f.sent[random.IntN(len(f.sent))]
	}
	f.next++
	n := f.next
	f.mu.Unlock()
	sub := *f.sub
	sub.Identifiers = []attestation.Identifier{{Scheme: "example.number", Value: "K-" + strconv.Itoa(n)}}
	jws, err := f.doc.Sign(native.AppendJSON(nil, &sub), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()})
	if err != nil {
		panic(err) // the key is there
	}
	return jws
}

// deliver sends a document to one gateway after another until one takes it.
func (f *fleet) deliver(random *rand.Rand, jws []byte) {
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); {
		m := f.members[random.IntN(len(f.members))]
		acc, err := sendOnce(m.client, jws)
		if err == nil {
			f.note(jws, acc)
			return
		}
		var p *client.Problem
		if errors.As(err, &p) && p.Status != http.StatusServiceUnavailable {
			f.t.Errorf("%s: %v", m.home, err)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.t.Error("nobody takes a document")
}

// sendOnce submits a document without trying again.
func sendOnce(c *client.Client, jws []byte) (*client.Accepted, error) {
	res, err := c.Do(context.Background(), client.Request{
		Method: http.MethodPost, Path: "/v1/attestations", Body: jws, Header: http.Header{"Content-Type": {mediaJOSE}}, Once: true,
	})
	if err != nil {
		return nil, err
	}
	var acc client.Accepted
	return &acc, json.Unmarshal(res.Body, &acc)
}

// note keeps what was told the first time; the same has to be told ever after.
func (f *fleet) note(jws []byte, acc *client.Accepted) {
	digest := string(attestation.DigestOf(jws))
	f.mu.Lock()
	defer f.mu.Unlock()
	before, again := f.told[digest]
	if !again {
		f.told[digest] = told{jws: jws, index: acc.Index, receipt: acc.Receipt}
		f.sent = append(f.sent, jws)
		return
	}
	if before.index != acc.Index || !bytes.Equal(before.receipt, acc.Receipt) {
		f.t.Errorf("a document is told to stand at %d and at %d, or with two receipts", before.index, acc.Index)
	}
}

// feedReader reads the feed page by page, from whoever answers, with one
// cursor.
type feedReader struct {
	cursor string
	lines  []client.FeedLine
}

func (r *feedReader) page(f *fleet, m *fleetMember, limit int) (more bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	p, err := m.client.Changes(ctx, client.FeedQuery{Cursor: r.cursor, Limit: limit, Include: "receipt"})
	var problem *client.Problem
	switch {
	case errors.As(err, &problem) && problem.Status != http.StatusServiceUnavailable:
		f.t.Errorf("%s: %v", m.home, err)
		return false
	case err != nil: // it is down
		time.Sleep(20 * time.Millisecond)
		return true
	}
	r.lines, r.cursor = append(r.lines, p.Lines...), p.Next
	time.Sleep(5 * time.Millisecond)
	return len(p.Lines) > 0
}

// agree says that all gateways show one log with everything that was told, and
// that every page read meanwhile was of it.
func (f *fleet) agree() {
	f.t.Helper()
	var checkpoint []byte
	var feed []client.FeedLine
	for i, m := range f.members {
		res, err := m.client.Get(f.t.Context(), "/v1/ledger/checkpoint", nil, "")
		require.NoError(f.t, err)
		r := &feedReader{}
		for r.page(f, m, 500) {
		}
		if i == 0 {
			checkpoint, feed = res.Body, r.lines
			continue
		}
		require.Equal(f.t, string(checkpoint), string(res.Body), "two gateways show two logs")
		sameFeed(f.t, feed, r.lines)
	}
	for _, r := range f.readers {
		for r.page(f, f.members[0], 500) {
		}
		sameFeed(f.t, feed, r.lines)
	}
	require.Empty(f.t, f.wrong(feed))
	f.checkerNotices(feed)
}

// sameFeed compares two readings of a feed, receipts and all.
func sameFeed(t *testing.T, want, got []client.FeedLine) {
	t.Helper()
	require.Equal(t, len(want), len(got), "one reader has seen more than another")
	for i := range want {
		require.Equal(t, string(want[i].Raw), string(got[i].Raw), "line %d of a feed", i)
	}
}

// wrong says what of a feed is out of order, was not told so, stands there
// twice or is missing, and which receipt does not prove its document.
func (f *fleet) wrong(feed []client.FeedLine) (problems []string) {
	f.t.Helper()
	p, err := f.members[0].home.partner()
	require.NoError(f.t, err)
	logs := []evidence.Log{{Issuer: issuerOfFleet, Origin: strings.TrimPrefix(issuerOfFleet, "http://") + "/v1/ledger", VKeys: []evidence.VKey{{VKey: p.Trust.VKeys[0]}}}}
	seen := map[string]bool{}
	for i, l := range feed {
		if i > 0 && l.Index <= feed[i-1].Index {
			problems = append(problems, fmt.Sprintf("entry %d comes after entry %d", l.Index, feed[i-1].Index))
		}
		if l.Kind != "attestation" {
			continue
		}
		was, ok := f.told[l.Digest]
		if !ok || seen[l.Digest] {
			problems = append(problems, fmt.Sprintf("entry %d stands there twice, or nobody was told of it", l.Index))
			continue
		}
		seen[l.Digest] = true
		if was.index != l.Index || !bytes.Equal(was.receipt, l.Receipt) {
			problems = append(problems, fmt.Sprintf("entry %d was told to be %d, or has another receipt", l.Index, was.index))
		}
		if check := evidence.CheckReceipt(l.Receipt, evidence.Subject{Octets: was.jws}, logs, time.Now()); check.Result != signing.Passed {
			problems = append(problems, fmt.Sprintf("the receipt of entry %d: %v", l.Index, check.Err()))
		}
	}
	if len(seen) != len(f.told) || len(seen) == 0 {
		problems = append(problems, fmt.Sprintf("%d documents are there, %d were acknowledged", len(seen), len(f.told)))
	}
	return problems
}

// checkerNotices shows that wrong would find what must not be.
func (f *fleet) checkerNotices(feed []client.FeedLine) {
	f.t.Helper()
	first := slices.IndexFunc(feed, func(l client.FeedLine) bool { return l.Kind == "attestation" })
	last := len(feed) - 1
	for what, spoil := range map[string]func([]client.FeedLine) []client.FeedLine{
		"an entry lost":      func(l []client.FeedLine) []client.FeedLine { return slices.Delete(l, first, first+1) },
		"an entry twice":     func(l []client.FeedLine) []client.FeedLine { return append(l, l[last]) },
		"two out of order":   func(l []client.FeedLine) []client.FeedLine { l[first], l[last] = l[last], l[first]; return l },
		"another place":      func(l []client.FeedLine) []client.FeedLine { l[last].Index++; return l },
		"another receipt":    func(l []client.FeedLine) []client.FeedLine { l[first].Receipt = l[last].Receipt; return l },
		"one nobody sent":    func(l []client.FeedLine) []client.FeedLine { l[first].Digest = "sha-256:00"; return l },
		"nothing at all":     func([]client.FeedLine) []client.FeedLine { return nil },
		"nothing at the end": func(l []client.FeedLine) []client.FeedLine { return l[:last] },
	} {
		require.NotEmpty(f.t, f.wrong(spoil(slices.Clone(feed))), "the check does not notice %s", what)
	}
}

// audit stops the gateways and audits the archive from every home.
func (f *fleet) audit() {
	f.t.Helper()
	for _, m := range f.members {
		f.stop(m, syscall.SIGTERM)
	}
	for _, m := range f.members {
		var found homeAudit
		require.NoError(f.t, json.Unmarshal([]byte(accord(f.t, "archive", "verify", "--home", string(m.home), "--format", "json")), &found))
		require.Empty(f.t, found.Problems)
		require.Equal(f.t, len(f.told), found.Kinds["attestation"])
	}
}

package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/ledger"
)

// publicLog serves the entries of a log under a checkpoint, as a gateway does.
type publicLog struct {
	entries    [][]byte
	checkpoint []byte
	wholeOnly  bool // partial bundles are gone, as when the log has grown
}

// ServeHTTP answers with the checkpoint or a bundle.
func (l *publicLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/v1/ledger/")
	if path == "checkpoint" {
		_, _ = w.Write(l.checkpoint)
		return
	}
	tile, err := ledger.ParseTilePath(path)
	from := tile.N * ledger.TileWidth
	if !ok || err != nil || from+uint64(tile.Width) > uint64(len(l.entries)) || (l.wholeOnly && tile.Width < ledger.TileWidth) {
		http.NotFound(w, r)
		return
	}
	var out []byte
	for _, entry := range l.entries[from : from+uint64(tile.Width)] {
		out = ledger.AppendBundleEntry(out, entry)
	}
	_, _ = w.Write(out)
}

// newPublicLog makes n entries, a second apart.
func newPublicLog(n int) *publicLog {
	l := &publicLog{}
	for i := range n {
		leaf := ledger.Leaf{Time: ledger.FormatTime(time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC))}
		leaf.Commitment[0], leaf.Commitment[1] = byte(i), byte(i>>8)
		l.entries = append(l.entries, leaf.AppendEntry(nil))
	}
	return l
}

// sign signs the head of the first n entries.
func (l *publicLog) sign(t *testing.T, s *ledger.NoteSigner, n int) {
	t.Helper()
	tree := ledger.NewTree(nil)
	for _, entry := range l.entries[:n] {
		tree.Append(ledger.LeafHash(entry))
	}
	var err error
	l.checkpoint, err = s.Sign(tree.Head())
	require.NoError(t, err)
}

func TestAuditPublic_noticesWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ledger.NewNoteSigner("example.org/log", private)
	require.NoError(t, err)
	_, otherKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	other, err := ledger.NewNoteSigner("example.org/log", otherKey)
	require.NoError(t, err)
	const size = 300 // a whole bundle and a part
	for name, test := range map[string]struct {
		damage func(l *publicLog)
		want   string // of a problem; "" for none
	}{
		"whole": {func(*publicLog) {}, ""},
		"grown since": {func(l *publicLog) {
			l.entries = append(l.entries, newPublicLog(600).entries[size:]...)
			l.wholeOnly = true
		}, ""},
		"an entry changed":  {func(l *publicLog) { l.entries[7] = newPublicLog(9).entries[8] }, "the tree of the entries has the root"},
		"two exchanged":     {func(l *publicLog) { l.entries[3], l.entries[4] = l.entries[4], l.entries[3] }, "entry 4: its time"},
		"no leaf":           {func(l *publicLog) { l.entries[299] = []byte("{}") }, "entry 299: schema.format"},
		"signed by another": {func(l *publicLog) { l.sign(t, other, size) }, "checkpoint: ledger.proof_invalid"},
		"no checkpoint":     {func(l *publicLog) { l.checkpoint = []byte("hello") }, "checkpoint: ledger.proof_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newPublicLog(size)
			l.sign(t, signer, size)
			test.damage(l)
			server := httptest.NewServer(l)
			defer server.Close()
			cl, err := client.New(server.URL, "", nil, nil)
			require.NoError(t, err)
			keys, err := ledger.NewVKeys(signer.VKey())
			require.NoError(t, err)
			e, _, _ := demoEnv(t.Context(), "text")
			found, err := auditPublic(e, cl, keys)
			require.NoError(t, err)
			if test.want == "" {
				assert.Empty(t, found.Problems)
				assert.Equal(t, uint64(size), found.Entries)
				return
			}
			assert.Contains(t, fmt.Sprint(found.Problems), test.want)
		})
	}

	// Entries that are withheld are no audit.
	l := newPublicLog(size)
	l.sign(t, signer, size)
	l.entries = l.entries[:size-1]
	server := httptest.NewServer(l)
	defer server.Close()
	cl, err := client.New(server.URL, "", nil, nil)
	require.NoError(t, err)
	keys, err := ledger.NewVKeys(signer.VKey())
	require.NoError(t, err)
	e, _, _ := demoEnv(t.Context(), "text")
	_, err = auditPublic(e, cl, keys)
	require.Error(t, err)
}

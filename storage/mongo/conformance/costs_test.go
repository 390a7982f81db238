package conformance_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/storage"
	"accord/storage/mongo"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// document returns a draft with a body of the usual size.
func document(i int) *storage.Draft {
	d := storagetest.NewDraft(fmt.Sprint("key ", i), fmt.Sprint("content ", i))
	d.Body = make([]byte, 5000)
	random := rand.NewChaCha8([32]byte{byte(i), byte(i >> 8)})
	_, _ = random.Read(d.Body)
	d.Digest = attestation.DigestOf(d.Body)
	for term := range 6 {
		d.Fields.Terms = append(d.Fields.Terms, storage.Term(storage.TermProduct, fmt.Sprint("model ", term, " of ", i)))
	}
	return d
}

// What a server would be asked to do is counted here: writes for a batch, their
// octets, finds for a question.
func TestArchive_costs(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	w.settings = mongo.Settings{Recent: -1}
	h := storagetest.NewHome(t, w.opener(t))
	w.proxy.Reset()
	const workers, each = 32, 12
	var wg sync.WaitGroup
	octets := 0
	var mu sync.Mutex
	for worker := range workers {
		wg.Go(func() {
			for i := range each {
				defer h.Enter()()
				s, err := h.Append(t.Context(), document(worker*each+i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				octets += len(s.Entry.Record) + 5000
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.False(t, t.Failed())
	require.NoError(t, h.Archive.Close())
	sent := w.proxy.Commands()
	batches := len(sent.Writes("batches"))
	require.Less(t, batches, workers*each/4, "nothing was sent together")
	require.LessOrEqual(t, len(sent.Writes("batches", "bodies")), 2*batches)
	ratio := float64(sent.Writes("batches", "bodies").Bytes()) / float64(octets)
	require.Less(t, ratio, 1.2)
	for _, view := range []string{"entries_1", "tiles_1", "views"} {
		require.LessOrEqual(t, len(sent.Writes(view)), batches, view)
	}
	t.Logf("%d documents in %d batches: %d writes, %.3f octets for each of records and bodies; views: %d writes, %.2f",
		workers*each, batches, len(sent.Writes("batches", "bodies")), ratio,
		len(sent.Writes("entries_1", "tiles_1", "views")), float64(sent.Writes("entries_1", "tiles_1", "views").Bytes())/float64(octets))

	require.NoError(t, h.Reopen(t))
	e, err := h.At(t.Context(), 5)
	require.NoError(t, err)
	rec, err := e.Parsed()
	require.NoError(t, err)
	for what, ask := range map[string]func() error{
		"entry":   func() error { _, err := h.At(t.Context(), 17); return err },
		"body":    func() error { _, err := h.Body(t.Context(), e); return err },
		"content": func() error { _, err := h.ByContent(t.Context(), rec.Content); return err },
		"digest":  func() error { _, err := h.ByDigest(t.Context(), rec.Digest); return err },
		"nothing": func() error { _, err := h.ByContent(t.Context(), attestation.DigestOf([]byte("nothing"))); return err },
		"series":  func() error { _, err := h.Series(t.Context(), e.Key); return err },
		"feed":    func() error { _, _, err := h.Feed(t.Context(), "beta", 3, 200); return err },
		"kinds": func() error {
			return h.Kinds(t.Context(), e.Kind, 0, func(*storage.Entry) error { return nil })
		},
	} {
		w.proxy.Reset()
		require.NoError(t, ask(), what)
		require.Len(t, w.proxy.Commands().Where(wiretest.Work), 1, what)
	}
}

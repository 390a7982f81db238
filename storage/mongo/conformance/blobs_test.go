package conformance_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/storage"
	"accord/storage/local"
	"accord/storage/mongo"
	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// TestFerretDB_keepsBlobs: the binaries of a database pass the suite, and every
// command of theirs is as safe as those of the log.
func TestFerretDB_keepsBlobs(t *testing.T) {
	t.Parallel()
	w := ferret(t, wiretest.Options{})
	w.create(t)
	storagetest.RunBlobs(t, func(t *testing.T) storage.Blobs {
		conn := w.connect(t)
		t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database ends with the test
		return mongo.NewBlobs(conn)
	})
	w.safe(t)
}

// Binaries move with the log that they lie beside, in both directions.
func TestFerretDB_blobsMove(t *testing.T) {
	t.Parallel()
	for name, inward := range map[string]bool{"to the database": true, "from the database": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ferret(t, wiretest.Options{})
			w.create(t)
			conn := w.connect(t)
			defer func() { _ = conn.Close(context.Background()) }() // the database ends with the test
			files, err := local.OpenBlobs(t.TempDir())
			require.NoError(t, err)
			if inward {
				storagetest.RunCopyOfBlobs(t, files, mongo.NewBlobs(conn))
			} else {
				storagetest.RunCopyOfBlobs(t, mongo.NewBlobs(conn), files)
			}
		})
	}
}

package conformance_test

import (
	"context"
	"testing"

	"accord/storage"
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

package local_test

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"accord/storage"
	"accord/storage/local"
	"accord/storage/storagetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// opener returns an Opener of an archive in a directory.
func opener(t testing.TB, dir string) storagetest.Opener {
	t.Helper()
	if err := local.CreateJournal(dir); err != nil {
		t.Fatal(err)
	}
	return func(t testing.TB) (storage.Log, storage.Index) {
		t.Helper()
		j, err := local.OpenJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		x, err := local.OpenIndex(context.Background(), filepath.Join(dir, "index.sqlite"), j)
		if err != nil {
			t.Fatal(err)
		}
		return j, x
	}
}

func TestLocal_passesTheSuite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storagetest.Opener { return opener(t, t.TempDir()) })
}

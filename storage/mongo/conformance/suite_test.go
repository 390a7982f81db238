package conformance_test

import (
	"testing"

	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

func TestFerretDB_passesTheSuite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storagetest.Opener {
		return ferret(t, wiretest.Options{}).opener(t)
	})
}

package conformance_test

import (
	"testing"

	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

func TestFerretDB_isSharedByGateways(t *testing.T) {
	t.Parallel()
	storagetest.RunShared(t, func(t testing.TB) storagetest.Opener {
		onlyLong(t)
		return ferret(t, wiretest.Options{Members: 3}).opener(t)
	})
}

package conformance_test

import (
	"os"
	"path"
	"slices"
	"testing"

	"accord/storage/mongo/wiretest"
	"accord/storage/storagetest"
)

// long are the parts of the suite that take FerretDB tens of seconds of two
// cores.
var long = []string{"rebuild_under_load", "rebuild_beside_the_others", "four_archives_under_load", "outcomes_unknown_to_all"}

// onlyLong skips those unless they were asked for.
func onlyLong(t testing.TB) {
	t.Helper()
	if os.Getenv(longTests) == "" && slices.Contains(long, path.Base(t.Name())) {
		t.Skipf("set %s=1 to run it", longTests)
	}
}

func TestFerretDB_passesTheSuite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storagetest.Opener {
		onlyLong(t)
		return ferret(t, wiretest.Options{}).opener(t)
	})
}

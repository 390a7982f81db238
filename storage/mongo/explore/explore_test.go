package explore_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/storage/mongo/explore"
)

// long names the environment variable that asks for the deeper searches.
const long = "ACCORD_EXPLORE_LONG"

func TestProtocol_keepsItsPromises(t *testing.T) {
	t.Parallel()
	scenarios := explore.Scenarios()
	if os.Getenv(long) != "" {
		scenarios = append(scenarios, explore.LongScenarios()...)
	}
	for _, sc := range scenarios {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			r := explore.Explore(sc, explore.Correct)
			require.Empty(t, r.Violation, r.String())
			require.Equal(t, sc.Depth == 0, r.Whole())
			require.Positive(t, r.Ends, "no run comes to an end")
			for _, e := range sc.Meets {
				require.True(t, r.Met(e), "the search did not meet %s", e)
			}
			t.Logf("%s in %v", r.String(), time.Since(begin).Round(time.Millisecond))
		})
	}
}

// A search that does not find what is wrong is itself broken.
func TestMutants_areFound(t *testing.T) {
	t.Parallel()
	table := []struct {
		mutant         explore.Mutant
		scenario, want string
	}{
		{explore.FenceOff, "conflict", "the log has a gap"},
		{explore.SignBeforeDurable, "conflict", "two checkpoints contradict each other"},
		{explore.ShowBeforeDurable, "conflict", "two checkpoints contradict each other"},
		{explore.AnswerBeforeDurable, "conflict", "an acknowledged entry is lost"},
		{explore.SignBeforeMemory, "restore", "two checkpoints contradict each other"},
		{explore.ShowBeforeMemory, "restore", "two checkpoints contradict each other"},
		{explore.GuardByValue, "guard", "an entry rests on another than its series' last"},
		{explore.LeafBeforeConflict, "conflict", "a leaf was hashed of other content"},
		{explore.DuplicateWithoutConcern, "conflict", "an entry has no body"},
		{explore.LocalSettle, "conflict", "a gateway refuses the log that it has signed"},
		{explore.SmallerMemory, "restore", "an acknowledged entry is lost"},
		{explore.PageToCheckpoint, "reading", "a page has a hole"},
		{explore.ViewBeforeOverlay, "reading", "a page has a hole"},
		{explore.RebuildInPlace, "rebuild", "a page has a hole"},
		{explore.RetryOtherContent, "sent twice", "an acknowledged entry is lost"},
		{explore.WinnerNotDropped, "sent twice", "an entry stands twice"},
		{explore.MarkBeforeMajority, "reading", "a page has a hole"},
		{explore.ReadOutsideSession, "reading", "a page has a hole"},
		{explore.SwitchTooEarly, "rebuild", "a page has a hole"},
		{explore.RestoreCheckedAlone, "restore", "an acknowledged entry is lost"},
		{explore.GivesUp, "conflict", "a client never gets an answer"},
	}
	var tried []explore.Mutant
	for _, test := range table {
		tried = append(tried, test.mutant)
		t.Run(test.mutant.String(), func(t *testing.T) {
			t.Parallel()
			r := explore.Explore(scenario(t, test.scenario), test.mutant)
			require.Equal(t, test.want, r.Violation)
			require.NotEmpty(t, r.Trace)
			t.Log(r.String())
		})
	}
	require.Equal(t, explore.Mutants(), tried, "every mutant is tried once")
}

// What a local read of the winner leads to needs no crash.
func TestMutants_localSettleLeavesAGap(t *testing.T) {
	t.Parallel()
	sc := scenario(t, "conflict")
	sc.Faults = map[explore.Fault]int{explore.Unknown: 1, explore.Rollback: 1}
	r := explore.Explore(sc, explore.LocalSettle)
	require.Equal(t, "the log has a gap", r.Violation)
}

// Two searches of one scenario find the same.
func TestExplore_isRepeatable(t *testing.T) {
	t.Parallel()
	sc := scenario(t, "guard")
	first, second := explore.Explore(sc, explore.Correct), explore.Explore(sc, explore.Correct)
	require.Equal(t, first.String(), second.String())
}

func scenario(t *testing.T, name string) explore.Scenario {
	t.Helper()
	all := explore.Scenarios()
	i := slices.IndexFunc(all, func(sc explore.Scenario) bool { return sc.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return all[i]
}

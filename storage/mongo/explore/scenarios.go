package explore

// commitFaults are those of the way of a batch, each once.
var commitFaults = map[Fault]int{Crash: 1, Unknown: 1, Late: 1, StaleRead: 1, EmptyRead: 1, Rollback: 1, Restore: 1}

// viewFaults are those that can meet a view.
var viewFaults = map[Fault]int{Crash: 1, Unknown: 1, StaleRead: 1, Rollback: 1, Paused: 1}

// allFaults are all that there are.
var allFaults = map[Fault]int{Crash: 1, Unknown: 1, Late: 1, StaleRead: 1, EmptyRead: 1, Rollback: 1, Restore: 1, Paused: 1}

// twice as many of those that can follow one another.
var moreFaults = map[Fault]int{Crash: 2, Unknown: 2, Late: 2, StaleRead: 1, EmptyRead: 2, Rollback: 2, Restore: 1}

// Drafts that several scenarios share. A standing draft is the prefix.
var (
	standing  = Draft{Series: 0, Value: 1}
	rivals    = []Draft{{0, 1, A}, {0, 2, B}}               // one series, two gateways
	three     = []Draft{{0, 1, A}, {0, 2, B}, {0, 1, C}}    // and three
	sameValue = []Draft{standing, {0, 1, A}, {0, 2, B}}     // a new entry, the old value
	sentTwice = []Draft{{0, 1, A | B}, {1, 2, A}}           // one content at two gateways
	oneMore   = []Draft{standing, {1, 1, A}}                // for views
	twoMore   = []Draft{{0, 1, A}, {1, 1, A}}               // two rows of one batch
	replayed  = []Draft{standing, {0, 1, A | B}, {1, 2, A}} // an old receipt beside new entries
)

// Scenarios are what the tests explore.
func Scenarios() []Scenario {
	return []Scenario{
		{Name: "conflict", Gateways: 2, Drafts: rivals, Faults: commitFaults, Total: 2,
			Meets: []Event{Replayed, Rejudged, FoundNothing, Adopted, Outrun, CameLate, ReadStale, RolledBack, RestoreRefused, RestoreServed}},
		{Name: "guard", Gateways: 2, Drafts: sameValue, Prefix: true, Faults: commitFaults, Total: 1, Meets: []Event{Rejudged, Outrun}},
		{Name: "sent twice", Gateways: 2, Drafts: sentTwice, Faults: commitFaults, Total: 1, Meets: []Event{Replayed, Adopted, Outrun}},
		{Name: "restore", Gateways: 2, Drafts: replayed, Prefix: true, Faults: map[Fault]int{Restore: 1, Crash: 1}, Total: 2,
			Meets: []Event{Replayed, RestoreRefused, RestoreServed}},
		{Name: "reading", Gateways: 2, Drafts: oneMore, Prefix: true, Faults: viewFaults, Total: 2, Views: true, Reads: 1,
			Meets: []Event{ReadStale, RolledBack, PageRead}},
		{Name: "reading, all faults", Gateways: 2, Drafts: oneMore, Prefix: true, Faults: allFaults, Total: 1, Views: true, Reads: 1,
			Meets: []Event{CameLate, ReadStale, RolledBack, RestoreServed, PageRead}},
		{Name: "rows of one batch", Gateways: 1, Drafts: twoMore, Faults: viewFaults, Total: 1, Views: true, Reads: 1,
			Meets: []Event{RolledBack, PageRead}},
		{Name: "conflict while reading", Gateways: 2, Drafts: rivals, Views: true, Reads: 1, Meets: []Event{Rejudged, Outrun, PageRead}},
		{Name: "rebuild", Gateways: 2, Drafts: oneMore, Prefix: true, Faults: map[Fault]int{Rebuild: 1, Crash: 1, Paused: 1}, Total: 1,
			Views: true, Swift: true, Reads: 1, Meets: []Event{Switched, PageRead}},
		{Name: "three gateways, no faults", Gateways: 3, Drafts: three, Meets: []Event{Rejudged, FoundNothing, Outrun}},
		{Name: "three gateways, 16 steps", Gateways: 3, Drafts: three, Faults: commitFaults, Total: 1, Depth: 16,
			Meets: []Event{Outrun, CameLate, RolledBack}},
	}
}

// LongScenarios are explored before a release.
func LongScenarios() []Scenario {
	return []Scenario{
		{Name: "conflict, three faults", Gateways: 2, Drafts: rivals, Faults: moreFaults, Total: 3},
		{Name: "guard, two faults", Gateways: 2, Drafts: sameValue, Prefix: true, Faults: moreFaults, Total: 2},
		{Name: "sent twice, two faults", Gateways: 2, Drafts: sentTwice, Faults: moreFaults, Total: 2},
		{Name: "conflict while reading, one fault", Gateways: 2, Drafts: rivals, Faults: allFaults, Total: 1, Views: true, Reads: 1},
		{Name: "rows of one batch, two gateways", Gateways: 2, Drafts: twoMore, Faults: viewFaults, Total: 1, Views: true, Reads: 1},
		{Name: "rebuild with a slow majority", Gateways: 2, Drafts: oneMore, Prefix: true,
			Faults: map[Fault]int{Rebuild: 1, Crash: 1, Paused: 1, StaleRead: 1}, Total: 1, Views: true, Reads: 1},
		{Name: "three gateways, 26 steps", Gateways: 3, Drafts: three, Faults: commitFaults, Total: 1, Depth: 26},
		{Name: "three gateways, two faults, 20 steps", Gateways: 3, Drafts: three, Faults: commitFaults, Total: 2, Depth: 20},
	}
}

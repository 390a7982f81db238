package explore

// Event is something that a search meets.
type Event uint8

const (
	Replayed       Event = iota // a draft was answered with another's receipt
	Rejudged                    // a guard failed
	FoundNothing                // a duplicate whose winner the majority does not have
	Adopted                     // a duplicate that was one's own
	Outrun                      // another's batch has the number
	CameLate                    // a late request took its number
	ReadStale                   // a stale primary was read
	RolledBack                  // something was lost that the majority did not have
	RestoreRefused              // nobody serves a restored backup
	RestoreServed               // a restored backup had all that was signed
	Switched                    // a gateway reads a new view
	PageRead                    // a page was read to its end
	events
)

var eventNames = [...]string{"a replay", "a guard that failed", "a winner not found", "an adoption", "a lost number",
	"a late request", "a stale read", "a rollback", "a restore refused", "a restore served", "a switched view", "a page"}

func (e Event) String() string { return eventNames[e] }

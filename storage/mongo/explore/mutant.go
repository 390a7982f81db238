package explore

// Mutant is a protocol with one fault of its own. The explorer must find what
// each breaks; [Correct] is the protocol of the archive.
type Mutant uint8

const (
	Correct Mutant = iota
	// FenceOff takes the next free number that the primary shows, instead of the
	// one after what was applied by majority reads.
	FenceOff
	SignBeforeDurable
	ShowBeforeDurable
	AnswerBeforeDurable
	SignBeforeMemory
	ShowBeforeMemory
	// GuardByValue lets an entry pass whose series has the same value as when
	// it was judged, though by another entry.
	GuardByValue
	// LeafBeforeConflict keeps the leaf of the first attempt.
	LeafBeforeConflict
	// DuplicateWithoutConcern takes bodies that are there for durable.
	DuplicateWithoutConcern
	// LocalSettle reads the winner as the primary has it.
	LocalSettle
	// SmallerMemory notes the checkpoint that is signed, also an older one.
	SmallerMemory
	// PageToCheckpoint reads the view up to the newest checkpoint.
	PageToCheckpoint
	// ViewBeforeOverlay pins the overlay after the view was read.
	ViewBeforeOverlay
	// RebuildInPlace empties the view that is read and fills it again.
	RebuildInPlace
	// RetryOtherContent adds what has come meanwhile to a batch whose outcome is
	// unknown.
	RetryOtherContent
	// WinnerNotDropped sends again what the winner has logged already.
	WinnerNotDropped
	// MarkBeforeMajority raises a watermark over rows that only the primary has.
	MarkBeforeMajority
	// ReadOutsideSession reads the view from a primary that is older than what
	// the overlay was cut by.
	ReadOutsideSession
	// SwitchTooEarly reads a new generation before it has reached the overlay.
	SwitchTooEarly
	// RestoreCheckedAlone lets a gateway serve a restored backup that contains
	// its own memory, though not that of another gateway.
	RestoreCheckedAlone
	// GivesUp sends nothing again whose outcome is unknown.
	GivesUp
	mutants
)

var mutantNames = [...]string{"correct", "fence off", "sign before durable", "show before durable", "answer before durable",
	"sign before memory", "show before memory", "guard by value", "leaf before conflict", "duplicate without write concern",
	"settled by a local read", "smaller memory", "page to the checkpoint", "view before overlay", "rebuild in place",
	"retry with other content", "winner not dropped", "watermark before majority", "read outside the session",
	"switch too early", "restore checked alone", "gives up"}

// Mutants returns all of them.
func Mutants() (all []Mutant) {
	for m := Correct + 1; m < mutants; m++ {
		all = append(all, m)
	}
	return all
}

func (m Mutant) String() string { return mutantNames[m] }

// act is one of the acts that make a batch public, in the order of which the
// safety of the log lies.
type act uint8

const (
	durable act = iota
	note
	sign
	show
	answer
)

// acts returns the order of acts for a batch of one's own.
func (m Mutant) acts() [5]act {
	switch m {
	case SignBeforeDurable:
		return [...]act{sign, durable, note, show, answer}
	case ShowBeforeDurable:
		return [...]act{show, durable, note, sign, answer}
	case AnswerBeforeDurable:
		return [...]act{answer, durable, note, sign, show}
	case SignBeforeMemory:
		return [...]act{durable, sign, note, show, answer}
	case ShowBeforeMemory:
		return [...]act{durable, show, note, sign, answer}
	default:
		return [...]act{durable, note, sign, show, answer}
	}
}

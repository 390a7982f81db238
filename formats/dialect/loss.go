package dialect

import "fmt"

// Severity says how much a loss matters.
type Severity string

// The severities of losses, the least first.
const (
	Info    Severity = "info"    // nothing that the document says
	Warning Severity = "warning" // said otherwise, or in a field of another meaning
	Error   Severity = "error"   // not said any more
)

// rank orders the severities; 0 is none of them.
func (s Severity) rank() int {
	switch s {
	case Info:
		return 1
	case Warning:
		return 2
	case Error:
		return 3
	default:
		return 0
	}
}

// Valid reports whether s is one of the severities.
func (s Severity) Valid() bool { return s.rank() > 0 }

// Above reports whether s matters more than limit.
func (s Severity) Above(limit Severity) bool { return s.rank() > limit.rank() }

// Loss is one piece of a document that a conversion cannot carry as it is.
type Loss struct {
	Path     string   `json:"path"` // in the source: JSON Pointer or element path
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Source   string   `json:"source"` // format
	Target   string   `json:"target"` // format
}

// The codes of losses.
const (
	Comment     = "comment"     // a comment or processing instruction
	Whitespace  = "whitespace"  // white space that separates
	Dropped     = "dropped"     // the target has no field for it
	Residual    = "residual"    // a piece of a third dialect that only that can show again
	Language    = "language"    // a text in a further language
	Cardinality = "cardinality" // the target has room for fewer of them
	Narrowed    = "narrowed"    // the target has fewer words: the nearest was taken
	Precision   = "precision"   // a number or time in fewer digits, or another lexical form
	Assumed     = "assumed"     // the source left it open: read as its specification says
	Moved       = "moved"       // said in a field of another meaning
	Proof       = "proof"       // a signature of the source, which no conversion carries
)

// Losses collects the losses of one conversion.
type Losses struct {
	Source, Target string
	List           []Loss
}

// Add notes a loss at a place in the source.
func (l *Losses) Add(severity Severity, code, path string) {
	l.List = append(l.List, Loss{path, code, severity, l.Source, l.Target})
}

// Addf is Add with a path that is put together.
func (l *Losses) Addf(severity Severity, code, format string, args ...any) {
	l.Add(severity, code, fmt.Sprintf(format, args...))
}

// Worst returns the highest severity among losses, and "" if there are none.
func Worst(losses []Loss) (worst Severity) {
	for _, l := range losses {
		if l.Severity.Above(worst) {
			worst = l.Severity
		}
	}
	return worst
}

// Above returns the losses that matter more than limit, in their order.
func Above(losses []Loss, limit Severity) (over []Loss) {
	for _, l := range losses {
		if l.Severity.Above(limit) {
			over = append(over, l)
		}
	}
	return over
}

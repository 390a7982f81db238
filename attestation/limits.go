package attestation

// Limits of what a document may hold, in characters. They keep a value on one
// screen and one index entry; the body's limit of 1 MiB does the rest.
const (
	MaxToken     = 128    // identifiers of systems and schemes, roles, media types
	MaxLine      = 1_000  // a value of one line
	MaxText      = 20_000 // a text that may have several lines
	MaxURL       = 2_000
	MaxLanguages = 100 // each text is held against each mandatory language
	MaxFindings  = 500 // after so many a document is not worth reading on
)

// MaxItems bounds each list; a JSON text may not have more members at all
// (reliability.md), and what came as XML must be presentable as JSON.
const MaxItems = 10_000

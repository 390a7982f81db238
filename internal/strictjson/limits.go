package strictjson

// Limits bound one JSON text. A limit of zero is no limit.
type Limits struct {
	Depth   int // objects and arrays inside each other
	Members int // members and elements in all of the text
	Bytes   int // octets of the text
}

// DefaultLimits returns the limits for whatever comes from outside: a document
// of conformity assessment nests less than 20 deep, and the longest list seen
// (the measured values of a calibration) has some thousand elements. The size is
// that of a request body.
func DefaultLimits() Limits { return Limits{Depth: 64, Members: 10_000, Bytes: 1 << 20} }

// noLimits is for octets that we wrote ourselves; jsontext itself stops at a
// depth of 10,000.
func noLimits() Limits { return Limits{} }

package xmldoc

// Limits bound what the gate reads. A limit of 0 means the default.
type Limits struct {
	Depth int // open elements
	Nodes int // elements, attributes, namespace declarations, texts, comments, instructions
	Bytes int // size of the document

	// FixedPrefixes refuses a prefix that is bound again to another
	// namespace inside its own scope. That is legal XML and some signed
	// documents of others do it; our own dialect has no use for it but to
	// mislead a reader.
	FixedPrefixes bool
}

const (
	// MaxDepth is the default limit of open elements: real certificates reach
	// 20; a deeper document is an attack on recursive readers behind the gate.
	MaxDepth = 64
	// MaxNodes is the default limit of nodes: a calibration certificate has
	// 10,000.
	MaxNodes = 100_000
	// MaxBytes is the default size limit, that of a request body.
	MaxBytes = 1 << 20
	// maxBindings bounds the namespace declarations in scope, since each name
	// is looked up among them; real documents have fewer than 20.
	maxBindings = 256
	// maxAttributes bounds the attributes of one element, since each is
	// compared with each; real documents have fewer than 20.
	maxAttributes = 256
)

// DefaultLimits returns the limits for documents of any vocabulary.
func DefaultLimits() Limits {
	return Limits{Depth: MaxDepth, Nodes: MaxNodes, Bytes: MaxBytes}
}

// OwnLimits returns the limits for documents of our own dialect.
func OwnLimits() Limits {
	l := DefaultLimits()
	l.FixedPrefixes = true
	return l
}

func (l Limits) orDefault() Limits {
	if l.Depth <= 0 {
		l.Depth = MaxDepth
	}
	if l.Nodes <= 0 {
		l.Nodes = MaxNodes
	}
	if l.Bytes <= 0 {
		l.Bytes = MaxBytes
	}
	return l
}

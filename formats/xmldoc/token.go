package xmldoc

// Kind says what a token is.
type Kind uint8

// The kinds of tokens. An empty-element tag gives StartElement and EndElement.
const (
	// None is the kind before the first call of Next and after an error.
	None Kind = iota
	// StartElement has a Name, Attrs and NS.
	StartElement
	// EndElement has the Name of the element it closes.
	EndElement
	// Text is character data with references resolved and line ends
	// normalised.
	Text
	// CData is the content of a CDATA section, which may be empty.
	CData
	// Comment has its content as Text.
	Comment
	// PI has its target as Name().Local and its data as Text.
	PI
	// EOF follows the root element and what may stand behind it.
	EOF
)

// String returns the name of the kind for messages.
func (k Kind) String() string {
	switch k {
	case None:
		return "none"
	case StartElement:
		return "start tag"
	case EndElement:
		return "end tag"
	case Text:
		return "text"
	case CData:
		return "CDATA section"
	case Comment:
		return "comment"
	case PI:
		return "processing instruction"
	case EOF:
		return "end of document"
	default:
		return "unknown token"
	}
}

// Name is a qualified name: as written (Prefix, Local) and as meant (Space).
// Compare Space and Local; the prefix is only kept to write the name again.
type Name struct {
	Prefix string // as written, "" for none
	Local  string
	Space  string // namespace URI, "" for none
}

// Is reports whether the expanded name is the given one.
func (n Name) Is(space, local string) bool { return n.Local == local && n.Space == space }

// String returns the name as written.
func (n Name) String() string {
	if n.Prefix == "" {
		return n.Local
	}
	return n.Prefix + ":" + n.Local
}

// Attr is an attribute that is not a namespace declaration. Value is
// normalised as XML 1.0, section 3.3.3 says of CDATA attributes.
type Attr struct {
	Name  Name
	Value string
}

// Binding is a namespace declaration; Prefix is "" for the default namespace,
// URI is "" where the default namespace is undone.
type Binding struct {
	Prefix string
	URI    string
}

// The two namespaces that are bound from the start.
const (
	// XMLSpace is the namespace of the prefix xml.
	XMLSpace = "http://www.w3.org/XML/1998/namespace"
	// XMLNSSpace is the namespace of the prefix xmlns, which no document may
	// bind.
	XMLNSSpace = "http://www.w3.org/2000/xmlns/"
)

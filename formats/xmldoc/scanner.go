package xmldoc

import (
	"unsafe"

	"accord/internal/fault"
)

// Scanner reads a document token by token. It is the gate: when Next has
// returned EOF, the document was well-formed, namespace-well-formed and within
// the limits. An error is final, and is a *fault.Error with an xml.* code.
//
// Strings it gives out point into src or into memory of their own and stay
// valid as long as src is not changed; slices are reused by the next call of
// Next. A Scanner is for one goroutine.
type Scanner struct {
	src   []byte
	lim   Limits
	pos   int // next byte to read
	start int // first byte of the current token
	kind  Kind
	err   error

	name  Name
	attrs []Attr
	text  string
	blank bool
	decl  string // content of the XML declaration, "" without one

	open     []frame
	bindings []Binding // in scope, innermost last; "xml" is not among them
	declared int       // bindings[declared:] stand in the current start tag
	nodes    int
	begun    bool // prolog read
	rooted   bool // root element seen
	closing  bool // the start tag just returned was an empty-element tag

	arena []byte // holds resolved text; append-only, since strings point into it
	ids   map[string]struct{}
	loc   *locator
	inner bool // belongs to a locator and has no use for places
}

// frame is an open element.
type frame struct {
	name Name
	raw  string // the name as written, to compare with the end tag
	mark int    // number of bindings in scope outside the element
}

// NewScanner returns a scanner of src, which must not be changed while the
// scanner or its strings are in use.
func NewScanner(src []byte, lim Limits) *Scanner {
	s := &Scanner{}
	s.Reset(src, lim)
	return s
}

// Reset makes s a scanner of src, keeping what memory it safely can. Strings
// given out before stay valid.
func (s *Scanner) Reset(src []byte, lim Limits) {
	clear(s.ids)
	*s = Scanner{
		src: src, lim: lim.orDefault(),
		attrs: s.attrs[:0], open: s.open[:0], bindings: s.bindings[:0],
		ids: s.ids,
	}
}

// Next reads the next token and returns its kind. After EOF it returns EOF,
// after an error the same error.
func (s *Scanner) Next() (Kind, error) {
	if s.err != nil {
		return None, s.err
	}
	s.attrs, s.declared = s.attrs[:0], len(s.bindings)
	if s.closing {
		s.closing = false
		s.start = s.pos - len("/>")
		return s.leave(), nil
	}
	if !s.begun {
		s.begun = true
		if err := s.prolog(); err != nil {
			return s.stop(err)
		}
	}
	kind, err := s.token()
	if err != nil {
		return s.stop(err)
	}
	s.kind = kind
	return kind, nil
}

func (s *Scanner) stop(err *fault.Error) (Kind, error) {
	s.kind, s.err = None, err
	return None, err
}

// token reads one token behind the prolog.
func (s *Scanner) token() (Kind, *fault.Error) {
	if len(s.open) == 0 {
		if done, err := s.outside(); done || err != nil {
			return EOF, err
		}
	}
	s.start = s.pos
	if s.pos >= len(s.src) {
		return None, s.fail(fault.XMLSyntax, s.pos, "document ends inside element "+quote(s.open[len(s.open)-1].raw))
	}
	if s.src[s.pos] != '<' {
		return s.charData()
	}
	if s.pos+1 >= len(s.src) {
		return None, s.fail(fault.XMLSyntax, s.pos, "document ends inside a tag")
	}
	switch s.src[s.pos+1] {
	case '/':
		return s.endTag()
	case '!':
		return s.bang()
	case '?':
		return s.instruction()
	default:
		return s.startTag()
	}
}

// outside skips white space before and behind the root element and reports
// whether the document is over.
func (s *Scanner) outside() (done bool, err *fault.Error) {
	s.skipSpace()
	s.start = s.pos
	if s.pos >= len(s.src) {
		if !s.rooted {
			return false, s.fail(fault.XMLEmpty, s.pos, "no root element")
		}
		return true, nil
	}
	markup := s.src[s.pos] == '<'
	if s.rooted && (!markup || s.isStartTag()) {
		return false, s.fail(fault.XMLTrailingData, s.pos, "content after the root element")
	}
	if !markup {
		return false, s.fail(fault.XMLSyntax, s.pos, "text before the root element")
	}
	return false, nil
}

// isStartTag reports whether the markup at pos is a tag, not a comment, an
// instruction or a directive.
func (s *Scanner) isStartTag() bool {
	return s.pos+1 >= len(s.src) || (s.src[s.pos+1] != '!' && s.src[s.pos+1] != '?')
}

// count books one node.
func (s *Scanner) count() *fault.Error {
	if s.nodes++; s.nodes > s.lim.Nodes {
		return s.failf(fault.XMLTooManyNodes, s.start, "more than %d nodes", s.lim.Nodes)
	}
	return nil
}

func (s *Scanner) skipSpace() {
	for s.pos < len(s.src) && class[s.src[s.pos]]&isSpace != 0 {
		s.pos++
	}
}

// Kind returns the kind of the current token.
func (s *Scanner) Kind() Kind { return s.kind }

// Name returns the name of the current tag, or the target of the current
// processing instruction.
func (s *Scanner) Name() Name { return s.name }

// Attrs returns the attributes of the current start tag in document order,
// without namespace declarations. The slice is reused by Next.
func (s *Scanner) Attrs() []Attr { return s.attrs }

// NS returns the namespace declarations of the current start tag in document
// order. The slice is reused by Next.
func (s *Scanner) NS() []Binding { return s.bindings[s.declared:] }

// Text returns the text of the current token, references resolved.
func (s *Scanner) Text() string { return s.text }

// Blank reports whether the current text is only white space as written; a
// character reference to white space does not count as such.
func (s *Scanner) Blank() bool { return s.blank }

// Depth returns the number of open elements, the one of the current start tag
// included, that of the current end tag not.
func (s *Scanner) Depth() int { return len(s.open) }

// Offset returns the offset in src of the first byte of the current token.
func (s *Scanner) Offset() int { return s.start }

// InputOffset returns the offset in src behind the current token.
func (s *Scanner) InputOffset() int { return s.pos }

// Declaration returns what stands between "<?xml" and "?>", trimmed, and ""
// without a declaration.
func (s *Scanner) Declaration() string { return s.decl }

// Lookup returns the namespace that is bound to prefix at the current token,
// for qualified names in content. The default namespace is that of "".
func (s *Scanner) Lookup(prefix string) (uri string, ok bool) {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].Prefix == prefix {
			return s.bindings[i].URI, true
		}
	}
	if prefix == "xml" {
		return XMLSpace, true
	}
	return "", prefix == ""
}

// view returns src[from:to] as a string without copying.
func (s *Scanner) view(from, to int) string {
	if from == to {
		return ""
	}
	return unsafe.String(&s.src[from], to-from)
}

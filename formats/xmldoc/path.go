package xmldoc

import (
	"strconv"
	"strings"
)

// Path returns the place of the current token as an element path such as
// /at:Attestation/at:Party[2]/at:Name, with names as written; a step without a
// number is the first of its name. At a start or end tag it is the path of that
// element, elsewhere that of the element around. It is made to be called for
// findings, not for each token: all calls together cost about one more reading
// of the document.
func (s *Scanner) Path() string { return s.path(s.kind == StartElement && s.err == nil) }

// path is Path with the element of a start tag at the current offset counted
// in or not.
func (s *Scanner) path(inclusive bool) string {
	if s.loc == nil {
		inner := NewScanner(s.src, s.lim)
		inner.inner = true
		s.loc = &locator{in: inner, counts: []map[string]int{{}}}
	}
	s.loc.advance(s.start, inclusive)
	return strings.Join(s.loc.steps, "")
}

// locator follows a scanner and counts siblings, which the scanner itself has
// no time for.
type locator struct {
	in     *Scanner
	steps  []string         // "/name[n]" of the open elements
	counts []map[string]int // children by name, of the document and each open element
	held   bool             // the token of in is not booked yet
	done   bool
}

// advance books the tokens that start before the offset, and at it if
// inclusive.
func (l *locator) advance(offset int, inclusive bool) {
	for !l.done {
		if !l.held {
			kind, err := l.in.Next()
			if err != nil || kind == EOF {
				l.done = true
				return
			}
			l.held = true
		}
		if l.in.start > offset || l.in.start == offset && !inclusive {
			return
		}
		l.held = false
		l.book()
	}
}

func (l *locator) book() {
	switch l.in.kind {
	case StartElement:
		name := l.in.name.String()
		siblings := l.counts[len(l.counts)-1]
		siblings[name]++
		step := "/" + clip(name)
		if n := siblings[name]; n > 1 {
			step += "[" + strconv.Itoa(n) + "]"
		}
		l.steps = append(l.steps, step)
		l.counts = append(l.counts, map[string]int{})
	case EndElement:
		l.steps = l.steps[:len(l.steps)-1]
		l.counts = l.counts[:len(l.counts)-1]
	default:
		// Nothing else opens or closes an element.
	}
}

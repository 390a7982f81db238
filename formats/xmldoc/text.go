package xmldoc

import (
	"bytes"
	"unicode/utf8"
	"unsafe"

	"accord/internal/fault"
)

// charData reads text up to the next markup (production 14).
func (s *Scanner) charData() (Kind, *fault.Error) {
	if err := s.count(); err != nil {
		return None, err
	}
	from, i, resolve := s.pos, s.pos, false
	for i < len(s.src) && class[s.src[i]]&(isSpace|stopsText) == isSpace {
		i++
	}
	s.blank = i == len(s.src) || s.src[i] == '<'
scan:
	for ; i < len(s.src); i++ {
		c := s.src[i]
		if class[c]&stopsText == 0 {
			continue
		}
		switch c {
		case '<':
			break scan
		case ']':
			if bytes.HasPrefix(s.src[i:], []byte("]]>")) {
				return None, s.fail(fault.XMLSyntax, i, "']]>' may stand only at the end of a CDATA section")
			}
		case '&', '\r':
			resolve = true
		default:
			return None, s.forbidden(i)
		}
	}
	s.pos = i
	if !resolve {
		s.text = s.view(from, i)
		return Text, nil
	}
	s.blank = len(bytes.Trim(s.src[from:i], " \t\r\n")) == 0
	text, err := s.resolve(from, i, false)
	s.text = text
	return Text, err
}

// bang reads what starts with "<!": a comment, a CDATA section, or a directive,
// which is refused.
func (s *Scanner) bang() (Kind, *fault.Error) {
	rest := s.src[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.cdata()
	case bytes.HasPrefix([]byte("<!--"), rest), bytes.HasPrefix([]byte("<![CDATA["), rest):
		return None, s.fail(fault.XMLSyntax, s.start, "document ends inside markup")
	case len(rest) > 2 && class[rest[2]]&isNameStart != 0:
		return None, s.fail(fault.XMLDoctypeForbidden, s.start, "a document type declaration or another directive is never accepted")
	default:
		return None, s.fail(fault.XMLSyntax, s.start, "neither a comment nor a CDATA section")
	}
}

// comment reads a comment (production 15).
func (s *Scanner) comment() (Kind, *fault.Error) {
	if err := s.count(); err != nil {
		return None, err
	}
	from := s.pos + len("<!--")
	end := bytes.Index(s.src[from:], []byte("--"))
	if end < 0 {
		return None, s.fail(fault.XMLSyntax, s.start, "document ends inside a comment")
	}
	end += from
	if end+2 >= len(s.src) || s.src[end+2] != '>' {
		return None, s.fail(fault.XMLSyntax, end, "'--' inside a comment")
	}
	text, err := s.plain(from, end)
	if err != nil {
		return None, err
	}
	s.text, s.pos = text, end+len("-->")
	return Comment, nil
}

// cdata reads a CDATA section (production 18).
func (s *Scanner) cdata() (Kind, *fault.Error) {
	if len(s.open) == 0 {
		return None, s.fail(fault.XMLSyntax, s.start, "CDATA section outside the root element")
	}
	if err := s.count(); err != nil {
		return None, err
	}
	from := s.pos + len("<![CDATA[")
	end := bytes.Index(s.src[from:], []byte("]]>"))
	if end < 0 {
		return None, s.fail(fault.XMLSyntax, s.start, "document ends inside a CDATA section")
	}
	end += from
	text, err := s.plain(from, end)
	if err != nil {
		return None, err
	}
	s.text, s.pos, s.blank = text, end+len("]]>"), false
	return CData, nil
}

// plain returns src[from:to], in which there are no references, with line ends
// normalised (section 2.11).
func (s *Scanner) plain(from, to int) (string, *fault.Error) {
	returns := false
	for i := from; i < to; i++ {
		switch c := class[s.src[i]]; {
		case c&isForbidden != 0:
			return "", s.forbidden(i)
		case s.src[i] == '\r':
			returns = true
		}
	}
	if !returns {
		return s.view(from, to), nil
	}
	base := s.room(to - from)
	for i := from; i < to; i++ {
		c := s.src[i]
		if c == '\r' {
			if i+1 < to && s.src[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		s.arena = append(s.arena, c)
	}
	return s.since(base), nil
}

// resolve returns src[from:to] with references replaced, and with line ends
// (section 2.11) or, in a value, white space (section 3.3.3) normalised.
func (s *Scanner) resolve(from, to int, value bool) (string, *fault.Error) {
	base := s.room(to - from)
	for i := from; i < to; i++ {
		c := s.src[i]
		switch {
		case c == '&':
			r, size, err := s.reference(i)
			if err != nil {
				return "", err
			}
			s.arena = utf8.AppendRune(s.arena, r)
			i += size - 1
			continue
		case c == '\r':
			if i+1 < to && s.src[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		if value && (c == '\n' || c == '\t') {
			c = ' '
		}
		s.arena = append(s.arena, c)
	}
	return s.since(base), nil
}

// room makes place for n bytes in the arena and returns where they will start.
// What is there stays where it is, since strings point to it.
func (s *Scanner) room(n int) int {
	const block = 1 << 10
	if cap(s.arena)-len(s.arena) < n {
		s.arena = make([]byte, 0, max(n, block))
	}
	return len(s.arena)
}

// since returns the arena from base as a string.
func (s *Scanner) since(base int) string {
	if base == len(s.arena) {
		return ""
	}
	return unsafe.String(&s.arena[base], len(s.arena)-base)
}

// reference reads the reference at offset i (productions 66, 68) and returns
// its character and its length in bytes. A reference is never shorter than the
// character it stands for, on which room relies.
func (s *Scanner) reference(i int) (rune, int, *fault.Error) {
	j := i + 1
	if j < len(s.src) && s.src[j] == '#' {
		return s.charRef(i)
	}
	for j < len(s.src) && class[s.src[j]]&isName != 0 {
		j++
	}
	if j == i+1 || j >= len(s.src) || s.src[j] != ';' || class[s.src[i+1]]&isNameStart == 0 {
		return 0, 0, s.fail(fault.XMLSyntax, i, "'&' must start a reference or be written as &amp;")
	}
	size := j + 1 - i
	switch s.view(i+1, j) {
	case "lt":
		return '<', size, nil
	case "gt":
		return '>', size, nil
	case "amp":
		return '&', size, nil
	case "apos":
		return '\'', size, nil
	case "quot":
		return '"', size, nil
	}
	return 0, 0, s.fail(fault.XMLUndefinedEntity, i, "only lt, gt, amp, apos and quot are defined, not "+quote(s.view(i+1, j)))
}

// charRef reads the character reference at offset i.
func (s *Scanner) charRef(i int) (rune, int, *fault.Error) {
	j, base := i+len("&#"), rune(10)
	if j < len(s.src) && s.src[j] == 'x' {
		j, base = j+1, 16
	}
	var r rune
	digits := j
	for ; j < len(s.src); j++ {
		d := digit(s.src[j])
		if d >= base {
			break
		}
		// Beyond Unicode more digits change nothing.
		r = min(r*base+d, utf8.MaxRune+1)
	}
	if j == digits || j >= len(s.src) || s.src[j] != ';' {
		return 0, 0, s.fail(fault.XMLSyntax, i, "malformed character reference")
	}
	// Well-formedness constraint "Legal Character".
	if !IsChar(r) {
		return 0, 0, s.fail(fault.XMLInvalidChar, i, "reference to a character that XML 1.0 does not allow")
	}
	return r, j + 1 - i, nil
}

func digit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	default:
		return 99
	}
}

// forbidden is the fault of the control character at offset i.
func (s *Scanner) forbidden(i int) *fault.Error {
	return s.failf(fault.XMLInvalidChar, i, "character %U is not allowed in XML 1.0", s.src[i])
}

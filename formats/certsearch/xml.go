package certsearch

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// The elements around the records. The names of the fields were read in a
// published source, these two were not.
const (
	rootElement   = "certifications"
	recordElement = "certification"
)

// xmlFile cuts the children of the root element out of a stream. Each is then a
// document of its own for the strict scanner, so the stream needs no more than
// to know where tags begin and end.
type xmlFile struct {
	src   *source
	buf   []byte
	large bool
	ended bool
}

// piece is what stands between two places of the markup.
type piece uint8

const (
	startTag piece = iota
	emptyTag
	endTag
	other // comment, instruction, CDATA section
)

func (x *xmlFile) octet() (byte, error) {
	c, err := x.src.octet()
	if err != nil {
		return 0, err
	}
	if len(x.buf) < MaxRecord {
		x.buf = append(x.buf, c)
	} else {
		x.large = true
	}
	return c, nil
}

// open reads as far as the start tag of the root.
func (x *xmlFile) open() error {
	for {
		kind, err := x.markup()
		if err != nil {
			return cutShort(err)
		}
		if x.large {
			return fault.New(fault.SchemaLength, "what stands before the first record is too large")
		}
		switch kind {
		case other:
			continue
		case emptyTag:
			x.ended = true
		case endTag:
			return fault.New(fault.XMLSyntax, "the file begins with an end tag")
		}
		return x.checkRoot(kind)
	}
}

// checkRoot lets the scanner read the prolog and the start tag of the root.
func (x *xmlFile) checkRoot(kind piece) error {
	src := append([]byte(nil), x.buf...)
	x.buf = x.buf[:0]
	if kind == startTag {
		src = append(src, "</"+rootElement+">"...)
	}
	s := xmldoc.NewScanner(src, xmldoc.Limits{Bytes: MaxRecord + 64})
	for {
		k, err := s.Next()
		switch {
		case err != nil:
			return err
		case k == xmldoc.EOF:
			return nil
		case k != xmldoc.StartElement:
		case s.Name().Local != rootElement || s.Name().Space != "":
			return fault.At(fault.SchemaUnknownField, s.Path(), "want the root element "+rootElement+" without a namespace")
		case len(s.Attrs())+len(s.NS()) > 0:
			return fault.At(fault.SchemaUnknownField, s.Path(), "the root element has neither attributes nor namespaces")
		}
	}
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.XMLSyntax, "the file ends before its root element does")
	}
	return err
}

// markup reads up to the end of the next tag, comment, instruction or section.
// Text before it is kept.
func (x *xmlFile) markup() (piece, error) {
	for {
		c, err := x.octet()
		if err != nil {
			return 0, err
		}
		if c == '<' {
			break
		}
	}
	c, err := x.octet()
	if err != nil {
		return 0, err
	}
	switch c {
	case '/':
		return endTag, x.until(">")
	case '?':
		return other, x.until("?>")
	case '!':
		return other, x.declaration()
	default:
		return x.tag(c)
	}
}

// until reads up to and with a mark.
func (x *xmlFile) until(mark string) error {
	last := make([]byte, 0, 8)
	for {
		c, err := x.octet()
		if err != nil {
			return err
		}
		if last = append(last, c); len(last) > len(mark) {
			last = last[:copy(last, last[1:])]
		}
		if string(last) == mark {
			return nil
		}
	}
}

// declaration reads what begins with "<!".
func (x *xmlFile) declaration() error {
	c, err := x.octet()
	switch {
	case err != nil:
		return err
	case c == '-':
		if c, err = x.octet(); err == nil && c != '-' {
			err = fault.New(fault.XMLSyntax, "a comment begins with <!--")
		}
		if err != nil {
			return err
		}
		return x.until("-->")
	case c == '[':
		return x.until("]]>")
	default:
		return fault.New(fault.XMLDoctypeForbidden, "a document type declaration is refused")
	}
}

// tag reads a start tag as far as its end; ">" may stand in a quoted value.
func (x *xmlFile) tag(c byte) (piece, error) {
	var quote, last byte
	for {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>' && last == '/':
			return emptyTag, nil
		case c == '>':
			return startTag, nil
		}
		last = c
		var err error
		if c, err = x.octet(); err != nil {
			return 0, err
		}
	}
}

// record reads the next child of the root.
func (x *xmlFile) record() (*Record, error) {
	if x.ended {
		return nil, x.rest()
	}
	depth, line := 0, 0
	x.buf, x.large = x.buf[:0], false
	for {
		kind, err := x.markup()
		if err != nil {
			return nil, cutShort(err)
		}
		if depth == 0 && line == 0 {
			if line = x.src.line; kind == endTag {
				return nil, x.end()
			}
			if kind == other { // a comment between records says nothing of them
				if strings.TrimSpace(string(x.buf[:max(0, strings.IndexByte(string(x.buf), '<'))])) != "" {
					return nil, fault.At(fault.XMLMixedContent, "/"+rootElement, "text stands between records")
				}
				x.buf, line = x.buf[:0], 0
				continue
			}
			if strings.TrimSpace(string(x.buf[:strings.IndexByte(string(x.buf), '<')])) != "" {
				return nil, fault.At(fault.XMLMixedContent, "/"+rootElement, "text stands between records")
			}
		}
		switch kind {
		case startTag:
			depth++
		case endTag:
			depth--
		}
		if depth == 0 && kind != other {
			return x.parse(line), nil
		}
	}
}

// end checks the end tag of the root.
func (x *xmlFile) end() error {
	x.ended = true
	text := strings.Fields(strings.TrimSpace(string(x.buf)))
	if strings.Join(text, " ") != "</"+rootElement+">" && strings.Join(text, "") != "</"+rootElement+">" {
		return fault.New(fault.XMLSyntax, "want the end tag of "+rootElement)
	}
	return x.rest()
}

// rest: after the root only comments and white space stand.
func (x *xmlFile) rest() error {
	x.buf, x.large = x.buf[:0], false
	for {
		kind, err := x.markup()
		switch {
		case errors.Is(err, io.EOF) && strings.TrimSpace(string(x.buf)) == "":
			return io.EOF
		case errors.Is(err, io.EOF), err == nil && kind != other:
			return fault.New(fault.XMLTrailingData, "something stands after the root element")
		case err != nil:
			return err
		}
		x.buf = x.buf[:0]
	}
}

// parse lets the scanner read one record.
func (x *xmlFile) parse(line int) *Record {
	rec := &Record{Line: line}
	if x.large {
		rec.fail(fault.SchemaLength, "/"+recordElement, fmt.Sprintf("the record is larger than %d octets", MaxRecord))
		return rec
	}
	// Values are substrings of what is scanned, so it must not be used again.
	s := xmldoc.NewScanner([]byte(strings.TrimLeft(string(x.buf), " \t\r\n")), xmldoc.Limits{})
	p := xmlRecord{rec: rec, s: s}
	if err := p.read(); err != nil {
		rec.findings = append(rec.findings, fault.All(err)...)
	}
	return rec
}

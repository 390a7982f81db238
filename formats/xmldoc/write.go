package xmldoc

import (
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// Serialise writes the document so that reading it gives the same tree, and
// canonical XML of both is the same. etree's own writer does not: it writes
// U+FFFD for what XML cannot carry, and carriage returns bare. A tree that does
// not pass the gate is refused with the error of the gate.
func (d *Document) Serialise() ([]byte, error) {
	var out []byte
	for _, t := range d.Tree.Child {
		if text, ok := t.(*etree.CharData); ok {
			if strings.Trim(text.Data, " \t\r\n") == "" {
				continue
			}
		}
		out = append(appendToken(out, t), '\n')
	}
	if err := Check(out, Limits{Bytes: len(out), Nodes: len(out), Depth: len(out)}); err != nil {
		return nil, fmt.Errorf("serialise a tree: %w", err)
	}
	return out, nil
}

// Check reads a whole document through the gate.
func Check(src []byte, lim Limits) error {
	s := NewScanner(src, lim)
	for {
		if kind, err := s.Next(); err != nil || kind == EOF {
			return err
		}
	}
}

// appendToken writes one token of a tree. A token of an unknown kind cannot
// come from Parse and is left out.
func appendToken(dst []byte, t etree.Token) []byte {
	switch t := t.(type) {
	case *etree.Element:
		return appendElement(dst, t)
	case *etree.CharData:
		return AppendText(dst, t.Data)
	case *etree.Comment:
		dst = append(dst, "<!--"...)
		dst = append(dst, t.Data...)
		return append(dst, "-->"...)
	case *etree.ProcInst:
		return AppendPI(dst, t.Target, t.Inst)
	case *etree.Directive:
		dst = append(dst, "<!"...) // for the gate to refuse
		dst = append(dst, t.Data...)
		return append(dst, '>')
	default:
		return dst
	}
}

func appendElement(dst []byte, e *etree.Element) []byte {
	name := e.FullTag()
	dst = append(append(dst, '<'), name...)
	for i := range e.Attr {
		dst = AppendAttr(dst, e.Attr[i].FullKey(), e.Attr[i].Value)
	}
	if len(e.Child) == 0 {
		return append(dst, "/>"...)
	}
	dst = append(dst, '>')
	for _, child := range e.Child {
		dst = appendToken(dst, child)
	}
	dst = append(append(dst, "</"...), name...)
	return append(dst, '>')
}

// AppendAttr writes a space, the name as given, and the value, escaped.
func AppendAttr(dst []byte, name, value string) []byte {
	dst = append(append(dst, ' '), name...)
	dst = append(dst, '=', '"')
	return append(AppendValue(dst, value), '"')
}

// AppendText writes character data, escaped as in canonical XML so that a
// reader gets the same characters back.
func AppendText(dst []byte, s string) []byte { return appendEscaped(dst, s, textEscapes) }

// AppendValue writes the value of an attribute, to stand in double quotes,
// escaped as in canonical XML.
func AppendValue(dst []byte, s string) []byte { return appendEscaped(dst, s, valueEscapes) }

// AppendPI writes a processing instruction.
func AppendPI(dst []byte, target, data string) []byte {
	dst = append(append(dst, "<?"...), target...)
	if data != "" {
		dst = append(append(dst, ' '), data...)
	}
	return append(dst, "?>"...)
}

// The escapes of Canonical XML 1.1, section 2.3; they are never changed. In
// text a tab or a line feed stands for itself, in a value it would be read as
// a space.
var (
	textEscapes  = escapes("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	valueEscapes = escapes("&", "&amp;", "<", "&lt;", "\"", "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
)

func escapes(pairs ...string) *[256]string {
	var t [256]string
	for i := 0; i < len(pairs); i += 2 {
		t[pairs[i][0]] = pairs[i+1]
	}
	return &t
}

func appendEscaped(dst []byte, s string, t *[256]string) []byte {
	from := 0
	for i := range len(s) {
		if t[s[i]] == "" {
			continue
		}
		dst = append(append(dst, s[from:i]...), t[s[i]]...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}

package xmldoc

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"accord/internal/fault"
)

// foreignStarts are the first bytes of XML in other encodings (XML 1.0,
// appendix F.1): UTF-32, UTF-16, EBCDIC.
var foreignStarts = []string{
	"\x00\x00", "\xFE\xFF", "\xFF\xFE", "\x00<", "<\x00", "\x4C\x6F\xA7\x94",
}

// byteOrderMark may stand before UTF-8; it is not part of the document.
const byteOrderMark = "\xEF\xBB\xBF"

// prolog holds the document as a whole against size, encoding and characters,
// and reads the XML declaration.
func (s *Scanner) prolog() *fault.Error {
	if len(s.src) > s.lim.Bytes {
		return fault.Newf(fault.HTTPBodyTooLarge, "more than %d bytes", s.lim.Bytes)
	}
	for _, start := range foreignStarts {
		if bytes.HasPrefix(s.src, []byte(start)) {
			return s.fail(fault.XMLEncodingForbidden, 0, "only UTF-8 is accepted")
		}
	}
	if bytes.HasPrefix(s.src, []byte(byteOrderMark)) {
		s.pos = len(byteOrderMark)
	}
	// The declaration comes first: who announces another encoding shall
	// learn that, not that the bytes are no UTF-8.
	if err := s.declaration(); err != nil {
		return err
	}
	if !utf8.Valid(s.src) {
		return s.fail(fault.XMLInvalidUTF8, invalidAt(s.src), "not UTF-8")
	}
	return s.nonCharacters()
}

// invalidAt returns the offset of the first byte that is not UTF-8.
func invalidAt(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// nonCharacters refuses U+FFFE and U+FFFF, the only forbidden characters
// (production 2) that are valid UTF-8 of more than one byte.
func (s *Scanner) nonCharacters() *fault.Error {
	lead := []byte{0xEF, 0xBF}
	for i := 0; ; i += len(lead) {
		next := bytes.Index(s.src[i:], lead)
		if next < 0 {
			return nil
		}
		i += next
		if s.src[i+2] >= 0xBE {
			return s.failf(fault.XMLInvalidChar, i, "character U+FF%X is not allowed in XML 1.0", 0xC0+int(s.src[i+2]&0x3F))
		}
	}
}

// declaration reads the XML declaration (production 23), when there is one.
func (s *Scanner) declaration() *fault.Error {
	rest := s.src[s.pos:]
	if !bytes.HasPrefix(rest, []byte("<?xml")) {
		return nil
	}
	if len(rest) > 5 && class[rest[5]]&isName != 0 {
		return nil // a processing instruction whose target starts with xml
	}
	end := bytes.Index(rest, []byte("?>"))
	if end < 0 {
		return s.fail(fault.XMLSyntax, s.pos, "document ends inside the XML declaration")
	}
	d := declReader{rest: string(rest[len("<?xml"):end])}
	version, ok := d.take("version")
	switch {
	case !ok:
		return s.fail(fault.XMLSyntax, s.pos, "malformed XML declaration")
	case version != "1.0":
		return s.fail(fault.XMLVersionForbidden, s.pos, "only XML 1.0 is accepted")
	}
	if encoding, ok := d.take("encoding"); ok && !strings.EqualFold(encoding, "UTF-8") {
		return s.fail(fault.XMLEncodingForbidden, s.pos, "only UTF-8 is accepted")
	}
	if alone, ok := d.take("standalone"); ok && alone != "yes" && alone != "no" {
		return s.fail(fault.XMLSyntax, s.pos, "standalone must be yes or no")
	}
	if strings.Trim(d.rest, " \t\r\n") != "" {
		return s.fail(fault.XMLSyntax, s.pos, "malformed XML declaration")
	}
	s.decl = strings.Trim(string(rest[len("<?xml"):end]), " \t\r\n")
	s.pos += end + len("?>")
	return nil
}

// declReader takes the pseudo-attributes of an XML declaration one by one.
type declReader struct{ rest string }

// take returns the value of the next pseudo-attribute if it has that name and
// is well-formed.
func (d *declReader) take(name string) (string, bool) {
	const space = " \t\r\n"
	s := strings.TrimLeft(d.rest, space)
	if len(s) == len(d.rest) {
		return "", false
	}
	s, ok := strings.CutPrefix(s, name)
	if !ok {
		return "", false
	}
	s, ok = strings.CutPrefix(strings.TrimLeft(s, space), "=")
	s = strings.TrimLeft(s, space)
	if !ok || s == "" || (s[0] != '"' && s[0] != '\'') {
		return "", false
	}
	value, rest, ok := strings.Cut(s[1:], s[:1])
	if !ok {
		return "", false
	}
	d.rest = rest
	return value, true
}

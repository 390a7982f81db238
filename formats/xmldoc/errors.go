package xmldoc

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"accord/internal/fault"
)

// fail returns a fault at a byte offset; its detail ends with line and column,
// its place is the path of the innermost open element.
func (s *Scanner) fail(code fault.Code, offset int, detail string) *fault.Error {
	if s.inner {
		return fault.New(code, detail)
	}
	line, column := position(s.src, offset)
	return fault.At(code, s.path(false), fmt.Sprintf("%s (line %d, column %d)", detail, line, column))
}

func (s *Scanner) failf(code fault.Code, offset int, format string, args ...any) *fault.Error {
	return s.fail(code, offset, fmt.Sprintf(format, args...))
}

// position returns line and column of an offset, both from 1, columns in
// characters.
func position(src []byte, offset int) (line, column int) {
	before := src[:min(offset, len(src))]
	line = 1 + bytes.Count(before, []byte{'\n'})
	return line, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

// maxQuoted keeps messages short whatever a document calls its elements.
const maxQuoted = 64

// clip returns at most maxQuoted bytes of s, cut between characters.
func clip(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	end := maxQuoted
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// quote prepares a piece of the document for a message.
func quote(s string) string { return fmt.Sprintf("%q", clip(s)) }

package strictjson

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"accord/internal/fault"

	"github.com/go-json-experiment/json/jsontext"
)

// checkText refuses a text that must not be read at all: too long, a byte order
// mark (RFC 8259, section 8.1), octets that are not UTF-8. Nothing is ever
// replaced by U+FFFD.
func checkText(src []byte, lim Limits) error {
	switch {
	case lim.Bytes > 0 && len(src) > lim.Bytes:
		return fault.Newf(fault.HTTPBodyTooLarge, "more than %d octets", lim.Bytes)
	case len(bytes.TrimLeft(src, " \t\r\n")) == 0:
		return fault.New(fault.JSONEmpty, "no JSON value")
	case bytes.HasPrefix(src, []byte("\xef\xbb\xbf")):
		return fault.New(fault.JSONBOM, "remove the byte order mark")
	case !utf8.Valid(src), utf16Like(src):
		return fault.New(fault.JSONInvalidUTF8, "encode the text as UTF-8")
	default:
		return nil
	}
}

// utf16Like finds ASCII text in UTF-16 without a byte order mark. Its octets
// are valid UTF-8, and the zero octets would only be called bad syntax.
func utf16Like(src []byte) bool {
	return len(src) >= 4 && (src[0] == 0 && src[2] == 0 || src[1] == 0 && src[3] == 0)
}

// classify gives the code of an error of jsontext. The text is known to be
// UTF-8, so what is left of invalid Unicode is a lone surrogate.
func classify(err error, text, pointer string) error {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return fault.Wrap(err, fault.JSONSyntax, "not JSON")
	}
	if p := string(syntax.JSONPointer); p != "" {
		pointer = p
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return fault.At(fault.JSONDuplicateMember, pointer, "member name used twice in one object")
	}
	off := min(int(syntax.ByteOffset), len(text))
	if surrogateEscape(text[off:]) {
		return fault.At(fault.JSONInvalidUnicode, pointer, "half of a surrogate pair")
	}
	f := fault.Newf(fault.JSONSyntax, "not JSON at octet %d", off)
	f.At = pointer
	return f
}

// surrogateEscape reports whether s starts with \uD800 to \uDFFF.
func surrogateEscape(s string) bool {
	return len(s) >= 6 && s[0] == '\\' && s[1] == 'u' && s[2]|0x20 == 'd' &&
		(s[3] >= '8' && s[3] <= '9' || s[3]|0x20 >= 'a' && s[3]|0x20 <= 'f')
}

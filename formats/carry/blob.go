package carry

import (
	"encoding/base64"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/fault"
)

// minLift is the least text that is lifted out: what stands in its place has more
// than a hundred octets itself.
const minLift = 256

// layout says how base64 stands in its element, so that the same text can be
// made of the octets again.
type layout struct {
	prefix string // white space before
	line   int    // characters of a line; 0: one line
	sep    string // white space between lines
	suffix string // white space behind
	raw    bool   // without padding
}

const whiteSpace = " \t\r\n"

// readBase64 returns the octets of a text and its layout; regular is false if no
// layout describes it. ok is false if it is no base64.
func readBase64(text string) (octets []byte, l layout, regular, ok bool) {
	body := strings.TrimLeft(text, whiteSpace)
	l.prefix = text[:len(text)-len(body)]
	l.suffix = body[len(strings.TrimRight(body, whiteSpace)):]
	body = body[:len(body)-len(l.suffix)]
	compact := body
	if i := strings.IndexAny(body, whiteSpace); i >= 0 {
		l.line = i
		l.sep = body[i:][:len(body[i:])-len(strings.TrimLeft(body[i:], whiteSpace))]
		compact = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(body)
	}
	l.raw = len(compact)%4 != 0
	octets, err := l.encoding().DecodeString(compact)
	if err != nil || len(octets) == 0 {
		return nil, layout{}, false, false
	}
	return octets, l, string(l.render(octets)) == text, true
}

func (l layout) encoding() *base64.Encoding {
	if l.raw {
		return base64.RawStdEncoding
	}
	return base64.StdEncoding
}

// render writes octets as base64 in the layout.
func (l layout) render(octets []byte) []byte {
	enc := l.encoding()
	body := enc.AppendEncode(make([]byte, 0, enc.EncodedLen(len(octets))), octets)
	size := len(l.prefix) + len(body) + len(l.suffix)
	if l.line > 0 {
		size += len(body) / l.line * len(l.sep)
	}
	out := append(make([]byte, 0, size), l.prefix...)
	for l.line > 0 && len(body) > l.line {
		out = append(append(out, body[:l.line]...), l.sep...)
		body = body[l.line:]
	}
	return append(append(out, body...), l.suffix...)
}

// white writes white space as letters.
var white = strings.NewReplacer(" ", "s", "\t", "t", "\n", "n", "\r", "r")

func spell(space string) string {
	if space == "" {
		return "-"
	}
	return white.Replace(space)
}

func unspell(word string) (string, bool) {
	if word == "-" {
		return "", true
	}
	return strings.NewReplacer("s", " ", "t", "\t", "n", "\n", "r", "\r").Replace(word), strings.Trim(word, "stnr") == ""
}

// String writes the layout as the words of an instruction.
func (l layout) String() string {
	form := "base64"
	if l.raw {
		form = "base64raw"
	}
	return strings.Join([]string{form, spell(l.prefix), strconv.Itoa(l.line), spell(l.sep), spell(l.suffix)}, " ")
}

// formText says that the blob is the text itself, whose layout no rule gives.
const formText = "text"

// Lift takes base64 out of an element: the blob, and whether it is well-formed.
// What is too short to be worth it, or no text, stays, and so does what is no
// base64; nil is returned then.
func (d *Document) Lift(n *Node, mediaType string) (b *dialect.Blob, ok bool) {
	text, whole, leaf := n.Value()
	if !leaf {
		return nil, false
	}
	octets, l, regular, ok := readBase64(text)
	if !ok || !whole || len(text) < minLift {
		return nil, ok
	}
	form := l.String()
	if !regular {
		octets, form = []byte(text), formText
	}
	b = &dialect.Blob{Digest: attestation.DigestOf(octets), MediaType: mediaType, Octets: octets}
	n.blob = string(b.Digest) + " " + form
	return b, true
}

// renderBlob writes what stood where the instruction is. Who sees a document sees
// the blobs that its evidence names, so a residual can ask for no others.
func renderBlob(data string, named map[attestation.Digest]bool, o dialect.Options) ([]byte, error) {
	words := strings.Fields(data)
	if len(words) < 2 {
		return nil, fault.New(fault.SchemaFormat, "a lifted binary is named by its digest and its layout")
	}
	digest, err := attestation.ParseDigest(words[0])
	if err != nil {
		return nil, err
	}
	if !named[digest] {
		return nil, fault.New(fault.SchemaFormat, "the evidence does not name the lifted binary "+string(digest))
	}
	if words[1] == formText && len(words) == 2 {
		return o.Octets(digest)
	}
	l, ok := parseLayout(words[1:])
	if !ok {
		return nil, fault.New(fault.SchemaFormat, "not the layout of a lifted binary")
	}
	octets, err := o.Octets(digest)
	if err != nil {
		return nil, err
	}
	return l.render(octets), nil
}

func parseLayout(words []string) (l layout, ok bool) {
	if len(words) != 5 || words[0] != "base64" && words[0] != "base64raw" {
		return l, false
	}
	var ok1, ok2, ok3 bool
	var err error
	l.raw = words[0] == "base64raw"
	l.prefix, ok1 = unspell(words[1])
	l.line, err = strconv.Atoi(words[2])
	l.sep, ok2 = unspell(words[3])
	l.suffix, ok3 = unspell(words[4])
	return l, ok1 && ok2 && ok3 && err == nil && l.line >= 0
}

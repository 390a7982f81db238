package carry

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Reader takes the values of a document into the fields of a submission. It
// collects every finding and loss on the way.
type Reader struct {
	*Document
	Submission *attestation.Submission
	Losses     dialect.Losses
	Blobs      []dialect.Blob // lifted out, each once
	lifted     map[attestation.Digest]bool
	findings   fault.List
}

// NewReader returns a Reader of a document in a format.
func NewReader(d *Document, format string) *Reader {
	return &Reader{
		Document: d, Submission: &attestation.Submission{ModelVersion: attestation.ModelVersion},
		Losses: dialect.Losses{Source: format, Target: "native+json"}, lifted: map[attestation.Digest]bool{},
	}
}

// Fail adds a finding at a node.
func (r *Reader) Fail(code fault.Code, n *Node, detail string) { r.FailAt(code, n.Path(), detail) }

// FailAt adds a finding at a path.
func (r *Reader) FailAt(code fault.Code, at, detail string) {
	if len(r.findings) < attestation.MaxFindings {
		r.findings = append(r.findings, fault.At(code, at, detail))
	}
}

// Lose notes a loss at a node.
func (r *Reader) Lose(severity dialect.Severity, code string, n *Node) {
	r.Losses.Add(severity, code, n.Path())
}

// Failed reports whether there is a finding.
func (r *Reader) Failed() bool { return len(r.findings) > 0 }

// Err returns the findings, nil if there are none.
func (r *Reader) Err() error { return r.findings.ErrorOrNil() }

// Need returns the one child element of a name. It is a finding if there is none
// or a second one; the first is returned.
func (r *Reader) Need(n *Node, space, local string) *Node {
	if n == nil {
		return nil
	}
	c := r.One(n, space, local)
	if c == nil {
		prefix := n.Name.Prefix
		if prefix != "" {
			prefix += ":"
		}
		r.FailAt(fault.SchemaMissingField, n.Path()+"/"+prefix+local, "the element is required")
	}
	return c
}

// One returns the child element of a name that may be absent. A second one is a
// finding.
func (r *Reader) One(n *Node, space, local string) *Node {
	all := n.All(space, local)
	if len(all) == 0 {
		return nil
	}
	for _, c := range all[1:] {
		r.Fail(fault.SchemaDuplicateField, c, "the element may stand once")
	}
	return all[0]
}

// Raw returns the text of an element that has no elements inside, which would be
// a finding (xml.mixed_content); ok is false then, and for a nil node.
func (r *Reader) Raw(n *Node) (text string, ok bool) {
	if n == nil {
		return "", false
	}
	text, _, leaf := n.Value()
	if !leaf {
		r.Fail(fault.XMLMixedContent, n, "an element inside a value: markup in a text is written as references")
		return "", false
	}
	return text, true
}

// Line takes the text of an element into a field of one line, and returns what
// the field is to hold: "" for a nil, empty or blank element. A text that is no
// such line is copied in one, with a loss, and stays in the document as it is.
func (r *Reader) Line(n *Node, pointer string) string { return r.take(n, pointer, true) }

// Text is [Reader.Line] for a field that may have several lines.
func (r *Reader) Text(n *Node, pointer string) string { return r.take(n, pointer, false) }

func (r *Reader) take(n *Node, pointer string, line bool) string {
	text, ok := r.Raw(n)
	if !ok || strings.TrimSpace(text) == "" {
		return ""
	}
	_, whole, _ := n.Value()
	fitting := Fit(text, line)
	if fitting == "" {
		return ""
	}
	if whole && fitting == text {
		r.Take(n, pointer)
		return strings.Clone(text)
	}
	r.Note(n, pointer)
	if strings.Join(strings.Fields(text), " ") == strings.Join(strings.Fields(fitting), " ") {
		r.Lose(dialect.Info, dialect.Whitespace, n)
	} else {
		r.Lose(dialect.Warning, dialect.Narrowed, n)
	}
	return strings.Clone(fitting)
}

// Fit returns what of a text a field can hold: itself, if it can; "" for a blank.
func Fit(text string, line bool) string {
	limit := attestation.MaxText
	if line {
		limit = attestation.MaxLine
	}
	clean := strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			if line {
				return ' '
			}
			return c
		case c < ' ' || isControl(c) || c == 0xFFFE || c == 0xFFFF:
			return -1
		case line && (c == 0x2028 || c == 0x2029):
			return ' '
		case line && (c == 0x061C || c == 0xFEFF || unicode.Is(unicode.Cf, c) && turns(c)):
			return -1
		default:
			return c
		}
	}, text)
	if line && clean != text {
		clean = strings.Join(strings.Fields(clean), " ")
	}
	if utf8.RuneCountInString(clean) > limit {
		clean = string([]rune(clean)[:limit])
	}
	if strings.TrimSpace(clean) == "" {
		return ""
	}
	return clean
}

// turns says of a format character whether it turns the direction of a line.
func turns(c rune) bool {
	return c == 0x200E || c == 0x200F || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069
}

// Texts takes elements with a language in an attribute into a language text.
// Without the attribute a text is in "und"; a language that is none is read so
// too, with a loss.
func (r *Reader) Texts(nodes []*Node, langAttr, pointer string, line bool) (texts attestation.LText) {
	for _, n := range nodes {
		at := pointer + "/" + strconv.Itoa(len(texts))
		value := r.take(n, at+"/value", line)
		if value == "" {
			continue
		}
		lang, given := n.Attr(langAttr)
		if given && !attestation.ValidLanguage(lang) {
			r.Lose(dialect.Warning, dialect.Narrowed, n)
			given = false
		}
		if !given {
			lang = "und"
		}
		r.Note(n, at)
		texts = append(texts, attestation.Text{Lang: strings.Clone(lang), Value: value})
	}
	return texts
}

// Date takes a date or an instant. One that cannot be read is a finding
// (doc.date_invalid). An instant without offset is read as UTC, with a loss.
func (r *Reader) Date(n *Node, pointer string) *attestation.DateV {
	text, ok := r.Raw(n)
	if !ok {
		return nil
	}
	d, field, assumed, ok := readDate(strings.Clone(strings.TrimSpace(text)))
	if !ok {
		r.Fail(fault.DocDateInvalid, n, "want a calendar date as YYYY-MM-DD, or an instant")
		return nil
	}
	if assumed {
		r.Lose(dialect.Warning, dialect.Assumed, n)
	}
	if _, whole, _ := n.Value(); whole && strings.TrimSpace(text) == text {
		r.Take(n, pointer+field)
	}
	r.Note(n, pointer)
	return &d
}

// readDate reads a date, an instant with or without offset, or a date with an
// offset, as XML Schema has them all; field is the one that holds the text.
func readDate(s string) (d attestation.DateV, field string, assumed, ok bool) {
	plain := func(d attestation.DateV) bool {
		_, err := d.Start()
		return err == nil
	}
	if d, open, err := attestation.ReadDate(s, ""); err == nil && !open {
		if d.Lexical != "" {
			return d, "/lexical", false, true
		}
		return d, "/value", false, true
	}
	if len(s) > 10 && s[10] != 'T' {
		zone := s[10:]
		if zone == "Z" {
			zone = "+00:00"
		}
		d = attestation.DateV{Value: s[:10], Zone: zone, Lexical: s}
		return d, "/lexical", false, plain(d)
	}
	d = attestation.DateV{Value: s + "Z", Lexical: s}
	return d, "/lexical", true, len(s) > 10 && plain(d)
}

// Lift lifts the base64 of an element out and returns the blob, nil if it stays.
// The evidence must name it ([Reader.Link]). What is no base64 is a finding.
func (r *Reader) Lift(n *Node, mediaType string) *dialect.Blob {
	if text, ok := r.Raw(n); !ok || strings.TrimSpace(text) == "" {
		return nil
	}
	b, ok := r.Document.Lift(n, mediaType)
	if !ok {
		r.Fail(fault.SchemaFormat, n, "not base64")
		return nil
	}
	if b == nil {
		return nil
	}
	if !r.lifted[b.Digest] {
		r.lifted[b.Digest] = true
		r.Blobs = append(r.Blobs, *b)
	}
	return b
}

// Finish adds the residual, holds the submission against the rules of the model
// and returns it, or every finding with its place in the document.
func (r *Reader) Finish(format string) (*attestation.Submission, error) {
	if r.Failed() {
		return nil, r.Err()
	}
	s := r.Submission
	s.Residual = r.Residual(format)
	findings, _ := s.Validate(time.Time{}) // no number of these dialects has a year
	for _, f := range findings {
		if f.Severity == attestation.SeverityWarning {
			continue
		}
		at := r.Root.Path()
		if n := r.Place(f.At); n != nil {
			at = n.Path()
		}
		r.FailAt(f.Code, at, "read as "+f.At+": "+f.Detail)
	}
	if r.Failed() {
		return nil, r.Err()
	}
	// What is carried must be presentable as JSON, in which it is digested.
	if err := strictjson.Check(native.AppendJSON(nil, s), strictjson.DefaultLimits()); err != nil {
		f := fault.All(err)[0]
		r.FailAt(f.Code, r.Root.Path(), "too much for an attestation: "+f.Detail)
	}
	return s, r.Err()
}

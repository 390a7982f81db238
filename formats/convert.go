package formats

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/generic"
	"accord/formats/native"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// Loss is one piece of a document that the target of a conversion cannot carry.
type Loss = dialect.Loss

// Options are what a conversion needs that the document does not hold.
type Options = dialect.Options

// StatusEntry is a place in a published status list.
type StatusEntry = dialect.StatusEntry

// Convert turns a document of the format from into the format to, and tells
// what was lost on the way. Nothing signed survives it: a proof is of the octets
// that were signed.
//
// A conversion has two steps, and a loss names the formats of its step: what a
// dialect says is read into the canonical document (its losses point into the
// source), and that is written (its losses point into native+json). Between the
// native forms nothing can be lost but comments. The generic forms are of XML,
// so a native document goes there by its XML form, and a document of a dialect
// as it is; from there comes whatever the XML turns out to be.
func Convert(from, to string, src []byte, o Options) (out []byte, losses []Loss, err error) {
	return standard().convert(from, to, src, o)
}

// Reading is a document read into the canonical form.
type Reading struct {
	Submission *attestation.Submission
	Losses     []Loss // of the reading: they name native+json as their target
	Blobs      []Blob // binaries that were lifted out of the document
}

// Blob is a binary that was lifted out of a document.
type Blob = dialect.Blob

// Read reads a document of any format into the canonical form.
func Read(from string, src []byte) (Reading, error) { return standard().read(from, src) }

// Write writes a canonical document in a format that has a writer of its own:
// one of [Codecs] or of [Dialects].
func Write(to string, s *attestation.Submission, o Options) ([]byte, []Loss, error) {
	return standard().write(to, s, o)
}

// Names returns the names of all formats: the native and generic ones, then
// those of the dialects.
func Names() []string { return standard().names() }

// Known reports whether a name or alias is that of a format.
func Known(name string) bool { return standard().known(name) }

// table is the list of dialects that conversions know.
type table []dialect.Codec

func standard() table { return dialects }

func (t table) dialect(name string) (dialect.Codec, bool) {
	i := slices.IndexFunc(t, func(c dialect.Codec) bool { return c.Name == name || slices.Contains(c.Aliases, name) })
	if i < 0 {
		return dialect.Codec{}, false
	}
	return t[i], true
}

func (t table) names() []string {
	out := []string{NativeJSON, NativeXML, GenericJSON, GenericXML}
	for _, c := range t {
		out = append(out, c.Name)
	}
	return out
}

func (t table) known(name string) bool {
	if _, ok := t.dialect(name); ok {
		return true
	}
	return slices.Contains([]string{NativeJSON, NativeXML, GenericJSON, GenericXML}, name)
}

func (t table) convert(from, to string, src []byte, o Options) ([]byte, []Loss, error) {
	for _, name := range []string{from, to} {
		if !t.known(name) {
			return nil, nil, fault.New(fault.HTTPMediaType, "the formats are "+strings.Join(t.names(), ", "))
		}
	}
	if to == GenericJSON || to == GenericXML {
		out, err := t.toGeneric(from, to, src)
		return out, nil, err
	}
	r, err := t.read(from, src)
	if err != nil {
		return nil, nil, err
	}
	if o.Blob == nil {
		o.Blob = dialect.BlobStore(r.Blobs)
	}
	out, losses, err := t.write(to, r.Submission, o)
	if err != nil {
		return nil, nil, err
	}
	return out, append(r.Losses, losses...), nil
}

// toGeneric never maps anything: a document in a dialect is first read, so
// that what is no such document is refused, and then taken as the text it is.
func (t table) toGeneric(from, to string, src []byte) ([]byte, error) {
	text, err := t.toXML(from, src)
	if err == nil && to == GenericJSON {
		text, err = generic.AsJSON(text)
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// toXML returns a document as XML, unchanged if it is XML.
func (t table) toXML(from string, src []byte) ([]byte, error) {
	switch from {
	case NativeJSON:
		s, err := native.DecodeJSON(src)
		if err != nil {
			return nil, err
		}
		return native.AppendXML(nil, s), nil
	case GenericJSON:
		return generic.AsXML(src)
	case NativeXML:
		_, err := native.DecodeXML(src)
		return src, err
	case GenericXML:
		return src, xmldoc.Check(src, xmldoc.DefaultLimits())
	default:
		if _, err := t.read(from, src); err != nil {
			return nil, err
		}
		if isJSON(src) {
			return generic.AsXML(src)
		}
		return src, xmldoc.Check(src, xmldoc.DefaultLimits())
	}
}

// isJSON tells a JSON text that was read already from XML.
func isJSON(src []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("{")) }

func (t table) read(from string, src []byte) (Reading, error) {
	switch from {
	case NativeJSON:
		s, err := native.DecodeJSON(src)
		return Reading{Submission: s}, err
	case NativeXML:
		s, err := native.DecodeXML(src)
		return Reading{Submission: s, Losses: comments(src)}, err
	case GenericJSON, GenericXML:
		text, err := t.toXML(from, src)
		if err != nil {
			return Reading{}, err
		}
		// The form of a JSON text is that text, and not a document of XML.
		if plain, err := generic.AsJSON(text); err == nil && detectOwn(plain) != GenericJSON {
			text = plain
		}
		inside := t.detect(text)
		if inside == GenericXML {
			inside = NativeXML // which says why it is none
		}
		if inside == "" || inside == GenericJSON {
			inside = NativeJSON // which does so too
		}
		return t.read(inside, text)
	}
	c, ok := t.dialect(from)
	if !ok {
		return Reading{}, fault.New(fault.HTTPMediaType, "the formats are "+strings.Join(t.names(), ", "))
	}
	s, blobs, losses, err := c.Read(src)
	if err != nil {
		return Reading{}, err
	}
	return Reading{s, between(losses, c.Name, NativeJSON), blobs}, nil
}

func (t table) write(to string, s *attestation.Submission, o Options) ([]byte, []Loss, error) {
	if codec, ok := ByName(to); ok {
		return codec.Encode(nil, s), nil, nil
	}
	c, ok := t.dialect(to)
	if !ok || c.Encode == nil {
		return nil, nil, fault.Newf(fault.HTTPNotAcceptable, "documents are read from %s, not written in it", to)
	}
	out, losses, err := c.Encode(s, o)
	if err != nil {
		return nil, nil, err
	}
	return out, between(withResidual(losses, c, s), NativeJSON, c.Name), nil
}

// SameDialect reports whether two formats are of one dialect, so that what only
// it can show is shown again.
func SameDialect(a, b string) bool {
	from, ok := Dialect(a)
	to, too := Dialect(b)
	return ok && too && family(from.Name) == family(to.Name)
}

// LostBlob is the loss of a binary that was lifted out of a document and that
// nobody keeps: the document has its digest and no more.
func LostBlob(s *attestation.Submission, b Blob, target string) Loss {
	path := "/evidence"
	for i := range s.Evidence {
		if d, ok := dialect.ParseBlobURL(s.Evidence[i].URL); ok && d == b.Digest {
			path = "/evidence/" + strconv.Itoa(i)
		}
	}
	return Loss{Path: path, Code: dialect.Dropped, Severity: dialect.Error, Source: NativeJSON, Target: target}
}

// between names the formats of a step.
func between(losses []Loss, source, target string) []Loss {
	for i := range losses {
		losses[i].Source, losses[i].Target = source, target
	}
	return losses
}

// withResidual adds the pieces of other dialects that the codec did not speak
// of: only the dialect that a piece came from can show it again.
func withResidual(losses []Loss, c dialect.Codec, s *attestation.Submission) []Loss {
	told := map[string]bool{}
	for _, l := range losses {
		if strings.HasPrefix(l.Path, "/residual/") {
			told[l.Path] = true
		}
	}
	add := dialect.Losses{List: losses}
	for i := range s.Residual {
		path := "/residual/" + strconv.Itoa(i)
		if family(s.Residual[i].Format) != family(c.Name) && !told[path] {
			add.Add(dialect.Warning, dialect.Residual, path)
		}
	}
	return add.List
}

// family is what the versions and syntaxes of one dialect have in common:
// "untp" of "untp-0.6.1", "cnca" of "cnca+json".
func family(format string) string {
	name, _, _ := strings.Cut(format, "+")
	name, _, _ = strings.Cut(name, "-")
	return name
}

// comments finds the comments of a native document, which are no part of what
// it says.
func comments(src []byte) (losses []Loss) {
	s := xmldoc.NewScanner(src, xmldoc.OwnLimits())
	for {
		kind, err := s.Next()
		if err != nil || kind == xmldoc.EOF {
			return losses
		}
		if kind == xmldoc.Comment {
			losses = append(losses, Loss{Path: s.Path(), Code: dialect.Comment, Severity: dialect.Info, Source: NativeXML, Target: NativeJSON})
		}
	}
}

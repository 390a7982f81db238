package partners

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"accord/attestation"
	"accord/internal/fault"
)

const wantID = "an id has 2 to 63 characters of a-z, 0-9 and -, and does not begin with -"

// findings collects everything that is wrong with a value, and the trust
// material that was parsed on the way.
type findings struct {
	list     fault.List
	material *material
}

// maxFindings is how many findings a list shows; a record with more is not
// worth reading on.
const maxFindings = attestation.MaxFindings

func (f *findings) add(code fault.Code, at, detail string) {
	if len(f.list) < maxFindings {
		f.list = append(f.list, fault.At(code, at, detail))
	}
}

func (f *findings) err() error { return f.list.ErrorOrNil() }

func (f *findings) format(at, detail string)  { f.add(fault.SchemaFormat, at, detail) }
func (f *findings) missing(at, detail string) { f.add(fault.SchemaMissingField, at, detail) }

// word checks a value of a closed list.
func (f *findings) word(at, v string, list []string) {
	switch {
	case v == "":
		f.missing(at, "one of "+join(list)+" is required")
	case !slices.Contains(list, v):
		f.format(at, "want one of "+join(list))
	}
}

// optWord checks a value that may be absent.
func (f *findings) optWord(at, v string, list []string) {
	if v != "" {
		f.word(at, v, list)
	}
}

// words checks a list of different values of a closed list.
func words[T ~string](f *findings, at string, vs []T, list []string) {
	for i, v := range vs {
		f.word(idx(at, i), string(v), list)
		if slices.Contains(vs[:i], v) {
			f.format(idx(at, i), "stands in the list twice")
		}
	}
}

// line checks a required value of one line.
func (f *findings) line(at, v string) {
	if v == "" {
		f.missing(at, "required")
		return
	}
	f.chars(at, v, attestation.MaxLine)
}

// optLine checks a value of one line that may be absent.
func (f *findings) optLine(at, v string) {
	if v != "" {
		f.chars(at, v, attestation.MaxLine)
	}
}

// lines checks a list of different values of one line.
func (f *findings) lines(at string, vs []string) {
	for i, v := range vs {
		f.line(idx(at, i), v)
		if slices.Contains(vs[:i], v) {
			f.format(idx(at, i), "stands in the list twice")
		}
	}
}

// chars: what is shown in one line has no control characters, breaks and
// bidirectional controls (reliability.md, row 21).
func (f *findings) chars(at, v string, limit int) {
	forbidden := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0x2028 || r == 0x2029
	}
	switch {
	case strings.ContainsFunc(v, forbidden):
		f.add(fault.SchemaForbiddenChar, at, "has a control character or a line break")
	case strings.TrimSpace(v) == "":
		f.add(fault.SchemaLength, at, "is blank")
	case utf8.RuneCountInString(v) > limit:
		f.add(fault.SchemaLength, at, "is too long")
	}
}

// text checks a language text that is required.
func (f *findings) text(at string, t attestation.LText) {
	if len(t) == 0 {
		f.missing(at, "a text in at least one language is required")
	}
	f.optText(at, t)
}

// optText checks a language text that may be absent.
func (f *findings) optText(at string, t attestation.LText) {
	for i, v := range t {
		if v.Lang != "und" && !attestation.ValidLanguage(v.Lang) {
			f.format(idx(at, i)+"/lang", "want a BCP 47 language tag in its canonical case, as zh-CN")
		}
		if v.Value == "" {
			f.missing(idx(at, i)+"/value", "required")
		} else {
			f.chars(idx(at, i)+"/value", strings.ReplaceAll(v.Value, "\n", " "), attestation.MaxText)
		}
	}
}

// id checks an id of a partner or of anything that is named in the same form.
func (f *findings) id(at, v string) {
	switch {
	case v == "":
		f.missing(at, "required")
	case !attestation.PartnerID(v).Valid():
		f.format(at, wantID)
	}
}

func (f *findings) optID(at, v string) {
	if v != "" {
		f.id(at, v)
	}
}

// own checks the id of the value itself; target is that of the change, "" where
// the value stands alone.
func (f *findings) own(v, target string) {
	f.id("/id", v)
	if v != "" && target != "" && v != target {
		f.format("/id", "is not the id of the target")
	}
}

func (f *findings) economy(at string, e attestation.Economy) {
	if !e.ValidParty() {
		f.format(at, "want an economy by its ISO 3166-1 alpha-2 code, or EU")
	}
}

// side checks a name of a side: an economy or a partner id.
func (f *findings) side(at, v string) {
	if !attestation.Economy(v).ValidParty() && !attestation.PartnerID(v).Valid() {
		f.format(at, "want an economy by its ISO 3166-1 alpha-2 code, EU, or a partner id")
	}
}

// span checks a half-open period: it has at least one instant.
func (f *findings) span(at string, s Span) {
	if !s.From.IsZero() && !s.Until.IsZero() && !s.From.Before(s.Until) {
		f.add(fault.DocDateOrder, at, "until must lie after from")
	}
}

func (f *findings) spans(at string, spans []Span) {
	for i, s := range spans {
		f.span(idx(at, i), s)
	}
}

func (f *findings) duration(at, v string) {
	if d, err := time.ParseDuration(v); v != "" && (err != nil || d <= 0) {
		f.format(at, "want a duration above zero as 72h or 30m")
	}
}

// url checks an address that is called or compared: http for a gateway on the
// same machine, else https.
func (f *findings) url(at, v string) {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		f.format(at, "want an absolute URL with https or http")
	case u.User != nil || u.Fragment != "":
		f.format(at, "want a URL without user and fragment")
	case len(v) > attestation.MaxURL:
		f.add(fault.SchemaLength, at, "is too long")
	}
}

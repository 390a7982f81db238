package carry_test

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/formats/generic"
	"accord/formats/native"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// base is a submission to which documents of any vocabulary are added.
func base() *attestation.Submission {
	day, name := attestation.DateV{Value: "2026-01-02", Zone: "+08:00"}, attestation.LText{{Lang: "en", Value: "A"}}
	return &attestation.Submission{
		ModelVersion: "1.0", Kind: attestation.Certification, Party: attestation.ThirdParty, Regime: attestation.Voluntary,
		Identifiers: []attestation.Identifier{{Scheme: "x", Value: "17"}},
		Scheme:      &attestation.Scheme{ID: "s", Name: name},
		Issuer:      attestation.Party{Role: "body", Name: name}, Parties: []attestation.Party{{Role: "holder", Name: name}},
		Objects: []attestation.Object{{Type: "product", Name: name}}, Dates: attestation.Dates{Issued: day},
		StatusEvents: []attestation.StatusEvent{{Seq: 1, Event: attestation.EventIssue, Effective: day}},
	}
}

// read carries a document: the text of each leaf whose name begins with t goes to
// a marking, base64 in one whose name begins with b is lifted out.
func read(t testing.TB, src []byte) (*carry.Reader, *attestation.Submission, error) {
	t.Helper()
	doc, err := carry.Parse(src, xmldoc.DefaultLimits())
	if err != nil {
		return nil, nil, err
	}
	r := carry.NewReader(doc, "any")
	r.Submission = base()
	r.Root.Walk(func(n *carry.Node) {
		_, _, leaf := n.Value()
		switch {
		case leaf && strings.HasPrefix(n.Name.Local, "t"):
			s := r.Submission
			if v := r.Line(n, "/marking/"+strconv.Itoa(len(s.Marking))); v != "" {
				s.Marking = append(s.Marking, v)
			}
		case leaf && strings.HasPrefix(n.Name.Local, "b"):
			s := r.Submission
			if b, _ := r.Document.Lift(n, ""); b != nil {
				at := "/evidence/" + strconv.Itoa(len(s.Evidence))
				s.Evidence = append(s.Evidence, attestation.Evidence{Purpose: "other", Link: r.Link(b, n, at)})
			}
		}
	})
	s, err := r.Finish("any-1")
	return r, s, err
}

func comesBack(t testing.TB, src []byte, o dialect.Options) {
	t.Helper()
	_, s, err := read(t, src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	s, err = native.DecodeXML(native.AppendXML(nil, s))
	if err != nil {
		t.Fatal(err)
	}
	out, err := carry.Restore(s, carry.Frame(s, func(f string) bool { return f == "any-1" }), o)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	want, err1 := generic.FromXML(src)
	got, err2 := generic.FromXML(out)
	if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
		t.Fatalf("%s\ncame back as\n%s\n%v %v", src, out, err1, err2)
	}
}

// drawXML draws an element with everything that may stand in one.
func drawXML(t *rapid.T, depth int) string {
	text := func(label string) string {
		runes := rapid.SampledFrom([]rune("ab1 \n\t<>&'\"]中é\u0085\u007f\u2028\ufeff\U0001F600"))
		s := string(rapid.SliceOfN(runes, 0, 6).Draw(t, label))
		return string(xmldoc.AppendText(nil, s))
	}
	name := rapid.SampledFrom([]string{"t", "t1", "x", "p:t", "p:y", "b"}).Draw(t, "name")
	out := "<" + name + ` xmlns:p="urn:` + rapid.SampledFrom([]string{"a", "b"}).Draw(t, "space") + `"`
	if rapid.Bool().Draw(t, "attr") {
		out += ` p:q="` + string(xmldoc.AppendValue(nil, rapid.SampledFrom([]string{"", "v", "\t\n\r\u0085&\"<"}).Draw(t, "value"))) + `"`
	}
	out += ">"
	for range rapid.IntRange(0, 4).Draw(t, "children") {
		switch rapid.IntRange(0, 6).Draw(t, "child") {
		case 0:
			out += "<!--" + rapid.SampledFrom([]string{"", " c ", "<?accord-residual?>"}).Draw(t, "comment") + "-->"
		case 1:
			out += "<?" + rapid.SampledFrom([]string{"p", "accord-field", "accord-residual", "accord-x"}).Draw(t, "target") +
				rapid.SampledFrom([]string{"", " d", " /marking/0"}).Draw(t, "data") + "?>"
		case 2:
			out += "<![CDATA[" + rapid.SampledFrom([]string{"", "<&", "x"}).Draw(t, "cdata") + "]]>"
		case 3, 4:
			out += text("text")
		default:
			if depth > 0 {
				out += drawXML(t, depth-1)
			}
		}
	}
	return out + "</" + name + ">"
}

func TestRestore_givesAnyTreeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		src := "<!--before--><?accord-blob?>" + drawXML(rt, 3) + "<!--behind-->"
		comesBack(t, []byte(src), dialect.Options{})
	})
}

// base64 comes back as it was broken into lines, whatever its layout.
func TestLift_comesBackByteExact(t *testing.T) {
	t.Parallel()
	space := rapid.SampledFrom([]string{"", " ", "\n", "\n\t\t", "\r\n", " \n "})
	rapid.Check(t, func(rt *rapid.T) {
		octets := rapid.SliceOfN(rapid.Byte(), 200, 600).Draw(rt, "octets")
		enc := rapid.SampledFrom([]*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding}).Draw(rt, "padding")
		rest, text := enc.EncodeToString(octets), space.Draw(rt, "before")
		line, sep := rapid.IntRange(0, 90).Draw(rt, "line"), space.Draw(rt, "sep")
		for line > 0 && len(rest) > line {
			text += rest[:line] + sep
			rest = rest[line:]
			if rapid.IntRange(0, 20).Draw(rt, "uneven") == 0 {
				line++
			}
		}
		text += rest + space.Draw(rt, "behind")
		src := "<a><b>" + string(xmldoc.AppendText(nil, text)) + "</b><t>x</t></a>"
		doc, err := carry.Parse([]byte(src), xmldoc.DefaultLimits())
		if err != nil {
			rt.Fatal(err)
		}
		b, ok := doc.Lift(doc.Root.Child("", "b"), "x/y")
		if !ok || b == nil {
			rt.Fatalf("%q is not lifted", text)
		}
		if !bytes.Equal(b.Octets, octets) && string(b.Octets) != text {
			rt.Fatalf("%q is lifted as %q", text, b.Octets)
		}
		comesBack(t, []byte(src), dialect.Options{Blob: dialect.BlobStore([]dialect.Blob{*b})})
	})
}

func TestLift_leavesWhatIsNotWorthIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"AAEC": true, "": false, "AA!C": false, "A": false, "AAEC=": false, " A A E C ": true, "AAE=": true, "AAF=": true, "AAE": true,
	} {
		doc, err := carry.Parse([]byte("<b>"+text+"</b>"), xmldoc.DefaultLimits())
		require.NoError(t, err)
		b, ok := doc.Lift(doc.Root, "")
		require.Nil(t, b)
		require.Equal(t, want, ok, "%q", text)
	}
}

func TestReader_takesOnlyWhatAFieldCanHold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ value, loss string }{
		"plain":                      {"plain", ""},
		" 中 ":                        {" 中 ", ""},
		"two\n   lines":              {"two lines", "whitespace"},
		"a<!--c-->b":                 {"ab", "whitespace"},
		"turned \u202Eround\u202C":   {"turned round", "narrowed"},
		"bell \u0085":                {"bell", "whitespace"},
		"<![CDATA[]]>":               {"", ""},
		" \n ":                       {"", ""},
		strings.Repeat("long", 1000): {strings.Repeat("long", 250), "narrowed"},
	} {
		r, s, err := read(t, []byte("<a><t>"+text+"</t></a>"))
		require.NoError(t, err, "%.20q", text)
		var value, loss string
		if len(s.Marking) > 0 {
			value = s.Marking[0]
		}
		if len(r.Losses.List) > 0 {
			loss = r.Losses.List[0].Code
			require.Equal(t, "/a/t", r.Losses.List[0].Path)
		}
		require.Equal(t, want.value, value, "%.20q", text)
		require.Equal(t, want.loss, loss, "%.20q", text)
	}
}

func TestReader_readsDatesOfXMLSchema(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*attestation.DateV{
		"2026-03-04":                {Value: "2026-03-04"},
		"20260304":                  {Value: "2026-03-04", Lexical: "20260304"},
		"2026-03-04Z":               {Value: "2026-03-04", Zone: "+00:00", Lexical: "2026-03-04Z"},
		"2026-03-04-03:00":          {Value: "2026-03-04", Zone: "-03:00", Lexical: "2026-03-04-03:00"},
		"2026-03-04T10:00:00+13:00": {Value: "2026-03-04T10:00:00+13:00"},
		"2026-03-04T10:00:00":       {Value: "2026-03-04T10:00:00Z", Lexical: "2026-03-04T10:00:00"},
		"2026-02-30":                nil,
		"":                          nil, "0000-00-00": nil, "2026-03-04X": nil, "yesterday": nil, "2026-03-04T10:00": nil, "长期有效": nil,
	} {
		doc, err := carry.Parse([]byte("<d>"+text+"</d>"), xmldoc.DefaultLimits())
		require.NoError(t, err)
		r := carry.NewReader(doc, "any")
		require.Equal(t, want, r.Date(doc.Root, "/dates/issued"), text)
		if want == nil {
			require.Equal(t, fault.DocDateInvalid, fault.CodeOf(r.Err()), text)
		}
	}
}

func TestReader_makesANumberOfAnything(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"PTB - 11129 18": "PTB - 11129 18", "A_B": "A-B", "7": "No 7", "-x": "No -x", "号 12": "号 12", strings.Repeat("x", 70): strings.Repeat("x", 64),
		"a\n b": "a b", "\u202Eab": "No -ab", "#": "No -",
	} {
		doc, err := carry.Parse([]byte("<n>"+text+"</n>"), xmldoc.DefaultLimits())
		require.NoError(t, err)
		r := carry.NewReader(doc, "any")
		ids := r.Number(doc.Root, "s")
		require.Equal(t, want, ids[0].Value, "%q", text)
		require.Equal(t, want != text, len(ids) == 2)
		r.Submission = base()
		r.Submission.Identifiers = ids
		_, err = r.Finish("any-1")
		require.NoError(t, err, "%q", text)
	}
}

func TestDifference_isWhatOneSaysAndTheOtherNot(t *testing.T) {
	t.Parallel()
	a, b := base(), base()
	l := dialect.Losses{}
	require.NoError(t, carry.Difference(&l, a, b))
	require.Empty(t, l.List)
	b.Marking = []string{"only here"}
	b.Residual = []attestation.Residual{{Format: "x", Path: "/", Kind: "y"}}
	require.NoError(t, carry.Difference(&l, a, b))
	require.Empty(t, l.List)
	a.Marking = []string{"x", "only here", "y"}
	b.Scheme = nil
	b.Identifiers[0].Value = "other"
	require.NoError(t, carry.Difference(&l, a, b))
	var told []string
	for _, loss := range l.List {
		told = append(told, loss.Code+" "+loss.Path)
	}
	require.ElementsMatch(t, []string{"dropped /marking/0", "dropped /marking/2", "dropped /scheme", "narrowed /identifiers/0/value"}, told)
}

// Whatever the gate lets through and a document can hold comes back.
func FuzzRestore(f *testing.F) {
	for _, src := range []string{
		"<a xmlns='u'><t>x</t><!--c--><?accord-field /x?><b>AAEC</b></a>", "<t>&#133;<![CDATA[]]&gt;]]></t>", "<?accord-?><a><t> </t></a>",
		"<a><t>x<?accord-residual?></t></a><!--<?accord-residual?>-->",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, _, err := read(t, src); err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		comesBack(t, src, dialect.Options{})
	})
}

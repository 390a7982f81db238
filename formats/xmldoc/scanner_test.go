package xmldoc_test

import (
	"fmt"
	"strings"
	"testing"

	"accord/formats/xmldoc"
	"accord/internal/fault"

	"github.com/google/go-cmp/cmp"
)

// tokens writes what the gate makes of a document, one token a line.
func tokens(t *testing.T, src string) []string {
	t.Helper()
	s := xmldoc.NewScanner([]byte(src), xmldoc.Limits{})
	var out []string
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatalf("%q: %v", src, err)
		}
		if kind != s.Kind() {
			t.Fatalf("Next gives %v, Kind %v", kind, s.Kind())
		}
		switch kind {
		case xmldoc.EOF:
			return out
		case xmldoc.StartElement:
			line := "<" + name(s.Name())
			for _, b := range s.NS() {
				line += fmt.Sprintf(" xmlns:%s=%s", b.Prefix, b.URI)
			}
			for _, a := range s.Attrs() {
				line += fmt.Sprintf(" %s=%q", name(a.Name), a.Value)
			}
			out = append(out, line)
		case xmldoc.EndElement:
			out = append(out, ">"+name(s.Name()))
		case xmldoc.PI:
			out = append(out, fmt.Sprintf("?%s %q", s.Name().Local, s.Text()))
		default:
			out = append(out, fmt.Sprintf("%v %q", kind, s.Text()))
		}
	}
}

func name(n xmldoc.Name) string {
	if n.Space == "" {
		return n.String()
	}
	return "{" + n.Space + "}" + n.String()
}

func TestScanner_readsTokens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		src  string
		want []string
	}{
		{`<a/>`, []string{"<a", ">a"}},
		{"\xEF\xBB\xBF<a></a >", []string{"<a", ">a"}},
		{`<?xml version='1.0' encoding="utf-8" standalone='no' ?><a/>`, []string{"<a", ">a"}},
		{`<a x="1"	y = 'a"b'/>`, []string{`<a x="1" y="a\"b"`, ">a"}},
		{`<p:a xmlns:p="u" p:x="1" x="2"><b xmlns="v"/></p:a>`, []string{`<{u}p:a xmlns:p=u {u}p:x="1" x="2"`, "<{v}b xmlns:=v", ">{v}b", ">{u}p:a"}},
		{`<a xmlns="u"><b xmlns=""><c/></b><d/></a>`, []string{"<{u}a xmlns:=u", "<b xmlns:=", "<c", ">c", ">b", "<{u}d", ">{u}d", ">{u}a"}},
		{`<a xmlns:p="u" xmlns:q='u' p:x="1"/>`, []string{`<a xmlns:p=u xmlns:q=u {u}p:x="1"`, ">a"}},
		{`<a xml:lang="zh"/>`, []string{`<a {http://www.w3.org/XML/1998/namespace}xml:lang="zh"`, ">a"}},
		{`<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`, []string{"<a xmlns:xml=http://www.w3.org/XML/1998/namespace", ">a"}},
		{`<a>x&amp;&lt;&gt;&apos;&quot;&#65;&#x4E2D;&#x10FFFF;y</a>`, []string{"<a", `text "x&<>'\"A中\U0010ffffy"`, ">a"}},
		{"<a>1\r\n2\r3\n\r4&#13;</a>", []string{"<a", `text "1\n2\n3\n\n4\r"`, ">a"}},
		{"<a x='1\r\n2\r3\n\t4&#13;&#10;&#9;'/>", []string{`<a x="1 2 3  4\r\n\t"`, ">a"}},
		{"<a><![CDATA[<&]]]]><![CDATA[]]>\r\n</a>", []string{"<a", `CDATA section "<&]]"`, `CDATA section ""`, `text "\n"`, ">a"}},
		{"<!-- 1 --><?go  fast ?>\n<a><!----><?x?></a><?y z?> <!--\r\n-->", []string{`comment " 1 "`, `?go "fast "`, "<a", `comment ""`, `?x ""`, ">a", `?y "z"`, `comment "\n"`}},
		{`<?xml-stylesheet href="x"?><a/>`, []string{`?xml-stylesheet "href=\"x\""`, "<a", ">a"}},
		{`<智 能="器·"/>`, []string{`<智 能="器·"`, ">智"}},
		{`<a-b._·1/>`, []string{"<a-b._·1", ">a-b._·1"}},
		{`<a>]]&gt; ]] ]></a>`, []string{"<a", `text "]]> ]] ]>"`, ">a"}},
		{"<a>\u0085\u007F\uFFFD，</a>", []string{"<a", `text "\u0085\x7f�，"`, ">a"}},
	} {
		if diff := cmp.Diff(test.want, tokens(t, test.src)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", test.src, diff)
		}
	}
}

func TestScanner_reportsBlankText(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"<a> \n\t</a>": true, "<a>\r\n</a>": true, "<a>x </a>": false,
		"<a>&#32;</a>": false, "<a><![CDATA[ ]]></a>": false,
	} {
		s := xmldoc.NewScanner([]byte(src), xmldoc.Limits{})
		for range 2 {
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if s.Blank() != want {
			t.Errorf("%q: blank is %v, want %v", src, s.Blank(), want)
		}
	}
}

func TestScanner_keepsStringsAfterReset(t *testing.T) {
	t.Parallel()
	s := xmldoc.NewScanner([]byte("<a>1&lt;2</a>"), xmldoc.Limits{})
	first := drainTo(t, s, xmldoc.Text)
	s.Reset([]byte("<a>3&gt;4</a>"), xmldoc.Limits{})
	second := drainTo(t, s, xmldoc.Text)
	if first != "1<2" || second != "3>4" {
		t.Errorf("got %q and %q", first, second)
	}
}

func drainTo(t *testing.T, s *xmldoc.Scanner, kind xmldoc.Kind) string {
	t.Helper()
	for {
		k, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if k == kind {
			return s.Text()
		}
	}
}

func TestScanner_namesPlaces(t *testing.T) {
	t.Parallel()
	const src = `<r xmlns:p="u"><p:a/><b/><p:a><c/>x<c/></p:a><!-- --></r>`
	s := xmldoc.NewScanner([]byte(src), xmldoc.Limits{})
	var got []string
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.Path())
		if kind == xmldoc.EOF {
			break
		}
	}
	want := []string{
		"/r", "/r/p:a", "/r/p:a", "/r/b", "/r/b", "/r/p:a[2]", "/r/p:a[2]/c", "/r/p:a[2]/c", "/r/p:a[2]",
		"/r/p:a[2]/c[2]", "/r/p:a[2]/c[2]", "/r/p:a[2]", "/r", "/r", "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestScanner_namesThePlaceOfAFault(t *testing.T) {
	t.Parallel()
	err := xmldoc.Check([]byte("<r>\n <a/><a>\n中&x;</a></r>"), xmldoc.Limits{})
	f := fault.All(err)[0]
	if f.Code != fault.XMLUndefinedEntity || f.At != "/r/a[2]" || !strings.Contains(f.Detail, "line 3, column 2") {
		t.Errorf("got %v", f)
	}
}

func TestScanner_looksUpPrefixes(t *testing.T) {
	t.Parallel()
	s := xmldoc.NewScanner([]byte(`<a xmlns:p="u" xmlns="d">x<b xmlns:p="v" xmlns=""/></a>`), xmldoc.Limits{})
	drainTo(t, s, xmldoc.Text)
	for prefix, want := range map[string]string{"p": "u", "": "d", "xml": xmldoc.XMLSpace} {
		if got, ok := s.Lookup(prefix); !ok || got != want {
			t.Errorf("%q: got %q, %v", prefix, got, ok)
		}
	}
	if _, ok := s.Lookup("q"); ok {
		t.Error("q is bound")
	}
	drainTo(t, s, xmldoc.StartElement)
	if got, _ := s.Lookup("p"); got != "v" {
		t.Errorf("inner p is %q", got)
	}
	if got, ok := s.Lookup(""); !ok || got != "" {
		t.Errorf("inner default is %q, %v", got, ok)
	}
}

func TestScanner_staysAtItsEnd(t *testing.T) {
	t.Parallel()
	s := xmldoc.NewScanner([]byte("<a></b>"), xmldoc.Limits{})
	_, _ = s.Next()
	_, first := s.Next()
	kind, second := s.Next()
	if first == nil || first != second || kind != xmldoc.None {
		t.Errorf("got %v, then %v", first, second)
	}
	s.Reset([]byte("<a/>"), xmldoc.Limits{})
	for range 5 {
		kind, second = s.Next()
	}
	if second != nil || kind != xmldoc.EOF {
		t.Errorf("got %v, %v behind the end", kind, second)
	}
}

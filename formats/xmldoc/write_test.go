package xmldoc_test

import (
	"testing"

	"accord/formats/xmldoc"
	"accord/internal/fault"

	"github.com/beevik/etree"
)

func TestSerialise_keepsWhatAReaderWouldNormalise(t *testing.T) {
	t.Parallel()
	const src = "<?xml version=\"1.0\"?>\n<!-- c -->\n<a x=\"&#xD;&#xA;&#x9;&quot;'&lt;\">&#xD;\n&lt;&gt;&amp;\"<?p d ?></a>\n<?q?>\n"
	doc, err := xmldoc.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := doc.Serialise(); err != nil || string(out) != src {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestParse_tellsOfCData(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{"<a><![CDATA[x]]></a>": true, "<a>x</a>": false} {
		doc, err := xmldoc.Parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if doc.CData != want || doc.Tree.Root().Text() != "x" {
			t.Errorf("%s: got %v, %q", src, doc.CData, doc.Tree.Root().Text())
		}
	}
}

func TestSerialise_refusesABrokenTree(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(root *etree.Element)
		want   fault.Code
	}{
		"control character": {func(e *etree.Element) { e.CreateText("\x01") }, fault.XMLInvalidChar},
		"bytes":             {func(e *etree.Element) { e.CreateText("\xFF") }, fault.XMLInvalidUTF8},
		"name":              {func(e *etree.Element) { e.CreateElement("a b") }, fault.XMLSyntax},
		"prefix":            {func(e *etree.Element) { e.CreateElement("p:a") }, fault.XMLNamespace},
		"comment":           {func(e *etree.Element) { e.CreateComment("--") }, fault.XMLSyntax},
		"directive":         {func(e *etree.Element) { e.CreateDirective("DOCTYPE a") }, fault.XMLDoctypeForbidden},
	} {
		doc, err := xmldoc.Parse([]byte("<a/>"))
		if err != nil {
			t.Fatal(err)
		}
		test.change(doc.Tree.Root())
		if _, err := doc.Serialise(); fault.CodeOf(err) != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

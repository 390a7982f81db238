package xmldoc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// refusals has for each code what must be refused with it (reliability.md,
// rows 22 to 27).
var refusals = map[fault.Code][]string{
	fault.XMLEmpty: {
		"", " \n", "<!-- only -->", `<?xml version="1.0"?>`, "\xEF\xBB\xBF", "<?pi?>",
	},
	fault.XMLDoctypeForbidden: {
		"<!DOCTYPE a><a/>", "<!doctype a><a/>", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`,
		`<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, "<!ENTITY x 'y'><a/>", "<a><!ELEMENT a ANY></a>",
		"<a/><!DOCTYPE a>", `<?xml version="1.0"?> <!-- --><!DOCTYPE a><a/>`,
	},
	fault.XMLEncodingForbidden: {
		`<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, "<?xml version='1.0' encoding='latin1'?><a>\xE4</a>",
		`<?xml version="1.0" encoding="UTF8"?><a/>`, `<?xml version="1.0" encoding="UTF-7"?><a/>`,
		`<?xml version="1.0" encoding=""?><a/>`, "\xFE\xFF\x00<\x00a", "\xFF\xFE<\x00a\x00", "<\x00a\x00/\x00>\x00",
		"\x00<\x00a\x00/\x00>", "\x00\x00\xFE\xFF", "\x4C\x6F\xA7\x94",
	},
	fault.XMLVersionForbidden: {
		`<?xml version="1.1"?><a/>`, `<?xml version="1.1" encoding="UTF-16"?><a/>`, `<?xml version="2.0"?><a/>`,
		`<?xml version=""?><a/>`, `<?xml version=" 1.0"?><a/>`,
	},
	fault.XMLInvalidUTF8: {
		"<a>\xE4</a>", "<a>\xC0\x80</a>", "<a>\xED\xA0\x80</a>", "<a>\xF4\x90\x80\x80</a>", "<a b='\xFF'/>", "<a/>\x80",
	},
	fault.XMLInvalidChar: {
		"<a>\x00</a>", "<a>\x01</a>", "<a b='\x1F'/>", "<a><!--\x02--></a>", "<a><![CDATA[\x0B]]></a>", "<a><?x \x0C?></a>",
		"<a>&#0;</a>", "<a>&#x1;</a>", "<a b='&#8;'/>", "<a>&#xD800;</a>", "<a>&#xFFFE;</a>", "<a>&#x110000;</a>",
		"<a>&#99999999999999999999;</a>", "<a>\uFFFE</a>", "<a b='\uFFFF'/>",
	},
	fault.XMLSyntax: {
		"x", "<a", "<a>", "<a></b>", "<a><b></a></b>", "</a>", "<a></a", "<a></aa>", "<a/ >", "<a b/>", "<a b=c/>", "<a b='1/>",
		"<a b='1'c='2'/>", "<a b='<'/>", "<a>]]></a>", "<a>&</a>", "<a>& b</a>", "<a>&amp</a>", "<a>&#;</a>", "<a>&#x;</a>",
		"<a>&#X41;</a>", "<a>&#4 1;</a>", "<a>&1;</a>", "<a><!-- -- --></a>", "<a><!-- --->", "<a><!--", "<a><![CDATA[ ]]",
		"<a><!", "<a><![cdata[]]></a>", "<![CDATA[]]><a/>", "< a/>", "<1/>", "<a><-/></a>", "<a\u00D7/>", "<a\u0300><\u0300/></a\u0300>",
		" <?xml version='1.0'?><a/>", "<a/><?xml version='1.0'?>", "<a><?XML x?></a>", "<a><?x", "<a><?x'y'?></a>", "<a><??></a>",
		"<?xml?><a/>", "<?xml version='1.0'", "<?xml version='1.0' standalone='maybe'?><a/>", "<?xml encoding='UTF-8'?><a/>",
		"<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", "<?xml version='1.0'encoding='UTF-8'?><a/>", "<?xml version='1.0?><a/>",
		"<?xml version=1.0?><a/>", "text<a/>", "&amp;<a/>", "<a", "<", "<a ", "<a b", "<a b=", "<a b='", "</", "<a></a b='1'>", "<a>&", "<a><",
	},
	fault.XMLTrailingData: {
		"<a/><b/>", "<a/>text", "<a></a><a></a>", "<a/>&#32;", "<a/>\x00", "<a/><!-- --><b/>", "<a/></a>", "<a/><",
	},
	fault.XMLUndefinedEntity: {
		"<a>&nbsp;</a>", "<a b='&x;'/>", "<a>&LT;</a>", "<a>&中;</a>", "<a>&lt;&a.b-c;</a>",
	},
	fault.XMLNamespace: {
		"<p:a/>", "<a p:b='1'/>", "<a:b:c xmlns:a='u'/>", "<a b:c:d='1'/>", "<:a/>", "<a:/>", "<a:1 xmlns:a='u'/>", "<a :b='1'/>",
		"<a xmlns:p=''/>", "<a xmlns:xml='u'/>", "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
		"<a xmlns:xmlns='u'/>", "<a xmlns='http://www.w3.org/2000/xmlns/'/>", "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
		"<a xmlns:='u'/>", "<xmlns:a/>", "<a><b xmlns:p='u'/><p:c/></a>", "<a><?p:q ?></a>",
	},
	fault.XMLDuplicateAttribute: {
		"<a b='1' b='2'/>", "<a xmlns:p='u' p:b='1' p:b='1'/>", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
		"<a xmlns:p='u' xmlns:p='u'/>", "<a xmlns='u' xmlns='v'/>", "<r xmlns:p='u'><a xmlns:q='u' q:b='1' c='' p:b='2'/></r>",
	},
	fault.XMLDuplicateID: {
		"<a xml:id='x'><b xml:id='x'/></a>", "<a xml:id='x'><b xml:id=' x '/></a>",
	},
	fault.XMLDepth: {
		strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65), strings.Repeat("<a>", 64) + "<a/>",
	},
	fault.XMLTooManyNodes: {
		"<a>" + strings.Repeat("<b/>", 100_000) + "</a>", "<a>" + strings.Repeat("<!---->", 100_000) + "</a>",
		"<a>" + strings.Repeat("<?b?>", 100_000) + "</a>",
		many(" b%d=''", 257), many(" xmlns:b%d='u'", 257),
	},
	fault.HTTPBodyTooLarge: {
		"<a>" + strings.Repeat("x", 1<<20) + "</a>",
	},
}

func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return "<a" + b.String() + "/>"
}

func TestScanner_refuses(t *testing.T) {
	t.Parallel()
	for code, sources := range refusals {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			for _, src := range sources {
				err := xmldoc.Check([]byte(src), xmldoc.Limits{})
				if got := fault.CodeOf(err); got != code {
					t.Errorf("%.80q: got %q, want %s: %v", src, got, code, err)
				}
				if _, err := xmldoc.Parse([]byte(src)); fault.CodeOf(err) != code {
					t.Errorf("Parse of %.80q: %v", src, err)
				}
			}
		})
	}
}

// Every code that the gate can give has a row above; the others of xml.* are
// for the dialects to give.
func TestScanner_refusalsCoverTheTable(t *testing.T) {
	t.Parallel()
	dialects := map[fault.Code]bool{fault.XMLCommentInValue: true, fault.XMLMixedContent: true, fault.XMLPIForbidden: true}
	for _, row := range fault.Table() {
		if strings.HasPrefix(string(row.Code), "xml.") && !dialects[row.Code] && len(refusals[row.Code]) == 0 {
			t.Errorf("%s has no test", row.Code)
		}
	}
}

func TestScanner_acceptsUpToTheLimits(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"depth":      strings.Repeat("<a>", 64) + strings.Repeat("</a>", 64),
		"nodes":      "<a>" + strings.Repeat("<b/>", 99_999) + "</a>",
		"attributes": many(" b%d=''", 256),
		"bindings":   many(" xmlns:b%d='u'", 256),
		"bytes":      "<a>" + strings.Repeat("x", 1<<20-7) + "</a>",
		"siblings":   "<r>" + strings.Repeat(many(" xmlns:b%d='u'", 256), 60) + "</r>",
	} {
		if err := xmldoc.Check([]byte(src), xmldoc.DefaultLimits()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScanner_obeysGivenLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		src  string
		lim  xmldoc.Limits
		want fault.Code
	}{
		{"<a><b/></a>", xmldoc.Limits{Depth: 1}, fault.XMLDepth},
		{"<a b='1'><c/></a>", xmldoc.Limits{Nodes: 2}, fault.XMLTooManyNodes},
		{"<a b='1'>x</a>", xmldoc.Limits{Nodes: 2}, fault.XMLTooManyNodes},
		{"<a b='1'/>", xmldoc.Limits{Nodes: 2}, ""},
		{"<a/>", xmldoc.Limits{Bytes: 3}, fault.HTTPBodyTooLarge},
		{"<p:a xmlns:p='u'><p:b xmlns:p='v'/></p:a>", xmldoc.DefaultLimits(), ""},
		{"<p:a xmlns:p='u'><p:b xmlns:p='v'/></p:a>", xmldoc.OwnLimits(), fault.XMLNamespace},
		{"<p:a xmlns:p='u'><p:b xmlns:p='u'/></p:a>", xmldoc.OwnLimits(), ""},
		{"<a><b xmlns:p='u'/><b xmlns:p='v'/></a>", xmldoc.OwnLimits(), ""},
		{"<a xmlns='u'><b xmlns='v'/></a>", xmldoc.OwnLimits(), ""},
	} {
		if got := fault.CodeOf(xmldoc.Check([]byte(test.src), test.lim)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.src, got, test.want)
		}
	}
}

// What a document says must not reach a terminal or a page as it is.
func TestScanner_quotesWhatItEchoes(t *testing.T) {
	t.Parallel()
	long := "<" + strings.Repeat("中", 200) + ">&" + strings.Repeat("x", 1000) + ";"
	err := xmldoc.Check([]byte(long), xmldoc.Limits{})
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Detail) > 200 || len(f.At) > 80 {
		t.Errorf("got %v", err)
	}
}

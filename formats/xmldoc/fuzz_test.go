package xmldoc_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// The gate neither panics nor gives an error without a code, and what it lets
// through encoding/xml reads as the same names and texts: two readers of one
// document must not see two documents.
func FuzzScanner(f *testing.F) {
	for _, sources := range refusals {
		for _, src := range sources {
			if len(src) < 200 {
				f.Add([]byte(src))
			}
		}
	}
	f.Add([]byte(`<?xml version="1.0"?><!--c--><?p d?><p:a xmlns:p="u" y="1" p:x="&lt;&#10;">x<![CDATA[<]]>&#13;<b/></p:a>`))
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		got, err := digest(src)
		if !bytes.Equal(src, before) {
			t.Fatal("the source was changed")
		}
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		want, err := reference(src)
		if err == errIncomparable {
			return
		}
		if err != nil || got != want {
			t.Fatalf("the gate reads %s\nencoding/xml   %s, %v", got, want, err)
		}
	})
}

// digest writes names and texts as the gate reads them.
func digest(src []byte) (string, error) {
	var b strings.Builder
	s := xmldoc.NewScanner(src, xmldoc.Limits{})
	for {
		kind, err := s.Next()
		if err != nil {
			return "", err
		}
		switch kind {
		case xmldoc.EOF:
			return b.String(), nil
		case xmldoc.StartElement:
			b.WriteString("<" + s.Name().Space + " " + s.Name().Local)
			for _, a := range s.Attrs() {
				b.WriteString(" " + a.Name.Space + " " + a.Name.Local)
			}
		case xmldoc.EndElement:
			b.WriteString(">")
		case xmldoc.Text, xmldoc.CData:
			b.WriteString(s.Text())
		default:
			// encoding/xml keeps carriage returns in the others.
		}
	}
}

// errIncomparable marks what encoding/xml reads by other rules: names beyond
// ASCII (it knows the fourth edition), undone default namespaces, and
// declarations.
var errIncomparable = io.ErrNoProgress

func reference(src []byte) (string, error) {
	for _, c := range src {
		if c >= 0x80 {
			return "", errIncomparable
		}
	}
	if bytes.Contains(src, []byte("<?xml")) {
		return "", errIncomparable
	}
	var b strings.Builder
	d := xml.NewDecoder(bytes.NewReader(src))
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			b.WriteString("<" + token.Name.Space + " " + token.Name.Local)
			for _, a := range token.Attr {
				if a.Name.Space == "xmlns" || a.Name == (xml.Name{Local: "xmlns"}) {
					continue
				}
				b.WriteString(" " + a.Name.Space + " " + a.Name.Local)
			}
		case xml.EndElement:
			depth--
			b.WriteString(">")
		case xml.CharData:
			if depth > 0 {
				b.Write(token)
			}
		}
	}
}

package generic_test

import (
	"bytes"
	"testing"

	"accord/formats/generic"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// Whatever the gate lets through comes back from both layers.
func FuzzFromXML(f *testing.F) {
	for _, src := range []string{
		`<?xml version="1.0"?><!--c--><?p d?><p:a xmlns:p="u" xmlns="v" y="1" p:x="&lt;&#10;">x<![CDATA[<]]>&#13;<b/></p:a>`,
		"<a>\r\n]]&gt;</a>", "<名 é='·'/>", "<!DOCTYPE a><a/>", "\xFF\xFE<\x00", "<a xml:id='1'><b xmlns:q='u' q:c=''/></a>",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		form, err := generic.FromXML(src)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		back, err := generic.ToXML(form)
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		again, err := generic.FromXML(back)
		if err != nil || !bytes.Equal(form, again) {
			t.Fatalf("%s\ncame back as %s, %v", form, again, err)
		}
		doc, err := xmldoc.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		out, err := doc.Serialise()
		if err != nil {
			t.Fatal(err)
		}
		if again, err = generic.FromXML(out); err != nil || !bytes.Equal(form, again) {
			t.Fatalf("%s\ncame back from the tree as %s, %v", form, again, err)
		}
	})
}

// Whatever ToXML accepts is a form that comes back.
func FuzzToXML(f *testing.F) {
	for _, src := range []string{
		`{"accord:infoset":1,"nodes":[{"e":"a"}]}`,
		`{"accord:infoset":1,"nodes":[{"comment":"c"},{"pi":"p","data":"d"},{"e":"p:a","ns":{"p":"u","":"v"},"@":[["y","1\n"]],"c":["<\r",{"e":"b"}]}]}`,
		`{"nodes":[{"c":["x","y"],"e":"a"}],"accord:infoset":1}`,
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		xml, err := generic.ToXML(src)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		form, err := generic.FromXML(xml)
		if err != nil {
			t.Fatalf("%s: %v", xml, err)
		}
		again, err := generic.ToXML(form)
		if err != nil || !bytes.Equal(xml, again) {
			t.Fatalf("%s\ncame back as %s, %v", xml, again, err)
		}
		if !equalJSON(t, src, form) {
			t.Fatalf("%s\ncame back as %s", src, form)
		}
	})
}

// Whatever JSON is accepted comes back with its order and digits.
func FuzzFromJSON(f *testing.F) {
	for _, src := range []string{
		`{"@context":["a b"],"中文/x.$":true,"":null}`, `[0.20,1E400,-0]`, `"\u0000\\\ufffe"`, `{"accord:infoset":1,"nodes":[{"e":"a"}]}`,
		`{"\u0001":{"accord:infoset":2}}`,
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		xml, err := generic.AsXML(src)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		back, err := generic.AsJSON(xml)
		if err != nil {
			t.Fatalf("%s\nas %s: %v", src, xml, err)
		}
		if _, err := generic.FromJSON(src); err == nil && string(back) != compact(t, src) {
			t.Fatalf("%s\nas %s\ncame back as %s", src, xml, back)
		}
		again, err := generic.AsXML(back)
		if err != nil || !bytes.Equal(xml, again) {
			t.Fatalf("%s\ncame back as %s, %v", xml, again, err)
		}
	})
}

// Whatever XML is accepted comes back as the same canonical XML, and a JSON form
// as the same JSON.
func FuzzAsJSON(f *testing.F) {
	for _, src := range []string{
		`<json xmlns="urn:accord:json:1" type="object"><member name="a" type="string">x</member></json>`,
		`<j:json type='array' xmlns:j='urn:accord:json:1'> <j:item type="string" escaped="true">\u0000</j:item></j:json>`,
		`<a><!--c--></a>`,
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		json, err := generic.AsJSON(src)
		if err != nil {
			if fault.CodeOf(err) == fault.Internal {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		xml, err := generic.AsXML(json)
		if err != nil {
			t.Fatalf("%s\nas %s: %v", src, json, err)
		}
		again, err := generic.AsJSON(xml)
		if err != nil || !bytes.Equal(json, again) {
			t.Fatalf("%s\ncame back as %s, %v", json, again, err)
		}
	})
}

package generic_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"accord/formats/generic"
	"accord/formats/xmldoc"
	"accord/internal/strictjson"

	"pgregory.net/rapid"
)

// A tree is generated as its two forms at once, each by rules of its own: the
// XML with every freedom that the syntax leaves, the JSON with none.
type forms struct{ xml, json string }

// spaces are what prefixes may be bound to in a generated tree.
var spaces = []string{"urn:x", "urn:y", "http://例/?a&b", "rel"}

// drawText draws a text that is not empty.
func drawText(t *rapid.T) string {
	runes := rapid.SampledFrom([]rune("ab1 \n\t\r<>&'\"]-?中é\u0085\u00A0\uFFFD\U0001F600{}\\/"))
	return string(rapid.SliceOfN(runes, 1, 8).Draw(t, "text"))
}

func quoted(s string) string { return string(strictjson.AppendString(nil, s)) }

// escape writes s as XML, each character in one of the ways it may be written.
func escape(t *rapid.T, s, must string) string {
	var b strings.Builder
	for _, r := range s {
		how := rapid.IntRange(0, 9).Draw(t, "how")
		switch {
		case how == 0:
			fmt.Fprintf(&b, "&#%d;", r)
		case how == 1:
			fmt.Fprintf(&b, "&#x%x;", r)
		case strings.ContainsRune(must, r):
			named := map[rune]string{'<': "lt", '>': "gt", '&': "amp", '\'': "apos", '"': "quot"}
			if name, ok := named[r]; ok {
				b.WriteString("&" + name + ";")
			} else {
				fmt.Fprintf(&b, "&#x%X;", r)
			}
		case r == '\n' && how == 2 && !strings.ContainsRune(must, '\n'):
			b.WriteString("\r\n")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// textForms writes a text as pieces of character data and CDATA sections.
func textForms(t *rapid.T) forms {
	s := drawText(t)
	var xml strings.Builder
	for rest := s; rest != ""; {
		runes := []rune(rest)
		n := rapid.IntRange(1, len(runes)).Draw(t, "piece")
		piece := string(runes[:n])
		rest = string(runes[n:])
		if rapid.Bool().Draw(t, "cdata") && !strings.ContainsAny(piece, "\r") && !strings.Contains(piece, "]]>") {
			xml.WriteString("<![CDATA[" + piece + "]]>")
		} else {
			xml.WriteString(escape(t, piece, "<>&\r"))
		}
	}
	return forms{xml.String(), quoted(s)}
}

func commentForms(t *rapid.T) forms {
	s := strings.NewReplacer("-", "", "\r", "").Replace(drawText(t))
	return forms{"<!--" + s + "-->", `{"comment":` + quoted(s) + `}`}
}

func instructionForms(t *rapid.T) forms {
	target := rapid.SampledFrom([]string{"p", "xml-stylesheet", "中", "xmlish"}).Draw(t, "target")
	s := strings.TrimLeft(strings.NewReplacer("?", "", "\r", "").Replace(drawText(t)), " \t\n")
	if s == "" {
		return forms{"<?" + target + gap(t, "") + "?>", `{"pi":` + quoted(target) + `}`}
	}
	return forms{"<?" + target + gap(t, " ") + s + "?>", `{"pi":` + quoted(target) + `,"data":` + quoted(s) + `}`}
}

// gap draws white space, at least least.
func gap(t *rapid.T, least string) string {
	return least + rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r\n"}).Draw(t, "gap")
}

// elementForms draws an element; scope are the prefixes bound around it.
func elementForms(t *rapid.T, scope []string, depth int) forms {
	var declarations, spacesJSON []string
	for _, prefix := range []string{"", "p", "q"} {
		if rapid.IntRange(0, 3).Draw(t, "declares") > 0 {
			continue
		}
		uri := rapid.SampledFrom(spaces).Draw(t, "space")
		name := "xmlns:" + prefix
		if prefix == "" {
			name = "xmlns"
			if rapid.Bool().Draw(t, "undone") {
				uri = ""
			}
		} else {
			scope = append(scope[:len(scope):len(scope)], prefix)
		}
		declarations = append(declarations, attributeXML(t, name, uri))
		spacesJSON = append(spacesJSON, quoted(prefix)+":"+quoted(uri))
	}
	name := drawName(t, scope)
	json := `{"e":` + quoted(name)
	if len(spacesJSON) > 0 {
		json += `,"ns":{` + strings.Join(spacesJSON, ",") + `}`
	}
	attrs, attrsJSON := attributeForms(t, scope)
	if len(attrsJSON) > 0 {
		json += `,"@":[` + strings.Join(attrsJSON, ",") + `]`
	}
	xml := "<" + name + strings.Join(declarations, "") + strings.Join(attrs, "") + gap(t, "")
	content := contentForms(t, scope, depth)
	if content.json != "" {
		json += `,"c":[` + content.json + `]`
	} else if rapid.Bool().Draw(t, "short") {
		return forms{xml + "/>", json + "}"}
	}
	return forms{xml + ">" + content.xml + "</" + name + gap(t, "") + ">", json + "}"}
}

func drawName(t *rapid.T, scope []string) string {
	local := rapid.SampledFrom([]string{"a", "b", "c-1", "_.", "名", "xmlns"}).Draw(t, "local")
	if i := rapid.IntRange(-1, len(scope)-1).Draw(t, "prefix"); i >= 0 {
		return scope[i] + ":" + local
	}
	return local
}

// attributeForms draws attributes of different local names, so that no two can
// mean the same.
func attributeForms(t *rapid.T, scope []string) (xml, json []string) {
	for i := range rapid.IntRange(0, 3).Draw(t, "attributes") {
		name := fmt.Sprint("x", i)
		if j := rapid.IntRange(-1, len(scope)-1).Draw(t, "prefix"); j >= 0 {
			name = scope[j] + ":" + name
		}
		value := ""
		if rapid.Bool().Draw(t, "valued") {
			value = drawText(t)
		}
		xml = append(xml, attributeXML(t, name, value))
		json = append(json, "["+quoted(name)+","+quoted(value)+"]")
	}
	return xml, json
}

func attributeXML(t *rapid.T, name, value string) string {
	mark := rapid.SampledFrom([]string{`"`, `'`}).Draw(t, "quote")
	return gap(t, " ") + name + gap(t, "") + "=" + gap(t, "") + mark + escape(t, value, "<&\r\n\t"+mark) + mark
}

// contentForms draws children, texts only between other nodes.
func contentForms(t *rapid.T, scope []string, depth int) forms {
	var all forms
	add := func(f forms) {
		if all.json != "" {
			all.json += ","
		}
		all.json += f.json
		all.xml += f.xml
	}
	for range rapid.IntRange(0, 3).Draw(t, "children") {
		if rapid.Bool().Draw(t, "texted") {
			add(textForms(t))
		}
		switch rapid.IntRange(0, 3).Draw(t, "child") {
		case 0:
			add(commentForms(t))
		case 1:
			add(instructionForms(t))
		default:
			if depth > 0 {
				add(elementForms(t, scope, depth-1))
			} else {
				add(commentForms(t))
			}
		}
	}
	if rapid.Bool().Draw(t, "texted") {
		add(textForms(t))
	}
	return all
}

func documentForms(t *rapid.T) forms {
	xml := rapid.SampledFrom([]string{"", "\uFEFF", `<?xml version="1.0"?>`, "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n"}).Draw(t, "start")
	if xml == "" || xml == "\uFEFF" {
		xml += gap(t, "")
	}
	before, root, after := commentForms(t), elementForms(t, nil, 3), instructionForms(t)
	return forms{
		xml + before.xml + gap(t, "") + root.xml + gap(t, "") + after.xml + gap(t, ""),
		`{"accord:infoset":1,"nodes":[` + before.json + "," + root.json + "," + after.json + `]}`,
	}
}

func TestForm_isOneForEachDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := documentForms(t)
		got, err := generic.FromXML([]byte(want.xml))
		if err != nil || string(got) != want.json {
			t.Fatalf("%s\ngives %s, %v\nwant  %s", want.xml, got, err, want.json)
		}
	})
}

func TestForm_comesBackFromXML(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := documentForms(t)
		xml, err := generic.ToXML([]byte(want.json))
		if err != nil {
			t.Fatalf("%s: %v", want.json, err)
		}
		got, err := generic.FromXML(xml)
		if err != nil || string(got) != want.json {
			t.Fatalf("%s\ncame back as %s, %v", want.json, got, err)
		}
		again, err := generic.ToXML(got)
		if err != nil || !bytes.Equal(xml, again) {
			t.Fatalf("%s\ncame back as %s, %v", xml, again, err)
		}
	})
}

func TestTree_comesBackFromItsSerialiser(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := documentForms(t)
		doc, err := xmldoc.Parse([]byte(want.xml))
		if err != nil {
			t.Fatal(err)
		}
		xml, err := doc.Serialise()
		if err != nil {
			t.Fatal(err)
		}
		got, err := generic.FromXML(xml)
		if err != nil || string(got) != want.json {
			t.Fatalf("%s\ncame back as %s\n%s, %v\nwant %s", want.xml, xml, got, err, want.json)
		}
	})
}

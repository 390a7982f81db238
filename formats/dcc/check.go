package dcc

import (
	"strconv"
	"strings"

	"accord/formats/carry"
	"accord/internal/fault"
)

// check holds the document against the rules of domain.md, section 7, that speak
// of all of it: mandatory languages, lengths of lists, identifiers.
func (r *reader) check() {
	ids := map[string]bool{}
	r.Root.Walk(func(n *carry.Node) {
		switch n.Name.Space {
		case nsDCC:
			if id, ok := n.Attr("id"); ok {
				if ids[id] {
					r.FailAt(fault.XMLDuplicateID, n.Path()+"/@id", "the id stands twice in the document")
				}
				ids[id] = true
			}
			if n.Name.Local == "name" || n.Name.Local == "referral" {
				r.checkLanguages(n)
			}
		case nsSI:
			r.checkLists(n)
		}
	})
}

// checkLanguages: a text that has languages has the mandatory ones. One without
// is for all languages.
func (r *reader) checkLanguages(n *carry.Node) {
	tagged := map[string]bool{}
	neutral := false
	for _, c := range n.All(nsDCC, "content") {
		lang, ok := c.Attr("lang")
		tagged[lang] = tagged[lang] || ok
		neutral = neutral || !ok
	}
	if neutral || len(tagged) == 0 {
		return
	}
	for _, want := range r.mandatory {
		if !tagged[want] {
			r.Fail(fault.SchemaFormat, n, "has no text in the mandatory language "+strconv.Quote(want))
			return
		}
	}
}

// checkLists: lists that belong together have one length; a list of one value
// speaks for all.
func (r *reader) checkLists(n *carry.Node) {
	switch n.Name.Local {
	case "realListXMLList", "complexListXMLList":
		length := 0
		n.Walk(func(c *carry.Node) {
			if !strings.HasSuffix(c.Name.Local, "XMLList") || c == n {
				return
			}
			text, _, leaf := c.Value()
			if !leaf {
				return
			}
			items := len(strings.Fields(text))
			switch {
			case items == 0:
				r.Fail(fault.SchemaLength, c, "the list is empty")
			case items == 1 && length > 0:
			case length <= 1:
				length = items
			case items != length:
				r.Fail(fault.SchemaLength, c, "the list has "+strconv.Itoa(items)+" values, those beside it "+strconv.Itoa(length))
			}
		})
	case "hybrid":
		length := 0
		for _, list := range n.All(nsSI, "realListXMLList") {
			values := list.Child(nsSI, "valueXMLList")
			if values == nil {
				continue
			}
			text, _, _ := values.Value()
			items := len(strings.Fields(text))
			if length > 0 && items != length {
				r.Fail(fault.SchemaLength, values, "the list has "+strconv.Itoa(items)+" values, the first of the hybrid "+strconv.Itoa(length))
			}
			if length == 0 {
				length = items
			}
		}
	}
}

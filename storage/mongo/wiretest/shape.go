package wiretest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// AssertShapes fails the test if a command was sent whose shape is not
// declared: a shape without an index scans a collection.
func (p *Proxy) AssertShapes(tb testing.TB, declared ...string) {
	tb.Helper()
	for _, shape := range p.Shapes() {
		if !slices.Contains(declared, shape) {
			tb.Errorf("a query of an undeclared shape: %s", shape)
		}
	}
}

// Shapes returns each shape of the queries that were written down once, sorted.
// A shape names the command, the collection, the fields of the filter and how
// they are compared, and the order:
//
//	find feed {partner =, index $gt $lte} sort {partner 1, index 1}
func (p *Proxy) Shapes() []string {
	var shapes []string
	for _, c := range p.Commands() {
		shapes = append(shapes, c.Shapes...)
	}
	slices.Sort(shapes)
	return slices.Compact(shapes)
}

// shapesOf returns the shapes of a command.
func shapesOf(c *Command) []string {
	name := c.Name + " " + c.Collection + " "
	switch c.Name {
	case "find":
		shape := name + filterShape(c.Body.Lookup("filter"))
		if sort, ok := c.Body.Lookup("sort").DocumentOK(); ok && len(sort) > 5 {
			shape += " sort " + sortShape(sort)
		}
		return []string{shape}
	case "count", "distinct":
		return []string{name + filterShape(c.Body.Lookup("query"))}
	case "aggregate":
		return []string{name + stages(c.Body)}
	case "update", "delete":
		var shapes []string
		for _, doc := range c.Documents {
			shapes = append(shapes, name+filterShape(doc.Lookup("q")))
		}
		slices.Sort(shapes)
		return slices.Compact(shapes)
	}
	return nil
}

func filterShape(v bson.RawValue) string {
	doc, ok := v.DocumentOK()
	if !ok {
		return "{}"
	}
	elements, _ := doc.Elements()
	parts := make([]string, len(elements))
	for i, e := range elements {
		parts[i] = e.Key() + " " + comparison(e.Value())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// comparison names how a field is compared: its operators, or = for a value.
func comparison(v bson.RawValue) string {
	if array, ok := v.ArrayOK(); ok { // of $and and $or
		values, _ := array.Values()
		parts := make([]string, len(values))
		for i, alternative := range values {
			parts[i] = filterShape(alternative)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	doc, ok := v.DocumentOK()
	if !ok {
		return "="
	}
	elements, _ := doc.Elements()
	var operators []string
	for _, e := range elements {
		if !strings.HasPrefix(e.Key(), "$") {
			return "="
		}
		operators = append(operators, e.Key())
	}
	slices.Sort(operators)
	return strings.Join(operators, " ")
}

func sortShape(doc bson.Raw) string {
	elements, _ := doc.Elements()
	parts := make([]string, len(elements))
	for i, e := range elements {
		direction, _ := e.Value().AsInt64OK()
		parts[i] = fmt.Sprint(e.Key(), " ", direction)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// stages names the stages of a pipeline, with the filter of each $match.
func stages(body bson.Raw) string {
	array, _ := body.Lookup("pipeline").ArrayOK()
	values, _ := array.Values()
	var parts []string
	for _, v := range values {
		elements, _ := sub(v).Elements()
		for _, e := range elements {
			if e.Key() == "$match" {
				parts = append(parts, "$match "+filterShape(e.Value()))
			} else {
				parts = append(parts, e.Key())
			}
		}
	}
	return strings.Join(parts, " | ")
}

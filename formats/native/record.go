package native

import (
	"cmp"
	"slices"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// record is the codec of a struct: its fields in the order of the XML form.
type record[T any] struct {
	single
	name     string // of the type in the schemas
	fields   []field[T]
	names    *strictjson.Names // of the fields in JSON, in the same order
	sorted   []int             // fields in the order of RFC 8785
	quoted   []string          // name of each field as JSON with its colon
	need     uint64            // the required fields, a bit each
	content  int               // index of the field that is the element's text, or -1
	reserved []reserved        // what only the gateway may set
	oneOf    []group           // exactly one of these groups of fields is there
	empty    bool              // {} says something
	inline   bool              // its XML stands on one line
	isZero   func(*T) bool     // for a record that is absent when it is zero
}

// reserved is a field that only the gateway may set.
type reserved struct {
	json, xml string
	place     place
}

// group is one of the alternatives of a record: first is its required field,
// rest are further fields that only it may have.
type group struct {
	first string
	also  []string // required with first
	rest  []string
}

// newRecord makes the codec of a struct.
func newRecord[T any](name string, fields ...field[T]) *record[T] {
	c := &record[T]{name: name, fields: fields, content: -1}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.json
		c.sorted = append(c.sorted, i)
		c.quoted = append(c.quoted, string(strictjson.AppendString(nil, f.json))+":")
		if f.place == inContent {
			c.content = i
		}
		if f.required {
			c.need |= 1 << i
		}
	}
	c.names = strictjson.NewNames(names...)
	// Our names are ASCII, so octets sort as UTF-16 does.
	slices.SortFunc(c.sorted, func(a, b int) int { return cmp.Compare(fields[a].json, fields[b].json) })
	return c
}

func (c *record[T]) readJSON(d *jsonDecoder, v *T) {
	if !d.expect(strictjson.Object) {
		return
	}
	var seen uint64
	members := 0
	d.r.Open()
	for {
		i, other, ok := d.r.Member(c.names)
		if !ok {
			break
		}
		members++
		if i < 0 {
			d.unknown(slices.ContainsFunc(c.reserved, func(r reserved) bool { return r.json == other }))
			continue
		}
		seen |= 1 << i
		c.fields[i].readJSON(d, v)
	}
	d.r.Close()
	if members == 0 && !c.empty {
		d.report(fault.SchemaLength, "an empty object; leave the member out instead")
	}
	c.missing(seen, func(f *field[T]) {
		d.reportAt("/"+f.json, fault.SchemaMissingField, "this member is required")
	})
	c.alternatives(seen, d.report)
}

// missing calls report for each required field that was not seen.
func (c *record[T]) missing(seen uint64, report func(*field[T])) {
	if c.need&^seen == 0 {
		return
	}
	for i := range c.fields {
		if c.fields[i].required && seen&(1<<i) == 0 {
			report(&c.fields[i])
		}
	}
}

// alternatives checks that exactly one of the groups is there, whole and alone.
func (c *record[T]) alternatives(seen uint64, report func(fault.Code, string)) {
	if c.oneOf == nil {
		return
	}
	has := func(name string) bool {
		return seen&(1<<slices.IndexFunc(c.fields, func(f field[T]) bool { return f.json == name })) != 0
	}
	found := 0
	for _, g := range c.oneOf {
		if has(g.first) {
			found++
			for _, name := range g.also {
				if !has(name) {
					report(fault.SchemaMissingField, name+" is required with "+g.first)
				}
			}
			continue
		}
		if i := slices.IndexFunc(slices.Concat(g.also, g.rest), has); i >= 0 {
			report(fault.SchemaMissingField, g.first+" is required with "+slices.Concat(g.also, g.rest)[i])
		}
	}
	switch {
	case found == 0:
		report(fault.SchemaMissingField, "one is required of "+c.groupNames())
	case found > 1:
		report(fault.SchemaUnknownField, "only one may be given of "+c.groupNames())
	}
}

func (c *record[T]) groupNames() string {
	var names string
	for i, g := range c.oneOf {
		if i > 0 {
			names += ", "
		}
		names += g.first
	}
	return names
}

func (c *record[T]) appendJSON(dst []byte, v *T) []byte {
	dst = append(dst, '{')
	first := true
	for _, i := range c.sorted {
		f := &c.fields[i]
		if !f.required && f.absent(v) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = f.appendJSON(append(dst, c.quoted[i]...), v)
	}
	return append(dst, '}')
}

func (c *record[T]) absent(v *T) bool { return c.isZero != nil && c.isZero(v) }

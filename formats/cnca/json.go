package cnca

import (
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// readJSON reads the members of a record.
func readJSON(src []byte, pick func(names []string) *form) (*record, error) {
	r := strictjson.NewReader(src, strictjson.DefaultLimits())
	if r.Kind() != strictjson.Object && r.Err() == nil {
		return nil, fault.At(fault.SchemaType, "/", "a record is a JSON object")
	}
	type member struct {
		name, value string
		shape       shape
		flat        bool
	}
	members := make([]member, 0, 96)
	names := make([]string, 0, 96)
	r.Open()
	for r.More() {
		m := member{name: r.Name()}
		switch r.Kind() {
		case strictjson.String:
			m.value, m.shape, m.flat = r.String(), text, true
		case strictjson.Number:
			m.value, m.shape = r.Lexical(), number
		case strictjson.Null:
			m.value, m.shape = "", null
			r.Skip()
		default:
			m.value = r.Raw()
		}
		members, names = append(members, m), append(names, m.name)
	}
	r.Close()
	if err := r.Finish(); err != nil {
		return nil, err
	}
	rec := newRecord(pick(names), "json")
	for i := range members {
		m := &members[i]
		_, known := rec.form.index[m.name]
		switch {
		case known && m.shape == absent:
			rec.fail(fault.SchemaType, m.name, "want a string")
		case known:
			rec.put(m.name, m.shape, m.value)
		case m.flat:
			rec.extras = append(rec.extras, extra{m.name, true, m.value})
		case m.shape == null:
			rec.extras = append(rec.extras, extra{m.name, false, "null"})
		default:
			rec.extras = append(rec.extras, extra{m.name, false, m.value})
		}
	}
	return rec, nil
}

// writeJSON writes a record, its fields in the order of the form.
func writeJSON(r *record) ([]byte, []int) {
	b := make([]byte, 1, 4096)
	b[0] = '{'
	name := func(n string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(strictjson.AppendString(b, n), ':')
	}
	for i := range r.cells {
		c := &r.cells[i]
		if c.shape == absent {
			continue
		}
		if c.alias != "" {
			name(c.alias)
		} else {
			name(r.form.fields[i].name)
		}
		switch c.shape {
		case null:
			b = append(b, "null"...)
		case number:
			b = append(b, c.value...)
		default:
			b = strictjson.AppendString(b, c.value)
		}
	}
	for i := range r.extras {
		name(r.extras[i].name)
		if r.extras[i].flat {
			b = strictjson.AppendString(b, r.extras[i].fragment)
		} else {
			b = append(b, r.extras[i].fragment...)
		}
	}
	return append(b, '}'), nil
}

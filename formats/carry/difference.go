package carry

import (
	"strconv"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/native"
	"accord/internal/strictjson"
)

// Difference adds a loss for everything that a submission says and its reading
// back does not: each with its pointer, and nothing else. What only the reading
// back has is none. Residual is left out: a piece of another dialect is for the
// conversion to tell.
func Difference(l *dialect.Losses, before, after *attestation.Submission) error {
	a, err := jsondoc.ParseLimited(native.AppendJSON(nil, before), strictjson.Limits{})
	if err != nil {
		return err
	}
	b, err := jsondoc.ParseLimited(native.AppendJSON(nil, after), strictjson.Limits{})
	if err != nil {
		return err
	}
	for i := range a.Members {
		if m := &a.Members[i]; m.Name != "residual" {
			difference(l, "/"+m.Name, &m.Value, b.Member(m.Name))
		}
	}
	return nil
}

func difference(l *dialect.Losses, at string, a, b *jsondoc.Value) {
	switch {
	case b == nil:
		l.Add(dialect.Error, dialect.Dropped, at)
	case a.Kind != b.Kind:
		l.Add(dialect.Error, dialect.Narrowed, at)
	case a.Kind == strictjson.Object:
		for i := range a.Members {
			m := &a.Members[i]
			difference(l, at+jsondoc.Escape(m.Name), &m.Value, b.Member(m.Name))
		}
	case a.Kind == strictjson.Array:
		differentLists(l, at, a.Elements, b.Elements)
	case a.Text != b.Text:
		l.Add(dialect.Warning, dialect.Narrowed, at)
	}
}

// differentLists compares by place where the lists are as long, and looks for an
// equal element otherwise.
func differentLists(l *dialect.Losses, at string, a, b []jsondoc.Value) {
	if len(a) == len(b) {
		for i := range a {
			difference(l, at+"/"+strconv.Itoa(i), &a[i], &b[i])
		}
		return
	}
	there := make(map[string]int, len(b))
	for i := range b {
		there[string(b[i].Append(nil))]++
	}
	for i := range a {
		text := string(a[i].Append(nil))
		if there[text] > 0 {
			there[text]--
			continue
		}
		l.Add(dialect.Error, dialect.Dropped, at+"/"+strconv.Itoa(i))
	}
}

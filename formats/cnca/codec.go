package cnca

import (
	"net/url"
	"slices"
	"strconv"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/internal/strictjson"
)

// mappingVersion is raised with every change of what comes out.
const mappingVersion = "1"

// Codecs returns the codecs of the report and of the look-up, each in JSON and
// in XML.
func Codecs() []dialect.Codec {
	return []dialect.Codec{
		codecOf(report, "json", "cnca"), codecOf(report, "xml"),
		codecOf(lookup, "json", "cnca-lookup"), codecOf(lookup, "xml"),
	}
}

func codecOf(f *form, syntax string, aliases ...string) dialect.Codec {
	id, rows := "accord-cnca-report", rowsOf(report)
	if f != report {
		id, rows = "accord-cnca-lookup", append(rowsOf(lookup), rowsOf(row)...)
	}
	c := dialect.Codec{
		Name: f.name + "+" + syntax, Aliases: aliases, MediaTypes: []string{"application/vnd.accord." + f.name + "+" + syntax},
		Mapping: dialect.Mapping{ID: id, Version: mappingVersion}, Rows: rows,
		Encode: func(s *attestation.Submission, _ dialect.Options) ([]byte, []dialect.Loss, error) {
			return encode(s, formFor(s, f), syntax)
		},
	}
	if syntax == "json" {
		c.Recognises = func(src []byte) bool { got := formOf(namesIn(src)); return got != nil && got.name == f.name }
		c.Decode = decodeOf(func(src []byte) (*record, error) {
			return readJSON(src, func(names []string) *form {
				if f != report && slices.Contains(names, "certNumber") {
					return row
				}
				return f
			})
		})
		return c
	}
	forms := []*form{f}
	if f != report {
		forms = append(forms, row)
	}
	c.Recognises = func(src []byte) bool {
		name, ok := carry.RootName(src)
		return ok && len(name.Space) >= len(namespaceStem) && name.Space[:len(namespaceStem)] == namespaceStem &&
			slices.ContainsFunc(forms, func(f *form) bool { return f.root == name.Local })
	}
	c.Decode = decodeOf(func(src []byte) (*record, error) { return readXML(src, forms) })
	return c
}

func decodeOf(read func([]byte) (*record, error)) func([]byte) (*attestation.Submission, []dialect.Loss, error) {
	return func(src []byte) (*attestation.Submission, []dialect.Loss, error) {
		r, err := read(src)
		if err != nil {
			return nil, nil, err
		}
		s := decode(r)
		if err := r.found.ErrorOrNil(); err != nil {
			return nil, nil, err
		}
		return s, r.losses.List, nil
	}
}

// formFor is the short form of the look-up for what came in it.
func formFor(s *attestation.Submission, f *form) *form {
	if f == lookup && slices.ContainsFunc(s.Residual, func(r attestation.Residual) bool {
		return r.Format == f.name && r.Kind == kindForm && r.Fragment == "row"
	}) {
		return row
	}
	return f
}

// formOf says which form the names of a JSON object are of, nil for none.
func formOf(names []string) *form {
	has := func(name string) bool { return slices.Contains(names, name) }
	switch {
	case has("certNumber") && (has("rzjgId") || has("certiStatus")):
		return row
	case !has("证书编号"):
		return nil
	case has("发证日期") || has("项目编号") || has("上报类型"):
		return report
	case has("颁证日期") || has("认证项目"):
		return lookup
	default:
		return nil
	}
}

// namesIn returns the names of the members of a JSON object, nil for what is
// none.
func namesIn(src []byte) (names []string) {
	r := strictjson.NewReader(src, strictjson.DefaultLimits())
	if r.Kind() != strictjson.Object {
		return nil
	}
	r.Open()
	for r.More() {
		names = append(names, r.Name())
		r.Skip()
	}
	return names
}

// rowsOf returns the table of a form as the mapping.
func rowsOf(f *form) (rows []dialect.Row) {
	for i := range f.fields {
		x := &f.fields[i]
		name := x.name
		if x.number > 0 {
			name = strconv.Itoa(x.number) + " " + x.name
		}
		rows = append(rows, dialect.Row{Canonical: x.canonical, Foreign: name, Note: x.note})
	}
	return rows
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && (u.Host != "" || u.Opaque != "")
}

package formats

import (
	"fmt"
	"slices"
	"strings"

	"accord/formats/dialect"
)

// MappingPages returns the pages of docs/mappings by file name: one for each
// mapping, which several syntaxes of a dialect may share, and an index. A test
// holds the files against them.
func MappingPages() map[string]string { return standard().pages() }

func (t table) pages() map[string]string {
	pages := map[string]string{}
	var index strings.Builder
	index.WriteString("# Mappings\n\nHow the dialects of the field say what an attestation says. One page for each\nmapping, made of the tables in the code by `go test ./formats -run Mappings -update`.\n" +
		"A conversion statement names the mapping by id and version (decision 0037).\n\n| Formats | Mapping | Version | Media types | Way |\n|---|---|---|---|---|\n")
	for i, c := range t {
		if slices.IndexFunc(t, func(o dialect.Codec) bool { return o.Mapping.ID == c.Mapping.ID }) != i {
			continue // shares the page of another syntax
		}
		name := c.Mapping.ID + ".md"
		pages[name] = t.page(c)
		way := "in and out"
		if c.Encode == nil {
			way = "in"
		}
		fmt.Fprintf(&index, "| %s | [%s](%s) | %s | %s | %s |\n", code(t.sharing(c)...), c.Mapping.ID, name, c.Mapping.Version, code(t.mediaTypes(c)...), way)
	}
	pages["README.md"] = index.String()
	return pages
}

func (t table) page(c dialect.Codec) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, version %s\n\nFormats: %s. Made of the table in the code; see [all mappings](README.md).\n\n", c.Mapping.ID, c.Mapping.Version, code(t.sharing(c)...))
	b.WriteString("| Attestation | Dialect | Note |\n|---|---|---|\n")
	for _, r := range c.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", path(r.Canonical), path(r.Foreign), cell(r.Note))
	}
	return b.String()
}

// sharing lists the names of the formats with the mapping of a codec.
func (t table) sharing(c dialect.Codec) (names []string) {
	for _, o := range t {
		if o.Mapping.ID == c.Mapping.ID {
			names = append(names, o.Name)
		}
	}
	return names
}

func (t table) mediaTypes(c dialect.Codec) (types []string) {
	for _, o := range t {
		if o.Mapping.ID == c.Mapping.ID {
			types = append(types, o.MediaTypes...)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

func code(names ...string) string {
	for i := range names {
		names[i] = "`" + names[i] + "`"
	}
	return strings.Join(names, ", ")
}

// path is a path as code; a dash stands for none.
func path(s string) string {
	if s == "" {
		return "–"
	}
	return "`" + cell(s) + "`"
}

// cell keeps a text inside its cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

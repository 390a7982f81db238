package certsearch

import (
	"strconv"
	"strings"

	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// xmlRecord reads one record element.
type xmlRecord struct {
	rec  *Record
	s    *xmldoc.Scanner
	path []string
	leaf bool            // the open element holds a value
	seen map[string]bool // paths of single fields
	text strings.Builder
	over int // findings that were not kept
}

// groups are the elements that only hold others, by their path in the record,
// and what a leaf inside them is. A path is that below the record element.
var groups = map[string]bool{
	"schemes": true, "schemes/scheme": true, "schemes/scheme/standard_list": true, "schemes/scheme/standard_list/standard": true,
	"certification_sectors": true, "certification_sectors/certification_sector": true,
	"sites": true, "sites/site": true,
}

// leaves are the values inside groups.
var leaves = func() map[string]func(*Record, string) {
	m := map[string]func(*Record, string){
		"schemes/scheme/scheme_name":                             func(r *Record, v string) { r.schemes = append(r.schemes, v) },
		"schemes/scheme/standard_list/standard/standards_name":   func(r *Record, v string) { r.standards = append(r.standards, v) },
		"certification_sectors/certification_sector/sector_code": func(r *Record, v string) { r.codes[len(r.codes)-1] = v },
		"certification_sectors/certification_sector/sector_name": func(r *Record, v string) { r.names[len(r.names)-1] = v },
	}
	for i, name := range siteColumns {
		m["sites/site/"+name] = func(r *Record, v string) { r.sites[len(r.sites)-1][i] = v }
	}
	return m
}()

// inGroup says which fields stand in groups and not beside the others.
var inGroup = map[field]bool{fScheme: true, fStandards: true, fSectorCode: true, fSectorName: true}

// maxFindings bounds what is told of one record.
const maxFindings = 100

func (p *xmlRecord) fail(code fault.Code, detail string) {
	if len(p.rec.findings) >= maxFindings {
		p.over++
		return
	}
	p.rec.fail(code, p.s.Path(), detail)
}

func (p *xmlRecord) read() error {
	p.seen = map[string]bool{}
	for {
		kind, err := p.s.Next()
		if err != nil {
			return err
		}
		if kind == xmldoc.EOF {
			break
		}
		switch kind {
		case xmldoc.StartElement:
			p.start()
		case xmldoc.EndElement:
			p.end()
		case xmldoc.Text, xmldoc.CData:
			p.chars()
		case xmldoc.Comment, xmldoc.PI:
			if p.leaf {
				p.fail(fault.XMLCommentInValue, "a comment or instruction stands inside a value")
			}
		}
	}
	if p.over > 0 {
		p.rec.fail(fault.SchemaLength, "/"+recordElement, "and "+strconv.Itoa(p.over)+" findings more")
	}
	if len(p.rec.schemes) > 0 {
		p.rec.values[fScheme] = p.rec.schemes[0]
	}
	p.rec.values[fStandards] = strings.Join(p.rec.standards, ";")
	return nil
}

func (p *xmlRecord) start() {
	name := p.s.Name()
	p.text.Reset()
	if len(p.s.Attrs())+len(p.s.NS()) > 0 {
		p.fail(fault.SchemaUnknownField, "an element has neither attributes nor namespaces")
	}
	if p.s.Depth() == 1 {
		if name.Local != recordElement || name.Prefix != "" {
			p.fail(fault.SchemaUnknownField, "want the element "+recordElement)
		}
		return
	}
	if p.leaf {
		p.fail(fault.SchemaUnknownField, "a value holds no elements; markup is refused")
	}
	p.path = append(p.path, name.Local)
	path := strings.Join(p.path, "/")
	p.leaf = p.known(path)
	switch path {
	case "sites/site":
		p.rec.sites = append(p.rec.sites, [siteFields]string{})
	case "certification_sectors/certification_sector":
		p.rec.codes, p.rec.names = append(p.rec.codes, ""), append(p.rec.names, "")
	}
	if strings.HasPrefix(path, "sites/site") || strings.HasPrefix(path, "certification_sectors/certification_sector") || strings.HasPrefix(path, "schemes/") {
		p.inItem(path)
		return
	}
	p.once(path)
}

// known reports whether the element holds a value; one that is neither a value
// nor a group is a finding.
func (p *xmlRecord) known(path string) bool {
	f, ok := columnByName(path)
	switch {
	case ok && !inGroup[f], leaves[path] != nil:
		return true
	case groups[path]:
		return false
	default:
		p.fail(fault.SchemaUnknownField, "records do not have this element")
		return false
	}
}

func (p *xmlRecord) once(path string) {
	if p.seen[path] {
		p.fail(fault.SchemaDuplicateField, "the element stands twice")
	}
	p.seen[path] = true
}

// inItem: the members of an item of a list stand once in the item.
func (p *xmlRecord) inItem(path string) {
	if leaves[path] != nil {
		p.once(path)
		return
	}
	for seen := range p.seen {
		if strings.HasPrefix(seen, path+"/") {
			delete(p.seen, seen)
		}
	}
}

func (p *xmlRecord) chars() {
	switch {
	case p.leaf:
		p.text.WriteString(p.s.Text())
	case !p.s.Blank():
		p.fail(fault.XMLMixedContent, "text stands between elements")
	}
}

func (p *xmlRecord) end() {
	if len(p.path) == 0 {
		return
	}
	path := strings.Join(p.path, "/")
	if p.leaf {
		v := p.text.String()
		if set := leaves[path]; set != nil {
			set(p.rec, v)
		} else if f, ok := columnByName(path); ok {
			p.rec.values[f] = v
		}
	}
	p.leaf = false
	p.path = p.path[:len(p.path)-1]
	p.text.Reset()
}

package cnca

import (
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/fault"
)

// field is one row of the table of a form.
type field struct {
	number    int    // of the report; 0 where the field has none
	name      string // as the register prints it
	canonical string // path in our model; "" where no field takes it
	note      string
	// set reads a value that is not blank; nil for what no field of the model
	// takes.
	set func(d *decoder, v string)
	// get returns the value of the field, "" for none.
	get func(e *encoder) string
}

// form is a record of the register.
type form struct {
	name   string // format of its residual
	root   string // element
	fields []field
	index  map[string]int // by name and by what else a field is called
	// byElement are the same names by how XML writes them.
	byElement map[string]string
	elements  []string // of the fields in their order
	finish    func(d *decoder)
}

func newForm(name, root string, fields []field, finish func(*decoder)) *form {
	f := &form{name: name, root: root, fields: fields, index: make(map[string]int, 3*len(fields)), finish: finish}
	for i := range fields {
		for _, n := range spellings(fields[i].name) {
			if _, taken := f.index[n]; !taken {
				f.index[n] = i
			}
		}
	}
	for i := range fields { // an exact name goes before the spelling of another
		f.index[fields[i].name] = i
		f.elements = append(f.elements, elementName(fields[i].name))
	}
	f.byElement = make(map[string]string, len(f.index))
	for n := range f.index {
		f.byElement[elementName(n)] = n
	}
	return f
}

// spellings returns what else a field is called: with brackets of the other
// width, a party by its other name, and what is unique without its party.
func spellings(name string) []string {
	out := []string{name}
	add := func(from, to string) {
		for _, n := range out {
			if strings.Contains(n, from) {
				out = append(out, strings.Replace(n, from, to, 1))
			}
		}
	}
	if strings.HasPrefix(name, "生产者") && !strings.HasPrefix(name, "生产者（制造商）") {
		add("生产者", "生产者（制造商）")
	}
	if strings.HasPrefix(name, "委托人") {
		add("委托人", "认证委托人")
	}
	add("-", "")
	out = append(out, strings.NewReplacer("(", "（", ")", "）", ",", "，").Replace(name), strings.NewReplacer("（", "(", "）", ")", "，", ",").Replace(name))
	return append(out, otherNames[name]...)
}

// otherNames are further names by which the field is met.
var otherNames = map[string][]string{
	"工厂编号": {"生产企业工厂编号", "生产企业编号"}, "人数": {"生产企业人数"}, "经度": {"生产企业经度"}, "纬度": {"生产企业纬度"},
	"暂停开始": {"暂停开始日期", "暂停开始时间"}, "暂停结束": {"暂停结束日期", "暂停结束时间"},
	"注销时间": {"注销日期"}, "变更时间": {"变更日期"}, "变更日期": {"变更时间"},
	"附件1扫描件": {"附件1", "扫描件"}, "附件2产品规格型号": {"附件2"}, "附件3型式试验报告": {"附件3"}, "附件4其他": {"附件4"},
	"认证范围/认证覆盖的业务范围": {"认证范围", "认证覆盖的业务范围"},
	"产品名称及单元（主）":     {"产品名称及单元"},
}

// shape is the sort of JSON value that a cell was.
type shape byte

const (
	absent shape = iota
	text
	null
	number // a JSON number, by its lexical form
)

// cell is the value of one field as it was read.
type cell struct {
	shape shape
	value string
	alias string // the name under which it stood, where it is not the field's own
}

// extra is a member that the form does not have.
type extra struct {
	name     string
	flat     bool // a string, which both syntaxes can hold
	fragment string
}

// record is a document of a form, whatever its syntax.
type record struct {
	form   *form
	syntax string // "json" or "xml"
	cells  []cell
	extras []extra
	found  fault.List
	losses dialect.Losses
}

func newRecord(f *form, syntax string) *record {
	r := &record{form: f, syntax: syntax, cells: make([]cell, len(f.fields))}
	r.losses = dialect.Losses{Source: f.name + "+" + syntax, Target: "native+json"}
	return r
}

// at returns the place of a field in the document.
func (r *record) at(name string) string {
	if r.syntax == "xml" {
		return "/" + r.form.root + "/" + elementName(name)
	}
	return "/" + escape.Replace(name)
}

// fail adds a finding; after so many a document is not worth reading on.
func (r *record) fail(code fault.Code, name, detail string) {
	if len(r.found) < attestation.MaxFindings {
		r.found = append(r.found, fault.At(code, r.at(name), detail))
	}
}

// put takes the value of a member; it is false if the form does not have it.
func (r *record) put(name string, s shape, value string) bool {
	i, ok := r.form.index[name]
	if !ok {
		return false
	}
	c := &r.cells[i]
	if c.shape != absent {
		r.fail(fault.SchemaDuplicateField, name, "the field stands twice")
		return true
	}
	*c = cell{shape: s, value: value}
	if name != r.form.fields[i].name {
		c.alias = name
	}
	return true
}

// optional reports whether a field is left out when its value is this one: the
// report has all of its fields, whatever they hold.
func (f *field) optional(value string) bool { return value == "" && f.number == 0 }

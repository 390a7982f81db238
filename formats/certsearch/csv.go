package certsearch

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"accord/internal/fault"
)

// csvFile reads RFC 4180 strictly: a quote stands at both ends of a field or
// nowhere, every row has as many fields as the header, lines end in CRLF or LF.
type csvFile struct {
	src     *source
	columns []csvColumn
	names   []string
	buf     []byte
	ends    []int // where each field of the row ends in buf
}

// csvColumn says where a field of a row goes: into a value, or into a site.
type csvColumn struct {
	field field
	site  int // from 1; 0: none
	part  int // of the site
}

// row reads one row into buf and ends. What is wrong with it is a finding; the
// rest of the line is passed over then.
func (c *csvFile) row() (found *fault.Error, err error) {
	c.buf, c.ends = c.buf[:0], c.ends[:0]
	const (
		start  = iota // of a field
		bare          // in a field without quotes
		quoted        // in a field with quotes
		closed        // after the closing quote
		passed        // the row is wrong: to the end of the line
	)
	state, large, any := start, false, false
	for {
		b, err := c.src.octet()
		if errors.Is(err, io.EOF) {
			switch {
			case !any:
				return nil, io.EOF
			case state == quoted:
				return nil, fault.At(fault.SchemaFormat, "line "+strconv.Itoa(c.src.line), "the file ends inside a quoted field (RFC 4180, section 2)")
			}
			c.ends = append(c.ends, len(c.buf))
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		any = true
		switch {
		case state == quoted && b == '"':
			state = closed
			continue
		case state == quoted:
		case b == '\n':
			if n := len(c.buf); state == bare && !large && c.buf[n-1] == '\r' { // it began this field at the latest
				c.buf = c.buf[:n-1]
			}
			c.ends = append(c.ends, len(c.buf))
			return found, nil
		case state == passed:
			continue
		case b == ',':
			c.ends = append(c.ends, len(c.buf))
			state = start
			continue
		case state == closed && b == '"':
			state = quoted // a quote inside
		case state == closed && b == '\r':
			continue
		case state == start && b == '"':
			state = quoted
			continue
		case b == '"', state == closed:
			found = fault.New(fault.SchemaFormat, "a quote stands inside a field, or something after its closing quote (RFC 4180, section 2)")
			state = passed
			continue
		default:
			state = bare
		}
		switch {
		case len(c.buf) >= MaxRecord || len(c.ends) > maxFields:
			if !large {
				large, found = true, fault.Newf(fault.SchemaLength, "the record is larger than %d octets or %d fields", MaxRecord, maxFields)
			}
		default:
			c.buf = append(c.buf, b)
		}
	}
}

// maxFields bounds the fields of a row: every column, and every site.
const maxFields = int(fields) + maxSites*siteFields

func (c *csvFile) value(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.buf[from:c.ends[i]]
}

// header reads the header row: every required column once, and none that is
// unknown.
func (c *csvFile) header() error {
	found, err := c.row()
	if err != nil {
		return err
	}
	if found != nil {
		found.At = "header"
		return fault.List{found}
	}
	var l fault.List
	seen := map[string]bool{}
	for i := range c.ends {
		name := string(c.value(i))
		col, ok := csvColumnOf(name)
		switch {
		case !ok:
			l = append(l, fault.At(fault.SchemaUnknownField, name, "the header names a column that records do not have"))
		case seen[name]:
			l = append(l, fault.At(fault.SchemaDuplicateField, name, "the header names this column twice"))
		}
		seen[name] = true
		c.columns, c.names = append(c.columns, col), append(c.names, name)
	}
	for f := range columns {
		if columns[f].Required && !seen[columns[f].Name] {
			l = append(l, fault.At(fault.SchemaMissingField, columns[f].Name, "the header does not name this column"))
		}
	}
	return l.ErrorOrNil()
}

// csvColumnOf reads the name of a column.
func csvColumnOf(name string) (csvColumn, bool) {
	if f, ok := columnByName(name); ok {
		return csvColumn{field: f}, true
	}
	rest, ok := strings.CutPrefix(name, "site_")
	number, part, found := strings.Cut(rest, "_")
	n, err := strconv.Atoi(number)
	if !ok || !found || err != nil || n < 1 || n > maxSites || number != strconv.Itoa(n) {
		return csvColumn{}, false
	}
	for i, p := range siteColumns {
		if p == part {
			return csvColumn{site: n, part: i}, true
		}
	}
	return csvColumn{}, false
}

// record reads one row.
func (c *csvFile) record() (*Record, error) {
	rec := &Record{Line: c.src.line}
	found, err := c.row()
	if err != nil {
		return nil, err
	}
	if found != nil {
		rec.findings = append(rec.findings, found)
		return rec, nil
	}
	if len(c.ends) != len(c.columns) {
		rec.fail(fault.SchemaLength, "", "the row has "+strconv.Itoa(len(c.ends))+" fields, the header "+strconv.Itoa(len(c.columns)))
		return rec, nil
	}
	all := string(c.buf) // one allocation for every value
	from := 0
	for i, col := range c.columns {
		v := all[from:c.ends[i]]
		from = c.ends[i]
		if !utf8.ValidString(v) {
			rec.fail(fault.SchemaForbiddenChar, c.names[i], "the value is not UTF-8")
			continue
		}
		if col.site == 0 {
			rec.values[col.field] = v
			continue
		}
		for v != "" && len(rec.sites) < col.site {
			rec.sites = append(rec.sites, [siteFields]string{})
		}
		if v != "" {
			rec.sites[col.site-1][col.part] = v
		}
	}
	rec.schemes = []string{rec.values[fScheme]}
	rec.standards = divided(rec.values[fStandards])
	rec.codes, rec.names = divided(rec.values[fSectorCode]), divided(rec.values[fSectorName])
	return rec, nil
}

// divided takes a value apart at its semicolons.
func divided(v string) []string {
	if v == "" {
		return nil
	}
	parts := strings.Split(v, ";")
	for i := range parts {
		parts[i] = strings.Trim(parts[i], " ")
	}
	return parts
}

package certsearch

import (
	"accord/internal/fault"
)

// Record is one record of a file as it was read.
type Record struct {
	Row  int // from 1; the header row of CSV is not counted
	Line int // of the file, from 1, where the record begins

	values    [fields]string
	schemes   []string // XML: every scheme; the first is also values[fScheme]
	standards []string // XML: one for each; CSV: divided by semicolons
	codes     []string // of sectors
	names     []string // of sectors; XML has one for each code, "" for none
	sites     [][siteFields]string

	findings fault.List // of the reading
}

// Number returns the number of the certificate as it was written; it may be
// wrong or empty.
func (r *Record) Number() string { return r.values[fNumber] }

func (r *Record) fail(code fault.Code, at, detail string) {
	r.findings = append(r.findings, fault.At(code, at, detail))
}

package dcc

import (
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/formats/xmldoc"
)

// Rows is the table for people.
func Rows() []dialect.Row { return rows }

// Fields returns where the fields of a certificate come from.
func Fields(src []byte) (map[string]string, error) {
	doc, err := carry.Parse(src, xmldoc.Limits{Bytes: maxBytes})
	if err != nil {
		return nil, err
	}
	r := &reader{Reader: carry.NewReader(doc, Name)}
	r.certificate()
	return doc.Leaves(), r.Err()
}

package certsearch

import (
	"bufio"
	"errors"
	"io"

	"accord/internal/fault"
)

// MaxRecord is the largest record in octets: what does not fit a submission
// (1 MiB) cannot be taken anyway.
const MaxRecord = 1 << 20

// Reader reads the records of a file one after the other. It holds one record
// in memory. It is not safe for concurrent use; the records are.
type Reader struct {
	next func() (*Record, error)
	src  *source
	row  int
	err  error
}

// NewReader begins to read a file. XML begins with "<"; everything else is CSV
// whose header row is read and checked here. The error is a fault.List with
// every finding of the header row or of what stands before the first record.
func NewReader(r io.Reader) (*Reader, error) {
	src := &source{r: bufio.NewReaderSize(r, 256<<10), line: 1}
	if bom, err := src.r.Peek(3); err == nil && string(bom) == "\ufeff" {
		_, _ = src.r.Discard(3) // spreadsheets write it
		src.offset = 3
	}
	out := &Reader{src: src}
	first, err := src.firstOctet()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault.New(fault.SchemaMissingField, "the file is empty")
	case err != nil:
		return nil, err
	case first == '<':
		x := &xmlFile{src: src}
		if err := x.open(); err != nil {
			return nil, err
		}
		out.next = x.record
	default:
		c := &csvFile{src: src}
		if err := c.header(); err != nil {
			return nil, err
		}
		out.next = c.record
	}
	return out, nil
}

// Next returns the next record, and io.EOF after the last. Faults of a record
// stand in the record; an error means that the file cannot be read further.
func (r *Reader) Next() (*Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	rec, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	r.row++
	rec.Row = r.row
	return rec, nil
}

// Offset returns how many octets of the file were read.
func (r *Reader) Offset() int64 { return r.src.offset }

// source counts octets and lines.
type source struct {
	r      *bufio.Reader
	offset int64
	line   int
}

func (s *source) octet() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	s.offset++
	if c == '\n' {
		s.line++
	}
	return c, nil
}

// firstOctet looks at the first octet that is not white space; how far it looks
// is bounded by the buffer.
func (s *source) firstOctet() (byte, error) {
	for n := 1; ; n++ {
		b, err := s.r.Peek(n)
		if len(b) < n {
			return 0, err
		}
		switch c := b[n-1]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, nil
		}
	}
}

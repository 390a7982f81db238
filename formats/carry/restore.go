package carry

import (
	"bytes"
	"slices"
	"strconv"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/native"
	"accord/formats/xmldoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// restored bounds a document that is put together: the largest that may come in,
// with room for base64, and for the instructions that stand for pieces.
func restored() xmldoc.Limits { return xmldoc.Limits{Bytes: 128 << 20, Nodes: 4 * xmldoc.MaxNodes} }

// Frame returns the index of the frame that came from a dialect, which of tells by
// the name of a format; -1 if there is none.
func Frame(s *attestation.Submission, of func(format string) bool) int {
	return slices.IndexFunc(s.Residual, func(r attestation.Residual) bool { return r.Kind == KindFrame && of(r.Format) })
}

// Restore writes the document whose frame is the residual of that index, with
// the values that the fields have now. A residual that does not fit its
// submission is schema.format at the piece; a blob that is not held
// resource.not_found.
func Restore(s *attestation.Submission, frame int, o dialect.Options) ([]byte, error) {
	at := "/residual/" + strconv.Itoa(frame)
	spliced, err := splice(s, frame)
	if err != nil {
		return nil, err
	}
	fields, err := jsondoc.ParseLimited(native.AppendJSON(nil, s), strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	named := map[attestation.Digest]bool{}
	for _, d := range dialect.BlobsNamed(s) {
		named[d] = true
	}
	out := make([]byte, 0, len(spliced)+128)
	out = append(out, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	err = instructions(spliced, func(target, data string) ([]byte, error) {
		switch target {
		case targetField:
			v := fields.At(data)
			if v == nil || v.Kind != strictjson.String {
				return nil, fault.At(fault.SchemaFormat, at, "the document has no text at "+strconv.Quote(data)+", which stood there")
			}
			return appendText(nil, v.Text), nil
		case targetBlob:
			text, err := renderBlob(data, named, o)
			if err != nil {
				f := fault.All(err)[0]
				return nil, &fault.Error{Code: f.Code, Detail: f.Detail, At: at, Err: f.Err}
			}
			return appendText(nil, string(text)), nil
		case targetPI:
			return []byte("<?" + data + "?>"), nil
		default:
			return nil, fault.At(fault.SchemaFormat, at, "more pieces are named than the residual has")
		}
	}, &out)
	if err != nil {
		return nil, err
	}
	out = append(out, '\n')
	if err := xmldoc.Check(out, restored()); err != nil {
		return nil, fault.At(fault.SchemaFormat, at, "the residual and the fields give no XML: "+fault.All(err)[0].Detail)
	}
	return out, nil
}

// splice puts the pieces of a residual where the frame names them.
func splice(s *attestation.Submission, frame int) ([]byte, error) {
	format := s.Residual[frame].Format
	next := frame + 1
	var out []byte
	err := instructions([]byte(s.Residual[frame].Fragment), func(target, data string) ([]byte, error) {
		if target != targetResidual {
			return xmldoc.AppendPI(nil, target, data), nil
		}
		for next < len(s.Residual) && s.Residual[next].Format != format {
			next++
		}
		if next == len(s.Residual) {
			return nil, fault.At(fault.SchemaFormat, "/residual/"+strconv.Itoa(frame), "a piece of the document is missing")
		}
		next++
		return []byte(s.Residual[next-1].Fragment), nil
	}, &out)
	if err != nil {
		return nil, err
	}
	for ; next < len(s.Residual); next++ {
		if s.Residual[next].Format == format {
			return nil, fault.At(fault.SchemaFormat, "/residual/"+strconv.Itoa(next), "the frame does not name this piece")
		}
	}
	return out, nil
}

// instructions copies a text of XML to out, with what replace says instead of
// each instruction of ours.
func instructions(src []byte, replace func(target, data string) ([]byte, error), out *[]byte) error {
	s := xmldoc.NewScanner(src, restored())
	from := 0
	for {
		kind, err := s.Next()
		if err != nil {
			return fault.At(fault.SchemaFormat, "/residual", "not the XML of a document: "+fault.All(err)[0].Detail)
		}
		if kind == xmldoc.EOF {
			*out = append(*out, src[from:]...)
			return nil
		}
		if kind != xmldoc.PI || !bytes.HasPrefix([]byte(s.Name().Local), []byte(targetOwn)) {
			continue
		}
		with, err := replace(s.Name().Local, s.Text())
		if err != nil {
			return err
		}
		*out = append(append(*out, src[from:s.Offset()]...), with...)
		from = s.InputOffset()
	}
}

package native

import (
	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// maxFindings bounds the findings of one document: whoever reads them mends a
// few and sends it again, and a hostile document must not fill our answer.
const maxFindings = 100

// findings collects what is wrong with a document that can be read.
type findings struct{ list fault.List }

func (f *findings) add(code fault.Code, at, detail string) {
	f.list = append(f.list, fault.At(code, at, detail))
}

func (f *findings) full() bool { return len(f.list) >= maxFindings }

// jsonDecoder reads a document in its JSON form.
type jsonDecoder struct {
	r     *strictjson.Reader
	texts attestation.LText // the piece of memory that LTexts are cut from
	findings
}

// decodeJSON reads one whole value. Unsafe text is reported alone, everything
// else together.
func decodeJSON[T any](src []byte, c codec[T], v *T) error {
	d := &jsonDecoder{r: strictjson.NewReader(src, strictjson.DefaultLimits())}
	c.readJSON(d, v)
	if err := d.r.Finish(); err != nil {
		return err
	}
	return d.list.ErrorOrNil()
}

// report books a finding at the value or name that was read last.
func (d *jsonDecoder) report(code fault.Code, detail string) { d.reportAt("", code, detail) }

// reportAt is report for a member of the value that was read last; suffix is
// "" or "/" and its name.
func (d *jsonDecoder) reportAt(suffix string, code fault.Code, detail string) {
	if d.r.Err() == nil && !d.full() {
		d.add(code, d.r.Pointer()+suffix, detail)
	}
}

// expect reports whether a value of the kind is next; one of another kind is
// read over and reported.
func (d *jsonDecoder) expect(k strictjson.Kind) bool {
	if d.r.Kind() == k {
		return true
	}
	switch k {
	case strictjson.Object:
		d.wrongType("an object is due")
	case strictjson.Array:
		d.wrongType("an array is due")
	case strictjson.Number:
		d.wrongType("a number is due")
	default:
		d.wrongType("a string is due")
	}
	return false
}

func (d *jsonDecoder) wrongType(detail string) {
	if d.r.Kind() == strictjson.Null {
		detail = "null stands for nothing; leave the member out"
	}
	d.r.Skip()
	d.report(fault.SchemaType, detail)
}

// unknown reads over a member that the schema does not have.
func (d *jsonDecoder) unknown(reserved bool) {
	d.r.Skip()
	if reserved {
		d.report(fault.SchemaGatewayField, "only the gateway sets this member")
		return
	}
	d.report(fault.SchemaUnknownField, "this member is not in the schema")
}

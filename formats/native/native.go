package native

import (
	"accord/attestation"
	"accord/internal/strictjson"
)

// Namespace is that of the XML form. A change of meaning gets another.
const Namespace = "urn:accord:attestation:1"

// rootElement is the root of a submission and of a view.
const rootElement = "Attestation"

// DecodeJSON reads a submission from its JSON form. src may be used again. The
// strings of the result are pieces of one copy of it, so a string that is kept
// longer than the submission keeps all of the text: clone it.
func DecodeJSON(src []byte) (*attestation.Submission, error) {
	s := new(attestation.Submission)
	if err := decodeJSON(src, submission, s); err != nil {
		return nil, err
	}
	return s, nil
}

// DecodeXML reads a submission from its XML form. Its strings are pieces of one
// copy of src, as those of [DecodeJSON] are.
func DecodeXML(src []byte) (*attestation.Submission, error) {
	s := new(attestation.Submission)
	if err := decodeXML(src, rootElement, submission, s); err != nil {
		return nil, err
	}
	if len(src) > largeXML {
		if err := strictjson.Check(AppendJSON(nil, s), strictjson.DefaultLimits()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// largeXML is the size from which an XML document may have more members in JSON
// than a JSON document may have. Such a document has no JSON form that can be
// read, so it is refused. The shortest element that makes a member is <null/>,
// so with less than this there are fewer than 10,000.
const largeXML = 64 << 10

// AppendJSON appends the RFC 8785 form of a submission: the octets whose
// SHA-256 is its content digest.
func AppendJSON(dst []byte, s *attestation.Submission) []byte {
	return attestation.AppendCanonical(dst, s)
}

// AppendXML appends the XML form of a submission. It is always the same for the
// same submission.
func AppendXML(dst []byte, s *attestation.Submission) []byte {
	return appendDocument(dst, submission, s)
}

// AppendViewJSON appends a view as JSON in the form of RFC 8785.
func AppendViewJSON(dst []byte, v *attestation.View) []byte {
	return view.appendJSON(dst, document(v))
}

// AppendViewXML appends a view as XML.
func AppendViewXML(dst []byte, v *attestation.View) []byte {
	return appendDocument(dst, view, document(v))
}

// DecodeViewJSON reads a view from its JSON form, as a client receives it.
func DecodeViewJSON(src []byte) (*attestation.View, error) {
	d := new(viewDocument)
	if err := decodeJSON(src, view, d); err != nil {
		return nil, err
	}
	return d.view(), nil
}

// DecodeViewXML reads a view from its XML form.
func DecodeViewXML(src []byte) (*attestation.View, error) {
	d := new(viewDocument)
	if err := decodeXML(src, rootElement, view, d); err != nil {
		return nil, err
	}
	return d.view(), nil
}

// DecodeStatus reads the payload of a status statement.
func DecodeStatus(src []byte) (*attestation.StatusStatement, error) {
	s := new(attestation.StatusStatement)
	if err := decodeJSON(src, statusStatement, s); err != nil {
		return nil, err
	}
	return s, nil
}

// AppendStatusJSON appends a status statement as JSON in the form of RFC 8785:
// the octets whose SHA-256 is its payload digest.
func AppendStatusJSON(dst []byte, s *attestation.StatusStatement) []byte {
	return statusStatement.appendJSON(dst, s)
}

func appendDocument[T any](dst []byte, c codec[T], v *T) []byte {
	w := &xmlWriter{out: append(dst, xmlDeclaration...)}
	c.writeXML(w, rootElement, v)
	return append(w.out, '\n')
}

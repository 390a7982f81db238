package formats

import (
	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/generic"
	"accord/formats/native"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

// Loss is one piece of a document that the target of a conversion cannot carry.
type Loss = dialect.Loss

// Convert turns a document of the format from into the format to, and tells
// what was lost on the way. Nothing signed survives it: a proof is of the octets
// that were signed.
//
// Between the native forms nothing can be lost but comments. The generic forms
// are of XML, so a native document goes there by its XML form, and comes from
// there if it is one.
func Convert(from, to string, src []byte) (out []byte, losses []Loss, err error) {
	for _, name := range []string{from, to} {
		if !known(name) {
			return nil, nil, fault.New(fault.HTTPMediaType,
				"the formats are native+json, native+xml, generic+json and generic+xml")
		}
	}
	if codec, ok := ByName(to); ok {
		return toNative(from, codec, src)
	}
	if out, err = toXML(from, src); err == nil && to == GenericJSON {
		out, err = generic.FromXML(out)
	}
	if err != nil {
		return nil, nil, err
	}
	return out, nil, nil
}

func known(name string) bool {
	_, ok := ByName(name)
	return ok || name == GenericJSON || name == GenericXML
}

// toXML returns a document as XML, unchanged if it is XML.
func toXML(from string, src []byte) ([]byte, error) {
	switch from {
	case NativeJSON:
		s, err := native.DecodeJSON(src)
		if err != nil {
			return nil, err
		}
		return native.AppendXML(nil, s), nil
	case GenericJSON:
		return generic.ToXML(src)
	case NativeXML:
		_, err := native.DecodeXML(src)
		return src, err
	default:
		return src, xmldoc.Check(src, xmldoc.DefaultLimits())
	}
}

func toNative(from string, to Codec, src []byte) ([]byte, []Loss, error) {
	var s *attestation.Submission
	var losses []Loss
	var err error
	if from == NativeJSON {
		s, err = native.DecodeJSON(src)
	} else {
		if src, err = toXML(from, src); err != nil {
			return nil, nil, err
		}
		s, err = native.DecodeXML(src)
		losses = comments(from, to.Name, src)
	}
	if err != nil {
		return nil, nil, err
	}
	return to.Encode(nil, s), losses, nil
}

// comments finds the comments of a document, which are no part of what it says.
func comments(from, to string, src []byte) (losses []Loss) {
	s := xmldoc.NewScanner(src, xmldoc.OwnLimits())
	for {
		kind, err := s.Next()
		if err != nil || kind == xmldoc.EOF {
			return losses
		}
		if kind == xmldoc.Comment {
			losses = append(losses, Loss{Path: s.Path(), Code: dialect.Comment, Severity: dialect.Info, Source: from, Target: to})
		}
	}
}

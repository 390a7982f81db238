package untp

import (
	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/internal/strictjson"
)

// MediaType is that of an unsecured credential (VCDM 2.0, section 6.2).
const MediaType = "application/vc"

// The names of the formats.
const (
	Name    = "untp"     // 0.7.0 with the statusListIndex of UNTP: an integer
	NameW3C = "untp-w3c" // 0.7.0 with that of the W3C: a string
	NameOld = "untp-0.6" // 0.6.1
)

func codecName(v version) string {
	if v.old() {
		return NameOld
	}
	return Name
}

// mappingVersion is raised with every change of what comes out.
const mappingVersion = "1"

// Codecs returns the codecs of the credential. Each reads every version, by its
// @context; they differ in what they write.
func Codecs() []dialect.Codec {
	return []dialect.Codec{
		{
			Name: Name, Aliases: []string{"untp-dcc", "untp-0.7.0", "vc"}, MediaTypes: []string{MediaType},
			Mapping: dialect.Mapping{ID: "accord-untp-dcc-0.7.0", Version: mappingVersion}, Rows: rows(false),
			Recognises: func(src []byte) bool { v, ok := announced(src); return ok && !v.old() },
			Decode:     decode, Encode: encoderOf(v070, false),
		},
		{
			Name: NameOld, Aliases: []string{"untp-0.6.1", "untp-0.6.0"}, MediaTypes: []string{MediaType},
			Mapping: dialect.Mapping{ID: "accord-untp-dcc-0.6", Version: mappingVersion}, Rows: rows(true),
			Recognises: func(src []byte) bool { v, ok := announced(src); return ok && v.old() },
			Decode:     decode, Encode: encoderOf(v061, false),
		},
		{
			Name: NameW3C, Aliases: []string{"w3c"}, MediaTypes: []string{MediaType},
			Mapping: dialect.Mapping{ID: "accord-untp-dcc-0.7.0-w3c", Version: mappingVersion}, Rows: rows(false),
			Recognises: func([]byte) bool { return false },
			Decode:     decode, Encode: encoderOf(v070, true),
		},
	}
}

// encoderOf returns the writer of a version. A document that came as 0.6.0 is
// written as 0.6.0.
func encoderOf(v version, spelled bool) func(*attestation.Submission, dialect.Options) ([]byte, []dialect.Loss, error) {
	return func(s *attestation.Submission, o dialect.Options) ([]byte, []dialect.Loss, error) {
		own := v
		if v == v061 && cameAs(s, v060) {
			own = v060
		}
		e, err := encode(s, o, own, spelled)
		if err != nil {
			return nil, nil, err
		}
		if err := e.restore(); err != nil {
			return nil, nil, err
		}
		return e.b, e.losses.List, nil
	}
}

func cameAs(s *attestation.Submission, v version) bool {
	for i := range s.Residual {
		if s.Residual[i].Format == v.format() {
			return true
		}
	}
	return false
}

// announced returns the version of UNTP that a JSON text announces: by a context
// of UNTP, of whatever version, or as an enveloped credential. "" is a version
// that is not known.
func announced(src []byte) (v version, ok bool) {
	r := strictjson.NewReader(src, strictjson.DefaultLimits())
	if r.Kind() != strictjson.Object {
		return "", false
	}
	r.Open()
	for r.More() {
		switch r.Name() {
		case "@context":
			list, err := jsondoc.Parse([]byte(r.Raw()))
			if err != nil {
				return "", false
			}
			for i := range list.Elements {
				if isUNTP(list.Elements[i].Text) {
					return contexts[list.Elements[i].Text], true
				}
			}
			if isUNTP(list.Text) {
				return contexts[list.Text], true
			}
		case "verifiableCredential", "type":
			if _, wrapped, err := Unwrap(src); wrapped && err == nil {
				return "", true
			}
			r.Skip()
		default:
			r.Skip()
		}
	}
	return "", false
}

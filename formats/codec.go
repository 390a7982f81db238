package formats

import (
	"accord/attestation"
	"accord/formats/native"
)

// The names of the formats.
const (
	NativeJSON  = "native+json"
	NativeXML   = "native+xml"
	GenericJSON = "generic+json"
	GenericXML  = "generic+xml"
)

// Codec reads and writes attestations in one format. Its functions are safe for
// concurrent use.
type Codec struct {
	Name      string // "native+json"
	MediaType string // "application/vnd.accord.attestation+json"

	// Decode reads a submission; it reports every finding at once, with the
	// codes and paths of fault.
	Decode func(src []byte) (*attestation.Submission, error)
	// Encode appends a submission. The same submission gives the same octets.
	Encode func(dst []byte, s *attestation.Submission) []byte
	// EncodeView appends a view.
	EncodeView func(dst []byte, v *attestation.View) []byte
}

// Codecs returns the table of formats in which documents can be submitted and
// asked for; the first is the default.
func Codecs() []Codec {
	return []Codec{
		{NativeJSON, "application/vnd.accord.attestation+json",
			native.DecodeJSON, native.AppendJSON, native.AppendViewJSON},
		{NativeXML, "application/vnd.accord.attestation+xml",
			native.DecodeXML, native.AppendXML, native.AppendViewXML},
	}
}

// ByName returns the codec of a format.
func ByName(name string) (Codec, bool) {
	return find(func(c Codec) bool { return c.Name == name })
}

// ByMediaType returns the codec of a media type without parameters, in lower
// case.
func ByMediaType(mediaType string) (Codec, bool) {
	return find(func(c Codec) bool { return c.MediaType == mediaType })
}

func find(match func(Codec) bool) (Codec, bool) {
	for _, c := range Codecs() {
		if match(c) {
			return c, true
		}
	}
	return Codec{}, false
}

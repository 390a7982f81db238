package dcc

import (
	"regexp"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

const (
	// Name is the name of the format.
	Name = "dcc"
	// MediaType is the media type under which certificates travel; PTB
	// registered none.
	MediaType = "application/vnd.accord.dcc+xml"
)

// The namespaces, which all versions share.
const (
	nsDCC    = "https://ptb.de/dcc"
	nsSI     = "https://ptb.de/si"
	nsDS     = "http://www.w3.org/2000/09/xmldsig#"
	rootName = "digitalCalibrationCertificate"
)

// versions are those that are read.
var versions = regexp.MustCompile(`^(2\.4|3\.[0-2])\.[0-9]{1,3}(-rc\.[0-9]{1,3})?$`)

// maxBytes bounds a document: a binary of 20 MiB in base64, and what names it. The
// gateway's own limit of a body is lower.
const maxBytes = 32 << 20

// kindSignature is the kind of residual that an XML signature is.
const kindSignature = "signature"

// Codecs returns the codec of the dialect.
func Codecs() []dialect.Codec {
	return []dialect.Codec{{
		Name: Name, Aliases: []string{"ptb-dcc", "dcc-3"}, MediaTypes: []string{MediaType},
		Mapping:    dialect.Mapping{ID: "accord-ptb-dcc", Version: "1"},
		Rows:       rows,
		Recognises: recognises,
		Decode: func(src []byte) (*attestation.Submission, []dialect.Loss, error) {
			s, _, losses, err := decode(src)
			return s, losses, err
		},
		DecodeBlobs: decode,
		Encode:      encode,
	}}
}

// recognises reports whether the root element is a certificate, of whatever
// version.
func recognises(src []byte) bool {
	name, ok := carry.RootName(src)
	return ok && name.Is(nsDCC, rootName)
}

func decode(src []byte) (*attestation.Submission, []dialect.Blob, []dialect.Loss, error) {
	lim := xmldoc.DefaultLimits()
	lim.Bytes = maxBytes
	doc, err := carry.Parse(src, lim)
	if err != nil {
		return nil, nil, nil, err
	}
	r := &reader{Reader: carry.NewReader(doc, Name)}
	version := r.version()
	if r.Failed() {
		return nil, nil, nil, r.Err()
	}
	r.certificate()
	s, err := r.Finish(Name + "-" + version)
	if err != nil {
		return nil, nil, nil, err
	}
	return s, r.Blobs, r.Losses.List, nil
}

// version returns the version that the document says it has.
func (r *reader) version() string {
	if !r.Root.Name.Is(nsDCC, rootName) {
		r.Fail(fault.SchemaNamespace, r.Root, "want "+rootName+" of "+nsDCC)
		return ""
	}
	version, ok := r.Root.Attr("schemaVersion")
	switch {
	case !ok:
		r.FailAt(fault.SchemaMissingField, r.Root.Path()+"/@schemaVersion", "the version of the schema is required")
	case !versions.MatchString(version):
		r.FailAt(fault.SchemaFormat, r.Root.Path()+"/@schemaVersion", "versions 2.4, 3.0, 3.1 and 3.2 are read")
	}
	return version
}

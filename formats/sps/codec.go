package sps

import (
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/formats/xmldoc"
	"accord/internal/fault"
)

const (
	// Name is the name of the format.
	Name = "sps"
	// MediaType is the media type under which certificates travel; the
	// specification registers none.
	MediaType = "application/vnd.accord.sps+xml"

	// formatName is the format of a piece of residual: the dialect and its version.
	formatName = "sps-17"
)

// The namespaces of version 17.
const (
	nsPrefix = "urn:un:unece:uncefact:data:standard:"
	nsRoot   = nsPrefix + "SPSCertificate:17"
	nsRAM    = nsPrefix + "ReusableAggregateBusinessInformationEntity:21"
	nsUDT    = nsPrefix + "UnqualifiedDataType:21"
	rootName = "SPSCertificate"
)

// maxBytes bounds a document: attachments of 20 MiB in base64, and what names
// them. The gateway's own limit of a body is lower.
const maxBytes = 32 << 20

// Codecs returns the codec of the dialect.
func Codecs() []dialect.Codec {
	return []dialect.Codec{{
		Name: Name, Aliases: []string{"ecert", "ephyto", "sps-17"}, MediaTypes: []string{MediaType},
		Mapping:    dialect.Mapping{ID: "accord-sps-17", Version: "1"},
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
	return ok && name.Local == rootName && strings.HasPrefix(name.Space, nsPrefix+rootName+":")
}

func decode(src []byte) (*attestation.Submission, []dialect.Blob, []dialect.Loss, error) {
	lim := xmldoc.DefaultLimits()
	lim.Bytes = maxBytes
	doc, err := carry.Parse(src, lim)
	if err != nil {
		return nil, nil, nil, err
	}
	r := reader{carry.NewReader(doc, Name)}
	if !doc.Root.Name.Is(nsRoot, rootName) {
		r.Fail(fault.SchemaNamespace, doc.Root, "want "+rootName+" of "+nsRoot+"; other versions are not read")
		return nil, nil, nil, r.Err()
	}
	r.certificate()
	s, err := r.Finish(formatName)
	if err != nil {
		return nil, nil, nil, err
	}
	return s, r.Blobs, r.Losses.List, nil
}

func isOurs(format string) bool { return format == formatName }

// encode gives a certificate back that came as one.
func encode(s *attestation.Submission, o dialect.Options) ([]byte, []dialect.Loss, error) {
	frame := carry.Frame(s, isOurs)
	if frame < 0 {
		return nil, nil, fault.New(fault.HTTPNotAcceptable,
			"an SPSCertificate is given back to whom it came from; documents of other origin are not written as one")
	}
	out, err := carry.Restore(s, frame, o)
	if err != nil {
		return nil, nil, err
	}
	back, _, _, err := decode(out)
	if err != nil {
		return nil, nil, err
	}
	l := dialect.Losses{Source: "native+json", Target: Name}
	if err := carry.Difference(&l, s, back); err != nil {
		return nil, nil, err
	}
	return out, l.List, nil
}

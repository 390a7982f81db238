package gateway

import (
	"bytes"

	"accord/attestation"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

// opened is an inbound text taken apart: a JWS whose header obeys the policy,
// its payload, and nothing believed yet.
type opened struct {
	in     Inbound
	msg    *signing.Message
	typ    string
	format Format             // of the payload
	digest attestation.Digest // of the received octets
}

// open reads the envelope of a document by its media type.
func (g *Gateway) open(in Inbound) (opened, error) {
	o := opened{in: in, digest: attestation.DigestOf(in.Body)}
	var err error
	switch in.Media {
	case MediaJOSE, MediaJOSEJSON:
		if in.Signature != "" {
			return o, fault.New(fault.JWSMalformed, "JWS-Signature goes with a raw document body, not with a JWS")
		}
		o.msg, err = g.verifier.Read(in.Body, signing.AttestationProfile())
	case MediaJSON, MediaXML:
		if in.Signature == "" {
			return o, fault.New(fault.JWSNoSignature, "a raw document needs its detached signature in the JWS-Signature field")
		}
		o.msg, err = g.verifier.ReadDetached(in.Signature, in.Body, detachedProfile(in.Media))
	default:
		return o, fault.Newf(fault.HTTPMediaType, "send application/jose, application/jose+json, or application/json or application/xml with JWS-Signature")
	}
	if err != nil {
		return o, err
	}
	o.typ = o.msg.Typ()
	o.format = payloadFormat(in.Media, o.msg)
	return o, nil
}

// detachedProfile demands the cty that says what the Content-Type says, which
// is itself not signed (signing.md).
func detachedProfile(m MediaType) signing.Profile {
	p := signing.AttestationProfile()
	p.AllowUntyped = false // a detached signature always says its cty
	p.Ctys = []string{signing.CtyJSON}
	if m == MediaXML {
		p.Ctys = []string{signing.CtyXML}
	}
	return p
}

// payloadFormat says which dialect the payload is in: by cty, else, for an
// attestation made elsewhere, by its first character.
func payloadFormat(m MediaType, msg *signing.Message) Format {
	switch {
	case m == MediaXML:
		return FormatNativeXML
	case m == MediaJSON:
		return FormatNativeJSON
	}
	switch msg.Cty() {
	case signing.CtyXML:
		return FormatNativeXML
	case signing.CtyJSON:
		return FormatNativeJSON
	}
	if bytes.HasPrefix(bytes.TrimLeft(msg.Payload, " \t\r\n"), []byte("<")) {
		return FormatNativeXML
	}
	return FormatNativeJSON
}

// decode reads the payload into a submission; every finding at once.
func decode(payload []byte, format Format) (*attestation.Submission, error) {
	if format == FormatNativeXML {
		return native.DecodeXML(payload)
	}
	return native.DecodeJSON(payload)
}

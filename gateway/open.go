package gateway

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/formats"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

// opened is an inbound text taken apart: a JWS whose header obeys the policy,
// its payload, and nothing believed yet.
type opened struct {
	in     Inbound
	msg    *signing.Message
	cred   *signing.Credential // of a body's own credential; else nil
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
		o.msg, err = g.verifier.Read(in.Body, attestationProfile())
	case MediaJSON, MediaXML:
		if in.Signature == "" {
			return o, fault.New(fault.JWSNoSignature, "a raw document needs its detached signature in the JWS-Signature field")
		}
		o.msg, err = g.verifier.ReadDetached(in.Signature, in.Body, detachedProfile(in.Media))
	case MediaVCJWT:
		if in.Signature != "" {
			return o, fault.New(fault.JWSMalformed, "JWS-Signature goes with a raw document body, not with a credential")
		}
		if o.cred, err = g.verifier.ReadCredential(in.Body); err == nil {
			o.msg = o.cred.Message
		}
	default:
		return o, fault.Newf(fault.HTTPMediaType, "send application/jose, application/jose+json, application/vc+jwt, or application/json or application/xml with JWS-Signature")
	}
	if err != nil {
		return o, err
	}
	o.typ = o.msg.Typ()
	o.format = payloadFormat(in.Media, o.msg)
	return o, nil
}

// counts says whether the signature of a credential counts at a time (exp, nbf).
func (o *opened) counts(t time.Time) error {
	if o.cred == nil {
		return nil
	}
	return o.cred.GoodAt(t)
}

// dialectCtys are the dialects of the field that a JWS of an attestation may
// hold, by its cty: the media type without "application/". A credential is
// secured in its own way.
var dialectCtys = func() map[string]Format {
	out := map[string]Format{}
	for _, c := range formats.Dialects() {
		for _, media := range c.MediaTypes {
			cty, ok := strings.CutPrefix(media, "application/")
			if _, taken := out[cty]; ok && !taken && (strings.HasSuffix(cty, "+json") || strings.HasSuffix(cty, "+xml")) {
				out[cty] = Format(c.Name)
			}
		}
	}
	return out
}()

// The values of cty: of the dialects of the field, by the media type of a raw
// body, and all of them.
var (
	ctysField = append(ctysEnding("+json"), ctysEnding("+xml")...)
	ctysJSON  = append([]string{signing.CtyJSON}, ctysEnding("+json")...)
	ctysXML   = append([]string{signing.CtyXML}, ctysEnding("+xml")...)
	ctysAll   = slices.Concat(ctysJSON, ctysXML)
)

func ctysEnding(suffix string) (out []string) {
	for cty := range dialectCtys {
		if strings.HasSuffix(cty, suffix) {
			out = append(out, cty)
		}
	}
	slices.Sort(out)
	return out
}

// attestationProfile is what a JWS of an attestation must be, in our dialect or
// in one of the field.
func attestationProfile() signing.Profile {
	p := signing.AttestationProfile()
	p.Ctys = ctysAll
	return p
}

// detachedProfile demands the cty that says what the Content-Type says, which
// is itself not signed (signing.md).
func detachedProfile(m MediaType) signing.Profile {
	p := signing.AttestationProfile()
	p.AllowUntyped = false // a detached signature always says its cty
	p.Ctys = ctysJSON
	if m == MediaXML {
		p.Ctys = ctysXML
	}
	return p
}

// payloadFormat says which dialect the payload is in: by cty, else, for an
// attestation made elsewhere, by its first character. What a credential is, it
// says itself.
func payloadFormat(m MediaType, msg *signing.Message) Format {
	if m == MediaVCJWT {
		return credentialFormat(msg.Payload)
	}
	cty := strings.TrimPrefix(strings.ToLower(msg.Cty()), "application/")
	switch f, ok := dialectCtys[cty]; {
	case ok:
		return f
	case m == MediaXML, cty == signing.CtyXML:
		return FormatNativeXML
	case m == MediaJSON, cty == signing.CtyJSON:
		return FormatNativeJSON
	}
	if bytes.HasPrefix(bytes.TrimLeft(msg.Payload, " \t\r\n"), []byte("<")) {
		return FormatNativeXML
	}
	return FormatNativeJSON
}

// credentialFormat returns the dialect that a credential announces. One that
// announces none is read as the newest, which says what is wrong.
func credentialFormat(payload []byte) Format {
	if c, ok := formats.Dialect(formats.Detect(payload)); ok && slices.Contains(c.MediaTypes, string(MediaVC)) {
		return Format(c.Name)
	}
	return FormatCredential
}

// decode reads the payload into a submission; every finding at once.
func decode(payload []byte, format Format) (formats.Reading, error) {
	switch format {
	case FormatNativeXML:
		s, err := native.DecodeXML(payload)
		return formats.Reading{Submission: s}, err
	case FormatNativeJSON:
		s, err := native.DecodeJSON(payload)
		return formats.Reading{Submission: s}, err
	default:
		return formats.Read(string(format), payload)
	}
}

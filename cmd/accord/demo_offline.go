package main

import (
	"bytes"
	"context"
	"errors"

	"accord/attestation"
	"accord/evidence"
	"accord/formats"
	"accord/formats/native"
	"accord/signing"
)

// convert brings the certificate to XML and back.
func (s *story) convert(context.Context) error {
	s.say.step("It is converted to XML and back, without loss")
	payload := native.AppendJSON(nil, s.vacuum)
	xml, losses, err := formats.Convert(formats.NativeJSON, formats.NativeXML, payload, formats.Options{})
	if err != nil {
		return err
	}
	back, more, err := formats.Convert(formats.NativeXML, formats.NativeJSON, xml, formats.Options{})
	if err != nil {
		return err
	}
	if err := want("losses", len(losses)+len(more), 0); err != nil {
		return err
	}
	if !bytes.Equal(back, payload) {
		return errors.New("the JSON that came back is not the JSON that was signed")
	}
	fromXML, err := native.DecodeXML(xml)
	if err != nil {
		return err
	}
	s.say.fact("converted", "%d octets of JSON, %d of XML, no loss; the same octets came back", len(payload), len(xml))
	s.say.fact("content", "%s, by either form", fromXML.Digest())
	if err := want("content digest of the XML", fromXML.Digest(), s.vacuum.Digest()); err != nil {
		return err
	}
	return s.save("documents/ccc-vacuum.xml", xml)
}

// offline verifies document and receipt while the Chinese gateway is down.
func (s *story) offline(ctx context.Context) error {
	s.say.step("Both gateways stop; document and receipt are verified from a file")
	lists := map[*demoGateway][]byte{}
	for _, g := range []*demoGateway{s.cn, s.nz} {
		list, err := g.operator.TrustList(ctx)
		if err != nil {
			return err
		}
		lists[g] = list
	}
	if err := errors.Join(s.cn.down(), s.nz.down(), s.save("trust/cn.jws", lists[s.cn]), s.save("trust/nz.jws", lists[s.nz])); err != nil {
		return err
	}
	if err := s.verifyOffline(lists[s.cn]); err != nil {
		return err
	}
	if err := errors.Join(s.cn.start(ctx), s.nz.start(ctx)); err != nil {
		return err
	}
	head, err := s.head(ctx, s.cn)
	if err != nil {
		return err
	}
	s.say.fact("restarted", "the ledger is at %d entries again, root %s", head.Size, head.Root)
	return nil
}

func (s *story) verifyOffline(list []byte) error {
	now := s.env.now()
	trust, err := evidence.ReadTrustFile(list, now)
	if err != nil {
		return err
	}
	trusted, err := trust.Compile()
	if err != nil {
		return err
	}
	doc := evidence.Document{Octets: s.signed, MediaType: "application/jose", Receipt: s.first.Receipt, Decode: decodeDemo}
	v := evidence.VerifyDocument(doc, evidence.Question{At: now, Now: now}, evidence.Basis{Directory: trusted, Logs: trusted.Logs()})
	r := v.Report
	for _, f := range r.Findings {
		s.say.fact("finding", "%s %s: %s", f.Code, f.At, f.Detail)
	}
	if err := want("verification", r.Result, signing.Passed); err != nil {
		return err
	}
	s.say.fact("report", "%s: signature %s by %s, content %s, proven at %s", r.Result, r.Signature.Result, r.Signature.Signer, r.Content.Result, r.Signature.TProof)
	return want("signer", r.Signature.Signer, demoBody)
}

func decodeDemo(mediaType string, payload []byte) (*attestation.Submission, error) {
	if mediaType == "application/xml" {
		return native.DecodeXML(payload)
	}
	return native.DecodeJSON(payload)
}

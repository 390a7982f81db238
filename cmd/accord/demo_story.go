package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/signing"
)

// story is the demo: two gateways, a body, and what became of its documents.
//
//	body ──► CN gateway ──► feed, receipts, mark ──► NZ gateway ──► decision
type story struct {
	env *env
	dir string
	say *narrator

	cn, nz   *demoGateway
	cb       home
	body     *client.Client // the certification body at the CN gateway
	puller   *client.Client // the NZ authority at the CN gateway
	reader   evidence.Feed  // what NZ has seen of its feed
	cursor   string
	receipts []demoReceipt

	vacuum *attestation.Submission
	signed []byte // its JWS
	first  *client.Accepted
	before uint64 // size of the NZ ledger before the suspension came
}

// demoReceipt is a receipt that was handed out, to be held against the ledger
// at the end.
type demoReceipt struct {
	from *demoGateway
	raw  []byte
}

// play tells the chapters in order; whatever runs is stopped at the end.
func (s *story) play() (err error) {
	defer func() { err = errors.Join(err, s.cn.down(), s.nz.down()) }()
	for _, chapter := range []func(context.Context) error{
		s.found, s.sign, s.submit, s.pull, s.decide, s.convert, s.offline,
		s.uncovered, s.outside, s.tampered, s.revise, s.suspend, s.knownBefore, s.audit,
	} {
		if err := chapter(s.env.ctx); err != nil {
			return err
		}
	}
	return nil
}

// want fails the demo when something came out otherwise than it was stated.
func want[T comparable](what string, got, expected T) error {
	if got != expected {
		return fmt.Errorf("%s: expected %v, got %v", what, expected, got)
	}
	return nil
}

// found makes the two gateways and the body, and registers everybody.
func (s *story) found(ctx context.Context) error {
	s.say.step("Two authorities found their gateways and learn of each other")
	var err error
	if s.cn, err = newDemoGateway(s.env, home(s.dir+"/cn"), "CN", "Authority of China (demo)"); err != nil {
		return err
	}
	if s.nz, err = newDemoGateway(s.env, home(s.dir+"/nz"), "NZ", "Authority of New Zealand (demo)"); err != nil {
		return err
	}
	s.cb = home(s.dir + "/cb")
	if err := newDemoBody(s.env, s.cb); err != nil {
		return err
	}
	if err := errors.Join(s.cn.start(ctx), s.nz.start(ctx)); err != nil {
		return err
	}
	if err := s.cn.populate(ctx, s.cb, s.nz.home); err != nil {
		return err
	}
	if err := s.nz.populate(ctx, s.cb, s.cn.home); err != nil {
		return err
	}
	if s.body, err = s.cn.caller(s.cb); err != nil {
		return err
	}
	if s.puller, err = s.cn.caller(s.nz.home); err != nil {
		return err
	}
	for _, g := range []*demoGateway{s.cn, s.nz} {
		head, err := s.head(ctx, g)
		if err != nil {
			return err
		}
		s.say.fact("gateway", "%s, log %s", g.issuer, g.log.VKeys[0].VKey)
		s.say.fact("registry", "%d signed changes: partners, agreement %s, designation; root %s", head.Size, demoAgreement, head.Root)
		if err := want("entries of the registry", head.Size, 5); err != nil {
			return err
		}
	}
	s.say.fact("body", "%s, own document key with a certificate chain to its pinned anchor", demoBody)
	return nil
}

// document reads one of the demo's files.
func document(name string) (*attestation.Submission, error) {
	raw, err := demoFiles.ReadFile("demodata/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return native.DecodeJSON(raw)
}

// signDocument signs a document as the body does, and keeps both.
func (s *story) signDocument(name string, sub *attestation.Submission) ([]byte, error) {
	key, err := s.cb.key(signing.UseDoc)
	if err != nil {
		return nil, err
	}
	chain, err := s.cb.chain()
	if err != nil {
		return nil, err
	}
	payload := native.AppendJSON(nil, sub)
	jws, err := key.Sign(payload, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now(), Chain: chain})
	if err != nil {
		return nil, err
	}
	return jws, errors.Join(s.save("documents/"+name+".json", indented(payload)), s.save("documents/"+name+".jws", jws))
}

// sign makes the signed certificate.
func (s *story) sign(context.Context) error {
	s.say.step("The certification body signs a CCC certificate for a robot vacuum cleaner")
	var err error
	if s.vacuum, err = document("ccc-vacuum"); err != nil {
		return err
	}
	if s.signed, err = s.signDocument("ccc-vacuum", s.vacuum); err != nil {
		return err
	}
	msg, err := signing.Read(s.signed, signing.AttestationProfile())
	if err != nil {
		return err
	}
	sig := msg.Signatures[0]
	s.say.fact("number", "%s %s, valid until %s", s.vacuum.Identifiers[0].Scheme, s.vacuum.Identifiers[0].Value, s.vacuum.Dates.Expires.Value)
	s.say.fact("signature", "%s, %s, kid %s, chain of %d", msg.Typ(), sig.Alg, sig.KID, len(sig.Chain))
	s.say.fact("content", "%s", s.vacuum.Digest())
	s.say.fact("octets", "%s", attestation.DigestOf(s.signed))
	return nil
}

// submit brings the certificate into the Chinese gateway and checks the
// receipt as a stranger would.
func (s *story) submit(ctx context.Context) error {
	s.say.step("It is submitted to the Chinese gateway for New Zealand, and archived")
	var err error
	if s.first, err = s.body.Submit(ctx, s.signed, "application/jose", "", "NZ"); err != nil {
		return err
	}
	if err := want("content digest", s.first.Content, string(s.vacuum.Digest())); err != nil {
		return err
	}
	s.say.fact("archived", "201: %s, revision %d, index %d", s.first.ID, s.first.Revision, s.first.Index)
	for _, w := range s.first.Warnings {
		s.say.fact("warning", "%s %s: %s", w.Code, w.Pointer, w.Detail)
	}
	if err := s.keepReceipt("cn-ccc-vacuum", s.cn, s.first.Receipt, s.signed, s.vacuum.Digest()); err != nil {
		return err
	}
	again, err := s.body.Submit(ctx, s.signed, "application/jose", "")
	if err != nil {
		return err
	}
	if err := want("receipt of a repeat", string(again.Receipt), string(s.first.Receipt)); err != nil {
		return err
	}
	s.say.fact("repeat", "200 %s: the same receipt, nothing new in the ledger", again.Code)
	return want("code of a repeat", again.Code, fault.ReplayDuplicate)
}

// keepReceipt checks a receipt offline, tells of it and keeps it.
func (s *story) keepReceipt(name string, from *demoGateway, raw, octets []byte, content attestation.Digest) error {
	check := evidence.CheckReceipt(raw, evidence.Subject{Octets: octets, Content: content}, []evidence.Log{from.log}, s.env.now())
	if err := check.Err(); err != nil {
		return err
	}
	proven, ok := check.Proven()
	if !ok {
		return errors.New("the receipt proves no time")
	}
	s.say.fact("receipt", "checked offline: octets → record → leaf %d → checkpoint of size %d → key of %s\nproven at %s, root %s",
		check.Receipt.Index(), check.Checkpoint.Size, check.Checkpoint.Origin, proven.UTC().Format(time.RFC3339), check.Checkpoint.Root)
	s.receipts = append(s.receipts, demoReceipt{from, raw})
	return s.save("receipts/"+name+".json", indented(raw))
}

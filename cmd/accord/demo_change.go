package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/partners/recognition"
	"accord/signing"
)

// refused sends a document that must be refused with a status and a code, and
// leaves the ledger as it was.
func (s *story) refused(ctx context.Context, jws []byte, status int, code fault.Code, destinations ...string) error {
	before, err := s.head(ctx, s.cn)
	if err != nil {
		return err
	}
	_, err = s.body.Submit(ctx, jws, "application/jose", "", destinations...)
	var p *client.Problem
	if err == nil || !errors.As(err, &p) {
		return errors.Join(errors.New("the document should have been refused"), err)
	}
	s.say.fact("refused", "%d %s", p.Status, p.Code)
	if len(p.Errors) == 0 {
		s.say.fact("reason", "%s", p.Detail)
	}
	for _, f := range p.Errors {
		s.say.fact("reason", "%s", f.Detail)
	}
	after, err := s.head(ctx, s.cn)
	if err != nil {
		return err
	}
	return errors.Join(want("status", p.Status, status), want("code", p.Code, code), want("ledger size after a refusal", after.Size, before.Size))
}

// uncovered is a document of a kind that the agreement does not cover.
func (s *story) uncovered(ctx context.Context) error {
	s.say.step("A calibration certificate for New Zealand: the agreement does not cover its kind")
	s.say.fact("expected", "422 scope.out_of_agreement, with agreement and clause; nothing archived")
	sub, err := document("calibration")
	if err != nil {
		return err
	}
	jws, err := s.signDocument("calibration", sub)
	if err != nil {
		return err
	}
	return s.refused(ctx, jws, http.StatusUnprocessableEntity, fault.ScopeOutOfAgreement, "NZ")
}

// tampered is the certificate with another model in its payload.
func (s *story) tampered(ctx context.Context) error {
	s.say.step("Somebody writes another model into the signed certificate")
	s.say.fact("expected", "422 jws.signature_invalid; nothing archived")
	forged, err := forge(s.signed, "JL-R20", "JL-R90")
	if err != nil {
		return err
	}
	if err := s.save("documents/ccc-vacuum-forged.jws", forged); err != nil {
		return err
	}
	return s.refused(ctx, forged, http.StatusUnprocessableEntity, fault.JWSSignatureInvalid, "NZ")
}

// forge changes a word of the payload of a compact JWS and leaves header and
// signature as they are.
func forge(jws []byte, from, to string) ([]byte, error) {
	parts := bytes.Split(jws, []byte("."))
	payload, err := base64.RawURLEncoding.DecodeString(string(parts[1]))
	if err != nil {
		return nil, fmt.Errorf("decode payload: %w", err)
	}
	payload = bytes.Replace(payload, []byte(from), []byte(to), 1)
	parts[1] = []byte(base64.RawURLEncoding.EncodeToString(payload))
	return bytes.Join(parts, []byte(".")), nil
}

// revise sends the second revision, which adds a model.
func (s *story) revise(ctx context.Context) error {
	s.say.step("A second revision adds the model JL-R24, and crosses")
	s.say.fact("expected", "the model is not listed before (S04 fails) and conditional after, on the same gap")
	facts := shipment()
	facts["model"] = "JL-R24"
	d, err := s.ask(ctx, "4-model-before-revision-2", s.first.ID, facts, 0)
	if err != nil {
		return err
	}
	c, err := checkNamed(d, "S04")
	if err != nil {
		return err
	}
	s.say.fact("before", "%s, S04: %s", d.Outcome, c.Detail)
	sub, err := document("ccc-vacuum-r2")
	if err != nil {
		return err
	}
	if err := want("what revision 2 replaces", sub.Replaces, s.vacuum.Digest()); err != nil {
		return err
	}
	jws, err := s.signDocument("ccc-vacuum-r2", sub)
	if err != nil {
		return err
	}
	acc, err := s.body.Submit(ctx, jws, "application/jose", "", "NZ")
	if err != nil {
		return err
	}
	if err := errors.Join(want("revision", acc.Revision, 2), want("series", acc.ID, s.first.ID)); err != nil {
		return err
	}
	s.say.fact("archived", "201: %s, revision %d, index %d", acc.ID, acc.Revision, acc.Index)
	if err := s.keepReceipt("cn-ccc-vacuum-r2", s.cn, acc.Receipt, jws, sub.Digest()); err != nil {
		return err
	}
	if err := s.cross(ctx, "ccc-vacuum-r2", acc.ID); err != nil {
		return err
	}
	if d, err = s.ask(ctx, "5-model-after-revision-2", s.first.ID, facts, 0); err != nil {
		return err
	}
	s.tellDecision("after", d)
	return errors.Join(want("revision decided", d.Subject.Revision, 2), wantSupplyGap(d))
}

// suspend suspends the certificate at its source; the statement reaches New
// Zealand and turns the decision.
func (s *story) suspend(ctx context.Context) error {
	s.say.step("The body suspends the certificate; the statement reaches New Zealand")
	s.say.fact("expected", "notRecognised, because check A03a (suspended) fails, and no other check does")
	size, err := s.head(ctx, s.nz)
	if err != nil {
		return err
	}
	s.before = size.Size
	jws, err := s.statement(ctx)
	if err != nil {
		return err
	}
	acc, err := s.body.SetStatus(ctx, jws)
	if err != nil {
		return err
	}
	s.say.fact("statement", "index %d of the Chinese ledger, %s", acc.Index, acc.Content)
	if err := s.keepReceipt("cn-suspension", s.cn, acc.Receipt, jws, attestation.Digest(acc.Content)); err != nil {
		return err
	}
	if err := s.cross(ctx, "", s.first.ID); err != nil {
		return err
	}
	d, err := s.ask(ctx, "6-suspended", s.first.ID, shipment(), 0)
	if err != nil {
		return err
	}
	s.tellDecision("decision", d)
	if err := want("outcome", d.Outcome, recognition.NotRecognised); err != nil {
		return err
	}
	c, err := checkNamed(d, "A03a")
	if err != nil {
		return err
	}
	s.say.fact("A03a", "%s", c.Detail)
	return want("failed checks", none(codes(d, recognition.CheckFail)), "A03a")
}

// statement signs a suspension that follows the history of the series.
func (s *story) statement(ctx context.Context) ([]byte, error) {
	var h struct {
		Next struct {
			Seq     int                       `json:"seq"`
			Prev    attestation.Digest        `json:"prev"`
			Subject attestation.StatusSubject `json:"subject"`
		} `json:"next"`
	}
	if err := s.body.GetJSON(ctx, "/v1/attestations/"+s.first.ID+"/history", nil, &h); err != nil {
		return nil, err
	}
	yesterday := s.env.now().Add(-24 * time.Hour).UTC().Format("2006-01-02")
	st := &attestation.StatusStatement{
		Ver: 1, Iss: "urn:accord:partner:" + string(demoBody), JTI: evidence.NewJTI(), Subject: h.Next.Subject, Prev: h.Next.Prev,
		StatusEvent: attestation.StatusEvent{
			Seq: h.Next.Seq, Event: attestation.EventSuspend, Effective: attestation.DateV{Value: yesterday, Zone: "+08:00"},
			Reason: attestation.LText{{Lang: "zh-CN", Value: "监督抽样不合格"}, {Lang: "en", Value: "sample of a surveillance visit did not conform"}},
		},
	}
	key, err := s.cb.key(signing.UseDoc)
	if err != nil {
		return nil, err
	}
	payload := native.AppendStatusJSON(nil, st)
	jws, err := key.Sign(payload, signing.Header{Typ: signing.TypStatus, IssuedAt: time.Now()})
	if err != nil {
		return nil, err
	}
	return jws, errors.Join(s.save("documents/suspension.json", indented(payload)), s.save("documents/suspension.jws", jws))
}

// knownBefore asks again as of what was known before the suspension came.
func (s *story) knownBefore(ctx context.Context) error {
	s.say.step("The same question, as it was known before the suspension came")
	s.say.fact("expected", "the earlier outcome at ledger size %d: conditional, on requirementGap", s.before)
	d, err := s.ask(ctx, "7-as-known-before", s.first.ID, shipment(), s.before)
	if err != nil {
		return err
	}
	s.tellDecision("decision", d)
	return errors.Join(want("ledger size of the decision", d.KnownAt, s.before), wantSupplyGap(d))
}

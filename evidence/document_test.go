package evidence_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/partners"
	"accord/signing"
)

var _ evidence.Directory = (*partners.Snapshot)(nil)

func codes(r *evidence.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, string(f.Code))
	}
	return out
}

func TestVerifyDocument_passesASignedDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := evidence.VerifyDocument(w.doc(), evidence.Question{Now: now, Model: "RX93CE", Nonce: "n"}, w.basis())
	r := v.Report
	if r.Result != signing.Passed {
		t.Fatalf("%s: signature %+v, content %+v, findings %v", r.Result, r.Signature, r.Content, r.Findings)
	}
	if r.Signature.Signer != body || r.Signature.TProof != "2026-08-01T08:00:00Z" || r.Subject.Digest != attestation.DigestOf(w.document) {
		t.Errorf("signature %+v, subject %+v", r.Signature, r.Subject)
	}
	if r.Status.Effective != attestation.Valid || r.Model.Result != signing.Passed || r.Nonce != "n" {
		t.Errorf("status %+v, model %+v", r.Status, r.Model)
	}
}

func TestVerifyDocument_takesTheReceiptAsProofOfTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	later := evidence.Question{Now: now.AddDate(0, 1, 0)} // the key has expired, the claim is old
	v := evidence.VerifyDocument(w.doc(), later, w.basis())
	if v.Report.Result != signing.Indeterminate {
		t.Errorf("without receipt: %s %v", v.Report.Result, v.Report.Findings)
	}
	d := w.doc()
	d.Receipt = must[[]byte](t)(w.receipt.Payload())
	v = evidence.VerifyDocument(d, later, w.basis())
	if v.Report.Result != signing.Passed || v.Report.Signature.TProof != "2026-08-01T08:00:00Z" || v.Report.Checkpoint == "" {
		t.Errorf("with receipt: %s %+v %v", v.Report.Result, v.Report.Signature, v.Report.Findings)
	}
	// A receipt of something else proves no time, and nothing with it is good.
	d.Receipt = bytes.Replace(d.Receipt, []byte(w.record.Digest), []byte(w.record.Content), 1)
	v = evidence.VerifyDocument(d, later, w.basis())
	if v.Report.Result != signing.Failed || !strings.Contains(strings.Join(codes(v.Report), " "), string(fault.LedgerProofInvalid)) || v.Report.Checkpoint != "" {
		t.Errorf("with another receipt: %s %v", v.Report.Result, v.Report.Findings)
	}
	if v = evidence.VerifyDocument(d, evidence.Question{Now: now}, w.basis()); v.Report.Result != signing.Failed || v.Signature.Result != signing.Passed {
		t.Errorf("a good signature beside a receipt that proves nothing: %s %v", v.Report.Result, v.Report.Findings)
	}
}

func TestVerifyDocument_isThreeValued(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	changed := w.doc()
	parts := strings.Split(string(w.document), ".")
	parts[2] = strings.Repeat("A", len(parts[2]))
	changed.Octets = []byte(strings.Join(parts, "."))
	unread := w.doc()
	unread.Octets = []byte("a.b")
	other := w.doc()
	other.MediaType = "text/plain"

	unsigned := evidence.Document{Octets: w.payload, MediaType: "application/json", Decode: decode}
	stranger := w.doc()
	stranger.Octets = must[[]byte](t)(newSigner(t).Sign(w.payload, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: now}))
	unowned := w.doc()
	unowned.Octets = must[[]byte](t)(w.issuer.Sign(bytes.ReplaceAll(bytes.ReplaceAll(w.payload, []byte("CNCA-R-2002-999"), []byte("CNCA-R-2002-998")),
		[]byte("did:web:cb.example.cn"), []byte("did:web:cb.other.cn")), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: now}))
	bad := w.doc()
	bad.Octets = must[[]byte](t)(w.issuer.Sign(bytes.Replace(w.payload, []byte(`"kind":"certification"`), []byte(`"kind":"<b>letter</b>"`), 1),
		signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: now}))
	typ := w.doc()
	typ.Octets = must[[]byte](t)(w.issuer.Sign(w.payload, signing.Header{Typ: signing.TypStatus, IssuedAt: now}))

	for name, c := range map[string]struct {
		doc    evidence.Document
		result signing.Result
		code   fault.Code
	}{
		"wrong signature":      {changed, signing.Failed, fault.JWSSignatureInvalid},
		"not a JWS":            {unread, signing.Failed, fault.JWSMalformed},
		"no media type":        {other, signing.Failed, fault.HTTPMediaType},
		"no signature":         {unsigned, signing.Indeterminate, fault.JWSNoSignature},
		"key of a stranger":    {stranger, signing.Indeterminate, fault.JWSKeyUnknown},
		"issuer of a stranger": {unowned, signing.Indeterminate, fault.IssuerMismatch},
		"bad content":          {bad, signing.Failed, ""},
		"message of our own":   {typ, signing.Failed, fault.JWSTypMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := evidence.VerifyDocument(c.doc, evidence.Question{Now: now}, w.basis()).Report
			if r.Result != c.result {
				t.Fatalf("%s, want %s: %v", r.Result, c.result, r.Findings)
			}
			if got := codes(r); len(got) == 0 || c.code != "" && !strings.Contains(strings.Join(got, " "), string(c.code)) {
				t.Errorf("findings %v, want %s", got, c.code)
			}
			text := must[[]byte](t)(r.Payload())
			if bytes.Contains(text, []byte("letter")) {
				t.Errorf("the report repeats the upload: %s", text)
			}
			if _, err := evidence.ParseReport(text); err != nil {
				t.Errorf("the report is not read back: %v\n%s", err, text)
			}
		})
	}
}

func TestVerifyDocument_detachedSignatureOfXML(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := must[*attestation.Submission](t)(native.DecodeJSON(w.payload))
	xml := native.AppendXML(nil, doc)
	field := must[string](t)(w.issuer.SignDetached(xml, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyXML, IssuedAt: now}))
	d := evidence.Document{Octets: xml, MediaType: "application/xml", Signature: field, Decode: decode}
	if r := evidence.VerifyDocument(d, evidence.Question{Now: now}, w.basis()).Report; r.Result != signing.Passed {
		t.Errorf("%s %v", r.Result, r.Findings)
	}
	d.Octets = w.payload
	d.MediaType = "application/json"
	r := evidence.VerifyDocument(d, evidence.Question{Now: now}, w.basis()).Report
	if r.Result != signing.Failed || codes(r)[0] != string(fault.JWSTypMismatch) {
		t.Errorf("cty of another media type: %s %v", r.Result, r.Findings)
	}
}

func TestVerifyDocument_saysWhetherAModelIsCovered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for model, want := range map[string]signing.Result{"RX94CE": signing.Passed, "RX99CE": signing.Failed} {
		v := evidence.VerifyDocument(w.doc(), evidence.Question{Now: now, Model: model}, w.basis())
		if v.Report.Model.Result != want {
			t.Errorf("%s: %s", model, v.Report.Model.Result)
		}
	}
}

func TestVerifyDocument_statusIsThatOfTheTimeAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for at, want := range map[string]attestation.Status{
		"2026-08-01T00:00:00Z": attestation.Valid, "2040-01-01T00:00:00Z": attestation.Expired,
	} {
		r := evidence.VerifyDocument(w.doc(), evidence.Question{Now: now, At: must[time.Time](t)(time.Parse(time.RFC3339, at))}, w.basis()).Report
		if r.Status.Effective != want || r.At != at {
			t.Errorf("%s: %+v", at, r.Status)
		}
	}
}

func TestReport_travelsSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := evidence.VerifyDocument(w.doc(), evidence.Question{Now: now}, w.basis()).Report
	if _, err := r.Sign(w.gateway, now); err == nil {
		t.Error("signed without iss")
	}
	r.Iss, r.JTI, r.KnownAt = issuerURL, evidence.NewJTI(), 3
	raw := must[[]byte](t)(r.Sign(w.gateway, now))
	keys := []*signing.Key{w.gateway.Key()}
	again := must[*evidence.Report](t)(evidence.OpenReport(raw, keys, now))
	a, b := must[[]byte](t)(r.Payload()), must[[]byte](t)(again.Payload())
	if !bytes.Equal(a, b) {
		t.Errorf("got %s\nwant %s", b, a)
	}
	if _, err := evidence.OpenReport(raw, []*signing.Key{w.issuer.Key()}, now); fault.CodeOf(err) != fault.JWSKeyUnknown {
		t.Errorf("by another key: %v", err)
	}
	if _, err := evidence.OpenDecision(raw, keys, now); fault.CodeOf(err) != fault.JWSTypMismatch {
		t.Errorf("as a decision: %v", err)
	}
}

func TestParseReport_doesNotBelieveAResultThatDoesNotFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.doc()
	d.Octets = append([]byte(nil), d.Octets...)
	d.Octets[len(d.Octets)-2] ^= 1
	r := evidence.VerifyDocument(d, evidence.Question{Now: now}, w.basis()).Report
	if r.Result != signing.Failed {
		t.Fatal(r.Result)
	}
	r.Result = signing.Passed
	if _, err := evidence.ParseReport(must[[]byte](t)(r.Payload())); fault.CodeOf(err) != fault.SchemaFormat {
		t.Errorf("%v", err)
	}
}

func TestNotFound_saysNothingElse(t *testing.T) {
	t.Parallel()
	r := evidence.NotFound("2024990708000001", "", now)
	var m map[string]any
	if err := json.Unmarshal(must[[]byte](t)(r.Payload()), &m); err != nil {
		t.Fatal(err)
	}
	if m["found"] != false || m["result"] != "indeterminate" || r.Findings[0].Code != fault.ResourceNotFound {
		t.Errorf("%v", m)
	}
	for _, name := range []string{"signature", "content", "status", "model", "decision"} {
		if _, ok := m[name]; ok {
			t.Errorf("a report on nothing has %s", name)
		}
	}
}

package evidence_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/signing"
)

func TestCheckReceipt_passesAsJSONAndSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := must[[]byte](t)(w.receipt.Payload())
	signed := must[[]byte](t)(w.receipt.Sign(w.gateway, now))
	subject := evidence.Subject{Octets: w.document, Content: attestation.DigestOf(w.payload)}
	for name, raw := range map[string][]byte{"json": plain, "jws": signed} {
		c := evidence.CheckReceipt(raw, subject, w.trusted.Logs(), now)
		if c.Result != signing.Passed {
			t.Errorf("%s: %s %v", name, c.Result, c.Err())
		}
		if proven, ok := c.Proven(); !ok || !proven.Equal(now) {
			t.Errorf("%s: proven %v %v", name, proven, ok)
		}
		if c.Checkpoint.Size != 3 || c.Receipt.Index() != 1 {
			t.Errorf("%s: checkpoint %v, index %d", name, c.Checkpoint, c.Receipt.Index())
		}
	}
}

func TestReceipt_hasOneForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := must[[]byte](t)(w.receipt.Payload())
	got := evidence.AppendReceipt(nil, issuerURL, body, w.record.AppendCanonical(nil), w.receipt.Proof)
	if !bytes.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if canonical := must[[]byte](t)(strictjson.Canonical(got)); !bytes.Equal(canonical, got) {
		t.Error("not in RFC 8785 form")
	}
}

func TestCheckReceipt_saysWhatWasNotAtHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	raw := must[[]byte](t)(w.receipt.Payload())
	c := evidence.CheckReceipt(raw, evidence.Subject{}, w.trusted.Logs(), now)
	if c.Result != signing.Indeterminate {
		t.Errorf("without the document: %s", c.Result)
	}
	if _, ok := c.Proven(); ok {
		t.Error("without the document something is proven")
	}
	c = evidence.CheckReceipt(raw, evidence.Subject{Octets: w.document}, nil, now)
	if c.Result != signing.Indeterminate {
		t.Errorf("without the keys: %s", c.Result)
	}
	if _, ok := c.Proven(); ok {
		t.Error("without the keys something is proven")
	}
}

func TestCheckReceipt_namesTheStepThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	raw := string(must[[]byte](t)(w.receipt.Payload()))
	other := w.receiptOf(t, &ledger.Record{
		Ver: 1, Kind: ledger.KindStatus, Dir: ledger.In, Partner: body, Type: signing.TypStatus,
		Digest: w.record.Digest, Content: w.record.Content, Received: w.record.Received,
		Salt: w.record.Salt, Subject: w.record.Subject, Audience: w.record.Audience,
	})
	early := w.trusted.Logs()
	early[0].VKeys[0].From = now.Add(time.Hour)
	foreign := w.trusted.Logs()
	foreign[0].Issuer = "https://other.example"
	forged := must[[]byte](t)(w.receipt.Sign(w.issuer, now))
	for name, c := range map[string]struct {
		raw     string
		subject evidence.Subject
		logs    []evidence.Log
		step    evidence.StepName
	}{
		"not a receipt":      {"{}", evidence.Subject{}, nil, evidence.StepForm},
		"unknown member":     {strings.Replace(raw, `{"anchors"`, `{"a":1,"anchors"`, 1), evidence.Subject{}, nil, evidence.StepForm},
		"other octets":       {raw, evidence.Subject{Octets: []byte("x")}, nil, evidence.StepDocument},
		"other signature":    {raw, evidence.Subject{Octets: w.document, Signature: "h..s"}, nil, evidence.StepDocument},
		"other content":      {raw, evidence.Subject{Content: attestation.DigestOf(nil)}, nil, evidence.StepContent},
		"changed record":     {strings.Replace(raw, `"revision":1`, `"revision":2`, 1), evidence.Subject{}, nil, evidence.StepInclusion},
		"changed index":      {strings.Replace(raw, `index 1`, `index 2`, 1), evidence.Subject{}, nil, evidence.StepInclusion},
		"other entry":        {strings.Replace(raw, string(w.receipt.Record), string(other.Record), 1), evidence.Subject{}, nil, evidence.StepInclusion},
		"changed root":       {strings.Replace(raw, `\n3\n`, `\n4\n`, 1), evidence.Subject{}, nil, evidence.StepCheckpoint},
		"key of later times": {raw, evidence.Subject{}, early, evidence.StepCheckpoint},
		"other gateway":      {raw, evidence.Subject{}, foreign, evidence.StepCheckpoint},
		"signed by another":  {string(forged), evidence.Subject{}, nil, evidence.StepSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.logs == nil {
				c.logs = w.trusted.Logs()
			}
			got := evidence.CheckReceipt([]byte(c.raw), c.subject, c.logs, now)
			if got.Result != signing.Failed {
				t.Fatalf("%s %v", got.Result, got.Steps)
			}
			var failed []evidence.StepName
			for _, s := range got.Steps {
				if s.Result == signing.Failed {
					failed = append(failed, s.Name)
				}
			}
			if want := []evidence.StepName{c.step}; !slices.Equal(failed, want) {
				t.Errorf("failed %v, want %v", failed, want)
			}
			if _, ok := got.Proven(); ok {
				t.Error("something is proven all the same")
			}
			if got.Err() == nil {
				t.Error("no fault")
			}
		})
	}
}

func TestParseReceipt_refusesEveryOtherForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	raw := string(must[[]byte](t)(w.receipt.Payload()))
	for name, c := range map[string]struct {
		old, new string
		code     fault.Code
		at       string
	}{
		"version":          {`"ver":1}`, `"ver":2}`, fault.SchemaFormat, "/ver"},
		"version of entry": {`"ver":1},"ver":1}`, `"ver":3},"ver":1}`, fault.SchemaFormat, "/record/ver"},
		"no issuer":        {`"iss":"` + issuerURL + `"`, `"iss":""`, fault.SchemaMissingField, "/iss"},
		"bare audience":    {body.URN(), string(body), fault.SchemaFormat, "/aud"},
		"record":           {`"dir":"in"`, `"dir":"up"`, fault.SchemaFormat, "/record/dir"},
		"proof":            {`tlog-proof@v1`, `tlog-proof@v2`, fault.LedgerProofInvalid, "/proof"},
		"twice":            {`"iss":`, `"iss":"x","iss":`, fault.JSONDuplicateMember, ""},
	} {
		i := strings.LastIndex(raw, c.old)
		if i < 0 {
			t.Fatalf("%s: nothing to replace", name)
		}
		_, err := evidence.ParseReceipt([]byte(raw[:i] + c.new + raw[i+len(c.old):]))
		if got := fault.CodeOf(err); got != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
			continue
		}
		if at := fault.All(err)[0].At; c.at != "" && at != c.at {
			t.Errorf("%s: at %s, want %s", name, at, c.at)
		}
	}
}

func FuzzCheckReceipt(f *testing.F) {
	w := newWorld(f)
	plain := must[[]byte](f)(w.receipt.Payload())
	f.Add(plain)
	f.Add(must[[]byte](f)(w.receipt.Sign(w.gateway, now)))
	subject := evidence.Subject{Octets: w.document}
	want := must[ledger.Leaf](f)(w.receipt.Leaf())
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := evidence.CheckReceipt(raw, subject, w.trusted.Logs(), now)
		if _, ok := c.Proven(); !ok {
			return
		}
		if got, err := c.Receipt.Leaf(); err != nil || got != want {
			t.Errorf("a receipt of something else proves: %s", raw)
		}
	})
}

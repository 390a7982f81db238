package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
)

// exampleRecord is a valid record with every member set.
func exampleRecord() *ledger.Record {
	prev := uint64(0)
	return &ledger.Record{
		Ver: 1, Kind: ledger.KindAttestation, Dir: ledger.In, Partner: "cqc",
		Type: "accord-attestation+jose", ID: attestation.SeriesID("cqc", "CCC", "2023010301529999", ""), Revision: 2,
		Digest: attestation.DigestOf([]byte("received")), Signature: "h..s",
		Content: attestation.DigestOf([]byte("payload")), Registry: 7,
		Received: "2026-03-01T08:00:00.25Z", Batch: 41,
		Audience: ledger.AudienceHash(ledger.Secret{1}, []attestation.PartnerID{"nz-mbie", "cqc"}),
		Prev:     &prev, Subject: ledger.Secret{2}.String(), Salt: ledger.Secret{1}.String(),
	}
}

func TestRecord_canonicalFormIsRFC8785(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := exampleRecord()
		// Text that no valid record has, to meet every escape.
		r.Type = rapid.String().Draw(t, "type")
		r.Signature = rapid.String().Draw(t, "sig")
		r.Batch = rapid.Uint64Range(0, 1<<53-1).Draw(t, "batch")
		r.Revision = rapid.IntRange(0, 9).Draw(t, "revision")
		if rapid.Bool().Draw(t, "first") {
			r.Prev, r.ID = nil, ""
		}
		want, err := strictjson.CanonicalOf(r)
		if err != nil {
			t.Skip("not a text of JSON")
		}
		if got := r.AppendCanonical(nil); !bytes.Equal(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

func TestRecord_readsBackWhatItWrote(t *testing.T) {
	t.Parallel()
	r := exampleRecord()
	text := r.AppendCanonical(nil)
	again, err := ledger.ParseRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.AppendCanonical(nil); !bytes.Equal(got, text) {
		t.Errorf("got %s, want %s", got, text)
	}
}

func TestParseRecord_reportsEveryFinding(t *testing.T) {
	t.Parallel()
	r := exampleRecord()
	text := string(r.AppendCanonical(nil))
	for name, c := range map[string]struct {
		old, new string
		code     fault.Code
		at       string
	}{
		"unknown member": {`{"audience"`, `{"a":"","audience"`, fault.SchemaUnknownField, "/a"},
		"kind":           {`"kind":"attestation"`, `"kind":"letter"`, fault.SchemaFormat, "/kind"},
		"direction":      {`"dir":"in"`, `"dir":"IN"`, fault.SchemaFormat, "/dir"},
		"version":        {`"ver":1`, `"ver":2`, fault.SchemaFormat, "/ver"},
		"digest":         {`"digest":"sha-256:`, `"digest":"sha-256:A`, fault.SchemaFormat, "/digest"},
		"local time":     {`.25Z`, `.25+08:00`, fault.SchemaFormat, "/received"},
		"padded salt":    {r.Salt, r.Salt + "=", fault.SchemaFormat, "/salt"},
		"stray bits":     {r.Salt, r.Salt[:42] + "B", fault.SchemaFormat, "/salt"},
		"negative":       {`"batch":41`, `"batch":-1`, fault.SchemaType, "/batch"},
		"twice":          {`"batch":41`, `"batch":41,"batch":41`, fault.JSONDuplicateMember, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(text, c.old, c.new, 1)
			if changed == text {
				t.Fatal("nothing replaced")
			}
			_, err := ledger.ParseRecord([]byte(changed))
			if got := fault.CodeOf(err); got != c.code {
				t.Fatalf("%v, want %s", err, c.code)
			}
			if got := fault.All(err)[0].At; c.at != "" && got != c.at {
				t.Errorf("at %s, want %s", got, c.at)
			}
		})
	}
	_, err := ledger.ParseRecord([]byte(`{}`))
	if n := len(fault.All(err)); n < 8 {
		t.Errorf("an empty record has %d findings: %v", n, err)
	}
}

func TestLeaf_commitsToRecordAndSubject(t *testing.T) {
	t.Parallel()
	r := exampleRecord()
	leaf, err := r.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	// Computed here by hand from wire.md.
	commitment := sha256.Sum256(r.AppendCanonical(nil))
	subject := ledger.Secret{2}
	tag := sha256.Sum256(append([]byte("accord-subject-v1\x00"), subject[:]...))
	b64 := base64.RawURLEncoding.EncodeToString
	want := `{"c":"` + b64(commitment[:]) + `","s":"` + b64(tag[:]) + `","t":"2026-03-01T08:00:00.25Z","v":1}`
	if got := string(leaf.AppendEntry(nil)); got != want {
		t.Errorf("entry %s, want %s", got, want)
	}
	if canonical, err := strictjson.Canonical([]byte(want)); err != nil || string(canonical) != want {
		t.Errorf("the entry is not in canonical form: %s (%v)", canonical, err)
	}
	again, err := ledger.ParseLeaf([]byte(want))
	if err != nil || again != leaf {
		t.Errorf("parsed %v (%v), want %v", again, err, leaf)
	}
	if leaf.Hash() != ledger.LeafHash([]byte(want)) {
		t.Error("leaf hash is not that of the entry")
	}
}

func TestParseLeaf_acceptsOneTextOnly(t *testing.T) {
	t.Parallel()
	leaf, err := exampleRecord().Leaf()
	if err != nil {
		t.Fatal(err)
	}
	text := string(leaf.AppendEntry(nil))
	for _, bad := range []string{
		"", "{}", text + "\n", " " + text, strings.Replace(text, `"v":1`, `"v":2`, 1),
		strings.Replace(text, ":", ": ", 1), strings.Replace(text, `.25Z`, `.25+00:00`, 1),
		strings.Replace(text, `{"c"`, `{"s"`, 1), text[:len(text)-1], strings.Replace(text, "2026", `\u0032026`, 1),
	} {
		if l, err := ledger.ParseLeaf([]byte(bad)); err == nil {
			t.Errorf("%q accepted as %v", bad, l)
		}
	}
}

func TestAudienceHash_isOfTheSet(t *testing.T) {
	t.Parallel()
	salt := ledger.Secret{9}
	a := ledger.AudienceHash(salt, []attestation.PartnerID{"b", "a", "b"})
	if b := ledger.AudienceHash(salt, []attestation.PartnerID{"a", "b"}); a != b {
		t.Error("order or repetition changes the commitment")
	}
	if b := ledger.AudienceHash(salt, []attestation.PartnerID{"ab"}); a == b {
		t.Error("two sets have one commitment")
	}
	if b := ledger.AudienceHash(ledger.Secret{8}, []attestation.PartnerID{"a", "b"}); a == b {
		t.Error("the salt does not matter")
	}
	sum := sha256.Sum256(append(salt[:], "a\x00b\x00"...))
	if want := base64.RawURLEncoding.EncodeToString(sum[:]); a != want {
		t.Errorf("got %s, want %s", a, want)
	}
}

func TestSecret_isNotLogged(t *testing.T) {
	t.Parallel()
	s := ledger.NewSecret()
	if s == ledger.NewSecret() {
		t.Fatal("two secrets are equal")
	}
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("made", "subject", s)
	if strings.Contains(b.String(), s.String()) || !strings.Contains(b.String(), "subject=secret") {
		t.Errorf("logged %s", b.String())
	}
	again, err := ledger.ParseSecret(s.String())
	if err != nil || again != s {
		t.Errorf("read back %v (%v)", again, err)
	}
}

func TestFormatTime_isUTCInMilliseconds(t *testing.T) {
	t.Parallel()
	in := time.Date(2026, 3, 1, 16, 0, 0, 250_999_999, time.FixedZone("", 8*3600))
	if got, want := ledger.FormatTime(in), "2026-03-01T08:00:00.25Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFeedAcc_isAChainOfLeafHashes(t *testing.T) {
	t.Parallel()
	var acc ledger.FeedAcc
	want := make([]byte, 32)
	for n := range uint64(3) {
		h := leafHash(n)
		acc = acc.Add(h)
		sum := sha256.Sum256(append(want, h[:]...))
		want = sum[:]
	}
	if !bytes.Equal(acc[:], want) {
		t.Errorf("acc %x, want %x", acc, want)
	}
	again, err := ledger.ParseFeedAcc(acc.String())
	if err != nil || again != acc {
		t.Errorf("read back %v (%v)", again, err)
	}
	for _, bad := range []string{"", acc.String()[8:], strings.ToUpper(acc.String()), acc.String() + "00"} {
		if _, err := ledger.ParseFeedAcc(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

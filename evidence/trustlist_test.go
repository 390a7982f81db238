package evidence_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/partners"
	"accord/signing"
)

func TestTrustList_travelsSignedAndBare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	raw := must[[]byte](t)(w.list.Sign(w.gateway, now))
	keys := []*signing.Key{w.gateway.Key()}
	signed := must[*evidence.TrustList](t)(evidence.OpenTrustList(raw, keys, now))
	bare := must[[]byte](t)(w.list.Payload())
	for name, l := range map[string]*evidence.TrustList{
		"signed": signed,
		"bare":   must[*evidence.TrustList](t)(evidence.ReadTrustFile(bare, now)),
		"file":   must[*evidence.TrustList](t)(evidence.ReadTrustFile(raw, now)),
	} {
		if got := must[[]byte](t)(l.Payload()); !bytes.Equal(got, bare) {
			t.Errorf("%s: got %s\nwant %s", name, got, bare)
		}
		if _, err := l.Compile(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := evidence.OpenTrustList(raw, []*signing.Key{w.issuer.Key()}, now); fault.CodeOf(err) != fault.JWSKeyUnknown {
		t.Errorf("by another key: %v", err)
	}
	if _, err := evidence.OpenTrustList(bare, keys, now); err == nil {
		t.Error("an unsigned list was taken for a signed one")
	}
	i := len(raw) - 10
	raw[i] = 'A' ^ raw[i]&1 // still base64url
	if _, err := evidence.ReadTrustFile(raw, now); err == nil {
		t.Error("a damaged file was read")
	}
	if w.list.Stale(now) || !w.list.Stale(now.AddDate(0, 0, 2)) {
		t.Error("nextUpdate is not obeyed")
	}
}

func TestTrustList_holdsNoKeyThatSignsRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trust := w.trusted.Trust(body, now)
	if len(trust.Keys) != 1 || trust.Keys[0].Use != signing.UseDoc || trust.Keys[0].KID != w.issuer.Key().KID {
		t.Errorf("keys %+v", trust.Keys)
	}
	if !trust.Keys[0].Expires.Equal(now.AddDate(0, 0, 30)) {
		t.Errorf("window %v", trust.Keys[0].Expires)
	}
	if w.trusted.Trust("nobody", now) != nil {
		t.Error("trust of an unknown partner")
	}
}

func TestTrustList_keepsRevocations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &partners.Partner{ID: "nz-cb", Trust: partners.Trust{Keys: []partners.Key{{
		JWK: jwk(t, w.issuer.Key()), Use: "doc",
		Revoked: &partners.Revoked{At: now, Reason: "keyCompromise", CompromisedSince: now.Add(-time.Hour)},
	}}}}
	l := must[*evidence.TrustList](t)(evidence.NewTrustList(issuerURL, 2, now, w.list.Gateway, []*signing.Key{w.gateway.Key()}, []*partners.Partner{p}, noEarlier))
	l = must[*evidence.TrustList](t)(evidence.ParseTrustList(must[[]byte](t)(l.Payload())))
	key := must[*evidence.Trusted](t)(l.Compile()).Trust("nz-cb", now).Keys[0]
	if key.GoodAt(now.Add(-2*time.Hour)) != nil || fault.CodeOf(key.GoodAt(now.Add(-time.Minute))) != fault.JWSKeyRevoked {
		t.Errorf("revocation %+v", key.Revoked)
	}
}

// TestTrustList_keepsKeysThatLeft adds what only an earlier record had.
func TestTrustList_keepsKeysThatLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &partners.Partner{ID: "nz-cb", Trust: partners.Trust{Keys: []partners.Key{{JWK: jwk(t, newSigner(t).Key()), Use: "doc"}}}}
	left := *w.issuer.Key()
	left.Use, left.Expires = signing.UseDoc, now
	l := must[*evidence.TrustList](t)(evidence.NewTrustList(issuerURL, 2, now, w.list.Gateway, []*signing.Key{w.gateway.Key()}, []*partners.Partner{p},
		func(attestation.PartnerID) *signing.Trust { return &signing.Trust{Keys: []*signing.Key{&left}} }))
	l = must[*evidence.TrustList](t)(evidence.ParseTrustList(must[[]byte](t)(l.Payload())))
	keys := must[*evidence.Trusted](t)(l.Compile()).Trust("nz-cb", now).Keys
	if len(keys) != 2 || keys[1].Thumbprint() != left.Thumbprint() || !keys[1].Expires.Equal(now) {
		t.Errorf("%d keys, the last %+v", len(keys), keys[len(keys)-1])
	}
}

func TestTrusted_ownerIsExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine := w.list.Partners[0].Issuers
	if !strings.HasPrefix(mine[0], "urn:accord:id:") {
		t.Errorf("issuers %v", mine)
	}
	w.list.Partners = append(w.list.Partners, evidence.TrustPartner{ID: "other", Issuers: []string{"urn:accord:id:x:1"}})
	both := must[*evidence.Trusted](t)(w.list.Compile())
	known := attestation.Identifier{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-999"}
	foreign := attestation.Identifier{Scheme: "x", Value: "1"}
	if p, err := both.Owner([]attestation.Identifier{{Scheme: "y", Value: "2"}, known}, now); err != nil || p != body {
		t.Errorf("%s %v", p, err)
	}
	for _, ids := range [][]attestation.Identifier{nil, {{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-99"}}, {known, foreign}} {
		if _, err := both.Owner(ids, now); fault.CodeOf(err) != fault.IssuerMismatch {
			t.Errorf("%v: %v", ids, err)
		}
	}
}

func TestCompile_reportsEveryBadEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.list.Partners = append(w.list.Partners,
		evidence.TrustPartner{ID: body},
		evidence.TrustPartner{ID: "third", Issuers: w.list.Partners[0].Issuers[:1], Anchors: []evidence.TrustAnchor{{DER: []byte("x")}}})
	_, err := w.list.Compile()
	var places []string
	for _, f := range fault.All(err) {
		places = append(places, f.At)
	}
	want := "/partners/1/id /partners/2/issuers/0 /partners/2/anchors/0"
	if got := strings.Join(places, " "); got != want {
		t.Errorf("at %s, want %s", got, want)
	}
}

func TestParseTrustList_refusesEveryOtherForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	raw := string(must[[]byte](t)(w.list.Payload()))
	for name, c := range map[string][2]string{
		"seq":        {`"seq":1`, `"seq":0`},
		"nextUpdate": {`"nextUpdate":"2026-08-02T08:00:00Z"`, `"nextUpdate":"2026-08-02T08:00:00+00:00"`},
		"origin":     {`"origin":"` + origin, `"origin":"x` + origin},
		"vkey":       {w.log.VKey(), w.log.VKey() + "A"},
		"unknown":    {`"seq":1`, `"seq":1,"serial":1`},
	} {
		changed := strings.Replace(raw, c[0], c[1], 1)
		if changed == raw {
			t.Fatalf("%s: nothing replaced", name)
		}
		if _, err := evidence.ParseTrustList([]byte(changed)); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}

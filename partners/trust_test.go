package partners_test

import (
	"slices"
	"testing"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/fault"
	"accord/partners"
	"accord/signing"
)

// find returns the key of a trust with a kid.
func find(t *testing.T, trust *signing.Trust, kid string) *signing.Key {
	t.Helper()
	i := slices.IndexFunc(trust.Keys, func(k *signing.Key) bool { return k.KID == kid })
	if i < 0 {
		t.Fatalf("the trust has no key %s", kid)
	}
	return trust.Keys[i]
}

func withKeys(keys ...partners.Key) *partners.Partner {
	p := cnBody()
	p.Trust.Keys = keys
	return p
}

func TestSnapshot_TrustHasTheRecord(t *testing.T) {
	t.Parallel()
	p := fullPartner(t)()
	own := p.Trust.Anchors[0]
	p.Trust.Anchors[0].Role = partners.RoleOwn
	p.Trust.Keys[0].NotBefore, p.Trust.Keys[0].Expires = day("2020-01-01"), day("2030-01-01")
	trust := newRegister(t, p).Latest().Trust("cn-cb", at)
	if trust.Partner != "cn-cb" || trust.ClaimWindow != 48*time.Hour || !slices.Equal(trust.Algorithms, []signing.Alg{"ES256", "RS256"}) {
		t.Errorf("%+v", trust)
	}
	if len(trust.Keys) != 2 || !trust.Keys[0].NotBefore.Equal(day("2020-01-01")) || !trust.Keys[0].Expires.Equal(day("2030-01-01")) ||
		trust.Keys[0].Use != signing.UseDoc || trust.Keys[1].Use != signing.UseAuth {
		t.Errorf("keys %+v", trust.Keys)
	}
	if a := trust.Anchors; len(a) != 1 || a[0].SHA256 != own.SHA256 || !a[0].Exclusive || !a[0].From.Equal(own.From) {
		t.Errorf("anchors %+v", a)
	}
	if again := newRegister(t, fullPartner(t)()).Latest().Trust("cn-cb", at); again.Anchors[0].Exclusive {
		t.Error("an anchor is exclusive without the role")
	}
}

// The verifier knows chains by the address of the trust: another partner's
// change must not give a new one.
func TestSnapshot_TrustIsTheSameForTheSameKnowledge(t *testing.T) {
	t.Parallel()
	key, _ := newKey(t, signing.UseDoc)
	r := newRegister(t, withKeys(key))
	before := r.Latest().Trust("cn-cb", at)
	index := r.put(body("nz-cb", partners.Lab, "NZ"), "2026-01-01")
	if after := r.Latest().Trust("cn-cb", at.Add(time.Hour)); after != before {
		t.Error("another partner's change made a new trust")
	}
	r.put(withKeys(), "2026-05-01")
	if r.AsOf(index).Trust("cn-cb", at) != before {
		t.Error("the past has a new trust")
	}
	if r.Latest().Trust("cn-cb", at) == before {
		t.Error("a change of the record made no new trust")
	}
}

// Disappearance is not revocation: the key stays, with its window closed.
func TestSnapshot_TrustKeepsKeysThatLeft(t *testing.T) {
	t.Parallel()
	old, oldKey := newKey(t, signing.UseDoc)
	fresh, freshKey := newKey(t, signing.UseDoc)
	r := newRegister(t, withKeys(old))
	r.put(withKeys(fresh), "2026-03-01")
	trust := r.Latest().Trust("cn-cb", at)
	k := find(t, trust, oldKey.KID)
	if err := k.GoodAt(day("2026-02-28")); err != nil {
		t.Errorf("before it left: %v", err)
	}
	if code := fault.CodeOf(k.GoodAt(day("2026-03-01"))); code != fault.JWSKeyExpired {
		t.Errorf("after it left: %s", code)
	}
	if err := find(t, trust, freshKey.KID).GoodAt(at); err != nil {
		t.Error(err)
	}
	// It comes back with its own window.
	r.put(withKeys(fresh, old), "2026-04-01")
	if err := find(t, r.Latest().Trust("cn-cb", at), oldKey.KID).GoodAt(at); err != nil {
		t.Error(err)
	}
}

// A revocation says itself from when, so it counts once it is known, also in
// the record that was in effect before.
func TestSnapshot_TrustKnowsLaterRevocations(t *testing.T) {
	t.Parallel()
	key, parsed := newKey(t, signing.UseDoc)
	other, _ := newKey(t, signing.UseDoc)
	r := newRegister(t, withKeys(key))
	revoked := key
	revoked.Revoked = &partners.Revoked{At: day("2026-05-20"), Reason: "keyCompromise", CompromisedSince: day("2026-04-01")}
	before := r.put(withKeys(revoked), "2026-05-20")
	r.put(withKeys(other), "2026-05-25") // and it leaves the record
	for _, asked := range []string{"2026-01-01", "2026-05-21", "2026-06-01"} {
		k := find(t, r.Latest().Trust("cn-cb", day(asked)), parsed.KID)
		if code := fault.CodeOf(k.GoodAt(day("2026-04-02"))); code != fault.JWSKeyRevoked {
			t.Errorf("asked on %s: %q after the compromise", asked, code)
		}
		if err := k.GoodAt(day("2026-03-31")); err != nil {
			t.Errorf("asked on %s: %v before the compromise", asked, err)
		}
	}
	if err := find(t, r.AsOf(before).Trust("cn-cb", at), parsed.KID).GoodAt(day("2026-04-02")); err != nil {
		t.Errorf("as known before: %v", err)
	}
	// A revocation made in error is taken back by the newest word.
	r.put(withKeys(key), "2026-05-26")
	if err := find(t, r.Latest().Trust("cn-cb", at), parsed.KID).GoodAt(day("2026-05-27")); err != nil {
		t.Error(err)
	}
}

func TestSnapshot_TrustKeepsAnchorsThatLeft(t *testing.T) {
	t.Parallel()
	ca, err := certs.NewAuthority("Test CA", day("2020-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	a := ca.Anchor("signing")
	p := cnBody()
	p.Trust.Anchors = []partners.Anchor{{DER: a.Certificate.Raw, SHA256: a.SHA256, Role: "signing"}}
	r := newRegister(t, p)
	r.put(cnBody(), "2026-03-01")
	anchors := r.Latest().Trust("cn-cb", at).Anchors
	if len(anchors) != 1 || !anchors[0].PinnedAt(day("2026-02-28")) || anchors[0].PinnedAt(day("2026-03-01")) {
		t.Errorf("%+v", anchors)
	}
}

func TestDirectory_keepsAKidForItsKey(t *testing.T) {
	t.Parallel()
	old, _ := newKey(t, signing.UseDoc)
	fresh, _ := newKey(t, signing.UseDoc)
	old.JWK["kid"], fresh.JWK["kid"] = "key-1", "key-1"
	r := newRegister(t, withKeys(old))
	r.put(withKeys(), "2026-01-01")
	wantError(t, r.Latest().Check(r.propose(withKeys(fresh), "2026-02-01")), "key.rejected /body/trust/keys/0")
	r.put(withKeys(old), "2026-02-01")
}

// An anchor is exclusive only while nobody else pins it.
func TestDirectory_anchorOfItsOwn(t *testing.T) {
	t.Parallel()
	ca, err := certs.NewAuthority("Test CA", day("2020-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	pinned := func(name, role string) *partners.Partner {
		a := ca.Anchor(role)
		p := body(name, partners.Lab, "CN")
		p.Trust.Anchors = []partners.Anchor{{DER: a.Certificate.Raw, SHA256: a.SHA256, Role: role}}
		return p
	}
	r := newRegister(t, pinned("cn-a", "signing"), pinned("cn-b", "signing"))
	wantError(t, r.Latest().Check(r.propose(pinned("cn-c", partners.RoleOwn), "2026-01-01")), "registry.conflict /body/trust/anchors/0")
	r = newRegister(t, pinned("cn-a", partners.RoleOwn))
	wantError(t, r.Latest().Check(r.propose(pinned("cn-b", "signing"), "2026-01-01")), "registry.conflict /body/trust/anchors/0")
}

func TestSnapshot_SubmissionTrust(t *testing.T) {
	t.Parallel()
	agent, relay := body("cn-agent", partners.Lab, "CN"), body("cn-gw", partners.Regulator, "CN")
	agent.ActsFor = []partners.ActsFor{{Issuer: "cn-cb", Periods: []partners.Span{{From: day("2026-01-01"), Until: day("2026-07-01")}}}}
	relay.Relay = true
	s := newRegister(t, cnBody(), agent, relay, body("nz-cb", partners.Lab, "NZ")).Latest()
	for _, row := range []struct {
		sender, issuer attestation.PartnerID
		on             string
		want           attestation.PartnerID
	}{
		{"cn-cb", "cn-cb", "2026-06-01", "cn-cb"},
		{"cn-agent", "cn-cb", "2026-06-01", "cn-agent"},
		{"cn-agent", "cn-cb", "2026-07-01", ""},
		{"cn-agent", "nz-cb", "2026-06-01", ""},
		{"nz-cb", "cn-cb", "2026-06-01", ""},
		{"cn-gw", "cn-cb", "2026-06-01", "cn-cb"},
		{"cn-gw", "cn-gw", "2026-06-01", "cn-gw"},
	} {
		trust, err := s.SubmissionTrust(row.sender, row.issuer, day(row.on))
		switch {
		case row.want == "":
			if fault.CodeOf(err) != fault.IssuerMismatch {
				t.Errorf("%s for %s on %s: %v", row.sender, row.issuer, row.on, err)
			}
		case err != nil || trust.Partner != row.want:
			t.Errorf("%s for %s on %s: %v, %v", row.sender, row.issuer, row.on, trust, err)
		}
	}
}

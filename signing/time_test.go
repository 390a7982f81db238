package signing_test

import (
	"strconv"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/signing"
)

const day = 24 * time.Hour

// TestVerifier_holdsKeysAgainstTheProvenTime: the key's window must contain the
// proven time, whatever the header claims.
func TestVerifier_holdsKeysAgainstTheProvenTime(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	raw := forge(t, s, headerWith(s.Key().KID, nil), payload)
	revoked := func(reason string, at, since time.Time) *signing.Revocation {
		return &signing.Revocation{At: at, Reason: reason, CompromisedSince: since}
	}
	var none time.Time
	cases := []struct {
		name     string
		from, to time.Time
		revoked  *signing.Revocation
		result   signing.Result
		sub      string
		code     fault.Code
	}{
		{name: "open window", result: signing.Passed},
		{name: "first instant", from: now, result: signing.Passed},
		{name: "last instant", to: now.Add(1), result: signing.Passed},
		{name: "ended at this instant", to: now, result: signing.Indeterminate, sub: signing.SubOutOfBounds, code: fault.JWSKeyExpired},
		{name: "retired", from: now.Add(-9 * day), to: now.Add(-day), result: signing.Indeterminate, sub: signing.SubOutOfBounds, code: fault.JWSKeyExpired},
		{name: "future", from: now.Add(day), result: signing.Failed, sub: signing.SubNotYetValid, code: fault.JWSKeyExpired},
		{name: "replaced before", revoked: revoked("superseded", now.Add(-day), none), result: signing.Indeterminate, sub: signing.SubRevoked, code: fault.JWSKeyRevoked},
		{name: "replaced now", revoked: revoked("superseded", now, none), result: signing.Indeterminate, sub: signing.SubRevoked, code: fault.JWSKeyRevoked},
		{name: "replaced later", revoked: revoked("superseded", now.Add(day), none), result: signing.Passed},
		{name: "replaced later, a compromise date means nothing", revoked: revoked("superseded", now.Add(day), now.Add(-day)), result: signing.Passed},
		{name: "compromised before, known later", revoked: revoked("keyCompromise", now.Add(day), now.Add(-day)), result: signing.Indeterminate, sub: signing.SubRevoked, code: fault.JWSKeyRevoked},
		{name: "compromised later", revoked: revoked("keyCompromise", now.Add(9*day), now.Add(day)), result: signing.Passed},
		{name: "compromised, since unknown", revoked: revoked("keyCompromise", now.Add(day), none), result: signing.Passed},
		{name: "unspecified counts as a compromise", revoked: revoked("unspecified", now.Add(day), now.Add(-day)), result: signing.Indeterminate, sub: signing.SubRevoked, code: fault.JWSKeyRevoked},
		{name: "no reason counts as a compromise", revoked: revoked("", now.Add(day), now.Add(-day)), result: signing.Indeterminate, sub: signing.SubRevoked, code: fault.JWSKeyRevoked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			key := *s.Key()
			key.NotBefore, key.Expires, key.Revoked = c.from, c.to, c.revoked
			a := verify(t, raw, trustOf(&key))
			wantResult(t, a, c.result, c.sub, c.code)
			if len(a.Revocation) != 1 {
				t.Errorf("evidence about revocation: %q", a.Revocation)
			}
		})
	}
}

// TestVerifier_findsARevokedKeyUnderAnotherName: the record of the key counts,
// not the kid it is called by.
func TestVerifier_findsARevokedKeyUnderAnotherName(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	gone, alias := *s.Key(), *s.Key()
	gone.Revoked = &signing.Revocation{At: now.Add(-day), Reason: "keyCompromise"}
	alias.KID = "fresh"
	a := verify(t, forge(t, s, headerWith("fresh", nil), payload), trustOf(&alias, &gone))
	wantResult(t, a, signing.Indeterminate, signing.SubRevoked, fault.JWSKeyRevoked)
}

func TestVerifier_believesAClaimOnlyNearTheProof(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	cases := []struct {
		name   string
		claim  time.Duration // relative to the proven time
		window time.Duration
		sub    string
	}{
		{"now", 0, 0, ""},
		{"72 hours before", -72 * time.Hour, 0, ""},
		{"longer before", -72*time.Hour - time.Second, 0, signing.SubOutOfBounds},
		{"5 minutes after", 5 * time.Minute, 0, ""},
		{"longer after", 5*time.Minute + time.Second, 0, signing.SubTimeOrder},
		{"inside the partner's window", -time.Hour, time.Hour, ""},
		{"outside the partner's window", -time.Hour - time.Second, time.Hour, signing.SubOutOfBounds},
		{"long ago, wide window", -200 * day, 365 * day, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			trust := trustOf(s.Key())
			trust.ClaimWindow = c.window
			iat := strconv.FormatInt(now.Add(c.claim).Unix(), 10)
			a := verify(t, forge(t, s, headerWith(s.Key().KID, map[string]string{"iat": iat}), payload), trust)
			if c.sub == "" {
				wantResult(t, a, signing.Passed, "", "")
				return
			}
			wantResult(t, a, signing.Indeterminate, c.sub, fault.JWSTimeUntrusted)
		})
	}
}

func TestVerifier_doesWithoutAClaim(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	a := verify(t, forge(t, s, headerWith(s.Key().KID, map[string]string{"iat": "-"}), payload), trustOf(s.Key()))
	if !a.OK() || !a.TClaim.IsZero() {
		t.Errorf("%+v", a)
	}
}

func TestVerifier_needsAProvenTime(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	raw := forge(t, s, headerWith(s.Key().KID, map[string]string{"iat": "-"}), payload)
	a := verifyAt(t, raw, trustOf(s.Key()), time.Time{})
	wantResult(t, a, signing.Indeterminate, signing.SubOutOfBounds, fault.JWSTimeUntrusted)
}

// TestVerifier_tellsABadSignatureBeforeABadTime: no code about time hides a
// document that was changed.
func TestVerifier_tellsABadSignatureBeforeABadTime(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	key := *s.Key()
	key.Expires = now.Add(-day)
	stranger := newSigner(t, signing.ES256, signing.UseDoc)
	a := verify(t, forge(t, stranger, headerWith(key.KID, nil), payload), trustOf(&key))
	wantResult(t, a, signing.Failed, signing.SubCrypto, fault.JWSSignatureInvalid)
}

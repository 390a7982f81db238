package untp_test

import (
	"testing"
	"time"

	"accord/attestation"
	"accord/formats/untp"
	"accord/internal/fault"

	"github.com/stretchr/testify/require"
)

func TestAnchor_bindsADIDToARegisteredNumber(t *testing.T) {
	t.Parallel()
	a, err := untp.DecodeAnchor([]byte(ownFile(t, "dia-0.7.0.json")))
	require.NoError(t, err)
	require.Equal(t, attestation.Identifier{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-999"}, a.Identifier())
	require.Equal(t, "accreditation", a.RegisterType)
	require.Equal(t, []string{"https://register.example.org/scopes/0708"}, a.Scope)
	const issuer, registrar = "did:web:cb.example.org", "did:web:register.example.org"
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, a.Binds(issuer, at, []string{"did:web:other.example", registrar}))
	for name, err := range map[string]error{
		"/credentialSubject/id": a.Binds("did:web:cb.example.org:other", at, []string{registrar}),
		"/issuer/id":            a.Binds(issuer, at, []string{"did:web:other.example"}),
		"/validFrom":            a.Binds(issuer, a.ValidFrom.Add(-1), []string{registrar}),
		"/validUntil":           a.Binds(issuer, a.ValidUntil, []string{registrar}),
	} {
		all := fault.All(err)
		require.Len(t, all, 1, name)
		require.Equal(t, fault.IssuerMismatch, all[0].Code)
		require.Equal(t, name, all[0].At)
	}
	require.Len(t, fault.All(a.Binds("did:web:x.example", a.ValidUntil, nil)), 3)
	self := *a
	self.Subject = self.Issuer
	require.Error(t, self.Binds(registrar, at, []string{registrar}))
}

func TestDecodeAnchor_isStrict(t *testing.T) {
	t.Parallel()
	good := ownFile(t, "dia-0.7.0.json")
	for piece, by := range map[string]string{
		"untp/0.7.0/context/":            "untp/0.6.0/context/",
		`"DigitalIdentityAnchor", `:      `"DigitalConformityCredential", `,
		`"registerType"`:                 `"type2"`,
		`"accreditation"`:                `"accredited"`,
		`"registeredDate": "2002-05-01"`: `"registeredDate": "1 May 2002"`,
		`"name": "Approval numbers"`:     `"title": "Approval numbers"`,
	} {
		_, err := untp.DecodeAnchor([]byte(change(t, good, piece, by)))
		require.Error(t, err, piece)
		require.NotEqual(t, fault.Internal, fault.CodeOf(err), piece)
	}
	// A conformity credential is no anchor, and the other way.
	_, err := untp.DecodeAnchor([]byte(own(t)))
	require.Error(t, err)
	require.NotEmpty(t, found(t, good))
}

func TestDecodeAnchor_readsTheSample(t *testing.T) {
	t.Parallel()
	a, err := untp.DecodeAnchor(foreign(t, "untp", "samples", "DigitalIdentityAnchor_instance.json"))
	require.NoError(t, err)
	require.Equal(t, "did:web:samplecompany.com/123456789", a.Subject)
	require.Equal(t, "123456789", a.RegisteredID)
	require.Equal(t, "business", a.RegisterType)
}

func FuzzDecodeAnchor(f *testing.F) {
	f.Add([]byte(ownFile(f, "dia-0.7.0.json")))
	f.Fuzz(func(t *testing.T, src []byte) {
		a, err := untp.DecodeAnchor(src)
		if err != nil && fault.CodeOf(err) == fault.Internal {
			t.Fatalf("an error without a code: %v", err)
		}
		if err == nil && (a.Subject == "" || a.RegisteredID == "" && len(src) == 0) {
			t.Fatal("an anchor of nothing")
		}
	})
}

package evidence_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/signing"
)

func statement() *evidence.Conversion {
	c := evidence.NewConversion(issuerURL, now)
	c.Subject = evidence.ConversionSubject{
		ID: attestation.SeriesID(body, "x", "1", ""), Revision: 1, Content: attestation.DigestOf([]byte("content")),
	}
	c.Source = evidence.ConvertedOctets{Digest: attestation.DigestOf([]byte("a")), MediaType: "application/jose", Format: "native+json"}
	c.Target = evidence.ConvertedOctets{Digest: attestation.DigestOf([]byte("b")), MediaType: "application/vc", Format: "untp", Lang: "en"}
	c.Mapping = evidence.ConversionMapping{ID: "accord-untp", Version: "1"}
	c.Losses = []evidence.ConversionLoss{{Path: "/title/1", Code: "language", Severity: "warning", Source: "native+json", Target: "untp"}}
	c.KnownAt = 3
	return c
}

func TestConversion_isSignedAndReadAgain(t *testing.T) {
	t.Parallel()
	key := newSigner(t)
	want := statement()
	raw, err := want.Sign(key, now)
	require.NoError(t, err)
	got, err := evidence.OpenConversion(raw, []*signing.Key{key.Key()}, now)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, []string{"source", "target", ""}, []string{got.Names([]byte("a")), got.Names([]byte("b")), got.Names([]byte("c"))})

	_, err = evidence.OpenConversion(raw, []*signing.Key{newSigner(t).Key()}, now)
	require.Error(t, err, "another key")
	mark, err := evidence.NewHighWater(issuerURL, body, 0, evidence.Feed{}, []byte("x")).Sign(key, now)
	require.NoError(t, err)
	_, err = evidence.OpenConversion(mark, []*signing.Key{key.Key()}, now)
	require.Equal(t, fault.JWSTypMismatch, fault.CodeOf(err), "a signature made for something else")
}

func TestConversion_refusesWhatSaysNothing(t *testing.T) {
	t.Parallel()
	for at, change := range map[string]func(*evidence.Conversion){
		"/ver":               func(c *evidence.Conversion) { c.Ver = 2 },
		"/iss":               func(c *evidence.Conversion) { c.Iss = "" },
		"/jti":               func(c *evidence.Conversion) { c.JTI = "" },
		"/subject/id":        func(c *evidence.Conversion) { c.Subject.ID = "att_x" },
		"/subject/revision":  func(c *evidence.Conversion) { c.Subject.Revision = 0 },
		"/subject/content":   func(c *evidence.Conversion) { c.Subject.Content = "" },
		"/source/digest":     func(c *evidence.Conversion) { c.Source.Digest = "sha-256:0" },
		"/target/mediaType":  func(c *evidence.Conversion) { c.Target.MediaType = "" },
		"/target/format":     func(c *evidence.Conversion) { c.Target.Format = "" },
		"/mapping/id":        func(c *evidence.Conversion) { c.Mapping.ID = "" },
		"/mapping/version":   func(c *evidence.Conversion) { c.Mapping.Version = "" },
		"/losses/0/severity": func(c *evidence.Conversion) { c.Losses[0].Severity = "none" },
		"/losses/0/code":     func(c *evidence.Conversion) { c.Losses[0].Code = "" },
		"/at":                func(c *evidence.Conversion) { c.At = "2026-01-01T00:00:00+08:00" },
	} {
		c := statement()
		change(c)
		raw, err := c.Payload()
		require.NoError(t, err)
		_, err = evidence.ParseConversion(raw)
		require.Error(t, err, at)
		require.Equal(t, at, fault.All(err)[0].At)
	}
	raw, err := statement().Payload()
	require.NoError(t, err)
	_, err = evidence.ParseConversion(bytes.Replace(raw, []byte(`"ver"`), []byte(`"more":1,"ver"`), 1))
	require.Equal(t, fault.SchemaUnknownField, fault.CodeOf(err))
}

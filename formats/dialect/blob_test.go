package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/internal/fault"
)

func TestBlobURL_isReadAgain(t *testing.T) {
	t.Parallel()
	// The example of RFC 6920, section 8.1.
	d := attestation.DigestOf([]byte("Hello World!"))
	require.Equal(t, "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk", dialect.BlobURL(d))
	back, ok := dialect.ParseBlobURL(dialect.BlobURL(d))
	require.True(t, ok)
	require.Equal(t, d, back)
	require.Empty(t, dialect.BlobURL("sha-256:00"))
	for _, s := range []string{"", "ni:///sha-256;", "ni:///sha-256;f4OxZX", "ni:///md5;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk",
		"ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGl"} {
		_, ok := dialect.ParseBlobURL(s)
		require.False(t, ok, s)
	}
}

func TestOptions_octetsAreHeldAgainstTheirDigest(t *testing.T) {
	t.Parallel()
	b := dialect.Blob{Digest: attestation.DigestOf([]byte("x")), Octets: []byte("x")}
	got, err := dialect.Options{Blob: dialect.BlobStore([]dialect.Blob{b})}.Octets(b.Digest)
	require.NoError(t, err)
	require.Equal(t, b.Octets, got)
	for _, o := range []dialect.Options{
		{},
		{Blob: dialect.BlobStore(nil)},
		{Blob: dialect.BlobStore([]dialect.Blob{{Digest: b.Digest, Octets: []byte("y")}})},
	} {
		_, err := o.Octets(b.Digest)
		require.Equal(t, fault.ResourceNotFound, fault.CodeOf(err))
	}
}

func TestBlobsNamed_areThoseOfTheEvidence(t *testing.T) {
	t.Parallel()
	a, b := attestation.DigestOf([]byte("a")), attestation.DigestOf([]byte("b"))
	s := &attestation.Submission{Evidence: []attestation.Evidence{
		{Link: attestation.Link{URL: dialect.BlobURL(b)}}, {Link: attestation.Link{URL: "https://example.org/x"}},
		{Link: attestation.Link{URL: dialect.BlobURL(a)}}, {Link: attestation.Link{URL: dialect.BlobURL(b)}},
	}}
	require.Equal(t, []attestation.Digest{b, a}, dialect.BlobsNamed(s))
}

package local_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/storage"
	"accord/storage/local"
	"accord/storage/storagetest"
)

func TestBlobs_suite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	storagetest.RunBlobs(t, func(t *testing.T) storage.Blobs {
		b, err := local.OpenBlobs(dir)
		require.NoError(t, err)
		return b
	})
}

// A killed process leaves half a binary, which nobody sees and the next start
// removes; damage is found by the check.
func TestBlobs_afterAKillAndDamage(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	b, err := local.OpenBlobs(dir)
	require.NoError(t, err)
	octets := []byte("a model list")
	d := attestation.DigestOf(octets)
	_, err = b.Put(ctx, d, "cn-cb", bytes.NewReader(octets))
	require.NoError(t, err)
	half := filepath.Join(dir, "blobs", "tmp", "put-1")
	require.NoError(t, os.WriteFile(half, octets[:3], 0o600))
	b, err = local.OpenBlobs(dir)
	require.NoError(t, err)
	require.NoFileExists(t, half)

	hex := string(d)[len("sha-256:"):]
	require.NoError(t, os.WriteFile(filepath.Join(dir, "blobs", hex[:2], hex[2:]), []byte("another list"), 0o600))
	var problems []string
	n, err := storage.CheckBlobs(ctx, b, func(d attestation.Digest, problem string) { problems = append(problems, string(d)+problem) })
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Len(t, problems, 1)
	require.Contains(t, problems[0], string(d))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "blobs", hex[:2], "more"), nil, 0o600))
	require.Error(t, b.Each(ctx, func(storage.Blob) error { return nil }), "what is no blob is told")
}

func TestBlobs_areCopied(t *testing.T) {
	t.Parallel()
	from, err := local.OpenBlobs(t.TempDir())
	require.NoError(t, err)
	to, err := local.OpenBlobs(t.TempDir())
	require.NoError(t, err)
	storagetest.RunCopyOfBlobs(t, from, to)
}

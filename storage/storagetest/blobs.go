package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/internal/fault"
	"accord/storage"
)

// RunBlobs is the suite that every implementation of [storage.Blobs] passes.
// open opens the same place again each time it is called.
func RunBlobs(t *testing.T, open func(t *testing.T) storage.Blobs) {
	t.Helper()
	ctx := context.Background()
	small, large := []byte("a scanned certificate"), bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MiB
	ds, dl := attestation.DigestOf(small), attestation.DigestOf(large)
	read := func(t *testing.T, b storage.Blobs, d attestation.Digest) []byte {
		t.Helper()
		r, size, err := b.Open(ctx, d)
		require.NoError(t, err)
		out, err := io.ReadAll(r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.Len(t, out, int(size))
		return out
	}
	put := func(t *testing.T, b storage.Blobs, by attestation.PartnerID, octets []byte) {
		t.Helper()
		got, err := b.Put(ctx, attestation.DigestOf(octets), by, iotest.OneByteReader(bytes.NewReader(octets[:min(len(octets), 64)])))
		if len(octets) > 64 {
			require.Equal(t, fault.HTTPContentDigest, fault.CodeOf(err), "a body that breaks off")
			got, err = b.Put(ctx, attestation.DigestOf(octets), by, bytes.NewReader(octets))
		}
		require.NoError(t, err)
		require.Equal(t, storage.Blob{Digest: attestation.DigestOf(octets), Size: int64(len(octets))}, got)
	}
	b := open(t)
	put(t, b, "cn-cb", small)
	put(t, b, "cn-cb", small) // again
	put(t, b, "nz-cb", small)
	put(t, b, "cn-cb", large)
	require.Equal(t, small, read(t, b, ds))
	require.True(t, bytes.Equal(large, read(t, b, dl)))
	who, err := b.Noted(ctx, ds)
	require.NoError(t, err)
	require.ElementsMatch(t, []attestation.PartnerID{"cn-cb", "nz-cb"}, who)

	// What is refused leaves nothing.
	broken := errors.New("the line broke")
	for name, row := range map[string]struct {
		d    attestation.Digest
		by   attestation.PartnerID
		r    io.Reader
		want func(error) bool
	}{
		"other octets": {attestation.DigestOf([]byte("x")), "cn-cb", bytes.NewReader(small), isCode(fault.HTTPContentDigest)},
		"broken":       {attestation.DigestOf([]byte("x")), "cn-cb", io.MultiReader(bytes.NewReader(small), iotest.ErrReader(broken)), func(err error) bool { return errors.Is(err, broken) }},
		"too large":    {attestation.DigestOf([]byte("x")), "cn-cb", io.LimitReader(zeros{}, storage.MaxBlob+1), isCode(fault.HTTPBodyTooLarge)},
		"no digest":    {"sha-256:../../x", "cn-cb", bytes.NewReader(small), isCode(fault.ResourceNotFound)},
		"nobody":       {ds, "", bytes.NewReader(small), isCode(fault.AuthForbidden)},
		"a path":       {ds, "../x", bytes.NewReader(small), isCode(fault.AuthForbidden)},
	} {
		_, err := b.Put(ctx, row.d, row.by, row.r)
		require.True(t, row.want(err), "%s: %v", name, err)
	}
	_, _, err = b.Open(ctx, attestation.DigestOf([]byte("x")))
	require.Equal(t, fault.ResourceNotFound, fault.CodeOf(err))
	_, _, err = b.Open(ctx, "sha-256:..")
	require.Equal(t, fault.ResourceNotFound, fault.CodeOf(err))

	// Reopened, it is as it was: binaries and who put them.
	b = open(t)
	requireBlobs(t, b, map[attestation.Digest]int64{ds: int64(len(small)), dl: int64(len(large))})
	requireUploads(t, b, "cn-cb", ds, dl)
	requireUploads(t, b, "nz-cb", ds)
	requireUploads(t, b, "au-cb")

	// A binary goes with the last upload of it; a settled one stays.
	require.NoError(t, b.Remove(ctx, "cn-cb", ds))
	require.Equal(t, small, read(t, b, ds))
	require.NoError(t, b.Remove(ctx, "nz-cb", ds))
	require.NoError(t, b.Remove(ctx, "nz-cb", ds))
	require.NoError(t, b.Settle(ctx, "cn-cb", dl))
	require.NoError(t, b.Settle(ctx, "cn-cb", dl))
	requireUploads(t, b, "cn-cb")
	requireBlobs(t, b, map[attestation.Digest]int64{dl: int64(len(large))})
	_, _, err = b.Open(ctx, ds)
	require.Equal(t, fault.ResourceNotFound, fault.CodeOf(err))

	n, err := storage.CheckBlobs(ctx, b, func(d attestation.Digest, problem string) { t.Errorf("%s: %s", d, problem) })
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func isCode(c fault.Code) func(error) bool {
	return func(err error) bool { return fault.CodeOf(err) == c }
}

type zeros struct{}

// Read fulfils io.Reader.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func requireBlobs(t *testing.T, b storage.Blobs, want map[attestation.Digest]int64) {
	t.Helper()
	got := map[attestation.Digest]int64{}
	var order []attestation.Digest
	require.NoError(t, b.Each(context.Background(), func(x storage.Blob) error {
		got[x.Digest] = x.Size
		order = append(order, x.Digest)
		return nil
	}))
	require.Equal(t, want, got)
	require.True(t, slices.IsSorted(order))
}

func requireUploads(t *testing.T, b storage.Blobs, by attestation.PartnerID, want ...attestation.Digest) {
	t.Helper()
	uploads, err := b.Uploads(context.Background(), by)
	require.NoError(t, err)
	var got []attestation.Digest
	for _, u := range uploads {
		require.Equal(t, by, u.By)
		require.Positive(t, u.Size)
		require.WithinDuration(t, time.Now(), u.At, time.Minute)
		got = append(got, u.Digest)
	}
	require.ElementsMatch(t, want, got)
}

// RunCopyOfBlobs says that binaries move from one place to an empty other one,
// with the notes of who put them, and that a copy can be gone on with.
func RunCopyOfBlobs(t *testing.T, from, to storage.Blobs) {
	t.Helper()
	ctx := t.Context()
	put := func(b storage.Blobs, by attestation.PartnerID, octets string) attestation.Digest {
		d := attestation.DigestOf([]byte(octets))
		_, err := b.Put(ctx, d, by, strings.NewReader(octets))
		require.NoError(t, err)
		return d
	}
	named, noted := put(from, "cn-cb", "named by a document"), put(from, "cn-cb", "named by none")
	require.NoError(t, from.Settle(ctx, "cn-cb", named))
	put(from, "nz-cb", "named by none")
	for _, want := range []uint64{2, 0} {
		all, added, err := storage.CopyBlobs(ctx, from, to, "cn-authority")
		require.NoError(t, err)
		require.EqualValues(t, 2, all)
		require.Equal(t, want, added)
	}
	later := put(from, "cn-cb", "put later")
	_, added, err := storage.CopyBlobs(ctx, from, to, "cn-authority")
	require.NoError(t, err)
	require.EqualValues(t, 1, added)
	count, err := storage.CheckBlobs(ctx, to, func(d attestation.Digest, problem string) { t.Errorf("%s: %s", d, problem) })
	require.NoError(t, err)
	require.EqualValues(t, 3, count)
	for d, want := range map[attestation.Digest][]attestation.PartnerID{named: nil, noted: {"cn-cb", "nz-cb"}, later: {"cn-cb"}} {
		who, err := to.Noted(ctx, d)
		require.NoError(t, err)
		require.ElementsMatch(t, want, who)
	}
	own, err := to.Uploads(ctx, "cn-authority")
	require.NoError(t, err)
	require.Empty(t, own)
}

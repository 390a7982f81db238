package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// MaxBlob is the largest binary that is kept beside the log: what a scanned
// certificate with its annexes or the data of a calibration needs.
const MaxBlob = 64 << 20

// Blob is what is known of a binary that is kept beside the log.
type Blob struct {
	Digest attestation.Digest
	Size   int64
}

// Upload is a binary that a partner put and that no document has named yet, as
// far as anybody looked.
type Upload struct {
	Blob
	By attestation.PartnerID
	At time.Time // when it was first put by this partner
}

// Blobs keeps binaries that documents name by digest. It is no part of the log:
// what it holds is proven by the digest alone. All methods are safe for
// concurrent use.
type Blobs interface {
	// Put reads a binary to its end and keeps it, durably before it returns,
	// and notes the upload. Octets whose digest is another are
	// http.content_digest, more than [MaxBlob] of them http.body_too_large, an
	// error of the reader itself is returned as it is; nothing is kept then.
	// A binary that is there already is read and compared all the same.
	Put(ctx context.Context, d attestation.Digest, by attestation.PartnerID, r io.Reader) (Blob, error)
	// Open returns a binary and its size; resource.not_found if it is not kept.
	Open(ctx context.Context, d attestation.Digest) (io.ReadCloser, int64, error)
	// Uploads returns what a partner put and nobody settled, in any order.
	Uploads(ctx context.Context, by attestation.PartnerID) ([]Upload, error)
	// Noted returns who put a binary and was not settled, in any order.
	Noted(ctx context.Context, d attestation.Digest) ([]attestation.PartnerID, error)
	// Settle forgets who put a binary: a document names it. Settling what is
	// not noted is nil.
	Settle(ctx context.Context, by attestation.PartnerID, d attestation.Digest) error
	// Remove forgets an upload and, unless another partner's upload of it is
	// noted, the binary. Removing what is not there is nil.
	Remove(ctx context.Context, by attestation.PartnerID, d attestation.Digest) error
	// Each calls f with every binary that is kept, in the order of digests.
	Each(ctx context.Context, f func(Blob) error) error
}

// Blobs returns where binaries are kept beside the log; nil for nowhere.
func (a *Archive) Blobs() Blobs { return a.opt.Blobs }

// CopyBlob copies a binary and holds it against its digest and [MaxBlob]; it is
// for the implementations of [Blobs].
func CopyBlob(ctx context.Context, w io.Writer, r io.Reader, d attestation.Digest) (int64, error) {
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(withContext{ctx, r}, MaxBlob+1))
	switch {
	case err != nil:
		return 0, err
	case size > MaxBlob:
		return 0, fault.Newf(fault.HTTPBodyTooLarge, "a blob has at most %d octets", MaxBlob)
	case attestation.DigestFrom([sha256.Size]byte(sum.Sum(nil))) != d:
		return 0, fault.New(fault.HTTPContentDigest, "the octets do not have the digest that they are put under")
	}
	return size, nil
}

// withContext ends reading when the context does.
type withContext struct {
	ctx context.Context
	r   io.Reader
}

// Read fulfils io.Reader.
func (w withContext) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

// CopyBlobs puts into a target what it does not have of a source, with the notes
// of who put it, and returns how many both have and how many were added. It may
// be called again after it was interrupted. What documents name is put on behalf
// of owner, and settled. Each binary is held against its digest on the way.
func CopyBlobs(ctx context.Context, from, to Blobs, owner attestation.PartnerID) (all, added uint64, err error) {
	err = from.Each(ctx, func(b Blob) error {
		all++
		there, size, err := to.Open(ctx, b.Digest)
		if err == nil {
			err = there.Close()
			if size != b.Size {
				err = errors.Join(err, fault.Newf(fault.LedgerFork, "blob %s of the copy has %d octets, that of the source %d", b.Digest, size, b.Size))
			}
			return err
		}
		if fault.CodeOf(err) != fault.ResourceNotFound {
			return err
		}
		added++
		return copyOne(ctx, from, to, b.Digest, owner)
	})
	return all, added, err
}

// copyOne puts one binary for everybody whose upload of it is noted, for nobody
// in the end if there is none.
func copyOne(ctx context.Context, from, to Blobs, d attestation.Digest, owner attestation.PartnerID) error {
	noted, err := from.Noted(ctx, d)
	if err != nil {
		return err
	}
	settle := len(noted) == 0
	if settle {
		noted = []attestation.PartnerID{owner}
	}
	for _, by := range noted {
		r, _, err := from.Open(ctx, d)
		if err != nil {
			return err
		}
		_, err = to.Put(ctx, d, by, r)
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	if settle {
		return to.Settle(ctx, owner, d)
	}
	return nil
}

// CheckBlobs reads every binary and calls f with each whose octets are not those
// of its digest. It returns how many there are.
func CheckBlobs(ctx context.Context, all Blobs, f func(d attestation.Digest, problem string)) (count uint64, err error) {
	err = all.Each(ctx, func(b Blob) error {
		count++
		r, size, err := all.Open(ctx, b.Digest)
		if err == nil {
			_, err = CopyBlob(ctx, io.Discard, r, b.Digest)
			err = errors.Join(err, r.Close())
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && size != b.Size {
			err = errors.New("its size is not the one that is noted")
		}
		if err != nil {
			f(b.Digest, err.Error())
		}
		return nil
	})
	return count, err
}

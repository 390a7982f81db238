package gateway

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"accord/attestation"
	"accord/formats"
	"accord/formats/dialect"
	"accord/internal/fault"
	"accord/storage"
)

// Binaries that documents name by digest (decision 0038): any partner may put
// one; it can be read by whoever may see a document that names it, and by nobody
// before there is such a document.

const (
	// blobQuota is how much a partner may have put that no document names yet:
	// sixteen of the largest.
	blobQuota = 16 * storage.MaxBlob
	// orphanAge is after how long a binary that no document names makes room for
	// others of its partner.
	orphanAge = 24 * time.Hour
	// termBlob is the field of search terms that are digests of binaries.
	termBlob = 'b'
	// maxNamed is how many binaries of one document are found by it: half of
	// what it is found by altogether.
	maxNamed = storage.MaxTerms / 2
)

// PutBlob keeps the binary of a body that is read to its end. The answer does
// not tell whether anybody else had put the same before.
func (g *Gateway) PutBlob(ctx context.Context, caller Caller, digest string, body io.Reader) (storage.Blob, error) {
	b, err := g.putBlob(ctx, caller, digest, body)
	if err != nil {
		return storage.Blob{}, g.note(caller, attestation.Digest(digest), err)
	}
	return b, nil
}

func (g *Gateway) putBlob(ctx context.Context, caller Caller, digest string, body io.Reader) (storage.Blob, error) {
	d, err := attestation.ParseDigest(digest)
	if err != nil {
		return storage.Blob{}, fault.New(fault.SchemaFormat, "name the blob by 64 lower-case hexadecimal digits, its SHA-256")
	}
	if g.archive.Blobs() == nil {
		return storage.Blob{}, errNoBlobs
	}
	if err := g.makeRoom(ctx, caller.Partner); err != nil {
		return storage.Blob{}, err
	}
	b, err := g.archive.Blobs().Put(ctx, d, caller.Partner, body)
	if err != nil {
		return storage.Blob{}, err
	}
	if named, err := g.isNamed(ctx, d); err != nil || named {
		return b, errors.Join(err, g.archive.Blobs().Settle(ctx, caller.Partner, d))
	}
	return b, nil
}

var errNoBlobs = fault.New(fault.HTTPUnavailable, "this gateway keeps no blobs")

// makeRoom holds what a partner has put against its quota. Uploads that a
// document names by now count no longer, and old ones that none names go.
func (g *Gateway) makeRoom(ctx context.Context, who attestation.PartnerID) error {
	uploads, err := g.archive.Blobs().Uploads(ctx, who)
	if err != nil {
		return err
	}
	used := int64(0)
	for _, u := range uploads {
		used += u.Size
	}
	if used <= blobQuota-storage.MaxBlob {
		return nil
	}
	slices.SortFunc(uploads, func(a, b storage.Upload) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Digest, b.Digest)) })
	for _, u := range uploads {
		named, err := g.isNamed(ctx, u.Digest)
		switch {
		case err != nil:
			return err
		case named:
			err = g.archive.Blobs().Settle(ctx, who, u.Digest)
		case g.now().Sub(u.At) > orphanAge:
			err = g.archive.Blobs().Remove(ctx, who, u.Digest)
		default:
			continue
		}
		if err != nil {
			return err
		}
		if used -= u.Size; used <= blobQuota-storage.MaxBlob {
			return nil
		}
	}
	return fault.Newf(fault.HTTPRateLimited, "you have put blobs of %d octets that no document names; submit the documents, or wait until they are a day old", used)
}

// isNamed says whether any document names a binary.
func (g *Gateway) isNamed(ctx context.Context, d attestation.Digest) (bool, error) {
	found, _, err := g.archive.Search(ctx, storage.Itself(), []string{storage.Term(termBlob, string(d))}, 1<<62, 1, func(*storage.Entry) bool { return true })
	return len(found) > 0, err
}

// Blob opens a binary for a caller that may see a document which names it. What
// is not there and what the caller may not see answer alike.
func (g *Gateway) Blob(ctx context.Context, caller Caller, digest string) (io.ReadCloser, int64, error) {
	none := fault.New(fault.ResourceNotFound, "there is no such blob for this caller")
	d, err := attestation.ParseDigest(digest)
	if err != nil || g.archive.Blobs() == nil {
		return nil, 0, none
	}
	found, _, err := g.archive.Search(ctx, storage.ReaderOf(caller.Partner), []string{storage.Term(termBlob, string(d))}, 1<<62, 1, func(*storage.Entry) bool { return true })
	if err != nil {
		return nil, 0, err
	}
	if len(found) == 0 {
		return nil, 0, none
	}
	return g.archive.Blobs().Open(ctx, d)
}

// blobOctets reads a binary that an archived document names, to write that
// document in another format.
func (g *Gateway) blobOctets(ctx context.Context, d attestation.Digest) ([]byte, error) {
	if g.archive.Blobs() == nil {
		return nil, errNoBlobs
	}
	r, size, err := g.archive.Blobs().Open(ctx, d)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(int(size))
	_, err = b.ReadFrom(r)
	return b.Bytes(), errors.Join(err, r.Close())
}

// keepLifted keeps what was lifted out of a document before the document is
// archived: a document that needs a binary to be written again is never there
// without it.
func (g *Gateway) keepLifted(ctx context.Context, who attestation.PartnerID, lifted []formats.Blob) error {
	if len(lifted) > 0 && g.archive.Blobs() == nil {
		return errNoBlobs
	}
	for _, b := range lifted {
		if _, err := g.archive.Blobs().Put(ctx, b.Digest, who, bytes.NewReader(b.Octets)); err != nil {
			return err
		}
	}
	return nil
}

// settleBlobs forgets who put the binaries of a document that is archived. It is
// bookkeeping: a failure costs quota and nothing else.
func (g *Gateway) settleBlobs(ctx context.Context, who attestation.PartnerID, sub *attestation.Submission) {
	if g.archive.Blobs() == nil {
		return
	}
	for _, d := range blobsOf(sub) {
		if err := g.archive.Blobs().Settle(ctx, who, d); err != nil {
			g.log.WarnContext(ctx, "a blob is not settled", slog.String("digest", string(d)), slog.Any("error", err))
		}
	}
}

// blobsOf returns the digests of the binaries that a document names by a link,
// at most [maxNamed] of them.
func blobsOf(sub *attestation.Submission) (named []attestation.Digest) {
	add := func(d attestation.Digest) {
		if d.Valid() && len(named) < maxNamed && !slices.Contains(named, d) {
			named = append(named, d)
		}
	}
	link := func(l *attestation.Link) {
		if l == nil {
			return
		}
		for _, d := range l.Digests {
			if d.Alg == "sha-256" {
				add(attestation.Digest("sha-256:" + d.Value))
				add(attestation.Digest(d.Value))
			}
		}
	}
	for _, d := range dialect.BlobsNamed(sub) {
		add(d)
	}
	for i := range sub.Evidence {
		link(&sub.Evidence[i].Link)
	}
	for i := range sub.Accreditation {
		link(sub.Accreditation[i].Evidence)
	}
	for i := range sub.Objects {
		link(sub.Objects[i].ModelsAttachment)
	}
	for i := range sub.Assessments {
		for j := range sub.Assessments[i].Evidence {
			link(&sub.Assessments[i].Evidence[j].Link)
		}
	}
	for i := range sub.StatusEvents {
		link(sub.StatusEvents[i].Evidence)
	}
	for i := range sub.Trustmarks {
		link(sub.Trustmarks[i].Link)
	}
	return named
}

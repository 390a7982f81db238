package mongo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"accord/attestation"
	"accord/internal/fault"
	"accord/storage"
)

// Blobs keeps binaries in one collection:
//
//	h/HEX                  {size, gen}: the binary is there; inserted last
//	c/HEX/GEN/0000         {data}: its parts, of at most maxPart octets
//	p/PARTNER/HEX          {size, at}: PARTNER put it and no document named it yet
//	d/HEX/PARTNER          the same the other way round
//
// GEN is random, so that a binary can be put again while it is removed.
type Blobs struct {
	store *store
	docs  *driver.Collection
}

var _ storage.Blobs = (*Blobs)(nil)

const blobsCollection = "blobs"

var (
	askBlob      = question{"find", blobsCollection, []condition{{"_id", ""}}, 0, nil, nil}
	dropBlob     = question{"delete", blobsCollection, []condition{{"_id", ""}}, 0, nil, nil}
	askBlobRange = question{"find", blobsCollection, []condition{{"_id", "$gte"}, {"_id", "$lt"}}, 1, nil, nil}
)

// NewBlobs returns the binaries of a database. It is closed with the connection.
func NewBlobs(conn *Connection) *Blobs {
	s := newStore(conn)
	return &Blobs{store: s, docs: s.collection(blobsCollection)}
}

// blobDoc is a document of the collection.
type blobDoc struct {
	ID   string    `bson:"_id"`
	Size int64     `bson:"size,omitempty"`
	Gen  string    `bson:"gen,omitempty"`
	At   time.Time `bson:"at,omitempty"`
	Data []byte    `bson:"data,omitempty"`
}

func blobHex(d attestation.Digest) (string, error) {
	sum, ok := d.Sum()
	if !ok {
		return "", fault.New(fault.ResourceNotFound, "not a digest")
	}
	return hex.EncodeToString(sum[:]), nil
}

func partID(name, gen string, n int) string { return fmt.Sprintf("c/%s/%s/%04d", name, gen, n) }

// notes are the two documents by which an upload is found.
func notes(by attestation.PartnerID, name string) (byPartner, byDigest string, err error) {
	if !by.Valid() {
		return "", "", fault.New(fault.AuthForbidden, "only a partner puts blobs")
	}
	return "p/" + string(by) + "/" + name, "d/" + name + "/" + string(by), nil
}

// Put fulfils [storage.Blobs]. The octets wait in a file until their digest is
// known to be right: nothing wrong ever stands in the database.
func (b *Blobs) Put(ctx context.Context, d attestation.Digest, by attestation.PartnerID, r io.Reader) (storage.Blob, error) {
	name, err := blobHex(d)
	if err != nil {
		return storage.Blob{}, err
	}
	byPartner, byDigest, err := notes(by, name)
	if err != nil {
		return storage.Blob{}, err
	}
	half, err := os.CreateTemp("", "accord-blob-")
	if err != nil {
		return storage.Blob{}, fmt.Errorf("put blob: %w", err)
	}
	defer func() {
		_ = half.Close() // it is thrown away
		_ = os.Remove(half.Name())
	}()
	size, err := storage.CopyBlob(ctx, half, r, d)
	if err != nil {
		return storage.Blob{}, err
	}
	if _, err := half.Seek(0, io.SeekStart); err != nil {
		return storage.Blob{}, fmt.Errorf("put blob: %w", err)
	}
	// Noted first: whoever removes it looks for notes last.
	now := time.Now().UTC()
	for _, id := range []string{byPartner, byDigest} {
		if err := b.insert(ctx, blobDoc{ID: id, Size: size, At: now}); err != nil {
			return storage.Blob{}, err
		}
	}
	if err := b.keep(ctx, name, size, half); err != nil {
		return storage.Blob{}, err
	}
	return storage.Blob{Digest: d, Size: size}, nil
}

// keep inserts the parts and then the head of a binary that is not there.
func (b *Blobs) keep(ctx context.Context, name string, size int64, r io.Reader) error {
	if found, err := b.store.one(ctx, b.docs, askBlob, new(blobDoc), "h/"+name); err != nil || found {
		return err
	}
	gen := rand.Text()[:13]
	part := make([]byte, maxPart)
	for n := 0; int64(n)*maxPart < size; n++ {
		got, err := io.ReadFull(r, part)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("put blob: %w", err)
		}
		if err := b.insert(ctx, blobDoc{ID: partID(name, gen, n), Data: part[:got]}); err != nil {
			return err
		}
	}
	return b.insert(ctx, blobDoc{ID: "h/" + name, Size: size, Gen: gen})
}

// insert makes a document stand on a majority; one that is there stays.
func (b *Blobs) insert(ctx context.Context, d blobDoc) error {
	raw, err := bson.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode blob: %w", err)
	}
	switch result, _, err := b.store.insert(ctx, b.docs, []bson.Raw{raw}); result {
	case done, duplicate:
		return nil
	case full:
		return storageFull(fmt.Errorf("insert blob: %w", err))
	default:
		return fault.Wrap(err, fault.HTTPUnavailable, "the blob may be kept or not; send it again")
	}
}

// Open fulfils [storage.Blobs]. Parts are read one at a time.
func (b *Blobs) Open(ctx context.Context, d attestation.Digest) (io.ReadCloser, int64, error) {
	name, err := blobHex(d)
	if err != nil {
		return nil, 0, err
	}
	var head blobDoc
	found, err := b.store.one(ctx, b.docs, askBlob, &head, "h/"+name)
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", err)
	}
	if !found {
		return nil, 0, fault.Newf(fault.ResourceNotFound, "there is no blob %s", d)
	}
	return &blobReader{ctx: ctx, blobs: b, name: name, gen: head.Gen, left: head.Size}, head.Size, nil
}

// blobReader reads the parts of a binary in order.
type blobReader struct {
	ctx   context.Context // of the request that opened it; a reader lives no longer
	blobs *Blobs
	name  string
	gen   string
	part  bytes.Reader
	next  int
	left  int64
}

// Read fulfils io.Reader.
func (r *blobReader) Read(p []byte) (int, error) {
	if r.part.Len() == 0 {
		if r.left <= 0 {
			return 0, io.EOF
		}
		var d blobDoc
		id := partID(r.name, r.gen, r.next)
		found, err := r.blobs.store.one(r.ctx, r.blobs.docs, askBlob, &d, id)
		if err == nil && (!found || len(d.Data) == 0) {
			err = errors.New("it is not there")
		}
		if err != nil {
			return 0, fmt.Errorf("read blob part %s: %w", id, err)
		}
		r.part.Reset(d.Data)
		r.next++
		r.left -= int64(len(d.Data))
	}
	return r.part.Read(p)
}

// Close fulfils io.Closer.
func (r *blobReader) Close() error { r.left = 0; r.part.Reset(nil); return nil }

// under calls f with the documents whose _id begins with a prefix that ends in a
// slash, in order.
func (b *Blobs) under(ctx context.Context, prefix string, f func(blobDoc) error) error {
	end := prefix[:len(prefix)-1] + "0" // the character after the slash
	return b.store.seen.read(ctx, func(ctx context.Context) error {
		cursor, err := b.docs.Find(ctx, askBlobRange.filter(prefix, end), askBlobRange.options(0))
		if err != nil {
			return err
		}
		defer cursor.Close(context.WithoutCancel(ctx))
		for cursor.Next(ctx) {
			var d blobDoc
			if err := cursor.Decode(&d); err != nil {
				return err
			}
			if err := f(d); err != nil {
				return err
			}
		}
		return cursor.Err()
	})
}

// Uploads fulfils [storage.Blobs].
func (b *Blobs) Uploads(ctx context.Context, by attestation.PartnerID) ([]storage.Upload, error) {
	prefix, _, err := notes(by, "")
	if err != nil {
		return nil, err
	}
	var out []storage.Upload
	err = b.under(ctx, prefix, func(d blobDoc) error {
		digest := attestation.Digest("sha-256:" + strings.TrimPrefix(d.ID, prefix))
		out = append(out, storage.Upload{Blob: storage.Blob{Digest: digest, Size: d.Size}, By: by, At: d.At})
		return nil
	})
	return out, wrap(err, "list uploads")
}

// Settle fulfils [storage.Blobs].
func (b *Blobs) Settle(ctx context.Context, by attestation.PartnerID, d attestation.Digest) error {
	name, err := blobHex(d)
	if err != nil {
		return err
	}
	byPartner, byDigest, err := notes(by, name)
	if err != nil {
		return err
	}
	return b.remove(ctx, byDigest, byPartner)
}

func (b *Blobs) remove(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		err := b.store.seen.write(ctx, func(ctx context.Context) error {
			_, err := b.docs.DeleteOne(ctx, dropBlob.filter(id))
			return err
		})
		if err != nil {
			return fmt.Errorf("remove %s: %w", id, err)
		}
	}
	return nil
}

// Remove fulfils [storage.Blobs]. The head goes first and comes back if somebody
// noted the binary meanwhile; whoever puts it after that finds no head, and
// makes parts of another generation.
func (b *Blobs) Remove(ctx context.Context, by attestation.PartnerID, d attestation.Digest) error {
	if err := b.Settle(ctx, by, d); err != nil {
		return err
	}
	name, err := blobHex(d)
	if err != nil {
		return err
	}
	var head blobDoc
	if found, err := b.store.one(ctx, b.docs, askBlob, &head, "h/"+name); err != nil || !found {
		return wrap(err, "remove blob")
	}
	if noted, err := b.noted(ctx, name); err != nil || noted {
		return err
	}
	if err := b.remove(ctx, "h/"+name); err != nil {
		return err
	}
	noted, err := b.noted(ctx, name)
	if err != nil || noted {
		return errors.Join(err, b.insert(ctx, head))
	}
	for n := 0; int64(n)*maxPart < head.Size; n++ {
		if err := b.remove(ctx, partID(name, head.Gen, n)); err != nil {
			return err
		}
	}
	return nil
}

// noted says whether anybody's upload of a binary is noted.
func (b *Blobs) noted(ctx context.Context, name string) (bool, error) {
	who, err := b.putters(ctx, name)
	return len(who) > 0, err
}

// putters returns whose uploads of a binary are noted.
func (b *Blobs) putters(ctx context.Context, name string) (who []attestation.PartnerID, err error) {
	prefix := "d/" + name + "/"
	err = b.under(ctx, prefix, func(d blobDoc) error {
		who = append(who, attestation.PartnerID(strings.TrimPrefix(d.ID, prefix)))
		return nil
	})
	return who, wrap(err, "look for uploads")
}

// Noted fulfils [storage.Blobs].
func (b *Blobs) Noted(ctx context.Context, d attestation.Digest) ([]attestation.PartnerID, error) {
	name, err := blobHex(d)
	if err != nil {
		return nil, err
	}
	return b.putters(ctx, name)
}

// Each fulfils [storage.Blobs].
func (b *Blobs) Each(ctx context.Context, f func(storage.Blob) error) error {
	var all []storage.Blob // read first: f takes longer than a cursor lives
	err := b.under(ctx, "h/", func(d blobDoc) error {
		all = append(all, storage.Blob{Digest: attestation.Digest("sha-256:" + strings.TrimPrefix(d.ID, "h/")), Size: d.Size})
		return nil
	})
	if err != nil {
		return fmt.Errorf("list blobs: %w", err)
	}
	for _, x := range all {
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

package mongo

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/storage"
)

// A body is a document of its own, so that the law can erase one and leave an
// equal one of another entry. Its _id is the entry's Ref as 16 hexadecimal
// digits: the index that the entry had when the body was first sent, and 24
// bits of that batch's nonce. Gateways that try for the same number at the same
// time thus name different documents; should 24 bits ever be equal, the octets
// are compared, and the batch is made anew with another nonce. What no batch
// names is an orphan and harmless. A body above maxPart goes on in documents
// with a number behind the _id.
const (
	maxPart   = 8 << 20
	nonceBits = 24
	maxIndex  = 1 << (64 - nonceBits)
)

// bodyID returns the _id of a part of a body.
func bodyID(ref uint64, part int) string {
	if part == 0 {
		return fmt.Sprintf("%016x", ref)
	}
	return fmt.Sprintf("%016x.%d", ref, part)
}

// bodyDoc is a document of bodies.
type bodyDoc struct {
	ID   string `bson:"_id"`
	Data []byte `bson:"data"`
}

// slot is where a body lies in this process; drafts keep their octets when
// they are judged again.
type slot struct {
	first *byte
	size  int
}

// place is what the bodies of a batch become: the refs of all, and the
// documents of those that are not known to stand.
type place struct {
	refs []uint64
	docs []bson.Raw
	part [][]byte // octets of each document
	kept map[slot]uint64
}

// place gives every body of a batch its ref. One that was sent for a number
// which another gateway took stands already and keeps its ref.
func (l *Log) place(b *storage.Batch) (place, error) {
	p := place{refs: make([]uint64, len(b.Bodies)), kept: make(map[slot]uint64, len(b.Bodies))}
	for i, body := range b.Bodies {
		if len(body) == 0 {
			continue
		}
		at := slot{&body[0], len(body)}
		if _, twice := p.kept[at]; !twice {
			if ref, ok := l.kept[at]; ok {
				p.refs[i], p.kept[at] = ref, ref
				continue
			}
		}
		nonce := uint64(b.Nonce[0])<<16 | uint64(b.Nonce[1])<<8 | uint64(b.Nonce[2])
		p.refs[i] = (b.Base+uint64(i))<<nonceBits | nonce
		p.kept[at] = p.refs[i]
		for part := 0; part*maxPart < len(body); part++ {
			data := body[part*maxPart : min(len(body), (part+1)*maxPart)]
			doc, err := bson.Marshal(bson.D{{Key: "_id", Value: bodyID(p.refs[i], part)}, {Key: "data", Value: binary(data)}})
			if err != nil {
				return p, fmt.Errorf("encode the body of entry %d: %w", b.Base+uint64(i), err)
			}
			p.docs, p.part = append(p.docs, doc), append(p.part, data)
		}
	}
	return p, nil
}

// sendBodies makes the bodies of a batch stand and returns their refs. The
// batch was not sent when it fails.
func (l *Log) sendBodies(ctx context.Context, b *storage.Batch) ([]uint64, error) {
	p, err := l.place(b)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	result, present, err := l.store.insert(ctx, l.bodies, p.docs)
	switch result {
	case done:
	case duplicate:
		if err := l.same(ctx, p, present); errors.Is(err, storage.ErrConflict) {
			return nil, err
		} else if err != nil {
			return nil, fmt.Errorf("compare bodies: %w: %w", storage.ErrUnknown, err)
		}
	case full:
		return nil, storageFull(fmt.Errorf("insert bodies: %w", err))
	case unknown:
		return nil, fmt.Errorf("insert bodies: %w: %w", storage.ErrUnknown, err)
	}
	l.kept = p.kept
	return p.refs, nil
}

// same says whether the bodies that were there before are those of the batch.
func (l *Log) same(ctx context.Context, p place, present []int) error {
	ids := make([]string, len(present))
	want := make(map[string][]byte, len(present))
	for i, n := range present {
		ids[i] = p.docs[n].Lookup("_id").StringValue()
		want[ids[i]] = p.part[n]
	}
	return l.eachBody(ctx, ids, func(d bodyDoc) error {
		if !bytes.Equal(d.Data, want[d.ID]) {
			return fmt.Errorf("body %s is another gateway's: %w", d.ID, storage.ErrConflict)
		}
		return nil
	})
}

// pointReads is up to how many documents are asked for one by one: that is the
// question which every server answers from its index.
const pointReads = 4

// eachBody calls f with each body document; one that is missing is an error.
func (l *Log) eachBody(ctx context.Context, ids []string, f func(bodyDoc) error) error {
	if len(ids) <= pointReads {
		for _, id := range ids {
			d, err := l.bodyPart(ctx, id)
			if err != nil {
				return err
			}
			if err := f(d); err != nil {
				return err
			}
		}
		return nil
	}
	found := 0
	err := l.store.seen.read(ctx, func(ctx context.Context) error {
		cursor, err := l.bodies.Find(ctx, askBodies.filter(ids), askBodies.options(len(ids)))
		if err != nil {
			return err
		}
		defer cursor.Close(context.WithoutCancel(ctx))
		for cursor.Next(ctx) {
			var d bodyDoc
			if err := cursor.Decode(&d); err != nil {
				return err
			}
			found++
			if err := f(d); err != nil {
				return err
			}
		}
		return cursor.Err()
	})
	if err == nil && found != len(ids) {
		err = fmt.Errorf("%d of %d are not there", len(ids)-found, len(ids))
	}
	return wrap(err, "read bodies")
}

func (l *Log) bodyPart(ctx context.Context, id string) (bodyDoc, error) {
	var d bodyDoc
	found, err := l.store.one(ctx, l.bodies, askBody, &d, id)
	if err == nil && !found {
		err = errors.New("it is not there")
	}
	return d, wrap(err, "read body "+id)
}

// Body returns the octets of an entry: one find by _id for each maxPart.
func (l *Log) Body(ctx context.Context, ref uint64, length int) ([]byte, error) {
	return assemble(ref, length, func(id string) (bodyDoc, error) { return l.bodyPart(ctx, id) })
}

// assemble puts the parts of a body together.
func assemble(ref uint64, length int, get func(id string) (bodyDoc, error)) ([]byte, error) {
	out := []byte{}
	for part := 0; part*maxPart < length; part++ {
		d, err := get(bodyID(ref, part))
		if err != nil {
			return nil, err
		}
		if length <= maxPart {
			out = d.Data
		} else {
			out = append(out, d.Data...)
		}
	}
	if len(out) != length {
		return nil, fmt.Errorf("body %s has %d octets instead of %d", bodyID(ref, 0), len(out), length)
	}
	return out, nil
}

// wrap says what was being done, if it failed.
func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

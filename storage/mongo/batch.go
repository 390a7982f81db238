package mongo

import (
	"bytes"
	"crypto/sha256"
	stdbinary "encoding/binary"
	"errors"
	"fmt"
	"time"

	"accord/storage"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// batchDoc is a document of batches: small, because bodies lie elsewhere.
type batchDoc struct {
	ID         string `bson:"_id"`  // position of the number
	Base       int64  `bson:"base"` // index of the first entry, size of prev
	Prev       []byte `bson:"prev"` // root before it
	Checkpoint []byte `bson:"checkpoint"`
	Key        int64  `bson:"key"`
	Time       int64  `bson:"time"` // Unix nanoseconds
	Nonce      []byte `bson:"nonce"`
	Seal       bool   `bson:"seal"`
	Digest     []byte `bson:"digest"` // of everything else but refs
	Count      int64  `bson:"count"`
	Entries    []byte `bson:"entries"` // one behind the other, see appendStored
}

// encode returns the document of a batch whose entries have their refs.
func encode(b *storage.Batch) (batchDoc, error) {
	if b.End() > maxIndex {
		return batchDoc{}, fmt.Errorf("append batch %d: the log has no room for entry %d", b.Number, b.End())
	}
	d := batchDoc{
		ID: position(b.Number), Base: int64(b.Base), Prev: b.Previous.Root[:], Checkpoint: notNil(b.Checkpoint), Key: int64(b.Key),
		Time: b.Time.UnixNano(), Nonce: b.Nonce[:], Seal: b.Seal, Count: int64(len(b.Entries)), Entries: []byte{},
	}
	for _, e := range b.Entries {
		d.Entries = appendStored(d.Entries, e)
	}
	digest, err := d.digest()
	d.Digest = digest[:]
	return d, err
}

// notNil keeps "none" an empty value of the same type.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// appendStored appends an entry as a batch keeps it: where its body is, how
// long that is, the length of the entry, and the entry.
func appendStored(dst []byte, e *storage.Entry) []byte {
	raw := storage.AppendEntry(make([]byte, 0, 2048), e)
	for _, n := range []uint64{e.Ref, uint64(e.BodyLen), uint64(len(raw))} {
		dst = stdbinary.AppendUvarint(dst, n)
	}
	return append(dst, raw...)
}

// stored is what appendStored wrote.
type stored struct {
	ref    uint64
	length int
	entry  []byte
}

var errCut = errors.New("an entry is not whole")

// cut takes the entries apart.
func (d *batchDoc) cut() ([]stored, error) {
	var out []stored
	for rest := d.Entries; len(rest) > 0; {
		var n [3]uint64
		for i := range n {
			value, size := stdbinary.Uvarint(rest)
			if size <= 0 {
				return nil, errCut
			}
			n[i], rest = value, rest[size:]
		}
		if n[1] > maxMessage || n[2] > uint64(len(rest)) {
			return nil, errCut
		}
		out = append(out, stored{n[0], int(n[1]), rest[:n[2]]})
		rest = rest[n[2]:]
	}
	if int64(len(out)) != d.Count {
		return nil, errCut
	}
	return out, nil
}

// digest is by what a batch is known again, whoever sent it: everything but
// where its bodies lie. Those are named by the digest in each record.
func (d *batchDoc) digest() ([sha256.Size]byte, error) {
	entries, err := d.cut()
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	h := sha256.New()
	head := fmt.Appendf(nil, "accord batch %s %d %d %d %t %d\n", d.ID, d.Base, d.Key, d.Time, d.Seal, d.Count)
	for _, part := range [][]byte{d.Prev, d.Checkpoint, d.Nonce} {
		head = append(stdbinary.AppendUvarint(head, uint64(len(part))), part...)
	}
	h.Write(head)
	for _, e := range entries {
		h.Write(stdbinary.AppendUvarint(stdbinary.AppendUvarint(head[:0], uint64(e.length)), uint64(len(e.entry))))
		h.Write(e.entry)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// marshal returns the octets of the document. They do not fit when hundreds of
// documents that are nearly nothing but search terms come at once.
func (d *batchDoc) marshal() (bson.Raw, error) {
	raw, err := bson.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode batch %s: %w", d.ID, err)
	}
	if len(raw) > maxDocument {
		return nil, storageFull(fmt.Errorf("batch %s has %d octets of entries, more than a document", d.ID, len(raw)))
	}
	return raw, nil
}

// batch returns what the document holds, and refuses one that is not whole.
func (d *batchDoc) batch() (*storage.Batch, error) {
	number, err := number(d.ID)
	if err != nil {
		return nil, err
	}
	sum, err := d.digest()
	if err == nil && !bytes.Equal(sum[:], d.Digest) {
		err = errors.New("its octets do not have its digest")
	}
	b := &storage.Batch{
		Number: number, Base: uint64(d.Base), Checkpoint: d.Checkpoint, Key: uint32(d.Key),
		Time: time.Unix(0, d.Time).UTC(), Seal: d.Seal,
	}
	if err == nil && (len(d.Prev) != len(b.Previous.Root) || len(d.Nonce) != len(b.Nonce)) {
		err = errors.New("its head is not whole")
	}
	if err != nil {
		return nil, fmt.Errorf("batch %d is damaged: %w", number, err)
	}
	b.Previous.Size = b.Base
	copy(b.Previous.Root[:], d.Prev)
	copy(b.Nonce[:], d.Nonce)
	entries, err := d.cut()
	if err != nil {
		return nil, fmt.Errorf("batch %d is damaged: %w", number, err)
	}
	for i, kept := range entries {
		e, err := storage.ParseEntry(kept.entry)
		if err != nil {
			return nil, fmt.Errorf("batch %d is damaged: %w", number, err)
		}
		e.Index, e.Ref, e.BodyLen = b.Base+uint64(i), kept.ref, kept.length
		b.Entries = append(b.Entries, e)
	}
	for _, e := range b.Entries {
		e.BatchEnd = b.End()
	}
	b.Bodies = make([][]byte, len(b.Entries))
	return b, nil
}

// number reads what position wrote.
func number(id string) (uint64, error) {
	var n uint64
	if _, err := fmt.Sscanf(id, "%016d", &n); err != nil || position(n) != id {
		return 0, fmt.Errorf("%q is not a position", id)
	}
	return n, nil
}

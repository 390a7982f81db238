package local

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"accord/ledger"
	"accord/storage"
)

// A batch in a segment:
//
//	magic, length of payload, CRC-32C of what stays, number   20 octets
//	payload: head frame, then for each entry skeleton, rest and body frames
//	mark: magic of the end, CRC again                           8 octets
//
// Each frame has a length and a CRC of its own, 8 octets before its body. The
// CRC of the batch is that of the payload without the bodies of rest and body
// frames: those may be blanked one day, and nothing else is touched.
const (
	batchMagic = 0xacc0_0b03
	endMagic   = 0xacc0_0bee
	headerSize = 20
	markSize   = 8
	frameSize  = 8

	// batchMagicBefore is that of a form in which record and leaf shared a frame.
	batchMagicBefore = 0xacc0_0b02
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// errTorn says that a batch is not whole: at the end of the last segment it
// was never acknowledged, elsewhere it is damage.
var errTorn = errors.New("the batch is not whole")

// errForm says that the journal is of a form that is read no more.
var errForm = errors.New("it was written by an earlier version of accord, in a form that this one cannot read: open the archive with the version that made it, or make a new one with `accord init` and send the documents again")

// appendFrame appends a frame whose body is appended by the function.
func appendFrame(dst []byte, body func([]byte) []byte) []byte {
	start := len(dst)
	dst = body(append(dst, make([]byte, frameSize)...))
	content := dst[start+frameSize:]
	binary.BigEndian.PutUint32(dst[start:], uint32(len(content)))
	binary.BigEndian.PutUint32(dst[start+4:], crc32.Checksum(content, crcTable))
	return dst
}

func cutFrame(src []byte) (body, rest []byte, err error) {
	if len(src) < frameSize {
		return nil, nil, errTorn
	}
	n := int(binary.BigEndian.Uint32(src))
	sum := binary.BigEndian.Uint32(src[4:])
	src = src[frameSize:]
	if n > len(src) || crc32.Checksum(src[:n], crcTable) != sum {
		return nil, nil, errTorn
	}
	return src[:n], src[n:], nil
}

// places are where the parts of an entry lie: the body as an offset from the
// beginning of the batch, and how many octets of skeleton and rest frames are
// before the frame of the body.
type places struct{ body, head int }

// encodeBatch appends a batch to dst and says where its entries lie.
func encodeBatch(dst []byte, b *storage.Batch) (out []byte, at []places) {
	start := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, batchMagic)
	dst = append(dst, make([]byte, 8)...) // length and CRC come last
	dst = binary.BigEndian.AppendUint64(dst, b.Number)
	dst = appendFrame(dst, func(dst []byte) []byte { return appendHead(dst, b) })
	sum := crc32.Checksum(dst[start+headerSize:], crcTable)
	at = make([]places, len(b.Entries))
	for i, e := range b.Entries {
		skeleton := len(dst)
		dst = appendFrame(dst, func(dst []byte) []byte { return storage.AppendSkeleton(dst, e) })
		rest := len(dst)
		dst = appendFrame(dst, func(dst []byte) []byte { return storage.AppendRest(dst, e) })
		body := len(dst)
		dst = appendFrame(dst, func(dst []byte) []byte { return append(dst, b.Bodies[i]...) })
		at[i] = places{body: body + frameSize - start, head: body - skeleton}
		sum = crc32.Update(sum, crcTable, dst[skeleton:rest+frameSize])
		sum = crc32.Update(sum, crcTable, dst[body:body+frameSize])
	}
	binary.BigEndian.PutUint32(dst[start+4:], uint32(len(dst)-start-headerSize))
	binary.BigEndian.PutUint32(dst[start+8:], sum)
	dst = binary.BigEndian.AppendUint32(dst, endMagic)
	return binary.BigEndian.AppendUint32(dst, sum), at
}

func appendHead(dst []byte, b *storage.Batch) []byte {
	dst = binary.BigEndian.AppendUint64(dst, b.Base)
	dst = binary.BigEndian.AppendUint64(dst, uint64(b.Time.UnixNano()))
	dst = append(dst, b.Nonce[:]...)
	dst = binary.BigEndian.AppendUint64(dst, b.Previous.Size)
	dst = append(dst, b.Previous.Root[:]...)
	seal := byte(0)
	if b.Seal {
		seal = 1
	}
	dst = append(dst, seal)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(b.Entries)))
	dst = binary.BigEndian.AppendUint32(dst, b.Key)
	return append(dst, b.Checkpoint...)
}

// header reads the fixed part of a batch.
func header(src []byte) (number uint64, length int, sum uint32, err error) {
	switch {
	case len(src) >= 4 && binary.BigEndian.Uint32(src) == batchMagicBefore:
		return 0, 0, 0, errForm
	case len(src) < headerSize || binary.BigEndian.Uint32(src) != batchMagic:
		return 0, 0, 0, errTorn
	}
	return binary.BigEndian.Uint64(src[12:]), int(binary.BigEndian.Uint32(src[4:])), binary.BigEndian.Uint32(src[8:]), nil
}

// decodeBatch reads a whole batch: src holds header, payload and mark. base is
// the place of src, from which the places of bodies are counted. Without bodies
// the batch keeps no part of src.
func decodeBatch(src []byte, base uint64, bodies bool) (*storage.Batch, error) {
	number, length, sum, err := header(src)
	if err != nil {
		return nil, err
	}
	if len(src) != headerSize+length+markSize {
		return nil, errTorn
	}
	payload, mark := src[headerSize:headerSize+length], src[headerSize+length:]
	if binary.BigEndian.Uint32(mark) != endMagic || binary.BigEndian.Uint32(mark[4:]) != sum {
		return nil, errTorn
	}
	b := &storage.Batch{Number: number}
	head, left, err := cutFrame(payload)
	if err != nil {
		return nil, err
	}
	n, err := decodeHead(b, head)
	if err != nil {
		return nil, err
	}
	found := crc32.Checksum(payload[:len(payload)-len(left)], crcTable)
	for i := range n {
		start := left
		var body []byte
		e, rest, err := cutEntry(left)
		if err == nil {
			body, left, err = cutFrame(rest)
		}
		if err != nil {
			return nil, fmt.Errorf("batch %d, entry %d: %w", number, i, err)
		}
		stays := frameSize + int(binary.BigEndian.Uint32(start)) + frameSize // and the header of the rest
		found = crc32.Update(found, crcTable, start[:stays])
		found = crc32.Update(found, crcTable, rest[:frameSize])
		ref := base + uint64(len(src)-markSize-len(rest)+frameSize)
		e.Index, e.BatchEnd, e.Ref, e.HeadLen, e.BodyLen = b.Base+uint64(i), b.Base+uint64(n), ref, len(start)-len(rest), len(body)
		b.Entries = append(b.Entries, e)
		if bodies {
			body = append([]byte(nil), body...)
		} else {
			body = nil
		}
		b.Bodies = append(b.Bodies, body)
	}
	if len(left) != 0 || found != sum {
		return nil, errTorn
	}
	return b, nil
}

// cutEntry reads the skeleton and rest frames of an entry.
func cutEntry(src []byte) (e *storage.Entry, left []byte, err error) {
	skeleton, left, err := cutFrame(src)
	if err != nil {
		return nil, nil, err
	}
	rest, left, err := cutFrame(left)
	if err != nil {
		return nil, nil, err
	}
	e, err = storage.ParseParts(bytes.Clone(skeleton), bytes.Clone(rest))
	return e, left, err
}

func decodeHead(b *storage.Batch, head []byte) (int, error) {
	const fixed = 8 + 8 + 16 + 8 + ledgerHash + 1 + 4 + 4
	if len(head) < fixed {
		return 0, errTorn
	}
	b.Base = binary.BigEndian.Uint64(head)
	b.Time = time.Unix(0, int64(binary.BigEndian.Uint64(head[8:]))).UTC()
	copy(b.Nonce[:], head[16:])
	b.Previous.Size = binary.BigEndian.Uint64(head[32:])
	copy(b.Previous.Root[:], head[40:])
	seal := head[40+ledgerHash]
	if seal > 1 {
		return 0, errTorn
	}
	b.Seal = seal == 1
	b.Key = binary.BigEndian.Uint32(head[45+ledgerHash:])
	b.Checkpoint = append([]byte(nil), head[fixed:]...)
	return int(binary.BigEndian.Uint32(head[41+ledgerHash:])), nil
}

const ledgerHash = len(ledger.Hash{})

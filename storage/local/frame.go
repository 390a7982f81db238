package local

import (
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
//	magic, length of payload, CRC-32C of payload, number      20 octets
//	payload: head frame, then for each entry skeleton and rest frames
//	mark: magic of the end, CRC again                           8 octets
//
// Each frame has a length and a CRC of its own, so that one can be blanked
// later without touching the other.
const (
	batchMagic = 0xacc0_0b02
	endMagic   = 0xacc0_0bee
	headerSize = 20
	markSize   = 8
	frameSize  = 8
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// errTorn says that a batch is not whole: at the end of the last segment it
// was never acknowledged, elsewhere it is damage.
var errTorn = errors.New("the batch is not whole")

func appendFrame(dst, body []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(body)))
	dst = binary.BigEndian.AppendUint32(dst, crc32.Checksum(body, crcTable))
	return append(dst, body...)
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

// encodeBatch appends a batch to dst and sets the place of each body, as an
// offset from the beginning of the batch, in refs.
func encodeBatch(dst []byte, b *storage.Batch) (out []byte, refs []int) {
	start := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, batchMagic)
	dst = append(dst, make([]byte, 8)...) // length and CRC come last
	dst = binary.BigEndian.AppendUint64(dst, b.Number)
	head := binary.BigEndian.AppendUint64(nil, b.Base)
	head = binary.BigEndian.AppendUint64(head, uint64(b.Time.UnixNano()))
	head = append(head, b.Nonce[:]...)
	head = binary.BigEndian.AppendUint64(head, b.Previous.Size)
	head = append(head, b.Previous.Root[:]...)
	seal := byte(0)
	if b.Seal {
		seal = 1
	}
	head = append(head, seal)
	head = binary.BigEndian.AppendUint32(head, uint32(len(b.Entries)))
	head = binary.BigEndian.AppendUint32(head, b.Key)
	head = append(head, b.Checkpoint...)
	dst = appendFrame(dst, head)
	var scratch []byte
	for i, e := range b.Entries {
		scratch = storage.AppendEntry(scratch[:0], e)
		dst = appendFrame(dst, scratch)
		refs = append(refs, len(dst)-start+frameSize)
		dst = appendFrame(dst, b.Bodies[i])
	}
	payload := dst[start+headerSize:]
	sum := crc32.Checksum(payload, crcTable)
	binary.BigEndian.PutUint32(dst[start+4:], uint32(len(payload)))
	binary.BigEndian.PutUint32(dst[start+8:], sum)
	dst = binary.BigEndian.AppendUint32(dst, endMagic)
	dst = binary.BigEndian.AppendUint32(dst, sum)
	return dst, refs
}

// header reads the fixed part of a batch.
func header(src []byte) (number uint64, length int, sum uint32, err error) {
	if len(src) < headerSize || binary.BigEndian.Uint32(src) != batchMagic {
		return 0, 0, 0, errTorn
	}
	return binary.BigEndian.Uint64(src[12:]), int(binary.BigEndian.Uint32(src[4:])), binary.BigEndian.Uint32(src[8:]), nil
}

// decodeBatch reads a whole batch: src holds header, payload and mark. base is
// the place of src, from which the places of bodies are counted.
func decodeBatch(src []byte, base uint64, bodies bool) (*storage.Batch, error) {
	number, length, sum, err := header(src)
	if err != nil {
		return nil, err
	}
	if len(src) != headerSize+length+markSize {
		return nil, errTorn
	}
	payload, mark := src[headerSize:headerSize+length], src[headerSize+length:]
	if binary.BigEndian.Uint32(mark) != endMagic || binary.BigEndian.Uint32(mark[4:]) != sum || crc32.Checksum(payload, crcTable) != sum {
		return nil, errTorn
	}
	b := &storage.Batch{Number: number}
	head, rest, err := cutFrame(payload)
	if err != nil {
		return nil, err
	}
	n, err := decodeHead(b, head)
	if err != nil {
		return nil, err
	}
	for i := range n {
		var skeleton, body []byte
		if skeleton, rest, err = cutFrame(rest); err != nil {
			return nil, err
		}
		ref := base + uint64(len(src)-markSize-len(rest)+frameSize)
		if body, rest, err = cutFrame(rest); err != nil {
			return nil, err
		}
		e, err := storage.ParseEntry(skeleton)
		if err != nil {
			return nil, fmt.Errorf("batch %d, entry %d: %w", number, i, err)
		}
		e.Index, e.BatchEnd, e.Ref, e.BodyLen = b.Base+uint64(i), b.Base+uint64(n), ref, len(body)
		b.Entries = append(b.Entries, e)
		if bodies {
			body = append([]byte(nil), body...)
		} else {
			body = nil
		}
		b.Bodies = append(b.Bodies, body)
	}
	if len(rest) != 0 {
		return nil, errTorn
	}
	return b, nil
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

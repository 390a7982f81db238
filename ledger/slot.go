package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// The memory file has two slots, far enough apart that a write torn by a
// power cut cannot reach both: 4,096 octets is the page of every file system
// and disk in use.
const (
	slotSize   = 160 // octets used of a slot; below the 512 of a disk sector
	slotStride = 4096
	memorySize = 2 * slotStride
)

// slotMagic begins a slot and names its version.
var slotMagic = []byte("accord-memory-v1")

// slot is one state of the memory: magic (16) ‖ counter (8) ‖ SHA-256 of the
// origin (32) ‖ size (8) ‖ root (32) ‖ zeros (32) ‖ SHA-256 of all that (32).
type slot struct {
	counter uint64 // grows by one with each write
	origin  [32]byte
	head    Head
}

func (s slot) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, slotMagic...)
	dst = binary.BigEndian.AppendUint64(dst, s.counter)
	dst = append(dst, s.origin[:]...)
	dst = binary.BigEndian.AppendUint64(dst, s.head.Size)
	dst = append(dst, s.head.Root[:]...)
	dst = append(dst, make([]byte, 32)...)
	sum := sha256.Sum256(dst[start:])
	return append(dst, sum[:]...)
}

// parseSlot reads a slot; false when it was never written, torn or damaged.
func parseSlot(b []byte) (s slot, ok bool) {
	if len(b) < slotSize || !bytes.HasPrefix(b, slotMagic) {
		return slot{}, false
	}
	sum := sha256.Sum256(b[:slotSize-32])
	if !bytes.Equal(sum[:], b[slotSize-32:slotSize]) {
		return slot{}, false
	}
	s.counter = binary.BigEndian.Uint64(b[16:])
	copy(s.origin[:], b[24:])
	s.head.Size = binary.BigEndian.Uint64(b[56:])
	copy(s.head.Root[:], b[64:])
	return s, true
}

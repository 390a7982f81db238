package bitstring

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"accord/internal/fault"
)

const (
	// MinEntries is the least number of entries, so that an entry has a herd to
	// hide in: 16 KiB of single bits (section 2.2, encodedList; section 6.1).
	MinEntries = 131_072
	// MaxOctets bounds a list when it is unpacked: 128 Mi entries of one bit are
	// more than any issuer gives, and a kilobyte of gzip can become a megabyte.
	MaxOctets = 16 << 20
	// MaxEncoded bounds the text of a list before anything is unpacked.
	MaxEncoded = 8 << 20
	// MaxSize bounds statusSize: statusMessage has 2^statusSize entries.
	MaxSize = 8
)

// List is a list of entries of the same number of bits; the first is left-most.
type List struct {
	octets []byte
	size   uint // bits of one entry
}

// New makes a list of at least [MinEntries] entries of size bits, all zero.
func New(entries uint64, size int) (*List, error) {
	if size < 1 || size > MaxSize {
		return nil, malformed("/statusSize", "want 1 to 8 bits")
	}
	entries = max(entries, MinEntries)
	octets := (entries*uint64(size) + 7) / 8
	if octets > MaxOctets {
		return nil, &Error{ListLengthError, fault.New(fault.SchemaLength, "more entries than a list may have")}
	}
	return &List{octets: make([]byte, octets), size: uint(size)}, nil
}

// FromBits makes a list of single bits of the octets that hold them. They are
// not copied.
func FromBits(octets []byte) (*List, error) {
	if len(octets)*8 < MinEntries {
		return nil, &Error{ListLengthError, fault.New(fault.SchemaLength, "a list has at least 131072 entries")}
	}
	if len(octets) > MaxOctets {
		return nil, &Error{ListLengthError, fault.New(fault.SchemaLength, "a list has at most 16 MiB")}
	}
	return &List{octets: octets, size: 1}, nil
}

// Len returns the number of entries.
func (l *List) Len() uint64 { return uint64(len(l.octets)) * 8 / uint64(l.size) }

// Size returns the number of bits of an entry.
func (l *List) Size() int { return int(l.size) }

// At returns the value of an entry. One beyond the list is a RANGE_ERROR.
func (l *List) At(index uint64) (value uint64, err error) {
	if index >= l.Len() {
		return 0, &Error{RangeError, fault.New(fault.SchemaFormat, "the list has no entry of this index")}
	}
	for bit := index * uint64(l.size); bit < (index+1)*uint64(l.size); bit++ {
		value = value<<1 | uint64(l.octets[bit/8]>>(7-bit%8)&1)
	}
	return value, nil
}

// Set gives an entry a value.
func (l *List) Set(index, value uint64) error {
	if index >= l.Len() || value >= 1<<l.size {
		return &Error{RangeError, fault.New(fault.SchemaFormat, "the list has no entry of this index, or the value needs more bits")}
	}
	for i := range uint64(l.size) {
		bit := index*uint64(l.size) + i
		mask := byte(0x80) >> (bit % 8)
		if value>>(uint64(l.size)-1-i)&1 == 1 {
			l.octets[bit/8] |= mask
		} else {
			l.octets[bit/8] &^= mask
		}
	}
	return nil
}

// Encode returns the encodedList: multibase base64url without padding of the
// gzipped bits (section 2.2). The same list gives the same text.
func (l *List) Encode() (string, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression) // no name, no time: nothing but the bits
	if err == nil {
		_, err = w.Write(l.octets)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", err
	}
	return "u" + base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

// Decode reads an encodedList whose entries have size bits, under the limits.
// What is no list is a MALFORMED_VALUE_ERROR, one with less than [MinEntries]
// entries a STATUS_LIST_LENGTH_ERROR (section 3.2).
func Decode(encoded string, size int) (*List, error) {
	const at = "/credentialSubject/encodedList"
	if size < 1 || size > MaxSize {
		return nil, malformed("/credentialStatus/statusSize", "want 1 to 8 bits")
	}
	text, ok := strings.CutPrefix(encoded, "u")
	if !ok {
		return nil, malformed(at, "want multibase base64url: it begins with u")
	}
	if len(text) > MaxEncoded {
		return nil, malformed(at, "longer than 8 MiB")
	}
	packed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, malformed(at, "not base64url without padding")
	}
	octets, err := unpack(packed)
	if err != nil {
		return nil, malformed(at, err.Error())
	}
	l := &List{octets: octets, size: uint(size)}
	if l.Len() < MinEntries {
		return nil, &Error{ListLengthError, fault.At(fault.SchemaLength, at, "a list has at least 131072 entries")}
	}
	return l, nil
}

var errTooLong = errors.New("unpacks to more than 16 MiB")

// unpack reads one gzip member and nothing behind it.
func unpack(packed []byte) ([]byte, error) {
	src := bytes.NewReader(packed)
	r, err := gzip.NewReader(src)
	if err != nil {
		return nil, errors.New("not gzip")
	}
	r.Multistream(false)
	octets, err := io.ReadAll(io.LimitReader(r, MaxOctets+1))
	switch {
	case err != nil:
		return nil, errors.New("damaged gzip")
	case len(octets) > MaxOctets:
		return nil, errTooLong
	case src.Len() > 0:
		return nil, errors.New("data follow the gzip")
	}
	return octets, nil
}

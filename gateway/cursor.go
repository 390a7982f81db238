package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"accord/attestation"
	"accord/internal/fault"
)

// macSize is the part of the HMAC a cursor carries: 128 bits keep it short and
// cannot be guessed.
const macSize = 16

// CursorKey signs cursors. Two may be valid at a time, so that a new one can
// be brought in without breaking readers. Ids grow: a cursor of an id below all
// of them was made with a key that is gone.
type CursorKey struct {
	ID     byte
	Secret []byte
}

// Cursors makes and opens the opaque cursors of lists and feeds: a position
// and a MAC over key id, partner, endpoint, query and position, so that a
// cursor serves only the one it was made for (api.md).
type Cursors struct {
	keys []CursorKey // the first one signs
}

// NewCursors returns the cursors of a gateway; the first key signs, each
// opens.
func NewCursors(keys ...CursorKey) *Cursors { return &Cursors{keys: keys} }

// position is what a cursor holds: a place, and for a feed the count and the
// running hash of what was read up to there (wire.md, high-water).
type position struct {
	After uint64
	Count uint64
	Acc   [32]byte
}

const positionSize = 8 + 8 + 32

// seal encodes a position for one partner, endpoint and query.
func (c *Cursors) seal(partner attestation.PartnerID, endpoint, query string, p position) string {
	key := c.keys[0]
	raw := make([]byte, 0, 1+positionSize+macSize)
	raw = append(raw, key.ID)
	raw = binary.BigEndian.AppendUint64(raw, p.After)
	raw = binary.BigEndian.AppendUint64(raw, p.Count)
	raw = append(raw, p.Acc[:]...)
	raw = append(raw, cursorMAC(key, partner, endpoint, query, raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// retired says whether an id is of a key before those that open. Its MAC cannot
// be checked any more, so it is only told that it has to begin again.
func (c *Cursors) retired(id byte) bool {
	for _, key := range c.keys {
		if id >= key.ID {
			return false
		}
	}
	return true
}

// open decodes a cursor; an empty one is the beginning. The faults are
// cursor.invalid, and cursor.expired for one of a key that is gone.
func (c *Cursors) open(partner attestation.PartnerID, endpoint, query, cursor string) (position, error) {
	if cursor == "" {
		return position{}, nil
	}
	invalid := fault.New(fault.CursorInvalid, "the cursor was not made by this gateway for this list; start again without it")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != 1+positionSize+macSize {
		return position{}, invalid
	}
	if c.retired(raw[0]) {
		return position{}, fault.New(fault.CursorExpired, "the key of this cursor was replaced twice since it was made; start again from the resync link, and pass over what you have by its index")
	}
	body, mac := raw[:1+positionSize], raw[1+positionSize:]
	for _, key := range c.keys {
		if key.ID == raw[0] && hmac.Equal(mac, cursorMAC(key, partner, endpoint, query, body)) {
			p := position{After: binary.BigEndian.Uint64(body[1:]), Count: binary.BigEndian.Uint64(body[9:])}
			copy(p.Acc[:], body[17:])
			return p, nil
		}
	}
	return position{}, invalid
}

// cursorMAC binds the body of a cursor to its reader; each part is framed by
// its length, so that no two readers share a text.
func cursorMAC(key CursorKey, partner attestation.PartnerID, endpoint, query string, body []byte) []byte {
	h := hmac.New(sha256.New, key.Secret)
	for _, part := range []string{string(partner), endpoint, query} {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

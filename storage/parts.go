package storage

import (
	"encoding/binary"
	"errors"

	"accord/attestation"
	"accord/ledger"
)

// An entry has two parts (storage.md). The skeleton stays for ever: the outline
// and the leaf. The rest may be erased when the law demands it, together with
// the body: the details, which are what the record does not say, and the record.
//
//	outline   form, kind, event seq, keyed hashes of series, content and octets,
//	          digest of the details, audience
//	leaf      log entry; commits to the record
//	details   seed, series, issuer, media type, status, index fields
//	record    RFC 8785; commits to the body, and by its salt to outline and details
//
// So whoever changes anything of an entry changes the tree, or has to find
// another preimage (commitment.go, audit_entry.go).

// entryForm is the first octet of an outline. Form 1 had none.
const entryForm = 2

// errForm says of an entry that it is of another form.
var errForm = errors.New("the entry was written by another version of accord, in a form that this one cannot read: open the archive with the version that made it, or make a new one with `accord init` and send the documents again")

// AppendEntry appends skeleton and rest of an entry, without index, place and
// body: each with its length before it. Backends checksum it.
func AppendEntry(dst []byte, e *Entry) []byte {
	e = e.whole()
	dst = binary.AppendUvarint(dst, uint64(len(e.outline)+sizeOfPart(len(e.Leaf))))
	dst = AppendSkeleton(dst, e)
	return AppendRest(dst, e)
}

// AppendSkeleton appends the part of an entry that stays for ever.
func AppendSkeleton(dst []byte, e *Entry) []byte {
	e = e.whole()
	return appendPart(append(dst, e.outline...), e.Leaf)
}

// AppendRest appends the part of an entry that the law may erase, but for the
// body.
func AppendRest(dst []byte, e *Entry) []byte {
	e = e.whole()
	return appendPart(appendPart(dst, e.details), e.Record)
}

// ParseEntry reads what AppendEntry wrote; the entry keeps no part of src.
func ParseEntry(src []byte) (*Entry, error) {
	n, size := binary.Uvarint(src)
	switch {
	case size <= 0 || n > uint64(len(src)-size):
		return nil, errCut
	case size == 1 && n > 0 && src[size] != entryForm:
		return nil, errForm
	}
	src = append([]byte(nil), src[size:]...)
	return ParseParts(src[:n:n], src[n:])
}

// ParseParts reads skeleton and rest, which belong to the entry from then on.
func ParseParts(skeleton, rest []byte) (*Entry, error) {
	e := &Entry{}
	if len(skeleton) > 0 && skeleton[0] != entryForm {
		return nil, errForm
	}
	text := string(skeleton)
	c := cursor{left: text}
	e.parseOutline(&c)
	e.outline = text[:len(text)-len(c.left)]
	leaf := c.part()
	e.Leaf = skeleton[len(skeleton)-len(leaf):]
	if !c.ended() {
		return nil, errCut
	}
	if err := e.parseRest(rest); err != nil {
		return nil, err
	}
	return e, nil
}

var errCut = errors.New("decode entry: it is not whole")

// traces are what the skeleton keeps of the things that may be erased.
type traces struct {
	series, content, octets trace
	details                 [32]byte // digest of the details
}

// trace is a keyed hash: whether something stood in the archive can be told
// from it by who has the key, and by nobody else.
type trace [16]byte

// appendOutline appends the outline.
func appendOutline(dst []byte, kind ledger.Kind, seq int, t *traces, audience []attestation.PartnerID) []byte {
	dst = append(dst, entryForm)
	dst = appendPart(dst, kind)
	dst = binary.AppendUvarint(dst, uint64(seq))
	dst = append(append(append(dst, t.series[:]...), t.content[:]...), t.octets[:]...)
	dst = append(dst, t.details[:]...)
	dst = binary.AppendUvarint(dst, uint64(len(audience)))
	for _, p := range audience {
		dst = appendPart(dst, p)
	}
	return dst
}

func (e *Entry) parseOutline(c *cursor) {
	c.fixed(1) // the form
	e.Kind = ledger.Kind(c.part())
	e.Fields.Seq = int(c.number())
	for _, to := range [][]byte{e.traces.series[:], e.traces.content[:], e.traces.octets[:], e.traces.details[:]} {
		copy(to, c.fixed(len(to)))
	}
	for n := c.number(); n > 0 && !c.bad; n-- {
		e.Audience = append(e.Audience, attestation.PartnerID(c.part()))
	}
}

// appendDetails appends the details of an entry with the given values.
func appendDetails(dst []byte, seed ledger.Secret, e *Entry) []byte {
	dst = append(dst, seed[:]...)
	dst = appendPart(dst, e.Key)
	dst = appendPart(dst, e.Issuer)
	dst = appendPart(dst, e.Media)
	dst = appendPart(dst, e.Status)
	return e.Fields.append(dst)
}

func (e *Entry) parseRest(rest []byte) error {
	details, rest, ok := cutPart(rest)
	record, rest, also := cutPart(rest)
	if !ok || !also || len(rest) != 0 {
		return errCut
	}
	e.details, e.Record = string(details), record
	c := cursor{left: e.details}
	copy(e.seed[:], c.fixed(len(e.seed)))
	e.Key = c.part()
	e.Issuer = attestation.PartnerID(c.part())
	e.Media = c.part()
	if status := c.part(); status != "" {
		e.Status = []byte(status)
	}
	e.Fields.parse(&c)
	if !c.ended() {
		return errCut
	}
	return nil
}

// cutPart takes off what appendPart appended.
func cutPart(src []byte) (part, rest []byte, ok bool) {
	n, size := binary.Uvarint(src)
	if size <= 0 || (size > 1 && src[size-1] == 0) || n > uint64(len(src)-size) {
		return nil, nil, false
	}
	return src[size : size+int(n) : size+int(n)], src[size+int(n):], true
}

// whole returns the entry with its parts; one that was put together by hand has
// none.
func (e *Entry) whole() *Entry {
	if e.outline != "" {
		return e
	}
	c := *e
	c.details = string(appendDetails(nil, c.seed, e))
	c.traces.details = detailsDigest(c.details)
	c.outline = string(appendOutline(nil, e.Kind, e.Fields.Seq, &c.traces, e.Audience))
	return &c
}

// append appends the fields, but for the sequence number, which is the
// skeleton's.
func (f *Fields) append(dst []byte) []byte {
	dst = appendPart(dst, f.Asserted)
	dst = binary.AppendUvarint(dst, zigzag(f.ValidFrom))
	dst = binary.AppendUvarint(dst, zigzag(f.Expires))
	for _, text := range []string{f.Issued, f.Number, f.Scheme, f.Kind} {
		dst = appendPart(dst, text)
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.Terms)))
	for _, t := range f.Terms {
		dst = appendPart(dst, t)
	}
	return dst
}

func (f *Fields) parse(c *cursor) {
	f.Asserted = c.part()
	f.ValidFrom, f.Expires = unzigzag(c.number()), unzigzag(c.number())
	for _, to := range []*string{&f.Issued, &f.Number, &f.Scheme, &f.Kind} {
		*to = c.part()
	}
	n := c.number()
	if n > uint64(len(c.left)) {
		c.bad = true
		return
	}
	if n > 0 {
		f.Terms = make([]string, 0, n)
	}
	for ; n > 0 && !c.bad; n-- {
		f.Terms = append(f.Terms, c.part())
	}
}

// zigzag and unzigzag make short numbers of what is near zero (encoding/binary).
func zigzag(n int64) uint64   { return uint64(n)<<1 ^ uint64(n>>63) }
func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

// appendPart appends octets with their length before them.
func appendPart[T ~string | ~[]byte](dst []byte, part T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

// sizeOfPart is the length of what appendPart appends for n octets.
func sizeOfPart(n int) int {
	var buf [binary.MaxVarintLen64]byte
	return binary.PutUvarint(buf[:], uint64(n)) + n
}

// cursor reads parts one after the other. What it reads has one form only: a
// number is as short as it can be.
type cursor struct {
	left string
	bad  bool
}

func (c *cursor) number() (n uint64) {
	for i := 0; i < len(c.left) && i < binary.MaxVarintLen64; i++ {
		b := c.left[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if (b == 0 && i > 0) || (i == binary.MaxVarintLen64-1 && b > 1) {
				break
			}
			c.left = c.left[i+1:]
			return n
		}
	}
	c.bad = true
	return 0
}

func (c *cursor) fixed(n int) string {
	if c.bad || n > len(c.left) {
		c.bad = true
		return ""
	}
	p := c.left[:n]
	c.left = c.left[n:]
	return p
}

func (c *cursor) part() string {
	n := c.number()
	if n > uint64(len(c.left)) {
		c.bad = true
		return ""
	}
	return c.fixed(int(n))
}

// ended says whether everything was read, and as it should be.
func (c *cursor) ended() bool { return !c.bad && c.left == "" }

package dialect

import (
	"encoding/base64"
	"strings"

	"accord/attestation"
	"accord/internal/fault"
)

// Blob is a binary that was lifted out of a document, which names it by its
// digest instead: as a link of its evidence with the address [BlobURL].
type Blob struct {
	Digest    attestation.Digest // of Octets
	MediaType string             // as the document says it, "" if it says none
	Octets    []byte             // to be read only
}

// Size is the number of octets.
func (b Blob) Size() int { return len(b.Octets) }

// Read is Decode with the binaries that the dialect lifts out of a document,
// each once.
func (c Codec) Read(src []byte) (*attestation.Submission, []Blob, []Loss, error) {
	if c.DecodeBlobs != nil {
		return c.DecodeBlobs(src)
	}
	s, losses, err := c.Decode(src)
	return s, nil, losses, err
}

// Octets returns the octets of a blob: those that the options' store has, held
// against the digest. An error is resource.not_found, or that of the store.
func (o Options) Octets(d attestation.Digest) ([]byte, error) {
	if o.Blob == nil {
		return nil, fault.New(fault.ResourceNotFound, "the document needs the binary "+string(d)+", and no binaries are at hand")
	}
	b, err := o.Blob(d)
	if err != nil {
		return nil, err
	}
	if attestation.DigestOf(b) != d {
		return nil, fault.New(fault.ResourceNotFound, "the binary that is held for "+string(d)+" is another one")
	}
	return b, nil
}

// BlobStore returns the blobs as the lookup of [Options].
func BlobStore(blobs []Blob) func(attestation.Digest) ([]byte, error) {
	held := make(map[attestation.Digest][]byte, len(blobs))
	for _, b := range blobs {
		held[b.Digest] = b.Octets
	}
	return func(d attestation.Digest) ([]byte, error) {
		if b, ok := held[d]; ok {
			return b, nil
		}
		return nil, fault.New(fault.ResourceNotFound, "the binary "+string(d)+" is not held")
	}
}

// niSHA256 begins the address of octets that are named by their SHA-256 (RFC
// 6920, section 3), without an authority.
const niSHA256 = "ni:///sha-256;"

// BlobURL returns the address by which a document names a blob (RFC 6920),
// "" for what is no digest.
func BlobURL(d attestation.Digest) string {
	sum, ok := d.Sum()
	if !ok {
		return ""
	}
	return niSHA256 + base64.RawURLEncoding.EncodeToString(sum[:])
}

// ParseBlobURL reads such an address.
func ParseBlobURL(url string) (attestation.Digest, bool) {
	rest, ok := strings.CutPrefix(url, niSHA256)
	if !ok {
		return "", false
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(sum) != 32 {
		return "", false
	}
	return attestation.DigestFrom([32]byte(sum)), true
}

// BlobsNamed returns the digests of the blobs that a document names in its
// evidence, in their order, each once.
func BlobsNamed(s *attestation.Submission) (named []attestation.Digest) {
	seen := map[attestation.Digest]bool{}
	for i := range s.Evidence {
		if d, ok := ParseBlobURL(s.Evidence[i].URL); ok && !seen[d] {
			seen[d] = true
			named = append(named, d)
		}
	}
	return named
}

package dialect

import "accord/attestation"

// Codec reads and writes the documents of one dialect in one syntax. Its
// functions are pure, and safe for concurrent use.
type Codec struct {
	// Name is the name of the format, "untp" or "cnca+xml".
	Name string
	// Aliases are other names by which a person may call it.
	Aliases []string
	// MediaTypes are the types under which such a document travels, without
	// parameters and in lower case; the first is the one that is answered.
	MediaTypes []string
	// Mapping names the rules of the conversion.
	Mapping Mapping
	// Rows is the mapping as a table for people; docs/mappings is made of it.
	Rows []Row

	// Recognises reports whether octets announce themselves as this dialect: by
	// their root element or a member that only it has. It does not say that they
	// can be read.
	Recognises func(src []byte) bool
	// Decode reads a document. The submission validates if the error is nil; the
	// losses say what was read otherwise than it was written. A document that
	// cannot be read is a fault.List with every finding at once, each with its
	// path: a JSON Pointer or an element path.
	Decode func(src []byte) (*attestation.Submission, []Loss, error)
	// DecodeBlobs is Decode that also returns the binaries which were lifted out
	// of the document. It is nil where a dialect lifts nothing; [Codec.Read] takes
	// whichever there is.
	DecodeBlobs func(src []byte) (*attestation.Submission, []Blob, []Loss, error)
	// Encode writes a document, and says what of it the dialect cannot carry. The
	// same document and options give the same octets. It is nil if the dialect is
	// only read; an error is for what the dialect has no word for at all.
	Encode func(s *attestation.Submission, o Options) ([]byte, []Loss, error)
}

// Mapping names a set of conversion rules, as a conversion statement does.
type Mapping struct {
	ID      string `json:"id"`      // "accord-untp-dcc-0.7.0"
	Version string `json:"version"` // raised with every change of what comes out
}

// Row is one line of a mapping table.
type Row struct {
	Canonical string // path in our model: "dates.issued"
	Foreign   string // path or field name of the dialect; "" if it has none
	Note      string // how the value changes, or what is lost
}

// Options say what a conversion needs that the document does not hold. The zero
// value is right where nobody stands behind the converted document.
type Options struct {
	// Lang is the language, as BCP 47, of which a text is taken where the dialect
	// has room for one. Empty means the first that the document gives.
	Lang string
	// By is who states the converted document: never the issuer of the original,
	// for a proof does not survive a conversion (domain.md §4.1).
	By Author
	// Original is the document that was converted.
	Original Original
	// Status is where the status of the converted document is published.
	Status *StatusEntry
	// Blob returns the octets that were lifted out of a document under a digest;
	// who writes a document that had some asks for each. The error is that of the
	// store, resource.not_found where the octets are not held. Nil holds nothing.
	Blob func(attestation.Digest) ([]byte, error)
}

// Author is who makes a converted statement.
type Author struct {
	ID   string // a DID or an absolute URI
	Name string
}

// Original points to the document that a converted one was made from.
type Original struct {
	URL       string // where its octets are; may be empty
	Digest    string // of the received octets, "sha-256:HEX"
	MediaType string
}

// StatusEntry is a place in a published status list (W3C Bitstring Status List
// v1.0).
type StatusEntry struct {
	List    string // URL of the status list credential
	Index   uint64 // zero-based position of the bit
	Purpose string // "suspension", "revocation", …
}

package evidence

import (
	"slices"
	"strconv"
	"time"

	"accord/attestation"
	"accord/signing"
)

// Conversion says that one document was made of another, by which rules, and
// what was lost: a statement of the gateway that converted, about octets. It
// carries no proof of the source over; who wants that verifies the source.
type Conversion struct {
	Ver     int               `json:"ver"`
	Iss     string            `json:"iss"`
	JTI     string            `json:"jti"`
	Subject ConversionSubject `json:"subject"`
	Source  ConvertedOctets   `json:"source"` // as received
	Target  ConvertedOctets   `json:"target"` // of a signed credential its payload
	Mapping ConversionMapping `json:"mapping"`
	Losses  []ConversionLoss  `json:"losses"`
	At      string            `json:"at"`      // when it was made
	KnownAt uint64            `json:"knownAt"` // ledger size: the history that the target tells
}

// ConversionSubject names the attestation that both documents state.
type ConversionSubject struct {
	ID       attestation.ID     `json:"id"`
	Revision int                `json:"revision"`
	Content  attestation.Digest `json:"content"` // content digest of the revision
}

// ConvertedOctets names one of the two documents.
type ConvertedOctets struct {
	Digest    attestation.Digest `json:"digest"`
	MediaType string             `json:"mediaType"`
	Format    string             `json:"format"`         // "native+json", "untp"
	Lang      string             `json:"lang,omitempty"` // where one language was chosen
}

// ConversionMapping names the rules of the conversion (docs/mappings).
type ConversionMapping struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// ConversionLoss is one piece that the target does not carry as it was.
type ConversionLoss struct {
	Path     string `json:"path"` // JSON Pointer or element path in a document of Source
	Code     string `json:"code"`
	Severity string `json:"severity"` // info, warning, error
	Source   string `json:"source"`   // format
	Target   string `json:"target"`   // format
}

// NewConversion makes the statement of a gateway at a time.
func NewConversion(iss string, now time.Time) *Conversion {
	return &Conversion{Ver: Version, Iss: iss, JTI: NewJTI(), Losses: []ConversionLoss{}, At: instant(now)}
}

// Payload returns the RFC 8785 form of the statement.
func (c *Conversion) Payload() ([]byte, error) { return payload(c) }

// Sign returns the statement as accord-conversion+jwt.
func (c *Conversion) Sign(s *signing.Signer, now time.Time) ([]byte, error) {
	return seal(c, signing.TypConversion, s, now)
}

// ParseConversion reads the payload of a statement, strictly.
func ParseConversion(src []byte) (*Conversion, error) { return parse[Conversion](src) }

// OpenConversion verifies and reads an accord-conversion+jwt with the keys of
// the gateway; the key must have been good at a time.
func OpenConversion(raw []byte, keys []*signing.Key, at time.Time) (*Conversion, error) {
	return openAs[Conversion](raw, signing.TypConversion, keys, at)
}

// Names says which of the two documents some octets are: "source", "target", or
// "" for neither.
func (c *Conversion) Names(octets []byte) string {
	switch attestation.DigestOf(octets) {
	case c.Source.Digest:
		return "source"
	case c.Target.Digest:
		return "target"
	default:
		return ""
	}
}

func (c *Conversion) check() error {
	var f form
	f.version(c.Ver)
	f.need(c.Iss != "", "/iss")
	f.need(c.JTI != "", "/jti")
	f.match(c.Subject.ID.Valid(), "/subject/id", "not the id of a series")
	f.match(c.Subject.Revision > 0, "/subject/revision", "not a revision")
	f.match(c.Subject.Content.Valid(), "/subject/content", "not a digest")
	f.octets(c.Source, "/source")
	f.octets(c.Target, "/target")
	f.need(c.Mapping.ID != "", "/mapping/id")
	f.need(c.Mapping.Version != "", "/mapping/version")
	f.need(c.Losses != nil, "/losses")
	for i, l := range c.Losses {
		at := "/losses/" + strconv.Itoa(i)
		f.need(l.Code != "", at+"/code")
		f.match(slices.Contains([]string{"info", "warning", "error"}, l.Severity), at+"/severity", "not info, warning or error")
		f.need(l.Source != "" && l.Target != "", at)
	}
	f.instant(c.At, "/at")
	return f.err()
}

func (f *form) octets(o ConvertedOctets, at string) {
	f.match(o.Digest.Valid(), at+"/digest", "not a digest")
	f.need(o.MediaType != "", at+"/mediaType")
	f.need(o.Format != "", at+"/format")
}

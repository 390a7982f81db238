package signing

import (
	"crypto/x509"
	"time"
)

// Serialization is the form a JWS came in.
type Serialization string

// The serializations of RFC 7515, section 7.
const (
	Compact   Serialization = "compact"
	Flattened Serialization = "flattened"
	General   Serialization = "general"
)

// Message is a JWS that was read and whose headers meet the profile. Nothing in
// it is verified yet. It refers to the octets it was read from, which must not
// change while it is in use.
type Message struct {
	Payload       []byte // decoded; for a detached signature the body itself
	Signatures    []Signature
	Serialization Serialization
	Detached      bool

	input []byte // compact: header and payload as received, one run of octets
	text  []byte // JSON forms: payload as received
	bare  bool
}

// Typ returns the typ of the message in lower case without "application/"; all
// its signatures agree on it. It is empty for an untyped one.
func (m *Message) Typ() string { return m.Signatures[0].Typ }

// Cty returns the cty of the message in lower case without "application/"; all
// its signatures agree on it.
func (m *Message) Cty() string { return m.Signatures[0].Cty }

// Signature is one signature of a message with what its protected header says.
type Signature struct {
	Alg      Alg
	KID      string // empty only with a chain, or bare
	Typ, Cty string
	IAT      time.Time           // zero where the header has none
	Chain    []*x509.Certificate // x5c, leaf first; parsed, not verified

	header    *header
	protected []byte // as received: base64url text
	value     []byte
}

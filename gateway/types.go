package gateway

import (
	"time"

	"accord/attestation"
	"accord/internal/fault"
)

// Caller is who asks, once authenticated. The zero Caller is the public.
type Caller struct {
	Partner  attestation.PartnerID // the partner; for an operator the gateway's own authority
	Operator bool                  // holds an operator key of this gateway
	Addr     string                // network address, for the audit log
}

// Public says whether nobody authenticated.
func (c Caller) Public() bool { return c.Partner == "" && !c.Operator }

// MediaType is the kind of text a body holds, without parameters.
type MediaType string

// The media types that carry documents (api.md).
const (
	MediaJSON     MediaType = "application/json"
	MediaXML      MediaType = "application/xml"
	MediaJOSE     MediaType = "application/jose"
	MediaJOSEJSON MediaType = "application/jose+json"
	MediaNDJSON   MediaType = "application/x-ndjson"
	MediaVC       MediaType = "application/vc"
	MediaVCJWT    MediaType = "application/vc+jwt"
)

// Inbound is a document or message as it arrived. Body is kept as it is: it is
// what was signed and what is archived.
type Inbound struct {
	Body         []byte
	Media        MediaType
	Signature    string   // value of JWS-Signature; only with a raw body
	Destinations []string // economies or partner ids it is meant to reach; a check, not a filter
	Relay        *Relay   // set when it was pulled from another gateway
}

// Relay is the gateway a message was pulled from and the receipt it gave.
type Relay struct {
	From    attestation.PartnerID
	Receipt []byte // JSON receipt of the source
}

// Accepted answers a submission, a status statement or a registry change.
type Accepted struct {
	ID       attestation.ID     // series; empty for registry changes
	Revision int                // 0 for what is not a document
	Content  attestation.Digest // payload digest
	Index    uint64             // place in the ledger
	Receipt  []byte             // receipt as JSON (wire.md); nil where the caller is not entitled to it
	Warnings []Warning
	Replay   bool // it was there before: nothing new was written
	Audience []attestation.PartnerID
}

// Warning is a finding that did not prevent acceptance.
type Warning struct {
	Code   fault.Code `json:"code"`
	At     string     `json:"pointer,omitempty"`
	Detail string     `json:"detail"`
}

// Format is a representation of a document.
type Format string

// The representations of this gateway.
const (
	FormatNativeJSON Format = "native+json"
	FormatNativeXML  Format = "native+xml"
	FormatJOSE       Format = "jose"
	FormatCredential Format = "untp" // what application/vc and application/vc+jwt stand for
)

// DocumentQuery names a document and the time it is asked for.
type DocumentQuery struct {
	ID       string    // att_… or sha-256:HEX of received octets
	Revision int       // 0: the head
	At       time.Time // zero: now
}

// Representation is a document in one format.
type Representation struct {
	Media  MediaType
	Body   []byte
	Digest attestation.Digest // of the received octets
	ETag   string
}

// Original is a document as it was received, byte for byte.
type Original struct {
	Media     MediaType
	Body      []byte
	Signature string // value of JWS-Signature it came with
}

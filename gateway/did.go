package gateway

import (
	"encoding/json"
	"net/url"
	"strings"

	"accord/signing"
)

// didOf returns the did:web of a gateway by its issuer URL (did:web method
// specification, section 3.2): a port is percent-encoded and a path follows with
// colons.
func didOf(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		return ""
	}
	id := "did:web:" + strings.ReplaceAll(u.Host, ":", "%3A")
	for part := range strings.SplitSeq(strings.Trim(u.Path, "/"), "/") {
		if part != "" {
			id += ":" + url.PathEscape(part)
		}
	}
	return id
}

// DID is the name by which the gateway signs credentials.
func (g *Gateway) DID() string { return didOf(g.cfg.Issuer) }

// methodOf is the id of the verification method of a key.
func (g *Gateway) methodOf(k *signing.Key) string { return g.DID() + "#" + k.Thumbprint() }

// didDocument is what /.well-known/did.json holds (DID Core, section 5).
type didDocument struct {
	Context   []string    `json:"@context"`
	ID        string      `json:"id"`
	Also      []string    `json:"alsoKnownAs,omitempty"`
	Methods   []didMethod `json:"verificationMethod"`
	Assertion []string    `json:"assertionMethod"`
}

// didMethod is a key as VC-JOSE-COSE wants it: of the type JsonWebKey, the
// material in publicKeyJwk.
type didMethod struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Controller string          `json:"controller"`
	JWK        json.RawMessage `json:"publicKeyJwk"`
}

// DIDDocument returns /.well-known/did.json: the keys with which the gateway
// signs credentials and status lists, those of its key set. It signs as nobody
// but itself.
func (g *Gateway) DIDDocument() ([]byte, error) {
	now := g.now().UTC()
	d := didDocument{
		Context: []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"},
		ID:      g.DID(), Also: []string{g.cfg.Authority.URN()}, Methods: []didMethod{}, Assertion: []string{},
	}
	for _, k := range usable(g.ownKeys(g.directory.Latest(), now), now) {
		id := g.methodOf(k)
		d.Methods = append(d.Methods, didMethod{ID: id, Type: "JsonWebKey", Controller: d.ID, JWK: k.JWK()})
		d.Assertion = append(d.Assertion, id)
	}
	return json.Marshal(d)
}

package gateway

import (
	"accord/signing"
	"accord/signing/did"
)

// DID is the name by which the gateway signs credentials and status lists.
func (g *Gateway) DID() string { return did.Of(g.cfg.Issuer) }

// methodOf is the id of the verification method of a key.
func (g *Gateway) methodOf(k *signing.Key) string { return did.MethodURL(g.DID(), k) }

// DIDDocument returns /.well-known/did.json: the keys with which the gateway
// signs credentials and status lists, those of its key set. It signs as nobody
// but itself.
func (g *Gateway) DIDDocument() []byte {
	now := g.now().UTC()
	return did.Build(g.DID(), usable(g.ownKeys(g.directory.Latest(), now), now))
}

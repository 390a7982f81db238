package gateway

import (
	"context"
	"slices"
	"time"

	"accord/attestation"
	"accord/evidence"
	"accord/internal/fault"
	"accord/ledger"
	"accord/partners"
	"accord/signing"
)

// Discovery is /.well-known/accord-configuration.
type Discovery struct {
	Issuer    string          `json:"issuer"`
	Name      string          `json:"name,omitempty"`
	Authority string          `json:"authority"`
	JWKSURI   string          `json:"jwks_uri"`
	TrustList string          `json:"trust_list"`
	OpenAPI   string          `json:"openapi"`
	Ledger    LedgerDiscovery `json:"ledger"`
	Auth      []string        `json:"auth"`
	Algs      []string        `json:"algs"`
	DID       string          `json:"did"`
	Formats   []string        `json:"formats"`
	Schemas   []string        `json:"schemas,omitempty"`
}

// LedgerDiscovery says where the log is and by which keys it is checked.
type LedgerDiscovery struct {
	Prefix string   `json:"prefix"`
	Origin string   `json:"origin"`
	VKeys  []string `json:"vkeys"`
}

// Discovery says what this gateway is.
func (g *Gateway) Discovery() Discovery {
	return Discovery{
		Issuer: g.cfg.Issuer, Name: g.cfg.Name, Authority: string(g.cfg.Authority),
		JWKSURI: g.cfg.Issuer + "/.well-known/jwks.json", TrustList: g.cfg.Issuer + "/v1/trust-list", OpenAPI: g.cfg.Issuer + "/openapi.yaml",
		Ledger: LedgerDiscovery{Prefix: g.cfg.Prefix, Origin: g.cfg.Origin, VKeys: g.vkeyTexts()},
		Auth:   []string{signing.TypAuth},
		Algs:   []string{string(signing.ES256), string(signing.ES384), string(signing.EdDSA), string(signing.PS256)},
		DID:    g.DID(), Formats: formatNames(),
	}
}

// vkeyTexts are the keys of the log: the one that signs first.
func (g *Gateway) vkeyTexts() []string {
	texts := make([]string, len(g.cfg.VKeys))
	for i, k := range g.cfg.VKeys {
		texts[i] = k.VKey
	}
	return texts
}

func formatNames() []string {
	names := []string{string(FormatNativeJSON), string(FormatNativeXML)}
	for _, f := range ConvertedFormats() {
		names = append(names, string(f))
	}
	return names
}

// JWKS returns the public keys of the gateway; the log key is never among them.
// While a key is replaced there are two.
func (g *Gateway) JWKS() []byte {
	now := g.now().UTC()
	return signing.KeySet(usable(g.ownKeys(g.directory.Latest(), now), now)...)
}

// ownKeys returns the keys with which the gateway signs messages and has signed
// them, as far as the record of its authority has them: what it signed before
// it changed its key stays verifiable. The key in use is the first.
func (g *Gateway) ownKeys(snap *partners.Snapshot, now time.Time) []*signing.Key {
	keys := []*signing.Key{g.cfg.Signer.Key()}
	trust := snap.Trust(g.cfg.Authority, now)
	if trust == nil {
		return keys
	}
	for _, k := range trust.Keys {
		if k.Use == signing.UseDoc && k.Thumbprint() != keys[0].Thumbprint() {
			keys = append(keys, k)
		}
	}
	return keys
}

// usable are the keys that count at a time: a key set has no periods, so it
// must not hold others.
func usable(keys []*signing.Key, now time.Time) []*signing.Key {
	return slices.DeleteFunc(keys, func(k *signing.Key) bool { return k.GoodAt(now) != nil })
}

// Checkpoint returns the newest signed checkpoint.
func (g *Gateway) Checkpoint(context.Context) ([]byte, error) { return g.archive.Checkpoint() }

// Tile returns a tile or entry bundle by its C2SP path.
func (g *Gateway) Tile(ctx context.Context, path string) ([]byte, error) {
	t, err := ledger.ParseTilePath(path)
	if err != nil {
		return nil, err
	}
	return g.archive.Tile(ctx, t)
}

// Proof returns the inclusion proof of an entry at a size; 0 is the newest.
func (g *Gateway) Proof(ctx context.Context, index, size uint64) ([]byte, error) {
	text, err := g.archive.ProofAt(ctx, index, size)
	return []byte(text), err
}

// trustListLife is how long a trust list says that it is good for. It is made
// anew when half of it has passed or the registry has changed.
const trustListLife = 24 * time.Hour

type trustListCache struct {
	raw      []byte
	registry uint64
	made     time.Time
	seq      int
}

// TrustList returns the signed trust list.
func (g *Gateway) TrustList(ctx context.Context) ([]byte, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return nil, err
	}
	g.trustMu.Lock()
	defer g.trustMu.Unlock()
	c := &g.trustList
	if c.raw != nil && c.registry == m.snap.Index() && m.now.Sub(c.made) < trustListLife/2 {
		return c.raw, nil
	}
	self, ok := m.snap.Partner(g.cfg.Authority, m.now)
	if !ok {
		return nil, fault.New(fault.HTTPUnavailable, "the authority of this gateway is not registered")
	}
	// The sequence grows with the time at which lists are made, so that it
	// also grows over a restart and from several gateways of one ledger.
	seq := max(int(m.now.Unix()), c.seq+1)
	list, err := evidence.NewTrustList(g.cfg.Issuer, seq, m.now.Add(trustListLife), evidence.TrustGateway{
		ID: g.cfg.Authority, Name: self.Name, Origin: g.cfg.Origin, VKeys: g.cfg.VKeys,
	}, usable(g.ownKeys(m.snap, m.now), m.now), m.snap.Partners(m.now), func(id attestation.PartnerID) *signing.Trust { return m.snap.Trust(id, m.now) })
	if err != nil {
		return nil, err
	}
	raw, err := list.Sign(g.cfg.Signer, m.now)
	if err != nil {
		return nil, err
	}
	*c = trustListCache{raw: raw, registry: m.snap.Index(), made: m.now, seq: seq}
	return raw, nil
}

package gateway

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"sync"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/partners"
	"accord/signing"
)

// tokenLife is the longest a bearer token may live (wire.md).
const tokenLife = 300 * time.Second

// tokenSkew is how far a peer's clock may run ahead of ours.
const tokenSkew = 30 * time.Second

// tokenCacheSize bounds the cache of verified tokens. A partner uses one token
// for many requests; a few thousand are more than live at a time.
const tokenCacheSize = 4096

// tokenClaims is the payload of accord-auth+jwt, exactly (wire.md).
type tokenClaims struct {
	Iss string `json:"iss"`
	Sub string `json:"sub"`
	Aud string `json:"aud"`
	Iat int64  `json:"iat"`
	Exp int64  `json:"exp"`
	Jti string `json:"jti"`
	Cnf *struct {
		X5T string `json:"x5t#S256"`
	} `json:"cnf,omitempty"`
}

// tokenCache remembers verified tokens by digest until they expire or the
// registry changes: a suspended partner must not live on in it.
type tokenCache struct {
	mu      sync.Mutex
	entries map[[32]byte]cachedToken // guarded by mu
}

type cachedToken struct {
	caller   Caller
	from     time.Time
	until    time.Time
	registry uint64 // the registry index it was verified under
}

func (c *tokenCache) get(key [32]byte, now time.Time, registry uint64) (Caller, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.entries[key]
	if !ok || t.registry != registry || now.Before(t.from) || !now.Before(t.until) {
		return Caller{}, false
	}
	return t.caller, true
}

func (c *tokenCache) put(key [32]byte, t cachedToken) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= tokenCacheSize {
		// Starting again costs one verification a live token and keeps no
		// order to maintain.
		c.entries = make(map[[32]byte]cachedToken, 64)
	}
	c.entries[key] = t
}

// Authenticate verifies a bearer token and says who its holder is. Whatever is
// wrong with it answers auth.missing; a partner that is not active answers
// auth.forbidden, with who it is. It goes by the registry as it is known here:
// where others append to the ledger too, [Gateway.Fresh] comes before.
//
// What the client showed on the connection, leaf first, must agree with the
// token (wire.md, "Token"): the certificate's partner is iss and cnf names the
// certificate; without a certificate there is no cnf.
func (g *Gateway) Authenticate(bearer string, shown ...*x509.Certificate) (Caller, error) {
	now := g.now()
	key := tokenKey(bearer, shown)
	snap := g.directory.Latest()
	if c, ok := g.tokens.get(key, now, snap.Index()); ok {
		return c, nil
	}
	caller, claims, err := g.verifyToken(snap, []byte(bearer), now)
	var until time.Time
	if err == nil {
		until, err = g.checkConnection(snap, caller, claims, shown, now)
	}
	if err != nil {
		if fault.CodeOf(err) == fault.AuthForbidden {
			return caller, err // who it is stands in the audit log
		}
		return Caller{}, fault.Wrap(err, fault.AuthMissing, "the bearer token is not valid for this gateway; make a new one with `accord token --audience "+g.cfg.Issuer+"`")
	}
	if next := snap.NextBoundary(now); !next.IsZero() && next.Before(until) {
		until = next
	}
	g.tokens.put(key, cachedToken{caller: caller, from: now, until: until, registry: snap.Index()})
	return caller, nil
}

// tokenKey finds a verified token together with what was shown: a token is good
// on one kind of connection only.
func tokenKey(bearer string, shown []*x509.Certificate) [32]byte {
	if len(shown) == 0 {
		return sha256.Sum256([]byte(bearer))
	}
	h := sha256.New()
	h.Write([]byte(bearer))
	for _, c := range shown {
		sum := sha256.Sum256(c.Raw)
		h.Write(sum[:])
	}
	return [32]byte(h.Sum(nil))
}

// checkConnection holds a token against the client certificate of its
// connection and returns until when the two are good.
func (g *Gateway) checkConnection(snap *partners.Snapshot, c Caller, claims tokenClaims, shown []*x509.Certificate, now time.Time) (time.Time, error) {
	until := time.Unix(claims.Exp, 0)
	switch {
	case len(shown) == 0 && claims.Cnf == nil:
		return until, nil
	case len(shown) == 0:
		return until, fault.New(fault.AuthMissing, "the token is bound to a client certificate and this connection has none")
	case claims.Cnf == nil:
		return until, fault.New(fault.AuthMissing, "this connection has a client certificate and the token is not bound to it (cnf)")
	}
	sum := sha256.Sum256(shown[0].Raw)
	if claims.Cnf.X5T != base64.RawURLEncoding.EncodeToString(sum[:]) {
		return until, fault.New(fault.AuthMissing, "the token is bound to another client certificate")
	}
	if len(shown[0].ExtKeyUsage) > 0 && !slices.ContainsFunc(shown[0].ExtKeyUsage, isClient) {
		return until, fault.New(fault.AuthMissing, "the certificate of the connection is not one of a client")
	}
	trust := snap.Trust(c.Partner, now)
	if trust == nil {
		return until, fault.New(fault.AuthMissing, "no anchor is registered for this partner")
	}
	path, err := certs.FindPath(shown, trust.Anchors, c.Partner, now)
	if err != nil {
		return until, err
	}
	if path.Until.Before(until) {
		until = path.Until
	}
	return until, nil
}

func isClient(u x509.ExtKeyUsage) bool {
	return u == x509.ExtKeyUsageClientAuth || u == x509.ExtKeyUsageAny
}

func (g *Gateway) verifyToken(snap *partners.Snapshot, raw []byte, now time.Time) (Caller, tokenClaims, error) {
	var claims tokenClaims
	msg, err := g.verifier.Read(raw, signing.MessageProfile(signing.TypAuth))
	if err != nil {
		return Caller{}, claims, err
	}
	if err := strictjson.Unmarshal(msg.Payload, &claims); err != nil {
		return Caller{}, claims, err
	}
	caller, trust, use, err := g.tokenHolder(snap, claims.Iss, now)
	if err != nil {
		return Caller{}, claims, err
	}
	if v := g.verifier.Verify(msg, trust, use, now); !v.OK() {
		return Caller{}, claims, v.Err
	}
	if err := checkClaims(claims, g.cfg.Issuer, now); err != nil {
		return Caller{}, claims, err
	}
	if caller.Operator {
		return caller, claims, nil
	}
	p, ok := snap.Partner(caller.Partner, now)
	if !ok || !p.ActiveAt(now) {
		return caller, claims, fault.New(fault.AuthForbidden, "this partner is suspended or terminated here")
	}
	return caller, claims, nil
}

// tokenHolder finds whose keys must have signed a token: the operators' where
// the issuer is this gateway, else those of the partner the issuer names.
func (g *Gateway) tokenHolder(snap *partners.Snapshot, iss string, now time.Time) (Caller, *signing.Trust, signing.Use, error) {
	if iss == g.cfg.Issuer {
		return Caller{Partner: g.cfg.Authority, Operator: true}, g.operators, signing.UseOperator, nil
	}
	id, ok := partnerOfIss(snap, iss, now)
	if !ok {
		return Caller{}, nil, "", fault.New(fault.AuthMissing, "the token's issuer is not a partner of this gateway")
	}
	trust := snap.Trust(id, now)
	if trust == nil {
		return Caller{}, nil, "", fault.New(fault.JWSKeyUnknown, "no key is registered for this partner")
	}
	return Caller{Partner: id}, trust, signing.UseAuth, nil
}

// partnerOfIss resolves an iss of wire.md: a gateway's issuer URL or
// urn:accord:partner:{id}.
func partnerOfIss(snap *partners.Snapshot, iss string, now time.Time) (attestation.PartnerID, bool) {
	const urn = "urn:accord:partner:"
	if len(iss) > len(urn) && iss[:len(urn)] == urn {
		id := attestation.PartnerID(iss[len(urn):])
		_, ok := snap.Partner(id, now)
		return id, ok
	}
	return snap.PartnerByIssuerURL(iss, now)
}

// checkClaims holds the rules of a token that need no key.
func checkClaims(c tokenClaims, issuer string, now time.Time) error {
	iat, exp := time.Unix(c.Iat, 0), time.Unix(c.Exp, 0)
	switch {
	case c.Sub != c.Iss:
		return fault.New(fault.AuthMissing, "sub must be iss")
	case c.Aud != issuer:
		return fault.New(fault.AuthMissing, "aud is not this gateway")
	case c.Jti == "":
		return fault.New(fault.AuthMissing, "jti is missing")
	case exp.Sub(iat) > tokenLife || !exp.After(iat):
		return fault.New(fault.AuthMissing, "exp must follow iat by at most 300 s")
	case now.Before(iat.Add(-tokenSkew)):
		return fault.New(fault.AuthMissing, "the token is not valid yet")
	case !now.Before(exp):
		return fault.New(fault.AuthMissing, "the token has expired")
	}
	return nil
}

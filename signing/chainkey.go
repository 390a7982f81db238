package signing

import (
	"slices"
	"time"

	"accord/certs"
	"accord/internal/fault"
)

// chainKey takes the key of x5c[0] (signing.md, rule 10). A chain names
// document keys only, and a leaf under a kid that is registered must be that
// key.
func (v *Verifier) chainKey(a *Verification, s *Signature, t *Trust, use Use, proven time.Time) (*Key, error) {
	c := s.header.chain
	for _, cert := range c.certs {
		a.Chain = append(a.Chain, certs.Fingerprint(cert))
	}
	refuse := func(result Result, sub string, code fault.Code, detail string) (*Key, error) {
		a.fail(result, sub, fault.New(code, detail))
		return nil, nil
	}
	if use != UseDoc {
		return refuse(Indeterminate, SubNoKey, fault.JWSKeyUnknown, "a certificate chain is for documents only")
	}
	if c.leaf == nil {
		return refuse(Indeterminate, SubChain, fault.JWSChainUntrusted, "the key of the leaf certificate is not acceptable")
	}
	if s.KID != "" {
		if k, err := t.key(s.KID, use); err == nil && k.thumbprint != c.leaf.thumbprint {
			return refuse(Indeterminate, SubChain, fault.JWSChainUntrusted, "x5c has another key than the one kid names")
		}
	}
	if algRules[s.Alg].kind != kindOf(c.leaf.pub) || algRules[s.Alg].bare {
		return refuse(Failed, SubConstraints, fault.JWSAlgKeyMismatch, "alg is not the one of the key of the leaf certificate")
	}
	path, err := v.path(c, t, proven)
	if err != nil {
		return c.leaf, err
	}
	a.Chain = a.Chain[:0]
	for _, cert := range path.Chain {
		a.Chain = append(a.Chain, certs.Fingerprint(cert))
	}
	if algRules[s.Alg].optIn && !path.Anchor.Allows(string(s.Alg)) {
		return refuse(Failed, SubConstraints, fault.JWSAlgNotAllowed, "the anchor did not opt in to "+string(s.Alg))
	}
	return c.leaf, nil
}

// path finds a good path or remembers one. A remembered path answers only
// within its own period; outside it the question is asked anew.
func (v *Verifier) path(c *chain, t *Trust, at time.Time) (*certs.Path, error) {
	key := pathKey{c, t}
	if p, ok := v.paths.get(key); ok && p.Holds(at) {
		return p, nil
	}
	p, err := certs.FindPath(c.certs, t.Anchors, t.Partner, at)
	if err != nil {
		return nil, err
	}
	v.paths.put(key, p)
	return p, nil
}

// checkKey holds the time against every record of the key: by kid, and by the
// key itself where it came in a chain.
func (a *Verification) checkKey(t *Trust, key *Key, proven time.Time) {
	records := t.registered(key.thumbprint)
	if len(a.Chain) > 0 {
		a.Revocation = append(a.Revocation, "certificates: revocation is not consulted")
		if slices.ContainsFunc(records, func(k *Key) bool { return k.Use != UseDoc }) {
			a.fail(Indeterminate, SubNoKey, fault.New(fault.JWSKeyUnknown, "the key is registered for another use"))
			return
		}
	}
	if len(records) == 0 {
		a.Revocation = append(a.Revocation, "registry: no record of this key")
		return
	}
	for _, k := range records {
		if k.Revoked != nil {
			a.Revocation = append(a.Revocation, "registry: revoked "+k.Revoked.String())
		}
	}
	if len(a.Revocation) == 0 || len(a.Chain) > 0 && len(a.Revocation) == 1 {
		a.Revocation = append(a.Revocation, "registry: not revoked")
	}
	for _, k := range records {
		if err := k.GoodAt(proven); err != nil {
			a.fail(keyResult(k, err, proven), keySub(k, err, proven), err)
			return
		}
	}
}

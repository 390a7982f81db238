package signing

import (
	"crypto/sha1" //nolint:gosec // x5t is SHA-1 by definition; it is compared, not trusted
	"crypto/sha256"
	"crypto/x509"

	"accord/certs"
	"accord/internal/fault"
)

// chain is the parsed x5c of a header. It is immutable and shared; verified
// paths are remembered by its address.
type chain struct {
	certs []*x509.Certificate
	leaf  *Key // the key of certs[0]; nil where its kind is not in the policy
}

// readChain reads x5c and the thumbprints of its leaf (RFC 7515, sections
// 4.1.6 to 4.1.8). It returns nil where there is no x5c.
func readChain(ms members, chains *cache[string, *chain]) (*chain, error) {
	m, ok := ms.get("x5c")
	if !ok {
		return nil, nil
	}
	c, ok := chains.get(m.text)
	if !ok {
		var err error
		if c, err = parseChain(m); err != nil {
			return nil, err
		}
		chains.put(m.text, c)
	}
	return c, checkThumbprints(ms, c.certs[0])
}

func parseChain(m member) (*chain, error) {
	texts, ok := stringList(m)
	if !ok || len(texts) == 0 || len(texts) > certs.MaxChain {
		return nil, fault.Newf(fault.JWSHeaderInvalid, "x5c must be a list of 1 to %d certificates", certs.MaxChain)
	}
	c := &chain{}
	for _, text := range texts {
		// RFC 7515, section 4.1.6: base64, not base64url.
		der, ok := decodeStrict(strictStd, octets(text))
		if !ok {
			return nil, fault.New(fault.JWSHeaderInvalid, "a certificate of x5c is not base64")
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fault.Wrap(err, fault.JWSHeaderInvalid, "a certificate of x5c cannot be read")
		}
		c.certs = append(c.certs, cert)
	}
	if k, err := NewKey(c.certs[0].PublicKey, UseDoc); err == nil {
		c.leaf = k
	}
	return c, nil
}

// checkThumbprints: one that is present must be that of the leaf (signing.md,
// rule 10).
func checkThumbprints(ms members, leaf *x509.Certificate) error {
	sum256 := sha256.Sum256(leaf.Raw)
	sum1 := sha1.Sum(leaf.Raw) //nolint:gosec // see above
	for name, sum := range map[string][]byte{"x5t#S256": sum256[:], "x5t": sum1[:]} {
		if m, ok := ms.get(name); ok && m.text != strictURL.EncodeToString(sum) {
			return fault.New(fault.JWSHeaderInvalid, name+" is not the thumbprint of the first certificate of x5c")
		}
	}
	return nil
}

package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"accord/attestation"
)

// Validity of what the development PKI issues. Signing leaves outlive a usual
// renewal year with room to rotate; TLS leaves stay within what clients accept.
const (
	authorityYears = 10
	signerYears    = 2
	tlsDays        = 397
)

// clockSkew is how far before "now" a certificate begins, so that a peer whose
// clock is behind accepts it at once.
const clockSkew = 5 * time.Minute

// Authority is a certification authority for development and for bodies that
// have none of their own: one self-signed certificate and its key. It is safe
// for concurrent use.
type Authority struct {
	Certificate *x509.Certificate
	key         crypto.Signer
}

// NewAuthority makes an authority with a new P-256 key.
func NewAuthority(name string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate authority key: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name, Organization: []string{name}},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.AddDate(authorityYears, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true, // it signs leaves only
	}
	cert, err := create(template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &Authority{Certificate: cert, key: key}, nil
}

// ParseAuthority reads an authority back from its two PEM texts and checks that
// they belong together.
func ParseAuthority(certPEM, keyPEM []byte) (*Authority, error) {
	chain, err := ParsePEM(certPEM)
	if err != nil {
		return nil, err
	}
	key, err := ParseKeyPEM(keyPEM)
	if err != nil {
		return nil, err
	}
	cert := chain[0]
	pub, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !pub.Equal(key.Public()) {
		return nil, errors.New("the authority's key does not belong to its certificate")
	}
	if !cert.IsCA {
		return nil, errors.New("the authority's certificate is not a CA certificate")
	}
	return &Authority{Certificate: cert, key: key}, nil
}

// KeyPEM returns the private key as PKCS#8 PEM.
func (a *Authority) KeyPEM() ([]byte, error) { return EncodeKeyPEM(a.key) }

// Anchor returns the authority as a pinned anchor without an end.
func (a *Authority) Anchor(role string) Anchor {
	return Anchor{Certificate: a.Certificate, SHA256: Fingerprint(a.Certificate), Role: role}
}

// IssueSigner certifies a document key of a partner; the leaf names the
// partner by URI.
func (a *Authority) IssueSigner(partner attestation.PartnerID, pub crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	t := a.leaf(string(partner)+" signer", now, now.AddDate(signerYears, 0, 0))
	t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	t.URIs = []*url.URL{partnerURL(partner)}
	return create(t, a.Certificate, pub, a.key)
}

// IssueServer certifies a TLS server for host names and IP addresses.
func (a *Authority) IssueServer(hosts []string, pub crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	if len(hosts) == 0 {
		return nil, errors.New("a server certificate needs at least one host")
	}
	t := a.leaf(hosts[0], now, now.AddDate(0, 0, tlsDays))
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	return create(t, a.Certificate, pub, a.key)
}

// IssueClient certifies a TLS client of a partner.
func (a *Authority) IssueClient(partner attestation.PartnerID, pub crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	t := a.leaf(string(partner)+" client", now, now.AddDate(0, 0, tlsDays))
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	t.URIs = []*url.URL{partnerURL(partner)}
	return create(t, a.Certificate, pub, a.key)
}

// leaf is the template of an end-entity certificate; it never outlives its
// issuer, or its last months would not verify.
func (a *Authority) leaf(name string, now, until time.Time) *x509.Certificate {
	if until.After(a.Certificate.NotAfter) {
		until = a.Certificate.NotAfter
	}
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              until,
		BasicConstraintsValid: true,
	}
}

func partnerURL(id attestation.PartnerID) *url.URL {
	return &url.URL{Scheme: "urn", Opaque: "accord:partner:" + string(id)}
}

// create signs a template; crypto/x509 draws the serial number at random.
func create(template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate of %q: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}
